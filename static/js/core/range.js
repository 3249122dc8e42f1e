/**
 * Which range of numbers a picture's colours span. The end is rounded outward to two significant digits
 * first, and that rounded range both colours the picture and labels its legend: so the legend is true to the
 * last digit.
 */

import { halvesToFloats } from "./float16.js";

/** @typedef {import("./tensor.js").TensorData} TensorData */

/**
 * @typedef {object} Range
 * @property {number} min
 * @property {number} max
 * @property {boolean} clippedLow some value lies below min and is drawn in its colour
 * @property {boolean} clippedHigh some value lies above max
 */

/**
 * @typedef {object} Tick
 * @property {number} value
 * @property {number} position on the bar, 0 … 1
 * @property {"atMost" | "atLeast" | null} bound set at an end that also stands for what lies beyond it
 */

/** @typedef {TensorData | readonly number[]} Values a Uint16Array is float16 bits; others count as float32 */

const ABSOLUTE = 0x7fffffff;
const INFINITE = 0x7f800000;

/**
 * @param {Values} values
 * @returns {Float32Array}
 */
function asFloats(values) {
  if (values instanceof Float32Array) return values;
  return values instanceof Uint16Array ? halvesToFloats(values) : Float32Array.from(values);
}

/**
 * Least and greatest finite value; { min: 0, max: 0 } if there is none.
 * @param {Values} values
 * @returns {{ min: number, max: number }}
 */
export function extremes(values) {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of asFloats(values)) {
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? { min: 0, max: 0 } : { min, max };
}

/**
 * The least magnitude that is not exceeded by `percentile` per cent of the finite values (nearest rank). The
 * bits of a positive float grow with its value, so two counts, of the upper and then the lower sixteen bits,
 * find it exactly: no sorting, which for a whole layer would take a quarter of a second.
 * @param {Values} values
 * @param {number} percentile above 0, at most 100
 * @returns {number} 0 if there is no finite value
 */
export function magnitudePercentile(values, percentile) {
  const floats = asFloats(values);
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const high = countBits(bits, (magnitude) => magnitude >>> 16);
  let total = 0;
  // Beyond these no number is finite.
  for (let i = 0; i < INFINITE >>> 16; i += 1) total += high[i];
  if (total === 0) return 0;
  const rank = Math.max(1, Math.ceil((percentile / 100) * total - 1e-9));
  const upper = bucketOf(high, rank);
  const low = countBits(bits, (magnitude) => (magnitude >>> 16 === upper.index ? magnitude & 0xffff : -1));
  const lower = bucketOf(low, rank - upper.before);
  return new Float32Array(Uint32Array.of((upper.index << 16) | lower.index).buffer)[0] ?? 0;
}

/**
 * @param {Uint32Array} bits
 * @param {(magnitude: number) => number} bucket a negative answer means: do not count
 * @returns {Uint32Array}
 */
function countBits(bits, bucket) {
  const counts = new Uint32Array(65536);
  for (let i = 0; i < bits.length; i += 1) {
    const magnitude = bits[i] & ABSOLUTE;
    const index = magnitude < INFINITE ? bucket(magnitude) : -1;
    if (index >= 0) counts[index] = counts[index] + 1;
  }
  return counts;
}

/**
 * @param {Uint32Array} counts
 * @param {number} rank from 1
 * @returns {{ index: number, before: number }} the bucket of that rank, and how many stand before it
 */
function bucketOf(counts, rank) {
  let before = 0;
  let index = 0;
  while (before + counts[index] < rank) {
    before += counts[index];
    index += 1;
  }
  return { index, before };
}

/**
 * The nearest number of `digits` significant digits that is not nearer to zero.
 * @param {number} x finite
 * @param {number} [digits]
 * @returns {number}
 */
export function roundOutward(x, digits = 2) {
  if (x === 0) return 0;
  const [mantissa = "", exponent] = Math.abs(x)
    .toExponential(digits - 1)
    .split("e");
  const power = Number(exponent) - (digits - 1);
  const units = Number(mantissa.replace(".", ""));
  // Read back as decimal text: 29 * 0.1 would miss the double that "2.9" names.
  const near = Number(`${units}e${power}`);
  const outward = near >= Math.abs(x) ? near : Number(`${units + 1}e${power}`);
  return Math.sign(x) * (Number.isFinite(outward) ? outward : Math.abs(x));
}

/**
 * Says whether values lie outside a range: for a range chosen on other values, such as a ReLU's on its
 * convolution.
 * @param {Values} values
 * @param {{ min: number, max: number }} range
 * @returns {Range}
 */
export function withClipping(values, { min, max }) {
  const floats = asFloats(values);
  let clippedLow = false;
  let clippedHigh = false;
  for (let i = 0; i < floats.length && !(clippedLow && clippedHigh); i += 1) {
    const value = floats[i];
    if (value < min) clippedLow = true;
    if (value > max) clippedHigh = true;
  }
  return { min, max, clippedLow, clippedHigh };
}

/**
 * A range symmetric about zero, for a diverging scale.
 * @param {Values} values
 * @param {{ percentile?: number }} [options] share of the magnitudes within the range; 100 clips nothing
 * @returns {Range}
 */
export function signedRange(values, { percentile = 99.6 } = {}) {
  const floats = asFloats(values);
  const reach = reachOf(floats, percentile);
  // A difference, since −reach would make a minus zero of zero.
  return withClipping(floats, { min: 0 - reach, max: reach });
}

/**
 * A range from zero, for the non-negative scale. Zeros count towards the percentile.
 * @param {Values} values
 * @param {{ percentile?: number }} [options]
 * @returns {Range}
 */
export function nonNegativeRange(values, { percentile = 99.6 } = {}) {
  const floats = asFloats(values);
  return withClipping(floats, { min: 0, max: reachOf(floats, percentile) });
}

/**
 * @param {Float32Array} floats
 * @param {number} percentile
 * @returns {number}
 */
function reachOf(floats, percentile) {
  // Where nearly everything is zero, the percentile is zero too; the few values that are not must still show.
  return roundOutward(magnitudePercentile(floats, percentile) || magnitudePercentile(floats, 100));
}

/**
 * The numbers to write under a colour bar: its ends, and zero or the middle between them.
 * @param {Range} range
 * @returns {Tick[]} ascending
 */
export function niceLegend({ min, max, clippedLow, clippedHigh }) {
  /** @type {Tick} */
  const low = { value: min, position: 0, bound: clippedLow ? "atMost" : null };
  /** @type {Tick} */
  const high = { value: max, position: 1, bound: clippedHigh ? "atLeast" : null };
  if (min === max) return [low];
  const middle = middleOf(min, max);
  if (middle === null) return [low, high];
  return [low, { value: middle, position: (middle - min) / (max - min), bound: null }, high];
}

/**
 * Zero if it lies inside, half of the greater end if the range starts at zero (halving is exact, so the label
 * stays short); otherwise nothing, since a rounded middle would stand in the wrong place.
 * @param {number} min
 * @param {number} max
 * @returns {number | null}
 */
function middleOf(min, max) {
  if (min < 0 && max > 0) return 0;
  return min === 0 ? max / 2 : null;
}
