/**
 * Many small maps on one canvas: the overview's columns, the tiles of an opened layer.
 */

import { planes, toFloat32 } from "../core/tensor.js";
import { fillValues } from "./paint.js";

/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../core/network-ranges.js").MapScale} MapScale */
/** @typedef {import("../core/scales.js").Theme} Theme */

/** @typedef {{ index: number, x: number, y: number, width: number, height: number }} Tile which channel of the tensor, and where */

/** One for all: every map is painted into it and copied from it. */
const scratch = { canvas: /** @type {HTMLCanvasElement | null} */ (null) };

/**
 * @param {CanvasRenderingContext2D} context scaled to CSS px
 * @param {Tensor} tensor (channels, rows, columns)
 * @param {readonly Tile[]} tiles
 * @param {(index: number) => MapScale} scaleOf
 * @param {Theme} theme
 */
export function drawTiles(context, tensor, tiles, scaleOf, theme) {
  const [, rows, columns] = planes(tensor);
  const floats = toFloat32(tensor);
  const canvas = scratch.canvas ?? document.createElement("canvas");
  scratch.canvas = canvas;
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  const own = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  const image = own.createImageData(columns, rows);
  const words = new Uint32Array(image.data.buffer);
  const ratio = window.devicePixelRatio || 1;
  for (const { index, x, y, width, height } of tiles) {
    const { scale, range } = scaleOf(index);
    fillValues(words, floats.subarray(index * rows * columns, (index + 1) * rows * columns), {
      scale,
      extent: range,
      theme,
    });
    own.putImageData(image, 0, 0);
    // Enlarged, a cell stays a square of one colour; reduced, it is averaged rather than dropped.
    context.imageSmoothingEnabled = width * ratio < columns;
    context.imageSmoothingQuality = "high";
    context.drawImage(canvas, x, y, width, height);
  }
}

/**
 * A canvas of this size in CSS px, cleared, and its context.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @returns {CanvasRenderingContext2D}
 */
export function cleared(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  } else {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, across, down);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
