// What the operations of a spec are in doubles.

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
