/**
 * An operation as one large matrix from the input's numbers to the output's, known by its shape alone: where
 * its entries lie and how many there are. Rows and columns of a window do not depend on each other, so two
 * short lists stand for all positions.
 */

import { sourceOf } from "./padding.js";

/** @typedef {import("./padding.js").PaddingMode} PaddingMode */
/** @typedef {import("./geometry-view.js").WindowShape} WindowShape */
/** @typedef {readonly [channels: number, rows: number, columns: number]} Shape */
/** @typedef {readonly (readonly number[])[]} AxisSources for each output position the input positions, each once */

/**
 * @typedef {object} LinearMap
 * @property {Shape} input
 * @property {Shape} output
 * @property {number} groups
 * @property {AxisSources} rows
 * @property {AxisSources} columns
 */

/**
 * @typedef {object} Axis one axis of a sliding window
 * @property {number} size of the input
 * @property {number} outputs
 * @property {number} taps
 * @property {number} stride
 * @property {number} dilation
 * @property {number} before padding
 * @property {PaddingMode} mode
 */

/**
 * @param {Axis} axis
 * @returns {number[][]}
 */
export function windowSources({ size, outputs, taps, stride, dilation, before, mode }) {
  return Array.from({ length: outputs }, (_, position) => {
    const from = Array.from({ length: taps }, (__, tap) =>
      sourceOf(position * stride - before + tap * dilation, size, mode),
    );
    return [...new Set(from)].filter((at) => at >= 0 && at < size).sort((a, b) => a - b);
  });
}

/**
 * The same for a transposed convolution, where every input position spreads its taps over the output.
 * @param {Axis} axis
 * @returns {number[][]}
 */
export function spreadSources({ size, outputs, taps, stride, dilation, before }) {
  /** @type {number[][]} */
  const sources = Array.from({ length: outputs }, () => []);
  for (let from = 0; from < size; from += 1) {
    for (let tap = 0; tap < taps; tap += 1) {
      const to = from * stride + tap * dilation - before;
      if (to >= 0 && to < outputs) sources[to].push(from);
    }
  }
  return sources;
}

/**
 * Entries of the matrix that hold a weight; all others are zero whatever the weights are.
 * @param {LinearMap} map
 * @returns {number}
 */
export function countEntries({ input, output, groups, rows, columns }) {
  const along = (/** @type {AxisSources} */ sources) => sources.reduce((sum, { length }) => sum + length, 0);
  return (input[0] / groups) * output[0] * along(rows) * along(columns);
}

/**
 * The whole matrix as a small picture: a pixel is set where any entry under it holds a weight.
 * @param {LinearMap} map
 * @param {number} width px
 * @param {number} height px
 * @returns {Uint8Array} 0 or 1, row by row
 */
export function pattern({ input, output, groups, rows, columns }, width, height) {
  const bits = new Uint8Array(width * height);
  const [perGroup, outPerGroup] = [input[0] / groups, output[0] / groups];
  const tall = output[0] * output[1] * output[2];
  const wide = input[0] * input[1] * input[2];
  for (let o = 0; o < output[0]; o += 1) {
    const first = Math.floor(o / outPerGroup) * perGroup;
    for (let r = 0; r < output[1]; r += 1) {
      for (let q = 0; q < output[2]; q += 1) {
        const row = (o * output[1] + r) * output[2] + q;
        const y = Math.floor((row * height) / tall) * width;
        for (let c = first; c < first + perGroup; c += 1) {
          for (const from of rows[r]) {
            for (const to of columns[q]) {
              const column = (c * input[1] + from) * input[2] + to;
              bits[y + Math.floor((column * width) / wide)] = 1;
            }
          }
        }
      }
    }
  }
  return bits;
}

/** Shorter runs of empty columns are drawn; longer ones are folded. */
const FOLD = 3;

/** @typedef {{ channel: number, from: number, to: number, slot: number }} Segment columns `from` … `to` − 1 */

/**
 * Columns in sight: those that some row of the band touches, each input channel on its own, long runs of empty
 * columns folded into one slot.
 * @param {readonly { entries: readonly { column: number }[] }[]} rows
 * @param {Shape} input
 * @param {readonly number[]} channels of the input to show
 * @returns {{ segments: Segment[], slots: number, folded: number }} `slots` with the folds between segments
 */
export function columnSegments(rows, input, channels) {
  const area = input[1] * input[2];
  const touched = new Set(rows.flatMap(({ entries }) => entries.map(({ column }) => column)));
  /** @type {Segment[]} */
  const segments = [];
  let slot = 0;
  for (const column of [...touched].sort((a, b) => a - b)) {
    const channel = Math.floor(column / area);
    if (!channels.includes(channel)) continue;
    const last = segments.at(-1);
    if (last && last.channel === channel && column - last.to < FOLD) {
      slot += column + 1 - last.to;
      last.to = column + 1;
      continue;
    }
    if (last) slot += 1;
    segments.push({ channel, from: column, to: column + 1, slot });
    slot += 1;
  }
  const shown = segments.reduce((sum, { from, to }) => sum + to - from, 0);
  return { segments, slots: slot, folded: channels.length * area - shown };
}

/**
 * @param {readonly Segment[]} segments
 * @param {number} column
 * @returns {number | null} the slot in which a column stands
 */
export function slotOf(segments, column) {
  const segment = segments.find(({ from, to }) => column >= from && column < to);
  return segment ? segment.slot + column - segment.from : null;
}

/**
 * @param {readonly Segment[]} segments
 * @param {number} slot
 * @returns {number | null} the column that stands in a slot; null in a fold
 */
export function columnAt(segments, slot) {
  const segment = segments.find(({ from, to, slot: first }) => slot >= first && slot < first + to - from);
  return segment ? segment.from + slot - segment.slot : null;
}

/**
 * The tap of a window that lies on an input cell.
 * @param {WindowShape} window
 * @param {readonly number[]} output row and column
 * @param {readonly number[]} input row and column
 * @returns {number | null} index within one channel
 */
export function tapOn(window, output, input) {
  const [row, column] = [0, 1].map((axis) => {
    const offset = input[axis] - (output[axis] * window.stride[axis] - window.before[axis]);
    const tap = offset / window.dilation[axis];
    return Number.isInteger(tap) && tap >= 0 && tap < window.size[axis] ? tap : null;
  });
  return row === null || column === null ? null : row * window.size[1] + column;
}

/**
 * Numbers for identities in the order in which they appear, so that equal ones get equal colours.
 * @param {readonly { entries: readonly { weight: number, weight_index: readonly number[] | null }[] }[]} rows
 * @returns {Map<string, number>} by key of `identityOf`
 */
export function identities(rows) {
  /** @type {Map<string, number>} */
  const numbers = new Map();
  for (const { entries } of rows) {
    for (const entry of entries) {
      const key = identityOf(entry);
      if (!numbers.has(key)) numbers.set(key, numbers.size);
    }
  }
  return numbers;
}

/**
 * Which weight an entry is: its place in the layer's weights, or its value where there are none.
 * @param {{ weight: number, weight_index: readonly number[] | null }} entry
 * @returns {string}
 */
export function identityOf({ weight, weight_index }) {
  return weight_index ? weight_index.join() : `=${weight}`;
}
