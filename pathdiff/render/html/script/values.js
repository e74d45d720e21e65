// The numbers that belong to what is shown.

function showValues() {
  if (hasNumbers) {
    values = computed(state.inputs);
    torn = new Set(data.kinks.filter((kink) => atKink(kink) > 2).flatMap(edgesAt));
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
  showKinks();
  showAdjoints();
  showGradient();
  showEliminated();
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
  byId("answer").replaceChildren(math(pair.left), equals(of === wrt ? exactly(1) : adjoints.get(wrt)));
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
    const number = value === undefined || value.why ? "" : ` = ${brief(value)}`;
    text.textContent = shown.has(node) ? shown.get(node) + number : "";
  }
  nameNodes();
}

// Where the derivatives that are shown meet a kink, what is taken for them.
function showKinks() {
  const of = Number(byId("of").value);
  const asked = [state.pair, ...data.inputs.map((input) => pairs.get(key(of, input)))].filter((pair) => pair);
  const used = new Set(
    asked.flatMap(({ steps }) => steps.flatMap(({ node, users }) => users.map((user) => key(user, node)))),
  );
  const isMet = (kink) => atKink(kink) > 0 && edgesAt(kink).some((edge) => used.has(edge));
  const met = hasNumbers ? data.kinks.filter(isMet) : [];
  const told = new Set(met.map((kink) => (atKink(kink) > 2 ? kink.torn : kink.told)));
  byId("kinks").textContent = [...told].join("; ");
  byId("kinks").hidden = told.size === 0;
}
