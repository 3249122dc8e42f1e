/**
 * Large counts in few characters: 1,204 stays, 1,234,567 becomes "1.2 M".
 */

const STEPS = /** @type {const} */ ([
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
]);

/**
 * @param {number} count at least 0
 * @returns {string} two significant digits or more
 */
export function shortCount(count) {
  for (const [size, letter] of STEPS) {
    if (count < size) continue;
    const share = count / size;
    return `${share < 10 ? share.toFixed(1) : Math.round(share)} ${letter}`;
  }
  return String(count);
}
