/**
 * Which cell of the input a position in its padding repeats, for drawing; the engine has the same rule.
 */

/** @typedef {"zeros" | "reflect" | "replicate" | "circular"} PaddingMode */
/** @typedef {readonly [top: number, bottom: number, left: number, right: number]} Sides */

/**
 * @param {number} position negative or beyond `size` in the padding
 * @param {number} size
 * @param {PaddingMode} mode
 * @returns {number} an index, or -1 for a zero
 */
export function sourceOf(position, size, mode) {
  if (position >= 0 && position < size) return position;
  const last = size - 1;
  if (mode === "reflect") return last - Math.abs(last - Math.abs(position));
  if (mode === "replicate") return Math.min(last, Math.max(0, position));
  if (mode === "circular") return ((position % size) + size) % size;
  return -1;
}
