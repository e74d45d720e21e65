// Numbers with a bound on what rounding has made of them: {value, error}, or {why} where there is none.
//
// What is shown is right in every digit, or says how far it is known. A sum or a product adds what it rounds off to the
// bound, exactly (Knuth 1969; Dekker 1971); a function what it changes by where its arguments may really be.

const NO_VALUE = "no value", TOO_LARGE = "too large for this page", LOST = "lost in rounding";
const UNIT = 2 ** -53, LEAST = 2 ** -1074;

const exactly = (value) => ({ value, error: 0 });
const without = (why) => ({ value: NaN, error: 0, why });
const about = (value) => ({ value, error: UNIT * Math.abs(value) + LEAST });
// A decimal as it is typed is a double exactly if it is a whole number, or has few binary digits.
const typed = (value) => (Number.isSafeInteger(value * 1024) ? exactly(value) : about(value));
// The first of some numbers that there is none of.
const lacking = (numbers) => numbers.map((number) => number ?? without(NO_VALUE)).find(({ why }) => why);
const isZero = ({ value, error }) => value === 0 && error === 0;

function bounded(value, error) {
  return Number.isFinite(error) ? { value, error } : without(Number.isFinite(value) ? LOST : TOO_LARGE);
}

// What rounding took from x + y and from x y.
function ofSum(x, y, total) {
  const part = total - x;
  return Math.abs(x - (total - part) + (y - part));
}

function ofProduct(x, y, found) {
  const size = Math.max(Math.abs(x), Math.abs(y));
  if (size > 1e150 || Math.abs(found) < 1e-280) return UNIT * Math.abs(found) + LEAST;
  const [xHigh, yHigh] = [x, y].map((z) => 134217729 * z - (134217729 * z - z));
  const xLow = x - xHigh, yLow = y - yHigh;
  return Math.abs(xLow * yLow - (found - xHigh * yHigh - xLow * yHigh - xHigh * yLow));
}

function plus(a, b) {
  const value = a.value + b.value;
  return bounded(value, a.error + b.error + ofSum(a.value, b.value, value));
}

function times(a, b) {
  if (isZero(a) || isZero(b)) return exactly(0);
  const value = a.value * b.value;
  const error = Math.abs(a.value) * b.error + Math.abs(b.value) * a.error + a.error * b.error;
  return bounded(value, error + ofProduct(a.value, b.value, value));
}

function over(a, b) {
  if (isZero(b)) return without(NO_VALUE);
  if (Math.abs(b.value) <= b.error) return without(LOST);
  if (isZero(a)) return exactly(0);
  const value = a.value / b.value, back = value * b.value;
  const rest = Math.abs(a.value - back) + ofProduct(value, b.value, back);
  const error = (a.error + Math.abs(value) * b.error + rest) / (Math.abs(b.value) - b.error);
  return bounded(value, error + (Math.abs(value) < 1e-280 ? LEAST : 0));
}

function power(a, b) {
  const count = Math.abs(b.value);
  if (b.error || !Number.isInteger(count) || count > 64 || count === 0) return called("^", [a, b]);
  if (b.value < 0) return over(exactly(1), power(a, exactly(count)));
  const half = power(a, exactly(Math.floor(count / 2) || 0));
  return count === 1 ? a : count % 2 ? times(times(half, half), a) : times(half, half);
}

const sum = (terms) => lacking(terms) ?? terms.reduce(plus, exactly(0));
const product = (factors) => lacking(factors) ?? factors.reduce(times, exactly(1));

// What rounds nothing; what may be too small for a double, and is 0 then.
const EXACT = new Set(["abs", "sign", "relu", "heaviside", "min", "max"]);
const UNDERFLOWS = new Set(["exp", "^", "sigmoid", "softplus", "sech", "csch", "erfc", "silu", "gelu"]);
// What turns around between the ends of a long stretch.
const PERIODIC = new Set(["tan", "cot", "sec", "csc"]);

function rounding(name, at, value) {
  if (EXACT.has(name)) return 0;
  if (value === 0) return UNDERFLOWS.has(name) && at[0] !== 0 ? LEAST : 0;
  if (at.every((x) => x === 0) && Number.isInteger(2 * value)) return 0;
  if (name === "sqrt" && value * value === at[0] && !ofProduct(value, value, at[0])) return 0;
  const units = ["erf", "erfc", "gelu"].includes(name) ? 64 + 8 * Math.min(at[0] ** 2, 1000) : 8;
  return units * UNIT * Math.abs(value) + LEAST;
}

function called(name, args) {
  const f = FUNCTIONS[name], at = args.map(({ value }) => value), value = f(...at);
  let error = 0;
  for (const [i, arg] of args.entries()) {
    if (!arg.error) continue;
    const step = Math.max(arg.error, 2 * UNIT * Math.abs(arg.value));
    const beside = [-step, step].map((by) => f(...at.slice(0, i), at[i] + by, ...at.slice(i + 1)));
    if (beside.every(Number.isNaN) && Number.isNaN(value)) continue;
    if (Number.isNaN(value) || beside.some(Number.isNaN) || (PERIODIC.has(name) && step > 0.1)) return without(LOST);
    error += ["sin", "cos"].includes(name) ? step : Math.max(...beside.map((other) => Math.abs(other - value)));
  }
  if (Number.isNaN(value)) return without(NO_VALUE);
  // Infinite at 0 or 1 is a pole, elsewhere what no double holds.
  const isPole = name === "^" ? at[0] === 0 : at.length === 1 && [0, 1].includes(Math.abs(at[0]));
  if (!Number.isFinite(value)) return without(isPole ? NO_VALUE : TOO_LARGE);
  return bounded(value, error + rounding(name, at, value));
}

const PI = { value: Math.PI, error: UNIT * 2 };
const OPERATIONS = {
  "+": (...terms) => sum(terms), "*": (...factors) => product(factors), "/": over, "^": power, pi: () => PI,
  neg: ({ value, error }) => ({ value: -value, error }), none: () => without(TOO_LARGE),
};

// The value of every operation. What has none has none for all that needs it: 1/Infinity or NaN^0 would bring back one.
function computed(inputs) {
  const values = [];
  for (const operation of data.tape) {
    const [name, ...places] = typeof operation === "number" ? ["exactly", operation] : operation;
    if (name === "exactly") values.push(exactly(places[0]));
    else if (name === "about") values.push(about(places[0]));
    else if (name === "input") values.push(typed(inputs[places[0]]));
    else {
      const args = places.map((place) => values[place]);
      values.push(lacking(args) ?? (OPERATIONS[name] ? OPERATIONS[name](...args) : called(name, args)));
    }
  }
  return values;
}

const plain = (value, digits) => String(Number(value.toPrecision(digits))).replace("e+", "e").replaceAll("-", "−");

// A number as it is read: six digits, or fewer and how far they are known.
function written({ value, error, why = NO_VALUE }) {
  const size = Math.abs(value);
  if (Number.isNaN(value)) return why;
  if (error <= 5e-7 * size || error === 0) return plain(value, 6);
  if (!Number.isFinite(error)) return LOST;
  const digits = Math.max(1, Math.ceil(Math.log10(size / error)));
  const told = error < size ? Number(value.toPrecision(digits)) : 0;
  const bound = error + Math.abs(value - told), unit = 10 ** Math.floor(Math.log10(bound));
  return `${plain(told, 6)} ± ${plain(Math.ceil(bound / unit) * unit || LEAST, 1)}`;
}

// In a picture there is little room.
function brief({ value, error, why }) {
  if (why || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (error > 5e-5 * size) return "?";
  const told = size && (size < 1e-3 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(4)));
  return told.replace("e+", "e").replaceAll("-", "−");
}
