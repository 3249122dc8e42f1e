/**
 * What the page knows of a run as matrices, from its settings alone.
 */

import { countEntries, spreadSources, windowSources } from "./linear-map.js";
import { KINDS, paddingValue } from "./operation-request.js";
import { planes } from "./tensor.js";

/** @typedef {import("./linear-map.js").LinearMap} LinearMap */
/** @typedef {import("./tensor.js").Tensor} Tensor */

/**
 * @typedef {object} Run of what is known of a run
 * @property {import("./operation-schema.js").View} view that asked for it
 * @property {Tensor} input
 * @property {Tensor | null} weight
 * @property {readonly [number, number, number]} shape of the output
 * @property {import("./geometry-view.js").WindowShape | null} window
 */

const AVERAGES = ["avg_pool2d", "global_avg_pool2d"];

/** Whether the operation is a matrix times its input, plus a bias. @param {Pick<Run, "view">} run */
export function isLinear({ view }) {
  return KINDS[view.op].weighted || AVERAGES.includes(view.op);
}

/** Whether windows of the input itself are what it works on. @param {Pick<Run, "view" | "window">} run */
export function slidesWindows({ view, window }) {
  return window !== null && view.op !== "conv_transpose2d" && !view.op.startsWith("global_");
}

/**
 * Groups in which channels stay among themselves.
 * @param {Pick<Run, "view" | "input">} run
 * @returns {number}
 */
export function groupsOf({ view, input }) {
  const [channels] = planes(input);
  const { family, settings } = KINDS[view.op];
  if (view.op === "depthwise" || family === "pooling") return channels;
  return settings.includes("groups") ? view.groups : 1;
}

/**
 * The input channels that an output channel reads.
 * @param {Pick<Run, "view" | "input" | "shape">} run
 * @param {number} channel of the output
 * @returns {{ first: number, count: number, group: number, groups: number }}
 */
export function channelsRead(run, channel) {
  const groups = groupsOf(run);
  const count = planes(run.input)[0] / groups;
  const group = Math.floor((channel * groups) / run.shape[0]);
  return { first: group * count, count, group, groups };
}

/**
 * @param {Pick<Run, "view" | "input" | "shape" | "window">} run of a linear operation
 * @returns {LinearMap | null} null where the padding is known by a word only
 */
export function linearMapOf({ view, input, shape, window }) {
  if (!window) return null;
  const size = planes(input);
  const spread = view.op === "conv_transpose2d";
  const before = spread ? sidesBefore(view.padding) : window.before;
  if (!before) return null;
  const along = (/** @type {0 | 1} */ axis) => ({
    size: size[axis + 1],
    outputs: shape[axis + 1],
    taps: window.size[axis],
    stride: spread ? view.stride[axis] : window.stride[axis],
    dilation: window.dilation[axis],
    before: before[axis],
    mode: KINDS[view.op].weighted ? view.paddingMode : /** @type {const} */ ("zeros"),
  });
  const sources = spread ? spreadSources : windowSources;
  const groups = groupsOf({ view, input });
  return { input: size, output: shape, groups, rows: sources(along(0)), columns: sources(along(1)) };
}

/**
 * @param {string} padding of a transposed convolution
 * @returns {readonly number[] | null}
 */
function sidesBefore(padding) {
  const value = paddingValue(padding);
  if (typeof value === "number") return [value, value];
  if (typeof value === "string") return null;
  return value.length === 4 ? [value[0], value[2]] : [value[0], value[1]];
}

/**
 * The numbers in the sentence about a matrix.
 * @param {Pick<Run, "input" | "shape" | "weight">} run
 * @param {LinearMap | null} map
 * @returns {{ rows: number, columns: number, all: number, held: number | null, weights: number | null }}
 */
export function matrixCounts({ input, shape, weight }, map) {
  const count = (/** @type {readonly number[]} */ [c, r, q]) => c * r * q;
  const [rows, columns] = [count(shape), count(planes(input))];
  const weights = weight ? weight.data.length : null;
  return { rows, columns, all: rows * columns, held: map && countEntries(map), weights };
}
