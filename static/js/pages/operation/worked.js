/**
 * The formulas of operations without a kernel, with their numbers in.
 */

import { shown } from "../../core/arithmetic.js";
import { formatTick } from "../../core/format.js";
import { shownFunction, shownSoftmax } from "../../core/shown-functions.js";
import { shownBatchNorm, shownResponseNorm } from "../../core/shown-normalisation.js";
import { shownMean, shownPower } from "../../core/shown-pooling.js";
import { weakest } from "../../core/sums.js";

/** Terms that the formula writes out; more would not fit the line. */
const MOST_TERMS = 6;

/**
 * The numbers that take the place of the letters, and what comes out.
 * @param {import("../../core/arithmetic.js").Step} step
 * @param {import("../../core/arithmetic.js").Digits} digits
 * @returns {import("../../views/formula.js").Worked | null} null for a sum, which is a chain
 */
export function workedOut(step, digits) {
  switch (step.combine) {
    case "max": {
      const result = shown(step.value, digits.value);
      const counted = step.values.filter((x) => x !== null);
      const terms = counted.length <= MOST_TERMS ? counted.map((x) => shown(x, digits.value)) : [];
      return { first: "=", terms, numbers: {}, sign: "=", result };
    }
    case "mean": {
      const { sum, sumRelation, divisor, mean, meanRelation } = shownMean(step, digits);
      const numbers = { sum, n: String(divisor) };
      return { first: sumRelation, terms: [], numbers, sign: meanRelation, result: mean };
    }
    case "lp": {
      const { powersRelation, sumRelation, sum, root, rootRelation, exponent } = shownPower(step, digits);
      const first = weakest([powersRelation, sumRelation]);
      return {
        first,
        terms: [],
        numbers: { sum, p: formatTick(exponent) },
        sign: rootRelation,
        result: root,
      };
    }
    case "function": {
      const { x, y, relation } = shownFunction(step, digits);
      const [a, low, high] = ["negative_slope", "min", "max"].map((name) =>
        formatTick(Number(step.params[name] ?? 0)),
      );
      const numbers = { x, a, low, high };
      return { first: "=", terms: [], numbers, sign: relation, result: y };
    }
    case "softmax": {
      const { share, sum } = shownSoftmax(step, digits, MOST_TERMS);
      const scores = step.values.map((x) => shown(x, digits.value));
      const few = scores.length <= MOST_TERMS;
      const numbers = { x: scores[step.selected ?? 0], sum };
      return few ? { first: "=", terms: scores, numbers, sign: "≈", result: share } : null;
    }
    case "normalise":
      return step.params.mean === undefined ? responseWorked(step, digits) : batchWorked(step, digits);
  }
  return null;
}

/**
 * @param {import("../../core/arithmetic.js").Step} step
 * @param {import("../../core/arithmetic.js").Digits} digits
 */
function batchWorked(step, digits) {
  const { x, lines, spread } = shownBatchNorm(step, digits);
  const [mean, deviation, gamma, beta] = lines.map(({ operand }) => operand);
  const sign = weakest(lines.map(({ relation }) => relation));
  const result = lines.at(-1)?.value ?? "";
  return { first: spread.relation, terms: [], numbers: { x, mean, deviation, gamma, beta }, sign, result };
}

/**
 * @param {import("../../core/arithmetic.js").Step} step
 * @param {import("../../core/arithmetic.js").Digits} digits
 */
function responseWorked(step, digits) {
  const { x, sum, settings, squaresRelation, sumRelation, result } = shownResponseNorm(step, digits);
  const first = weakest([squaresRelation, sumRelation]);
  const sign = /** @type {const} */ ("≈");
  return { first, terms: [], numbers: { x, sum, ...settings }, sign, result };
}
