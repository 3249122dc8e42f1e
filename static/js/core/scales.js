/**
 * The colour scales of the data, one per meaning, and tables that turn numbers into pixels without computing
 * a colour per pixel. Zero keeps its own colour at every range: the neutral middle of the two diverging
 * scales, and the neutral start of the non-negative one.
 */

import { mix, oklabToRgb, parseHex, rgbToOklab } from "./color.js";
import { HALF_COUNT, halfTable } from "./float16.js";

/** @typedef {import("./color.js").Rgb} Rgb */
/** @typedef {"signed" | "weight" | "nonNegative" | "gray"} ScaleName */
/** @typedef {"light" | "dark"} Theme */
/** @typedef {{ min: number, max: number }} Extent */

/**
 * @typedef {object} Scale
 * @property {number | null} zero where the value 0 stands in the table, or null: the range alone decides
 * @property {"oklab" | "srgb"} space in which colours between the stops are mixed
 * @property {Readonly<Record<Theme, readonly string[]>>} stops equally spaced
 */

/**
 * @typedef {object} ColorTable
 * @property {Uint8ClampedArray<ArrayBuffer>} rgba four bytes per entry, opaque; ready for ImageData
 * @property {Uint32Array<ArrayBuffer>} words the same memory, one word per entry
 * @property {number | null} zero as in Scale
 */

const SIGNED = {
  light: ["#5A2204", "#A9480F", "#E17F3C", "#F7C39C", "#F4F2EE", "#A6CBEA", "#4A90CF", "#12559A", "#072F5C"],
  dark: ["#FFE0C4", "#FFB27A", "#E8772E", "#8A4116", "#20252C", "#1F4F7F", "#3D8FDB", "#8CC5F5", "#DCEEFF"],
};
const WEIGHT = {
  light: ["#2C3606", "#5B6B1C", "#9DAF45", "#D3DDA6", "#F4F2EE", "#D0C6EC", "#A08FD8", "#5B3FA6", "#2E1760"],
  dark: ["#F1F3CF", "#CBD683", "#93A53A", "#464F1D", "#20252C", "#432F78", "#8A6CDA", "#BBA6F2", "#E9E0FF"],
};
const GRAY = ["#000000", "#FFFFFF"];

/** @type {Readonly<Record<ScaleName, Scale>>} */
export const SCALES = {
  signed: { zero: 0.5, space: "oklab", stops: SIGNED },
  weight: { zero: 0.5, space: "oklab", stops: WEIGHT },
  // The positive half of signed, so that a ReLU map looks like its input with the negative side gone.
  nonNegative: {
    zero: 0,
    space: "oklab",
    stops: { light: SIGNED.light.slice(4), dark: SIGNED.dark.slice(4) },
  },
  // A picture's own values are sRGB already: mixed there, a pixel keeps the grey that it has in the picture.
  gray: { zero: null, space: "srgb", stops: { light: GRAY, dark: GRAY } },
};

/** Odd, so that the middle entry of a diverging scale is the neutral colour itself. */
export const TABLE_SIZE = 1025;

/** Share of a diverging scale that cells with digits use, so that digits stay readable: 22 % off each end. */
export const CELL_SHARE = 0.56;

/**
 * The colour at a position of a scale.
 * @param {ScaleName} name
 * @param {Theme} theme
 * @param {number} position from 0, the first stop, to 1, the last; clipped
 * @returns {Rgb} unrounded
 */
export function colorAt(name, theme, position) {
  const { stops, space } = SCALES[name];
  const colors = stops[theme];
  const steps = colors.length - 1;
  const place = Math.min(1, Math.max(0, position)) * steps;
  const first = Math.min(steps - 1, Math.floor(place));
  const from = parseHex(colors[first]);
  const to = parseHex(colors[first + 1]);
  if (space === "srgb") return mix(from, to, place - first);
  return oklabToRgb(mix(rgbToOklab(from), rgbToOklab(to), place - first));
}

/**
 * A scale as a table of colours, equally spaced from its first stop to its last.
 * @param {ScaleName} name
 * @param {Theme} theme
 * @param {number} [size] at least 2; odd for a diverging scale, which must have a middle
 * @returns {ColorTable}
 */
export function colorTable(name, theme, size = TABLE_SIZE) {
  const { zero } = SCALES[name];
  if (!Number.isInteger(size) || size < 2 || (zero === 0.5 && size % 2 === 0)) {
    throw new RangeError(`a table of ${size} colours for ${name}: must be at least 2, and odd if diverging`);
  }
  const rgba = new Uint8ClampedArray(size * 4);
  for (let i = 0; i < size; i += 1) {
    rgba.set([...colorAt(name, theme, i / (size - 1)), 255], i * 4);
  }
  return { rgba, words: new Uint32Array(rgba.buffer), zero };
}

/**
 * A range as a straight line from values to positions on a scale. On a diverging scale both signs have the
 * same unit, so that equal magnitudes look equally strong even if the range reaches further to one side.
 * @param {number | null} zero
 * @param {Extent} range
 * @returns {{ low: number, high: number, origin: number, slope: number }} for values clipped to low … high
 */
function lineOf(zero, { min, max }) {
  if (zero === null) {
    const slope = inverse(max - min);
    return { low: min, high: max, origin: -min * slope, slope };
  }
  if (zero === 0) return { low: Math.max(0, min), high: Math.max(0, max), origin: 0, slope: inverse(max) };
  return { low: min, high: max, origin: 0.5, slope: inverse(Math.max(Math.abs(min), Math.abs(max))) / 2 };
}

/**
 * @param {number} width
 * @returns {number} 0 for a range without width, where every value is its one value
 */
function inverse(width) {
  return width > 0 ? 1 / width : 0;
}

/**
 * Where a value stands on a scale; values outside the range are clipped to it.
 * @param {number | null} zero
 * @param {Extent} range
 * @param {number} value not NaN
 * @returns {number} 0 … 1
 */
export function positionOf(zero, range, value) {
  const { low, high, origin, slope } = lineOf(zero, range);
  return origin + slope * Math.min(high, Math.max(low, value));
}

/**
 * A function from a value to its pixel, as a word of the table; NaN is transparent (0).
 * @param {ColorTable} table
 * @param {Extent} range
 * @returns {(value: number) => number}
 */
export function pixelOf({ words, zero }, range) {
  const { low, high, origin, slope } = lineOf(zero, range);
  const last = words.length - 1;
  return (value) => {
    if (Number.isNaN(value)) return 0;
    return words[Math.round((origin + slope * Math.min(high, Math.max(low, value))) * last)];
  };
}

/**
 * The pixels of many values: the same as one by one, without a call for each.
 * @param {Uint32Array} words filled
 * @param {Float32Array} values at least as many
 * @param {ColorTable} table
 * @param {Extent} range
 */
export function fillPixels(words, values, { words: colors, zero }, range) {
  const { low, high, origin, slope } = lineOf(zero, range);
  const last = colors.length - 1;
  for (let i = 0; i < words.length; i += 1) {
    const value = values[i];
    // Half a step more, and cutting off rounds.
    if (value >= low) words[i] = colors[((origin + slope * (value < high ? value : high)) * last + 0.5) | 0];
    else words[i] = value < low ? colors[((origin + slope * low) * last + 0.5) | 0] : 0;
  }
}

/**
 * The pixel of every half-precision number, indexed by its bits: painting a map is then one look-up per
 * pixel, and a change of colours or range needs no new data.
 * @param {ColorTable} table
 * @param {Extent} range
 * @returns {Uint32Array<ArrayBuffer>} 65,536 words in the byte order of ImageData
 */
export function halfColorTable(table, range) {
  const values = halfTable();
  const pixel = pixelOf(table, range);
  const out = new Uint32Array(HALF_COUNT);
  for (let bits = 0; bits < HALF_COUNT; bits += 1) out[bits] = pixel(values[bits]);
  return out;
}

/**
 * The fill of a cell that carries digits: the scale without its strong ends. A picture's grey is left whole,
 * since there the fill is the pixel itself.
 * @param {ScaleName} name
 * @param {Theme} theme
 * @param {Extent} range
 * @param {number} value not NaN
 * @returns {Rgb} rounded to bytes
 */
export function cellFill(name, theme, range, value) {
  const { zero } = SCALES[name];
  const position = positionOf(zero, range, value);
  const trimmed = zero === null ? position : zero + (position - zero) * CELL_SHARE;
  const [r, g, b] = colorAt(name, theme, trimmed);
  return [Math.round(r), Math.round(g), Math.round(b)];
}
