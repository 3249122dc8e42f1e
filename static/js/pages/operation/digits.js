/**
 * What the dialog with every digit is told of a step.
 */

import { mean, valuesOf, weightedSum } from "../../core/every-digit.js";
import { exactDecimal } from "../../core/exact.js";
import { tapCells, windowCells } from "../../core/geometry-view.js";
import { hasText, t } from "../../i18n/i18n.js";
import { channelNames } from "./arithmetic.js";

/** @typedef {import("../../actions/operation.js").Run} Run */
/** @typedef {import("../../core/arithmetic.js").Step} Step */
/** @typedef {import("../../views/digits-dialog.js").Digits} Digits */

/**
 * @param {Run} run
 * @param {Step} step
 * @returns {Digits}
 */
export function digitsOf(run, step) {
  const area = step.grid[1] * step.grid[2];
  const shared = {
    placeOf: (/** @type {number} */ index) => placeOf(run, step, index),
    channelOf: (/** @type {number} */ index) => Math.floor(index / area),
    channelNames: channelNames(run, step),
    selected: step.combine === "max" ? step.selected : null,
    params: paramsOf(step),
    computed: exactDecimal(step.value),
  };
  if (step.combine === "sum" && step.weights) {
    const addition = weightedSum(step);
    return { ...shared, kind: "sum", addition, division: null, terms: addition.terms };
  }
  if (step.combine === "mean" && Number(step.params.divisor) > 0) {
    const addition = mean(step);
    return { ...shared, kind: "mean", addition, division: addition, terms: addition.terms };
  }
  return { ...shared, kind: "values", addition: null, division: null, terms: valuesOf(step) };
}

/**
 * Where on the input a term comes from. A transposed convolution reads its input spread out, so there the
 * place within the window is told.
 * @param {Run} run
 * @param {Step} step
 * @param {number} index
 * @returns {string}
 */
function placeOf(run, step, index) {
  const [, rows, columns] = step.grid;
  const tap = index % (rows * columns);
  if (run.stages) return t("digits.tap", { row: Math.floor(tap / columns), column: tap % columns });
  if (step.padding[index]) return t("digits.padding");
  const window = windowCells(run.window, step.cell[1], step.cell[2]);
  const { row, column } = tapCells(run.window, window, tap);
  return t("place", { row, column });
}

/**
 * The numbers that the formula takes besides the terms.
 * @param {Step} step
 * @returns {[string, string][]}
 */
function paramsOf({ params }) {
  return Object.entries(params).flatMap(([name, value]) => {
    if (typeof value !== "number" || !Number.isFinite(value) || !hasText(`digits.param.${name}`)) return [];
    return [/** @type {[string, string]} */ ([t(`digits.param.${name}`), exactDecimal(value)])];
  });
}
