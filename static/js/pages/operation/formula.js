/**
 * The formula's properties for a run and a step.
 */

import { shown, shownMean, shownSum } from "../../core/arithmetic.js";
import { formatTick } from "../../core/format.js";
import { KINDS } from "../../core/operation-request.js";
import {
  shownBatchNorm,
  shownFunction,
  shownPower,
  shownResponseNorm,
  shownSoftmax,
} from "../../core/shown-steps.js";
import { weakest } from "../../core/sums.js";

/**
 * @param {import("../../actions/operation.js").Run} run
 * @param {import("../../core/arithmetic.js").Step} step
 * @param {import("../../core/arithmetic.js").Digits} digits
 * @param {{ brief: boolean }} shown
 * @returns {import("../../views/formula.js").FormulaProps}
 */
export function formulaProps(run, step, digits, { brief }) {
  const { window } = run;
  return {
    op: KINDS[run.view.op].op,
    flip: run.view.flip,
    cell: step.cell,
    stride: window?.stride ?? [1, 1],
    dilation: window?.dilation ?? [1, 1],
    before: window?.before ?? [0, 0],
    span: window ? [0, 1].map((axis) => window.dilation[axis] * (window.size[axis] - 1) + 1) : [1, 1],
    hasBias: step.bias !== null,
    channels: step.grid[0] > 1,
    brief,
    chain: brief ? [] : step.combine === "sum" ? sumChain(step, digits) : [],
    worked: brief ? null : worked(step, digits),
  };
}

/** Terms that the formula writes out; more would not fit the line. */
const MOST_TERMS = 6;

/**
 * The numbers that take the place of the letters, and what comes out.
 * @param {import("../../core/arithmetic.js").Step} step
 * @param {import("../../core/arithmetic.js").Digits} digits
 * @returns {import("../../views/formula.js").Worked | null} null for a sum, which is a chain
 */
function worked(step, digits) {
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
      const numbers = { x, a: formatTick(Number(step.params.negative_slope ?? 0)) };
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

/**
 * The channels' sums and the bias, added up: "= 0.44 + 0.31 + 0.14 + 0.10 ≈ 0.99".
 * @param {import("../../core/arithmetic.js").Step} step
 * @param {import("../../core/arithmetic.js").Digits} digits
 */
function sumChain(step, digits) {
  const { channels, bias, total, totalRelation } = shownSum(step, digits);
  const addends = [...channels.map(({ sum }) => sum), ...(bias === null ? [] : [bias])];
  if (addends.length > 6) return [{ sign: totalRelation, text: total }];
  const exact = channels.every(({ sumRelation }) => sumRelation === "=");
  const parts = addends.map((text, i) => {
    const negative = text.startsWith("−");
    const sign = i === 0 ? (exact ? "=" : "≈") : negative ? "−" : "+";
    return { sign, text: i > 0 && negative ? text.slice(1) : text };
  });
  return addends.length > 1
    ? [...parts, { sign: totalRelation, text: total }]
    : [{ sign: exact ? "=" : "≈", text: total }];
}
