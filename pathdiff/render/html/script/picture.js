// Both graphs: what is lit, dimmed and named on them.

const nodeOf = new Map(data.nodes.map((node, number) => [node.name, number]));
const drawn = { nodes: [], edges: [] }; // each with its group, its number or key, and which graph it is in

function readPicture() {
  for (const svg of document.querySelectorAll(".graphs svg")) {
    const isDerivative = svg.classList.contains("derivative");
    for (const group of svg.querySelectorAll(".node")) {
      const node = nodeOf.get(group.dataset.node);
      drawn.nodes.push({ group, isDerivative, node });
      group.addEventListener("click", () => pick(node));
      if (isDerivative) makePickable(group, node);
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

// The nodes of the derivative graph are buttons, of which the tabulator reaches one, and arrow keys the others.
function makePickable(group, node) {
  group.setAttribute("role", "button");
  group.setAttribute("tabindex", drawn.nodes.filter(({ isDerivative }) => isDerivative).length === 1 ? "0" : "-1");
  group.addEventListener("keydown", (event) => {
    const groups = drawn.nodes.filter(({ isDerivative }) => isDerivative).map((each) => each.group);
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") setPicked(null);
    else if (event.key === "Enter" || event.key === " ") pick(node);
    else if (by) {
      const next = groups[(groups.indexOf(group) + by + groups.length) % groups.length];
      for (const other of groups) other.setAttribute("tabindex", other === next ? "0" : "-1");
      next.focus();
    } else return;
    event.preventDefault();
  });
}

// Two nodes picked one after the other are what is derived, and with respect to what: the other way round where only
// that way a path leads.
function pick(node) {
  const { picked } = state;
  if (picked === null) {
    setPicked(node);
    return;
  }
  setPicked(null);
  const isOtherWay = !pairs.has(key(picked, node)) && pairs.has(key(node, picked));
  if (picked !== node) choose(...(isOtherWay ? [node, picked] : [picked, node]));
}

function setPicked(node) {
  state.picked = node;
  byId("picked").textContent =
    node === null ? "Or pick two nodes in a picture." : `${name(node)} is picked: pick another node, or it again for none.`;
  showLights();
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
  const ends = [Number(byId("of").value), Number(byId("wrt").value)];
  for (const { group, node, isDerivative } of drawn.nodes) {
    group.classList.toggle("end", ends.includes(node));
    group.classList.toggle("picked", node === state.picked);
    if (isDerivative) group.setAttribute("aria-pressed", String(node === state.picked));
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

// What a node is called: what stands on it, and its role.
function nameNodes() {
  for (const { group, node, isDerivative } of drawn.nodes) {
    if (!isDerivative) continue;
    const told = [...group.querySelectorAll("text")].map((text) => text.textContent).filter(Boolean);
    group.setAttribute("aria-label", `${told.join(" ")}, ${data.nodes[node].role}`);
  }
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
