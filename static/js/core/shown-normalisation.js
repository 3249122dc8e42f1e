/**
 * Normalisation as the page shows it, step by step: by mean and variance, and by the neighbours across the
 * channels.
 */

import { decimalsToTell, shown, shownNumber } from "./arithmetic.js";
import { addDecimals, compareDecimals, multiplyDecimals, negated, parseDecimal } from "./decimal.js";
import { formatFixed, formatTick } from "./format.js";
import {
  relation,
  relationOfPower,
  relationOfProduct,
  relationOfQuotient,
  relationOfRoot,
  weakest,
} from "./sums.js";

/** @typedef {import("./arithmetic.js").Step} Step */
/** @typedef {import("./arithmetic.js").Digits} Digits */
/** @typedef {import("./sums.js").Relation} Relation */

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
  // Where the result is not told, nor is what leads to it: with β = 0 the line before the last says it.
  const centred = Number.isNaN(step.value) ? Number.NaN : raw - of("mean");
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
    spread: { variance, epsilon, deviation, relation: relationOfRoot([variance, epsilon], deviation) },
    statistics: STATISTICS.find((name) => name === step.params.statistics) ?? "batch",
  };
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
  return compareDecimals(left, right) === 0 ? "=" : "≈";
}
