"use strict";
// Shows derivations that were made elsewhere, and evaluates them: no rule of differentiation is in here.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

// --- Numbers ---------------------------------------------------------------------------------------------------------

const sum = (terms) => terms.reduce((total, term) => total + term, 0);
const product = (factors) => factors.reduce((total, factor) => total * factor, 1);

// Neither exp overflows: the argument is never positive.
function sigmoid(x) {
  const small = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + small) : small / (1 + small);
}

// Near 0 the power series whose terms are all positive, so that nothing cancels (Abramowitz and Stegun 7.1.6); beyond,
// erfc, so that gelu keeps its digits where erf is nearly -1.
function erf(x) {
  if (Math.abs(x) > 2.5) return Math.sign(x) * (1 - erfc(Math.abs(x)));
  let term = x, total = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) total += term *= (2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

// The continued fraction (7.1.14), from its end.
function erfc(x) {
  if (x < 2.5) return 1 - erf(x);
  let below = x;
  for (let n = 60; n > 0; n--) below = x + n / 2 / below;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / below;
}

const OPERATIONS = {
  "+": (...terms) => sum(terms), "*": (...factors) => product(factors), neg: (x) => -x,
  "/": (x, y) => x / y, "^": (x, y) => Math.pow(x, y), pi: () => Math.PI, none: () => NaN,
  exp: Math.exp, log: Math.log, log2: Math.log2, log10: Math.log10, sqrt: Math.sqrt, cbrt: Math.cbrt,
  abs: Math.abs, sign: Math.sign,
  sin: Math.sin, cos: Math.cos, tan: Math.tan, cot: (x) => 1 / Math.tan(x), sec: (x) => 1 / Math.cos(x),
  csc: (x) => 1 / Math.sin(x),
  asin: Math.asin, acos: Math.acos, atan: Math.atan, acot: (x) => Math.atan(1 / x), asec: (x) => Math.acos(1 / x),
  acsc: (x) => Math.asin(1 / x), atan2: (y, x) => (x || y ? Math.atan2(y, x) : NaN), hypot: Math.hypot,
  sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh, coth: (x) => 1 / Math.tanh(x), sech: (x) => 1 / Math.cosh(x),
  csch: (x) => 1 / Math.sinh(x),
  asinh: Math.asinh, acosh: Math.acosh, atanh: Math.atanh, acoth: (x) => Math.atanh(1 / x),
  asech: (x) => Math.acosh(1 / x), acsch: (x) => Math.asinh(1 / x),
  erf, sigmoid, softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  relu: (x) => Math.max(x, 0), silu: (x) => x * sigmoid(x), gelu: (x) => (x * erfc(-x / Math.SQRT2)) / 2,
  heaviside: (x) => (1 + Math.sign(x)) / 2, min: Math.min, max: Math.max,
};

// The value of every operation. What has no value, or none that a double holds, is NaN, and so is all that needs it:
// 1/Infinity or NaN^0 would bring back a number.
function computed(inputs) {
  const values = [];
  for (const operation of data.tape) {
    if (typeof operation === "number") {
      values.push(operation);
      continue;
    }
    const [name, ...places] = operation;
    if (name === "input") {
      values.push(inputs[places[0]]);
      continue;
    }
    const args = places.map((place) => values[place]);
    const value = args.some(Number.isNaN) ? NaN : OPERATIONS[name](...args);
    values.push(Number.isFinite(value) ? value : NaN);
  }
  return values;
}

function written(value, digits = 6) {
  if (value === undefined || Number.isNaN(value)) return "no value";
  const short = String(Number(value.toPrecision(digits)));
  return short.replace("e+", "e").replaceAll("-", "−");
}

// In a picture there is little room.
function brief(value) {
  if (value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  const told = size && (size < 1e-3 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(4)));
  return told.replace("e+", "e").replaceAll("-", "−");
}

// --- Elements --------------------------------------------------------------------------------------------------------

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// The only markup that becomes elements: MathML that was written, with every name escaped, where the page was.
function math(markup) {
  const shell = document.createElement("template");
  shell.innerHTML = `<math>${markup.replace(/@(\d+);/g, (_, number) => data.fractions[number])}</math>`;
  return shell.content.firstChild;
}

// A formula may break between its pieces.
const formula = (...markups) => element("span", { className: "formula" }, ...markups.map(math));
const mark = (number) => (number <= 20 ? String.fromCharCode(0x245f + number) : `(${number})`);
const counted = (count, noun) => `${count} ${noun}${String(count) === "1" ? "" : "s"}`;
const costs = ([multiplications, additions]) =>
  `${counted(multiplications, "multiplication")}, ${counted(additions, "addition")}`;

// --- What is known ---------------------------------------------------------------------------------------------------

const key = (of, wrt) => `${of} ${wrt}`;
for (const pair of data.pairs) pair.steps = pair.steps.map((line) => data.lines[line]);
const pairs = new Map(data.pairs.map((pair) => [key(pair.of, pair.wrt), pair]));
const edges = new Map(data.edges.map((edge) => [key(edge.of, edge.wrt), edge]));
const name = (node) => data.nodes[node].text;
const pathText = (path) => path.map(name).join(" → ");
const edgesOf = (path) => path.slice(1).map((node, i) => key(path[i], node));
const hasNumbers = data.tape.length > 0;

const state = {
  pair: data.pairs[0],
  inputs: [...data.start],
  step: null, // how many lines of the sweep are there; null for all, with nothing lit
  pointed: null, // what is pointed at: {term} or {edge}
  kept: null, // what was clicked
};

// The value of a label, of a path's product, and of each line of a sweep.
let values = [];
const labelOf = (edge) => values[edges.get(edge).place];
const alongPath = (path) => product(edgesOf(path).map(labelOf));

function swept(pair) {
  const adjoints = new Map([[pair.of, 1]]);
  for (const { node, users } of pair.steps) {
    adjoints.set(node, sum(users.map((user) => adjoints.get(user) * labelOf(key(user, node)))));
  }
  return adjoints;
}

function derivative(of, wrt) {
  if (of === wrt) return 1;
  const pair = pairs.get(key(of, wrt));
  if (pair) return pair.zero ? 0 : swept(pair).get(wrt);
  return data.complete ? 0 : undefined;
}

// --- The picture -----------------------------------------------------------------------------------------------------

const nodeOf = new Map(data.nodes.map((node, number) => [node.name, number]));
const drawn = { nodes: [], edges: [] }; // each with its group, its number or key, and which graph it is in

function readPicture() {
  for (const svg of document.querySelectorAll(".graph svg")) {
    const isDerivative = svg.classList.contains("derivative");
    for (const group of svg.querySelectorAll(".node")) {
      drawn.nodes.push({ group, isDerivative, node: nodeOf.get(group.dataset.node) });
    }
    for (const group of svg.querySelectorAll(".edge")) {
      const edge = key(nodeOf.get(group.dataset.of), nodeOf.get(group.dataset.wrt));
      const known = group.querySelector(".known");
      drawn.edges.push({ group, isDerivative, edge, known, label: known?.textContent });
      const line = group.querySelector(".line").cloneNode(); // a thin line is hard to hit
      line.setAttribute("class", "reach");
      group.append(line);
      group.addEventListener("pointerenter", () => point({ edge }));
      group.addEventListener("pointerleave", () => point(null));
      group.addEventListener("click", () => keep({ edge }));
      if (isDerivative) {
        group.addEventListener("focus", () => point({ edge }));
        group.addEventListener("blur", () => point(null));
        group.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          keep({ edge });
        });
      }
    }
  }
}

function point(to) {
  state.pointed = to;
  showLights();
}

const same = (one, other) => one && other && one.term === other.term && one.edge === other.edge;

function keep(to) {
  state.kept = same(state.kept, to) ? null : to;
  showLights();
}

// Which edges and terms are lit, and how far the sweep is.
function showLights() {
  const { pair, step } = state;
  const light = state.pointed ?? state.kept;
  const paths = pair ? pair.paths.map(edgesOf) : [];
  const inside = new Set(paths.flat());
  for (const { node, users } of pair?.steps ?? []) for (const user of users) inside.add(key(user, node));
  const lit = new Set(light?.edge ? [light.edge] : light ? paths[light.term] : []);
  const terms = paths.map((path, term) => (light?.edge ? path.includes(light.edge) : light?.term === term));

  const done = step === null ? [] : pair.steps.slice(0, step);
  const used = new Set(done.flatMap(({ node, users }) => users.map((user) => key(user, node))));
  const last = done.at(-1);
  const now = new Set(last ? last.users.map((user) => key(user, last.node)) : []);
  const known = new Set(step === null ? [] : [pair.of, ...done.map(({ node }) => node)]);
  const inner = new Set([...inside].flatMap((edge) => edge.split(" ").map(Number)));
  if (pair) inner.add(pair.of).add(pair.wrt);
  const litNodes = new Set([...lit].flatMap((edge) => edge.split(" ").map(Number)));

  for (const { group, edge, isDerivative } of drawn.edges) {
    group.classList.toggle("back", !inside.has(edge) || (lit.size > 0 && !lit.has(edge)));
    group.classList.toggle("lit", lit.has(edge));
    group.classList.toggle("used", isDerivative && used.has(edge));
    group.classList.toggle("now", isDerivative && now.has(edge));
    if (!isDerivative) continue;
    if (inside.has(edge)) {
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      group.setAttribute("aria-pressed", String(state.kept?.edge === edge));
    } else {
      for (const attribute of ["tabindex", "role", "aria-pressed", "aria-label"]) group.removeAttribute(attribute);
    }
  }
  for (const { group, node, isDerivative } of drawn.nodes) {
    group.classList.toggle("back", !inner.has(node) || (lit.size > 0 && !litNodes.has(node)));
    group.classList.toggle("lit", litNodes.has(node));
    group.classList.toggle("reached", isDerivative && known.has(node));
    group.classList.toggle("now", isDerivative && last?.node === node);
    group.classList.toggle("waiting", isDerivative && step !== null && !known.has(node));
  }
  byId("terms").querySelectorAll(".term").forEach((button, term) => {
    button.classList.toggle("lit", Boolean(terms[term]));
    button.classList.toggle("back", terms.some(Boolean) && !terms[term]);
    button.setAttribute("aria-pressed", String(state.kept?.term === term));
  });
}

// What an edge is called: what stands on it, and the terms that use it.
function nameEdges() {
  const paths = state.pair ? state.pair.paths.map(edgesOf) : [];
  for (const { group, edge } of drawn.edges) {
    if (!group.hasAttribute("tabindex")) continue;
    const told = [...group.querySelectorAll("text")].map((text) => text.textContent).join(" ");
    const numbers = paths.flatMap((path, term) => (path.includes(edge) ? [term + 1] : []));
    group.setAttribute("aria-label", `${told}, in ${numbers.length > 1 ? "terms" : "term"} ${numbers.join(", ")}`);
  }
}

// --- The derivative --------------------------------------------------------------------------------------------------

function choose(of, wrt) {
  byId("of").value = of;
  byId("wrt").value = wrt;
  state.pair = pairs.get(key(of, wrt)) ?? null;
  state.step = state.pointed = state.kept = null;
  showPair();
}

// Why the pair that is chosen has no formulas: it is trivial, or is not on the page.
function withoutPair() {
  const of = Number(byId("of").value), wrt = Number(byId("wrt").value);
  if (of === wrt) return "A node’s derivative with respect to itself is 1.";
  if (data.complete || state.pair) {
    const why = `No path leads from ${name(of)} to ${name(wrt)}: ${name(of)} does not depend on it`;
    return `${why}, and the derivative is 0.`;
  }
  const command = `pathdiff explain --of ${data.nodes[of].name} --wrt ${data.nodes[wrt].name}`;
  return `This page does not have this derivative; ${command} does.`;
}

const hasFormulas = (pair) => pair !== null && !pair.zero;

function showPair() {
  const { pair } = state;
  const isShown = hasFormulas(pair);
  for (const section of document.querySelectorAll(".side, .factored, .agreement")) section.hidden = !isShown;
  if (isShown) {
    showTerms(pair);
    showSweep(pair);
    showFactored(pair);
    showAgreement(pair);
  }
  showLights();
  showValues();
}

function showTerms(pair) {
  const shown = pair.paths.length, all = pair.count === String(shown);
  const some = all ? "" : `, the first ${shown} here`;
  byId("sum-cost").textContent = `${counted(pair.count, "path")}${some}: ${costs(pair.costs.path_sum)}`;
  byId("terms").replaceChildren(
    ...pair.paths.map((path, term) => {
      const written = pair.labelled?.[term];
      const labelled = written ? [element("span", { className: "labelled" }, "= ", math(written))] : [];
      const number = element("span", { className: "number" });
      const button = element(
        "button", { type: "button", className: "term" },
        element("span", { className: "path" }, `${pair.count === "1" ? "" : `${mark(term + 1)} `}${pathText(path)}`),
        element("span", { className: "product" }, math(pair.terms[term]), ...labelled, number),
      );
      button.addEventListener("pointerenter", () => point({ term }));
      button.addEventListener("pointerleave", () => point(null));
      button.addEventListener("focus", () => point({ term }));
      button.addEventListener("blur", () => point(null));
      button.addEventListener("click", () => keep({ term }));
      return element("li", {}, button);
    }),
  );
}

function showSweep(pair) {
  byId("sweep-cost").textContent = `one sweep from ${name(pair.of)}: ${costs(pair.costs.reverse)}`;
  byId("steps").replaceChildren(
    ...pair.steps.map((step) =>
      element(
        "li", { className: "step" },
        formula(step.left),
        ...(step.right ? [" = ", formula(...step.right)] : []),
        element("span", { className: "number" }),
      ),
    ),
  );
  showStep();
}

// The lines that are there, and how much was done for them.
function showStep() {
  const { pair, step } = state;
  const lines = pair.steps, at = step ?? lines.length;
  [...byId("steps").children].forEach((line, number) => {
    line.classList.toggle("later", number >= at);
    line.classList.toggle("now", step !== null && number === at - 1);
  });
  const done = lines.slice(0, at);
  const spent = done.reduce((total, line) => total + line.multiplications, 0);
  const used = done.reduce((total, line) => total + line.users.length, 0);
  const of = done.length ? done.at(-1) : null;
  const begin = step === 0 ? `The derivative of ${name(pair.of)} with respect to itself is 1. ` : "";
  const value = of && hasNumbers ? ` = ${written(swept(pair).get(of.node))}` : "";
  const told = step && of ? `${of.text}${value}, from ${of.users.map(name).join(" and ")}. ` : "";
  const work = `${counted(used, "edge")} used, each once; ${counted(spent, "multiplication")} so far`;
  byId("status").textContent = `${begin}${told}Line ${at} of ${lines.length}; ${work}.`;
  byId("sweep-total").classList.toggle("later", at < lines.length);
  byId("back").disabled = step === 0;
  byId("first").disabled = step === 0;
  byId("next").disabled = step === lines.length;
  byId("all").disabled = step === null;
  showAdjoints();
}

function go(step) {
  state.step = step;
  showStep();
  showLights();
}

function showFactored(pair) {
  const told = pair.tails.map(([edge, numbers]) => [numbers.map(mark).join(" + "), edge]);
  byId("tails").replaceChildren(
    ...told.flatMap(([marks, edge], i) => [`${i ? ", " : ""}${marks} share ${i ? "" : "their tail "}`, math(edge)]),
  );
  const rows = [];
  const row = (caption, lines) => {
    const told = lines.filter(Boolean);
    if (!told.length) return;
    const cells = told.flatMap((line, i) => [i ? "" : formula(pair.left), "=", formula(...line)]);
    const equation = element("div", { className: "equation" }, ...cells.map((cell) => element("span", {}, cell)));
    const box = element("div", { className: "scroll", tabIndex: 0 }, equation);
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", `${caption}, may be scrolled`);
    rows.push(element("div", { className: "row" }, element("p", { className: "quiet" }, caption), box));
  };
  row("Common tails taken out, one after the other", pair.factoring);
  row("In one formula", [pair.factored]);
  row("In node names", [pair.expression]);
  byId("factored").replaceChildren(...rows);
}

function showAgreement({ of, wrt, agreement }) {
  const check = `pathdiff check --of ${data.nodes[of].name} --wrt ${data.nodes[wrt].name}`;
  const items = agreement
    ? agreement.checks.map(({ outcome, text }) => element("li", { className: outcome }, `${outcome}: ${text}`))
    : [element("li", {}, `This derivative was not asked for, and so not verified: ${check} does that.`)];
  byId("agreement").replaceChildren(...items);
}

// --- Values ----------------------------------------------------------------------------------------------------------

function showValues() {
  if (hasNumbers) {
    values = computed(state.inputs);
    for (const { group, node } of drawn.nodes) {
      const text = group.querySelector(".value");
      if (text) text.textContent = brief(values[data.nodes[node].place]);
    }
    for (const { known, label, edge } of drawn.edges) {
      const { constant, place } = edges.get(edge);
      if (known && !constant && place !== null) known.textContent = `${label} = ${brief(values[place])}`;
    }
  }
  showNumbers();
  showAdjoints();
  showGradient();
  nameEdges();
}

function showNumbers() {
  const { pair } = state;
  const of = Number(byId("of").value), wrt = Number(byId("wrt").value);
  if (!hasFormulas(pair)) {
    byId("answer").textContent = withoutPair();
    return;
  }
  const used = pair.steps.flatMap(({ node, users }) => users.map((user) => edges.get(key(user, node))));
  const isKnown = hasNumbers && used.every((edge) => edge.place !== null);
  const adjoints = isKnown ? swept(pair) : new Map();
  const equals = (value) => (isKnown ? ` = ${written(value)}` : "");
  byId("answer").replaceChildren(math(pair.left), equals(of === wrt ? 1 : adjoints.get(wrt)));
  const products = isKnown ? pair.paths.map(alongPath) : [];
  byId("terms").querySelectorAll(".number").forEach((box, term) => (box.textContent = equals(products[term])));
  byId("steps").querySelectorAll(".number").forEach((box, line) => {
    box.textContent = equals(adjoints.get(pair.steps[line].node));
  });
  const isWhole = pair.count === String(pair.paths.length);
  byId("sum-total").textContent = !isKnown ? "" : isWhole ? `Their sum${equals(sum(products))}` : "";
  byId("sweep-total").textContent = isKnown ? `The last line${equals(adjoints.get(wrt))}` : "";
}

function showAdjoints() {
  const { pair, step } = state;
  const lines = hasFormulas(pair) ? pair.steps.slice(0, step ?? pair.steps.length) : [];
  const shown = new Map(lines.map((line) => [line.node, line.text]));
  const adjoints = hasNumbers && lines.length ? swept(pair) : new Map();
  for (const { group, node, isDerivative } of drawn.nodes) {
    const text = isDerivative && group.querySelector(".adjoint");
    if (!text) continue;
    const value = adjoints.get(node);
    const number = value === undefined || Number.isNaN(value) ? "" : ` = ${brief(value)}`;
    text.textContent = shown.has(node) ? shown.get(node) + number : "";
  }
}

const gradients = []; // for each input the element that shows the derivative with respect to it

function showGradient() {
  const of = Number(byId("of").value);
  for (const { box, node } of gradients) {
    const value = derivative(of, node);
    const number = value === undefined ? "not on this page" : written(value);
    box.textContent = `∂${name(of)}/∂${name(node)} = ${number}`;
  }
}

// A slider goes as far as twice the value, or two, on either side.
function makeSliders() {
  if (!hasNumbers) return;
  byId("inputs").hidden = false;
  document.documentElement.classList.add("numbers");
  data.inputs.forEach((node, number) => {
    const start = data.start[number];
    const reach = Math.max(2, Math.abs(start));
    const range = { min: start - reach, max: start + reach, step: reach / 200 };
    const slider = element("input", { type: "range", ...range, value: start });
    const exact = element("input", { type: "number", step: "any", value: start });
    slider.setAttribute("aria-label", `${name(node)}, slider`);
    exact.setAttribute("aria-label", `${name(node)}, value`);
    const box = element("output", { className: "gradient" });
    const set = (value) => {
      state.inputs[number] = value;
      showValues();
    };
    slider.addEventListener("input", () => {
      exact.value = Number(Number(slider.value).toPrecision(12));
      set(Number(exact.value));
    });
    exact.addEventListener("input", () => {
      if (exact.value === "") return;
      slider.value = exact.value;
      set(Number(exact.value));
    });
    gradients.push({ box, node });
    const label = element("span", { className: "input-name" }, math(data.nodes[node].math));
    byId("sliders").append(element("div", { className: "input" }, label, slider, exact, box));
    byId("reset").addEventListener("click", () => {
      slider.value = exact.value = start;
      set(start);
    });
  });
}

// --- Beginning -------------------------------------------------------------------------------------------------------

function makeChoices() {
  for (const id of ["of", "wrt"]) {
    const order = data.nodes.map((node, number) => number);
    if (id === "of") order.reverse();
    byId(id).append(...order.map((number) => element("option", { value: number }, name(number))));
    byId(id).addEventListener("change", () => choose(Number(byId("of").value), Number(byId("wrt").value)));
  }
}

// The two graphs have the same places: one scrolls with the other.
function scrollTogether() {
  const boxes = [...document.querySelectorAll(".graph .scroll")];
  for (const box of boxes) {
    box.addEventListener("scroll", () => boxes.forEach((other) => (other.scrollLeft = box.scrollLeft)));
  }
}

readPicture();
scrollTogether();
makeChoices();
makeSliders();
byId("first").addEventListener("click", () => go(0));
byId("back").addEventListener("click", () => go((state.step ?? state.pair.steps.length) - 1));
byId("next").addEventListener("click", () => go(state.step === null ? 1 : state.step + 1));
byId("all").addEventListener("click", () => go(null));
document.documentElement.classList.add("live");
if (data.pairs.length) choose(state.pair.of, state.pair.wrt);
else byId("answer").textContent = "No derivative that was asked for is small enough for this page; as text it is there.";
