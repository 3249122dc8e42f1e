/**
 * A kernel as a small picture, in the colours that its cells have in the arithmetic.
 */

import { extremes } from "../core/range.js";
import { CELL_SHARE } from "../core/scales.js";
import { picture } from "../render/paint.js";
import { element } from "./dom.js";

/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../core/scales.js").Theme} Theme */

/** @type {WeakMap<object, Tensor>} */
const tensors = new WeakMap();

/**
 * @param {number[][]} values
 * @returns {Tensor} the same one each time
 */
export function tensorOf(values) {
  const known = tensors.get(values);
  if (known) return known;
  const shape = [1, values.length, values[0].length];
  const tensor = { shape, data: Float32Array.from(values.flat()), dtype: /** @type {const} */ ("float32") };
  tensors.set(values, tensor);
  return tensor;
}

export class Swatch {
  canvas = element("canvas", { class: "swatch", "aria-hidden": "true" });
  /** @type {Tensor | null} */
  #drawn = null;
  #theme = "";

  /**
   * @param {Tensor} tensor one plane
   * @param {Theme} theme
   * @param {number} side of the square that it fits into, px
   */
  update(tensor, theme, side) {
    if (tensor === this.#drawn && theme === this.#theme) return;
    this.#drawn = tensor;
    this.#theme = theme;
    const [rows, columns] = tensor.shape.slice(-2);
    const { min: least, max: most } = extremes(tensor.data);
    const reach = Math.max(Math.abs(least), Math.abs(most)) || 1;
    const max = reach / CELL_SHARE;
    const source = picture(tensor, { scale: "weight", channel: 0, extent: { min: -max, max }, theme });
    const cell = Math.max(1, Math.floor(side / Math.max(rows, columns)));
    this.canvas.width = columns;
    this.canvas.height = rows;
    this.canvas.style.width = `${columns * cell}px`;
    this.canvas.style.height = `${rows * cell}px`;
    this.canvas.getContext("2d")?.drawImage(source, 0, 0);
  }
}
