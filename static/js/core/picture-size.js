/**
 * The sizes at which a picture is worked on: its own, or scaled down with its aspect kept.
 */

/** @typedef {{ height: number, width: number }} Extent */
/** @typedef {[rows: number, columns: number]} Size [0, 0]: the picture's own */

/** Longest sides offered. */
export const LONGEST = [8, 16, 28, 32, 44, 64, 96, 128, 224, 256, 384, 512];
/** A picture with a longer side is always scaled down. */
export const MOST_SIDE = 2048;
/** Where nothing else was chosen: cells can be told apart, and digits are one turn of the wheel away. */
const USUAL = 44;

/**
 * The size with this longest side; a picture is never enlarged.
 * @param {Extent} picture
 * @param {number} longest
 * @returns {Size}
 */
export function fitted({ height, width }, longest) {
  const scale = Math.min(1, longest / Math.max(height, width));
  return [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))];
}

/**
 * @param {Extent} picture
 * @returns {boolean}
 */
export function mayKeepOwn({ height, width }) {
  return Math.max(height, width) <= MOST_SIDE;
}

/**
 * The longest sides that make sense for a picture, all smaller than its own.
 * @param {Extent} picture
 * @returns {number[]}
 */
export function longestSides({ height, width }) {
  return LONGEST.filter((side) => side < Math.max(height, width));
}

/**
 * The longest side that a size has of this picture; 0 for the picture's own.
 * @param {Extent} picture
 * @param {readonly number[]} size
 * @returns {number}
 */
export function longestOf({ height, width }, [rows, columns]) {
  if (rows === 0 || columns === 0) return 0;
  return rows === height && columns === width && mayKeepOwn({ height, width }) ? 0 : Math.max(rows, columns);
}

/**
 * The size for another picture, as much like the present one's as it can be.
 * @param {Extent} picture
 * @param {readonly number[]} size of the present one
 * @returns {Size}
 */
export function sizeFor(picture, size) {
  const isOwn = size[0] === 0 || size[1] === 0;
  if (isOwn && mayKeepOwn(picture)) return [0, 0];
  return fitted(picture, isOwn ? MOST_SIDE : Math.max(...size) || USUAL);
}
