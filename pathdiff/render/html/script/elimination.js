// Vertex elimination, one section for each order: its steps, and the edges that are there after each.

const eliminations = []; // each order with its boxes for numbers, and from what values of lines each has its number

function equation(line, boxes) {
  const number = element("span", { className: "number" });
  if (line.place !== null) boxes.push({ number, value: (lines) => lines[line.place] });
  const right = line.right === null ? [" = … (too long to be read)"] : [" = ", formula(...line.right)];
  const told = line.right?.length === 0 ? [] : right;
  return element("div", { className: "line" }, formula(line.left), ...told, number);
}

function productLine(made, boxes) {
  const number = element("span", { className: "number" });
  if (made.factors) boxes.push({ number, value: (lines) => alongFactors(made.factors, lines) });
  const kind = element("span", { className: `kind ${made.kind}` }, made.kind);
  const path = element("span", { className: "path" }, `${made.path}:`);
  return element("div", { className: "line" }, path, ...(made.kind === "absorbed" ? ["+ "] : []), math(made.math), number, kind);
}

// A factor is the number of an edge, whose label it is, or stands for a line before by -1, -2, ...
const keys = data.edges.map((edge) => key(edge.of, edge.wrt));
const alongFactors = (factors, lines) =>
  product(factors.map((factor) => (factor < 0 ? lines[-1 - factor] : labelOf(keys[factor]))));

function stage(step, number, boxes) {
  const head = element("p", { className: "stage-head" }, `${number + 1}. `, math(step.math), " is eliminated");
  const lines = step.lines.map((line) => equation(line, boxes));
  const products = step.products.map((made) => productLine(made, boxes));
  const spent = counted(step.multiplications, "multiplication");
  const soFar = element("p", { className: "quiet" }, `${spent}, ${counted(step.additions, "addition")} so far`);
  return element("li", { className: "stage" }, head, ...lines, ...products, soFar);
}

// What a step does, in words.
function toldOf({ text, products }) {
  const kinds = [["fill-in", "fill in"], ["absorbed", "absorbed"], ["kept", "kept"]];
  const counts = kinds.map(([kind, word]) => [products.filter((made) => made.kind === kind).length, word]);
  const told = counts.filter(([count]) => count).map(([count, word]) => `${count} ${word}`);
  return `${text} is eliminated: ${counted(products.length, "product")}, ${told.join(", ")}. `;
}

function makeElimination(order, section) {
  const boxes = [];
  const list = section.querySelector(".stages");
  section.querySelector(".results")?.append(
    ...order.results.map((line) => element("li", {}, equation(line, boxes))),
  );
  section.querySelector(".verdict").append(...checked(order.agreement));
  eliminations.push({ order, boxes });
  if (!list) return;
  list.append(...order.steps.map((step, number) => stage(step, number, boxes)));
  const edgeGroups = [...section.querySelectorAll("svg .edge")].map((group) => {
    const { of, wrt } = group.dataset;
    return { group, of, wrt, stay: order.edges.find((edge) => edge[0] === of && edge[1] === wrt) };
  });
  const nodeGroups = [...section.querySelectorAll("svg .node")];
  const show = (step) => {
    const at = step ?? order.steps.length, last = step ? order.steps[step - 1] : null;
    const done = step === null ? [] : order.steps.slice(0, step);
    const gone = new Set(done.filter(({ products }) => products.every(({ kind }) => kind !== "kept")).map(({ node }) => node));
    [...list.children].forEach((item, number) => {
      item.classList.toggle("later", number >= at);
      item.classList.toggle("now", step !== null && number === at - 1);
    });
    const touched = new Set(last ? last.products.map((made) => JSON.stringify([made.of, made.wrt])) : []);
    for (const { group, of, wrt, stay } of edgeGroups) {
      const [, , made, end] = stay;
      group.classList.toggle("fill", made > 0);
      group.classList.toggle("unmade", step !== null && made > step);
      group.classList.toggle("gone", step !== null && end !== null && end <= step);
      group.classList.toggle("now", touched.has(JSON.stringify([of, wrt])));
    }
    for (const group of nodeGroups) {
      group.classList.toggle("gone", gone.has(group.dataset.node));
      group.classList.toggle("now", last?.node === group.dataset.node);
    }
    const { multiplications, additions } = at ? order.steps[at - 1] : { multiplications: 0, additions: 0 };
    const spent = `${counted(multiplications, "multiplication")} and ${counted(additions, "addition")} so far`;
    const told = last ? toldOf(last) : "";
    section.querySelector(".status").textContent = `${told}Step ${at} of ${order.steps.length}; ${spent}.`;
    section.querySelector(".outcome")?.classList.toggle("later", at < order.steps.length);
    const box = list.parentElement, now = list.children[at - 1];
    const above = now ? Math.max(0, box.clientHeight - now.offsetHeight) / 2 : 0;
    if (step !== null) box.scrollTop = now ? now.offsetTop - above : 0;
  };
  stepping(section.querySelector(".steps-control"), () => order.steps.length, show)(null);
}

function makeEliminations() {
  const sections = document.querySelectorAll("section.elimination");
  data.eliminations.forEach((order, number) => makeElimination(order, sections[number]));
}

// The numbers beside the formulas, as far as no function is abstract.
function showEliminated() {
  for (const { order, boxes } of eliminations) {
    const used = order.lines.flat(2).filter((factor) => factor >= 0);
    if (!used.every((factor) => data.edges[factor].place !== null)) continue;
    const lines = [];
    for (const terms of order.lines) lines.push(sum(terms.map((factors) => alongFactors(factors, lines))));
    for (const { number, value } of boxes) number.textContent = ` = ${written(value(lines))}`;
  }
}
