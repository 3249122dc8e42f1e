/**
 * Which rows of a tall matrix are in sight around the current one.
 */

/** Rows kept in sight before and after the current one, so that the way on can be seen. */
const MARGIN = 2;

/**
 * A band of rows that holds the current one: the band that was there while the row stays well inside, so that
 * stepping moves the light and not the matrix; else one around the row.
 * @param {number} index of the current row
 * @param {number} total rows of the matrix
 * @param {number} size rows of a band
 * @param {number | null} [before] first row of the band in sight until now
 * @returns {{ start: number, stop: number }}
 */
export function bandAround(index, total, size, before = null) {
  const count = Math.min(size, total);
  const last = total - count;
  if (before !== null && before >= 0 && before <= last) {
    const margin = Math.min(MARGIN, Math.floor((count - 1) / 2));
    const low = before === 0 ? 0 : before + margin;
    const high = before === last ? total - 1 : before + count - 1 - margin;
    if (index >= low && index <= high) return { start: before, stop: before + count };
  }
  const start = Math.max(0, Math.min(last, index - Math.floor(count / 2)));
  return { start, stop: start + count };
}
