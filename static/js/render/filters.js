/**
 * Learned filters as small pictures: three input channels as colours around a mid grey that stands for zero,
 * any other channel in the colours of weights.
 */

import { toFloat32 } from "../core/tensor.js";
import { fillValues } from "./paint.js";

/** @typedef {import("../core/tensor.js").Tensor} Tensor */

const GRAY = 127.5;

/** @type {WeakMap<Tensor, Map<number, number>>} */
const reaches = new WeakMap();

/**
 * The largest magnitude in one filter, which all its planes share.
 * @param {Tensor} weight (filters, channels, rows, columns)
 * @param {number} filter
 * @returns {number} 1 for a filter of zeros
 */
export function filterScale(weight, filter) {
  const known = reaches.get(weight) ?? new Map();
  reaches.set(weight, known);
  const reach = known.get(filter) ?? largest(valuesOf(weight, filter)) ?? 1;
  known.set(filter, reach);
  return reach;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Tensor} weight
 * @param {number} filter
 * @param {number | null} plane of the input channels; null for the colours of three
 * @param {number} reach magnitude at the ends of the scale
 * @param {{ x: number, y: number, side: number }} place
 * @param {"light" | "dark"} theme
 */
export function drawFilter(context, weight, filter, plane, reach, { x, y, side }, theme) {
  const [, , rows, columns] = weight.shape;
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const own = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = own.createImageData(columns, rows);
  const values = valuesOf(weight, filter);
  const area = rows * columns;
  if (plane === null) {
    for (let i = 0; i < area; i += 1) {
      for (let c = 0; c < 3; c += 1) image.data[4 * i + c] = GRAY * (1 + values[c * area + i] / reach);
      image.data[4 * i + 3] = 255;
    }
  } else {
    const words = new Uint32Array(image.data.buffer);
    const extent = { min: -reach, max: reach };
    fillValues(words, values.subarray(plane * area), { scale: "weight", extent, theme });
  }
  own.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  const cell = side / Math.max(rows, columns);
  context.drawImage(canvas, x, y, columns * cell, rows * cell);
}

/**
 * @param {Tensor} weight
 * @param {number} filter
 */
function valuesOf(weight, filter) {
  const [, channels, rows, columns] = weight.shape;
  const each = channels * rows * columns;
  return toFloat32(weight).subarray(filter * each, (filter + 1) * each);
}

/** @param {Float32Array} values */
function largest(values) {
  return values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
}
