// What the operations of a spec are in doubles; real scalars. NaN where they have no value.

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

// The continued fraction (7.1.14), from its end. Between 1 and 2.5 it takes more of it, since 1 - erf would lose digits.
function erfc(x) {
  if (x < 1) return 1 - erf(x);
  let below = x;
  for (let n = x < 2.5 ? 400 : 60; n > 0; n--) below = x + n / 2 / below;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / below;
}

function sech(x) {
  const small = Math.exp(-Math.abs(x));
  return (2 * small) / (1 + small * small);
}

const csch = (x) => (Math.sign(x) * 2 * Math.exp(-Math.abs(x))) / -Math.expm1(-2 * Math.abs(x));

// Of an argument near 1, 1/x would lose what it differs from 1 by.
const besideOne = (x) => Math.sqrt((Math.abs(x) - 1) * (Math.abs(x) + 1));
const asec = (x) => (x >= 0 ? Math.atan(besideOne(x)) : Math.PI - Math.atan(besideOne(x)));
function asech(x) {
  if (x < 0.5) return Math.log1p(Math.sqrt((1 - x) * (1 + x))) - Math.log(x);
  return 2 * Math.atanh(Math.sqrt((1 - x) / (1 + x)));
}

const acoth = (x) => (Math.abs(x) > 1 ? (Math.sign(x) * Math.log1p(2 / (Math.abs(x) - 1))) / 2 : NaN);

function logaddexp(x, y) {
  return Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
}

const FUNCTIONS = {
  exp: Math.exp, expm1: Math.expm1, log: Math.log, log1p: Math.log1p, log2: Math.log2, log10: Math.log10, logaddexp,
  sqrt: Math.sqrt, cbrt: Math.cbrt, "^": Math.pow, abs: Math.abs, sign: Math.sign,
  sin: Math.sin, cos: Math.cos, tan: Math.tan, cot: (x) => 1 / Math.tan(x), sec: (x) => 1 / Math.cos(x),
  csc: (x) => 1 / Math.sin(x),
  asin: Math.asin, acos: Math.acos, atan: Math.atan, acot: (x) => (x ? Math.atan(1 / x) : NaN), asec,
  acsc: (x) => (Math.abs(x) >= 1 ? Math.atan2(Math.sign(x), besideOne(x)) : NaN),
  atan2: (y, x) => (x || y ? Math.atan2(y, x) : NaN), hypot: Math.hypot,
  sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh, coth: (x) => 1 / Math.tanh(x), sech, csch,
  asinh: Math.asinh, acosh: Math.acosh, atanh: Math.atanh, acoth, asech, acsch: (x) => Math.asinh(1 / x),
  erf, erfc, sigmoid, softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  relu: (x) => Math.max(x, 0), silu: (x) => x * sigmoid(x), gelu: (x) => (x * erfc(-x / Math.SQRT2)) / 2,
  heaviside: (x) => (1 + Math.sign(x)) / 2, min: Math.min, max: Math.max,
};
