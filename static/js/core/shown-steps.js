/**
 * The arithmetic of the operations that have no kernel, as the page shows it: every number in its digits, and
 * between two of them an equals sign only where it is true of what is shown.
 */

import { shown } from "./arithmetic.js";
import { addDecimals, MINUS, multiplyDecimals, parseDecimal } from "./decimal.js";
import { commonDigits, formatFixed, formatSignificant, formatTick } from "./format.js";
import { relation, relationOfProduct, weakest } from "./sums.js";

/** @typedef {import("./arithmetic.js").Step} Step */
/** @typedef {import("./arithmetic.js").Digits} Digits */
/** @typedef {import("./sums.js").Relation} Relation */

/** A number that small digits would turn into zero is given enough of them to be told from it. */
const SIGNIFICANT = 2;
const MOST_DECIMALS = 8;
const MOST_WRITTEN_OUT = 1e7;

/**
 * @param {number} x
 * @param {number} digits decimals, more where they would leave nothing of the number
 * @returns {string}
 */
export function shownNumber(x, digits) {
  const magnitude = Math.abs(x);
  if (!Number.isFinite(x) || x === 0) return formatFixed(x, digits);
  const needed = SIGNIFICANT - 1 - Math.floor(Math.log10(magnitude));
  if (magnitude >= MOST_WRITTEN_OUT || needed > MOST_DECIMALS) return formatSignificant(x, SIGNIFICANT + 1);
  return formatFixed(x, Math.max(digits, commonDigits([x], Math.max(0, needed))));
}

/**
 * The sign between shown number ÷ shown divisor and the shown quotient.
 * @param {string} number
 * @param {string} divisor
 * @param {string} quotient
 * @returns {Relation}
 */
export function relationOfQuotient(number, divisor, quotient) {
  if (/^[−0.]*$/.test(divisor)) return "≈";
  return relationOfProduct(quotient, divisor, number);
}

/**
 * The sign between |shown base| to a power and the shown result; exact for whole powers only.
 * @param {string} base
 * @param {number} exponent
 * @param {string} result
 * @returns {Relation}
 */
export function relationOfPower(base, exponent, result) {
  const factor = parseDecimal(withoutSign(base));
  if (!factor || !Number.isInteger(exponent) || exponent < 1 || exponent > 16) return "≈";
  let power = factor;
  for (let i = 1; i < exponent; i += 1) power = multiplyDecimals(power, factor);
  const shownResult = parseDecimal(result);
  if (!shownResult) return "≈";
  const difference = addDecimals(power, { n: -shownResult.n, scale: shownResult.scale });
  return difference.n === 0n ? "=" : "≈";
}

/** @param {string} text */
function withoutSign(text) {
  return text.startsWith(MINUS) ? text.slice(1) : text;
}

/** @param {string} text */
function negated(text) {
  return text.startsWith(MINUS) ? text.slice(1) : MINUS + text;
}

/**
 * The window of a pooling: how many of its terms count.
 * @param {Step} step
 * @returns {{ terms: number, zeros: number, absent: number }} absent terms are not counted, zeros are padding
 *   that is
 */
export function windowCount({ values, padding }) {
  const absent = values.filter((x) => x === null).length;
  const zeros = values.filter((x, i) => x !== null && padding[i]).length;
  return { terms: values.length - absent, zeros, absent };
}

/**
 * @typedef {object} ShownPower
 * @property {string[]} values
 * @property {string[]} powers
 * @property {Relation} powersRelation
 * @property {string} sum
 * @property {Relation} sumRelation
 * @property {string} root
 * @property {Relation} rootRelation
 * @property {number} exponent
 * @property {number[]} numbers the powers
 */

/**
 * The p-norm of a window: powers, their sum, its root.
 * @param {Step} step
 * @param {Digits} digits
 * @returns {ShownPower}
 */
export function shownPower(step, digits) {
  const exponent = Number(step.params.norm_type);
  const numbers = step.values.map((x) => (x === null ? 0 : Math.abs(x) ** exponent));
  const values = step.values.map((x) => shown(x, digits.value));
  const brief = (/** @type {number} */ x) =>
    Math.abs(x) < MOST_WRITTEN_OUT ? formatFixed(x, digits.result) : formatSignificant(x, 3);
  const powers = numbers.map((x, i) => (step.values[i] === null ? "" : brief(x)));
  const counted = powers.map((_, i) => i).filter((i) => powers[i] !== "");
  const sum = brief(numbers.reduce((total, x) => total + x, 0));
  const root = shown(step.value, digits.result);
  return {
    values,
    powers,
    powersRelation: weakest(counted.map((i) => relationOfPower(values[i], exponent, powers[i]))),
    sum,
    sumRelation: relation(
      counted.map((i) => powers[i]),
      sum,
    ),
    root,
    rootRelation: relationOfPower(root, exponent, sum),
    exponent,
    numbers,
  };
}

/** @typedef {"passed" | "off" | "edge" | "scaled" | "flat" | "saturated" | "clipped" | "plain"} Effect what became of x */

/**
 * @typedef {object} ShownFunction
 * @property {string} x
 * @property {string} y
 * @property {string} slope
 * @property {Relation} relation between f(shown x) and the shown y
 * @property {Effect} effect
 */

/** Below this share of its steepest, an S-shaped curve hardly passes a gradient on. */
const SATURATED = 0.1;

/**
 * A function of one number.
 * @param {Step} step
 * @param {Digits} digits
 * @returns {ShownFunction}
 */
export function shownFunction(step, digits) {
  const x = shownNumber(step.values[0] ?? 0, digits.value);
  const y = shownNumber(step.value, digits.result);
  const slope = shownNumber(Number(step.params.slope), digits.result);
  return {
    x,
    y,
    slope: Number.isInteger(Number(step.params.slope))
      ? String(step.params.slope).replace("-", MINUS)
      : slope,
    relation: functionRelation(String(step.params.function), x, y, step.params),
    effect: effectOf(step),
  };
}

/**
 * @param {string} name
 * @param {string} x
 * @param {string} y
 * @param {Step["params"]} params
 * @returns {Relation}
 */
function functionRelation(name, x, y, params) {
  const value = parseDecimal(x);
  if (!value) return "≈";
  const positive = value.n > 0n;
  switch (name) {
    case "step":
      return relation([positive ? "1" : "0"], y);
    case "relu":
      return relation([positive ? x : "0"], y);
    case "leaky_relu":
    case "prelu":
      return positive ? relation([x], y) : relationOfProduct(x, formatTick(Number(params.negative_slope)), y);
    case "clip":
      return relation([clipped(Number(x.replace(MINUS, "-")), params, x)], y);
    case "elu":
    case "celu":
      return positive || value.n === 0n ? relation([x], y) : "≈";
    case "hard_sigmoid":
    case "softplus":
    case "exp":
      return "≈";
    case "sigmoid":
      return value.n === 0n ? relation(["0.5"], y) : "≈";
    default:
      return value.n === 0n ? relation(["0"], y) : "≈";
  }
}

/**
 * What a clipping leaves of x, as shown.
 * @param {number} x
 * @param {Step["params"]} params
 * @param {string} text of x
 */
function clipped(x, { min = -Infinity, max = Infinity }, text) {
  if (x > Number(max)) return formatTick(Number(max));
  return x < Number(min) ? formatTick(Number(min)) : text;
}

/**
 * @param {Step} step
 * @returns {Effect}
 */
function effectOf({ values, params }) {
  const x = values[0] ?? 0;
  const slope = Number(params.slope);
  switch (params.function) {
    case "relu":
      return x > 0 ? "passed" : x < 0 ? "off" : "edge";
    case "leaky_relu":
    case "prelu":
      return x > 0 ? "passed" : "scaled";
    case "hard_sigmoid":
      return slope === 0 ? "saturated" : "plain";
    case "clip":
      return slope === 0 ? "clipped" : "plain";
    case "step":
      return "flat";
    case "sigmoid":
      return slope < SATURATED / 4 ? "saturated" : "plain";
    case "tanh":
      return slope < SATURATED ? "saturated" : "plain";
  }
  return "plain";
}

/**
 * @typedef {object} ShownLine one step of a calculation that goes from number to number
 * @property {string} name of the step
 * @property {string} operand with which the number before is taken
 * @property {Relation} relation between that and the value
 * @property {string} value
 */

/** Of what mean and variance are taken: the batch, the training so far, or a group of one picture's numbers. */
const STATISTICS = /** @type {const} */ (["batch", "running", "group"]);

/**
 * @typedef {object} ShownBatchNorm
 * @property {string} x
 * @property {ShownLine[]} lines
 * @property {{ variance: string, epsilon: string, deviation: string, relation: Relation }} spread
 * @property {"batch" | "running" | "group"} statistics
 */

/**
 * Batch normalisation of one number, step by step: − μ, ÷ √(σ² + ε), × γ, + β.
 * @param {Step} step
 * @param {Digits} digits
 * @returns {ShownBatchNorm}
 */
export function shownBatchNorm(step, digits) {
  const { result } = digits;
  const of = (/** @type {string} */ name) => Number(step.params[name]);
  const raw = step.values[0] ?? 0;
  const spread = Math.sqrt(of("variance") + of("eps"));
  const centred = raw - of("mean");
  const scaled = centred / spread;
  const places = Math.max(digits.value, result);
  const x = shown(raw, places);
  const mean = shown(of("mean"), places);
  const deviation = shownNumber(spread, result);
  const [gamma, beta] = [shortest(of("gamma"), result), shortest(of("beta"), result)];
  const values = [
    shown(centred, places),
    shown(scaled, result),
    shown(scaled * of("gamma"), result),
    shown(step.value, result),
  ];
  const variance = shownNumber(of("variance"), result + 1);
  const epsilon = formatTick(of("eps"));
  return {
    x,
    lines: [
      { name: "mean", operand: mean, relation: relation([x, negated(mean)], values[0]), value: values[0] },
      {
        name: "deviation",
        operand: deviation,
        relation: relationOfQuotient(values[0], deviation, values[1]),
        value: values[1],
      },
      {
        name: "gamma",
        operand: gamma,
        relation: relationOfProduct(values[1], gamma, values[2]),
        value: values[2],
      },
      { name: "beta", operand: beta, relation: relation([values[2], beta], values[3]), value: values[3] },
    ],
    spread: { variance, epsilon, deviation, relation: rootRelation([variance, epsilon], deviation) },
    statistics: STATISTICS.find((name) => name === step.params.statistics) ?? "batch",
  };
}

/**
 * The sign between the square root of a shown sum and the shown root.
 * @param {readonly string[]} terms
 * @param {string} root
 * @returns {Relation}
 */
function rootRelation(terms, root) {
  const value = parseDecimal(root);
  if (!value) return "≈";
  const square = multiplyDecimals(value, value);
  const rest = terms.map(parseDecimal).reduce((sum, term) => sum && term && addDecimals(sum, term), {
    n: -square.n,
    scale: square.scale,
  });
  return rest?.n === 0n ? "=" : "≈";
}

/**
 * An integer as such, else so many decimals.
 * @param {number} x
 * @param {number} digits
 */
function shortest(x, digits) {
  return Number.isInteger(x) ? formatFixed(x, 0) : shownNumber(x, digits);
}

/**
 * @typedef {object} ShownNeighbour
 * @property {number} index in the step's terms
 * @property {string} x
 * @property {string} square
 * @property {boolean} own
 * @property {boolean} absent beyond the first or last channel
 */

/**
 * @typedef {object} ShownResponseNorm
 * @property {ShownNeighbour[]} neighbours
 * @property {Relation} squaresRelation
 * @property {string} sum
 * @property {Relation} sumRelation
 * @property {{ k: string, alpha: string, size: string, beta: string }} settings
 * @property {string} base
 * @property {Relation} baseRelation
 * @property {string} power
 * @property {string} x
 * @property {string} result
 * @property {Relation} resultRelation
 */

/**
 * Local response normalisation: squares of the neighbours, their sum, k + α/n · sum, its power, the quotient.
 * @param {Step} step
 * @param {Digits} digits
 * @returns {ShownResponseNorm}
 */
export function shownResponseNorm(step, digits) {
  const [k, alpha, beta, size] = ["k", "alpha", "beta", "size"].map((name) => Number(step.params[name]));
  const places = Math.max(digits.value, digits.result);
  const neighbours = step.values.map((value, index) => ({
    index,
    x: shown(value, digits.value),
    square: value === null ? "" : shown(value * value, places),
    own: index === step.selected,
    absent: value === null,
  }));
  const counted = neighbours.filter(({ absent }) => !absent);
  const total = step.values.reduce((/** @type {number} */ sum, x) => sum + (x ?? 0) ** 2, 0);
  const sum = shown(total, places);
  const base = k + (alpha / size) * total;
  // 1 + 0.0001/3 · 0.4 differs from 1 in the fifth decimal only: it must be seen to.
  const fine = Math.max(places, decimalsToTell(base, k));
  const texts = { base: formatFixed(base, fine), power: formatFixed(base ** beta, fine) };
  const settings = { k: formatTick(k), alpha: formatTick(alpha), size: String(size), beta: formatTick(beta) };
  const x = shown(step.values[step.selected ?? 0], digits.value);
  const result = shown(step.value, digits.result);
  return {
    neighbours,
    squaresRelation: weakest(counted.map((one) => relationOfPower(one.x, 2, one.square))),
    sum,
    sumRelation: relation(
      counted.map(({ square }) => square),
      sum,
    ),
    settings,
    base: texts.base,
    baseRelation: responseRelation(settings, sum, texts.base),
    power: texts.power,
    x,
    result,
    resultRelation: relationOfQuotient(x, texts.power, result),
  };
}

/**
 * k + α/n · sum = base, told without dividing: n·k + α·sum = n·base.
 * @param {{ k: string, alpha: string, size: string }} settings
 * @param {string} sum
 * @param {string} base
 * @returns {Relation}
 */
function responseRelation(settings, sum, base) {
  const [k, alpha, size, total, whole] = [settings.k, settings.alpha, settings.size, sum, base].map(
    parseDecimal,
  );
  if (!k || !alpha || !size || !total || !whole) return "≈";
  const left = addDecimals(multiplyDecimals(size, k), multiplyDecimals(alpha, total));
  const right = multiplyDecimals(size, whole);
  return addDecimals(left, { n: -right.n, scale: right.scale }).n === 0n ? "=" : "≈";
}

/**
 * Decimals that tell two numbers apart.
 * @param {number} a
 * @param {number} b
 */
function decimalsToTell(a, b) {
  const difference = Math.abs(a - b);
  if (difference === 0) return 0;
  return Math.min(MOST_DECIMALS, SIGNIFICANT - 1 - Math.floor(Math.log10(difference)));
}

/**
 * @typedef {object} ShownScore
 * @property {number | null} index in the step's terms, null for the rest of them taken together
 * @property {string} x
 * @property {string} power
 * @property {string} share
 * @property {number} part 0 … 1
 * @property {boolean} own
 * @property {boolean} top
 */

/**
 * @typedef {object} ShownSoftmax
 * @property {ShownScore[]} scores
 * @property {string | null} shift what is taken off every x first, null for nothing
 * @property {number} folded scores in the last row, 0 if each has its own
 * @property {string} sum
 * @property {Relation} sumRelation
 * @property {string} share of the own channel
 * @property {Relation} shareRelation
 * @property {string} whole all shares added
 * @property {Relation} wholeRelation
 */

/** From here on e^x fills its column; the largest x is then taken off first, which changes no share. */
const MOST_SCORE = 8;

/**
 * @param {Step} step
 * @param {Digits} digits
 * @param {number} rows at most; the smallest scores beyond are taken together
 * @returns {ShownSoftmax}
 */
export function shownSoftmax(step, digits, rows) {
  const values = step.values.map((x) => x ?? 0);
  const largest = Math.max(...values);
  const shift = Math.abs(largest) > MOST_SCORE ? largest : 0;
  const powers = values.map((x) => Math.exp(x - shift));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const { result } = digits;
  const kept = keptScores(powers, step.selected ?? 0, rows);
  const line = (/** @type {number | null} */ index, /** @type {number} */ power) => ({
    index,
    x: index === null ? "" : shown(values[index], digits.value),
    power: formatFixed(power, result),
    share: formatFixed(power / total, result),
    part: power / total,
    own: index !== null && index === step.selected,
    top: index !== null && values[index] === largest,
  });
  const scores = kept.map((index) => line(index, powers[index]));
  const folded = values.length - kept.length;
  if (folded > 0) {
    const rest = powers.reduce((sum, power, i) => (kept.includes(i) ? sum : sum + power), 0);
    scores.push(line(null, rest));
  }
  const sum = formatFixed(total, result);
  const share = shown(step.value, result);
  const own = scores.find((score) => score.own);
  if (own) own.share = share;
  return {
    scores,
    shift: shift === 0 ? null : shown(shift, digits.value),
    folded,
    sum,
    sumRelation: relation(
      scores.map(({ power }) => power),
      sum,
    ),
    share,
    shareRelation: relationOfQuotient(own?.power ?? "", sum, share),
    whole: "1",
    wholeRelation: relation(
      scores.map((score) => score.share),
      "1",
    ),
  };
}

/**
 * All scores in their order, or the largest and the own one.
 * @param {readonly number[]} powers
 * @param {number} own
 * @param {number} rows
 */
function keptScores(powers, own, rows) {
  const all = powers.map((_, i) => i);
  if (powers.length <= rows) return all;
  const ranked = all.filter((i) => i !== own).sort((a, b) => powers[b] - powers[a]);
  return [own, ...ranked.slice(0, rows - 2)].sort((a, b) => a - b);
}
