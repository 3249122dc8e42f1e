/**
 * Functions as the page shows them: of one number, and softmax, which takes all channels of one place.
 */

import { shown, shownNumber } from "./arithmetic.js";
import { MINUS, parseDecimal } from "./decimal.js";
import { formatFixed, formatTick } from "./format.js";
import { relation, relationOfProduct, relationOfQuotient } from "./sums.js";

/** @typedef {import("./arithmetic.js").Step} Step */
/** @typedef {import("./arithmetic.js").Digits} Digits */
/** @typedef {import("./sums.js").Relation} Relation */

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
