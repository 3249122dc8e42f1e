/**
 * The curve of a function of one number: how far its axes reach, where they have ticks, where it jumps.
 */

import { roundOutward } from "./range.js";

/** @typedef {readonly [x: number, y: number, slope: number]} Point */

/**
 * @typedef {object} Curve
 * @property {string} op
 * @property {number} reach the curve goes from −reach to reach
 * @property {readonly Point[]} points
 */

/** Wide enough for the bends of every activation. */
const LEAST_REACH = 6;

/**
 * How far the axis goes to either side, so that every x of a run is on it.
 * @param {number} largest magnitude of x
 * @param {number} [least] reach at which the curve's shape can still be seen
 * @returns {number} the least, or the next of 1, 2, 5 times a power of ten
 */
export function reachOf(largest, least = LEAST_REACH) {
  if (!(largest > least)) return least;
  if (!Number.isFinite(largest)) return Number.MAX_VALUE;
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 5, 10].find((one) => one * power >= largest) ?? 10;
  return step * power;
}

/**
 * Round numbers within a range, few of them.
 * @param {number} low
 * @param {number} high
 * @param {number} [most]
 * @returns {number[]} ascending, 0 among them if it is in the range
 */
export function axisTicks(low, high, most = 5) {
  const width = high - low;
  if (!(width > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(width / most));
  const step =
    [1, 2, 5, 10, 20].map((one) => one * power).find((one) => countOf(low, high, one) <= most) ?? width;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: countOf(low, high, step) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

/**
 * @param {number} low
 * @param {number} high
 * @param {number} step
 */
function countOf(low, high, step) {
  return Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1;
}

/**
 * The curve in unbroken pieces: where it is flat on both sides and yet not at the same height, it jumps.
 * @param {readonly Point[]} points
 * @returns {Point[][]}
 */
export function pieces(points) {
  /** @type {Point[][]} */
  const found = [];
  points.forEach((point, i) => {
    const before = points[i - 1];
    const jumps = before && before[2] === 0 && point[2] === 0 && before[1] !== point[1];
    if (!before || jumps) found.push([]);
    found.at(-1)?.push(point);
  });
  return found;
}

/**
 * The heights that the curve takes, rounded outward: a curve that all but reaches 1 has a tick there.
 * @param {readonly Point[]} points
 * @returns {{ low: number, high: number }}
 */
export function heights(points) {
  const ys = points.map(([, y]) => y);
  const [low, high] = [Math.min(0, ...ys), Math.max(0, ...ys)].map((y) => roundOutward(y));
  return low === high ? { low, high: low + 1 } : { low, high };
}
