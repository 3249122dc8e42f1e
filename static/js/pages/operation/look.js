/**
 * How the numbers of a run look: their colours, their decimals, the room that they need. Decided for the
 * whole run, so that nothing changes while the window moves.
 */

import { digitsFor } from "../../core/arithmetic.js";
import { formatFixed } from "../../core/format.js";
import { KINDS } from "../../core/operation-request.js";
import { extremes, signedRange, withClipping } from "../../core/range.js";

/** @typedef {import("../../actions/operation.js").Run} Run */
/** @typedef {import("../../core/range.js").Range} Range */
/** @typedef {import("../../core/scales.js").ScaleName} ScaleName */

/** Strong borders of zero padding would bleach the rest: the colours span this share of the magnitudes. */
const PERCENTILE = 97;

/**
 * @typedef {object} Look what is derived once per run
 * @property {{ scale: ScaleName, range: Range }} input
 * @property {{ scale: ScaleName, range: Range }} output
 * @property {{ min: number, max: number }} extremes of the output
 * @property {import("../../core/arithmetic.js").Digits} digits
 * @property {{ weight: number, product: number }} reach largest magnitudes
 * @property {readonly number[]} characters of the longest number in each grid, in widths of a digit
 */

/**
 * @param {Run} run
 * @param {number} digits
 * @param {Look | null} [before] of a picture that moves: the room that numbers had stays theirs
 * @returns {Look}
 */
export function lookOf(run, digits, before = null) {
  const { min, max } = extremes(run.input.data);
  const isPicture = run.inputName === "input";
  const full = Number(run.view.range);
  const inputRange = isPicture
    ? { min: 0, max: full, clippedLow: false, clippedHigh: false }
    : eased(run, "input", { scale: "signed", range: signedRange(run.input.data, { percentile: PERCENTILE }) })
        .range;
  const weights = run.weight ? run.weight.data : null;
  const weight = weights ? Math.max(...absolute(extremes(weights))) : 0;
  const own = widened(
    digitsFor(run.input.data, weights?.slice(0, 4096) ?? null, digits, run.output.data),
    before?.digits,
  );
  const value = Math.max(Math.abs(min), Math.abs(max));
  // A point is about half as wide as a digit.
  const length = (/** @type {number} */ x, /** @type {number} */ places) =>
    formatFixed(x, places).length - (places > 0 ? 0.5 : 0);
  const characters = weights
    ? [
        Math.max(length(min, own.value), length(max, own.value)),
        Math.max(...Array.from(weights.slice(0, 4096), (w) => length(w, own.weight))),
        length(-weight * value, own.result),
      ]
    : [
        Math.max(length(min, own.value), length(max, own.value)),
        ...(run.view.op === "lp_pool2d" ? [length(value ** run.view.normType, own.result)] : []),
      ];
  /** @type {Look["input"]} */
  const input = { scale: isPicture ? "gray" : "signed", range: inputRange };
  return {
    input,
    output: outputLook(run, input),
    extremes: extremes(run.output.data),
    digits: own,
    reach: { weight, product: weight * value },
    characters: characters.map((most, i) => Math.max(most, before?.characters[i] ?? 0)),
  };
}

/**
 * @param {import("../../core/arithmetic.js").Digits} own
 * @param {import("../../core/arithmetic.js").Digits} [before]
 */
function widened({ value, weight, result }, before = { value: 0, weight: 0, result: 0 }) {
  return {
    value: Math.max(value, before.value),
    weight: Math.max(weight, before.weight),
    result: Math.max(result, before.result),
  };
}

/**
 * While the picture moves, its ranges are calm; then what lies beyond them is looked at anew.
 * @template {ScaleName} S
 * @param {Run} run
 * @param {"input" | "output"} name
 * @param {{ scale: S, range: Range }} measured
 * @returns {{ scale: S | "signed", range: Range }}
 */
function eased(run, name, measured) {
  if (!run.live) return measured;
  const { scale, range } = run.live.ease(name, measured);
  return { scale, range: withClipping(run[name].data, range) };
}

/** Operations whose outputs are numbers of the same kind as their inputs: they keep its colours. */
const KEEPS_SCALE = new Set([
  "max_pool2d",
  "avg_pool2d",
  "global_max_pool2d",
  "global_avg_pool2d",
  "relu",
  "leaky_relu",
  "gelu",
  "elu",
  "selu",
  "silu",
  "hard_swish",
  "clip",
]);

/**
 * @param {Run} run
 * @param {Look["input"]} input
 * @returns {Look["output"]}
 */
function outputLook(run, input) {
  const { data } = run.output;
  const positive = extremes(data).min >= 0 && KINDS[run.view.op].family !== "convolution";
  if (KEEPS_SCALE.has(run.view.op)) {
    const range = withClipping(data, input.range);
    if (input.scale === "gray" || !positive) return { scale: input.scale, range };
    return { scale: "nonNegative", range: { ...range, min: 0 } };
  }
  const range = signedRange(data, { percentile: PERCENTILE });
  return eased(
    run,
    "output",
    positive
      ? { scale: "nonNegative", range: { ...range, min: 0, clippedLow: false } }
      : { scale: "signed", range },
  );
}

/** @param {{ min: number, max: number }} extent */
function absolute({ min, max }) {
  return [Math.abs(min), Math.abs(max)];
}
