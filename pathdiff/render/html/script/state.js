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
  picked: null, // the first of two nodes that are picked in a picture
};

// The value of a label, of a path's product, and of each line of a sweep.
let values = [];
let torn = new Set(); // edges whose label means nothing, as more than two arguments of a min or max are equal
const labelOf = (edge) => (torn.has(edge) ? without("no derivative") : values[edges.get(edge).place]);
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

// How many arguments of a call that has a kink are where it is: 1 at 0, 2 or more if so many are the largest or least.
function atKink({ places, picks }) {
  const args = places.map((place) => values[place]);
  if (args.some(({ why }) => why)) return 0;
  if (!picks) return Math.abs(args[0].value) <= args[0].error ? 1 : 0;
  const best = args.reduce((one, other) => (picks === "max" === other.value > one.value ? other : one));
  const equal = args.filter(({ value, error }) => Math.abs(value - best.value) <= error + best.error);
  return equal.length > 1 ? equal.length : 0;
}

const edgesAt = ({ node, names }) => names.map((other) => key(node, other));
