// The derivative that is chosen: its terms, its sweep, its factored form.

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
  goSweep(null);
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
  showAdjoints();
}

const goSweep = stepping(byId("sweep-control"), () => state.pair.steps.length, (step) => {
  state.step = step;
  showStep();
  showLights();
});

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

const checked = ({ checks }) =>
  checks.map(({ outcome, text }) => element("li", { className: outcome }, `${outcome}: ${text}`));

function showAgreement({ of, wrt, agreement }) {
  const check = `pathdiff check --of ${data.nodes[of].name} --wrt ${data.nodes[wrt].name}`;
  const told = `This derivative was not asked for, and so not verified: ${check} does that.`;
  byId("agreement").replaceChildren(...(agreement ? checked(agreement) : [element("li", {}, told)]));
}
