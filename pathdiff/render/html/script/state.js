// What is known, and what is shown of it.

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
  const adjoints = new Map([[pair.of, exactly(1)]]);
  for (const { node, users } of pair.steps) {
    adjoints.set(node, sum(users.map((user) => product([adjoints.get(user), labelOf(key(user, node))]))));
  }
  return adjoints;
}

function derivative(of, wrt) {
  if (of === wrt) return exactly(1);
  const pair = pairs.get(key(of, wrt));
  if (pair) return pair.zero ? exactly(0) : swept(pair).get(wrt);
  return data.complete ? exactly(0) : undefined;
}
