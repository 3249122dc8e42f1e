/**
 * Arrays as pictures: one pixel per cell. Nothing is smoothed, nothing redrawn: the colour is the number's.
 */

import { colorAt, colorTable, fillPixels, SCALES } from "../core/scales.js";
import { planes, toFloat32 } from "../core/tensor.js";

/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../core/scales.js").ScaleName} ScaleName */
/** @typedef {import("../core/scales.js").Theme} Theme */
/** @typedef {import("../core/scales.js").Extent} Extent */

/**
 * @typedef {object} Paint
 * @property {"rgb" | ScaleName} scale "rgb" shows three channels as a colour picture
 * @property {number} channel of the tensor, unless rgb
 * @property {Extent} extent
 * @property {Theme} theme
 */

/** @type {Map<string, import("../core/scales.js").ColorTable>} */
const tables = new Map();

/** The last few pictures of each tensor: moving a window or zooming repaints nothing.
 * @type {WeakMap<Tensor, Map<string, HTMLCanvasElement>>} */
const painted = new WeakMap();
const KEPT = 8;

/**
 * A canvas with one pixel per cell; of a picture that moves, until the next one is asked for.
 * @param {Tensor} tensor (channels, rows, columns)
 * @param {Paint} paint
 * @returns {HTMLCanvasElement}
 */
export function picture(tensor, paint) {
  if (tensor.moving) return render(tensor, paint, scratch());
  const known = painted.get(tensor) ?? new Map();
  painted.set(tensor, known);
  const key = JSON.stringify(paint);
  const canvas = known.get(key) ?? render(tensor, paint, document.createElement("canvas"));
  known.delete(key);
  known.set(key, canvas);
  if (known.size > KEPT) known.delete(known.keys().next().value);
  return canvas;
}

/** @type {HTMLCanvasElement | null} */
let scratchCanvas = null;

/** Twenty times a second a new canvas would keep the collector busy. */
function scratch() {
  scratchCanvas ??= document.createElement("canvas");
  return scratchCanvas;
}

/**
 * @param {Tensor} tensor
 * @param {Paint} paint
 * @param {HTMLCanvasElement} canvas
 * @returns {HTMLCanvasElement}
 */
function render(tensor, paint, canvas) {
  const [, rows, columns] = planes(tensor);
  if (canvas.width !== columns || canvas.height !== rows)
    Object.assign(canvas, { width: columns, height: rows });
  const options = { willReadFrequently: tensor.moving ?? false };
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", options));
  const image = context.createImageData(columns, rows);
  const words = new Uint32Array(image.data.buffer);
  const floats = toFloat32(tensor);
  if (paint.scale === "rgb") fillColors(words, floats, paint.extent);
  else fillValues(words, floats.subarray(paint.channel * words.length), { ...paint, scale: paint.scale });
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {Uint32Array} words
 * @param {Float32Array} floats three planes
 * @param {Extent} extent
 */
function fillColors(words, floats, { min, max }) {
  const area = words.length;
  const bytes = new Uint8ClampedArray(words.buffer);
  const scale = 255 / (max - min);
  for (let i = 0; i < area; i += 1) {
    bytes[4 * i] = (floats[i] - min) * scale;
    bytes[4 * i + 1] = (floats[area + i] - min) * scale;
    bytes[4 * i + 2] = (floats[2 * area + i] - min) * scale;
    bytes[4 * i + 3] = 255;
  }
}

/**
 * The colours of one plane.
 * @param {Uint32Array} words RGBA, one per cell
 * @param {Float32Array} floats at least as many
 * @param {{ scale: ScaleName, extent: Extent, theme: Theme }} paint
 */
export function fillValues(words, floats, { scale, extent, theme }) {
  const name = `${scale}/${theme}`;
  const table = tables.get(name) ?? colorTable(scale, theme);
  tables.set(name, table);
  fillPixels(words, floats, table, extent);
}

/**
 * A legend's bar: the scale itself, from one end of the range to the other, as a CSS gradient.
 * @param {ScaleName} scale
 * @param {Theme} theme
 * @param {Extent} extent
 * @returns {string}
 */
export function gradient(scale, theme, { min, max }) {
  const key = `${scale} ${theme} ${min} ${max}`;
  const text = gradients.get(key) ?? gradientOf(scale, theme, { min, max });
  if (gradients.size > MOST_GRADIENTS) gradients.clear();
  gradients.set(key, text);
  return text;
}

/** @type {Map<string, string>} */
const gradients = new Map();
const MOST_GRADIENTS = 256;

/**
 * @param {ScaleName} scale
 * @param {Theme} theme
 * @param {Extent} extent
 * @returns {string}
 */
function gradientOf(scale, theme, { min, max }) {
  const { zero } = SCALES[scale];
  const reach = Math.max(Math.abs(min), Math.abs(max)) || 1;
  const at = (/** @type {number} */ share) => {
    const value = min + share * (max - min);
    if (zero === null) return share;
    return zero === 0 ? value / reach : 0.5 + value / reach / 2;
  };
  const stops = Array.from({ length: 33 }, (_, i) => {
    const [r, g, b] = colorAt(scale, theme, at(i / 32));
    return `rgb(${r.toFixed(0)} ${g.toFixed(0)} ${b.toFixed(0)})`;
  });
  return `linear-gradient(to right, ${stops.join(",")})`;
}
