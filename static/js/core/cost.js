/**
 * Parameters and multiply-adds beside those of other ways to make the same numbers.
 */

/** @typedef {{ parameters: number, multiply_adds: number }} Cost */

/**
 * Length of a bar on a logarithmic scale that starts at 1.
 * @param {number} count
 * @param {number} most the longest bar's count
 * @returns {number} 0 … 1
 */
export function logShare(count, most) {
  if (count <= 0 || most <= 1) return count > 0 ? 1 : 0;
  // One itself is a bar too, if a short one.
  return Math.max(0.006, Math.log10(count) / Math.log10(most));
}

/**
 * Powers of ten to write under the bars.
 * @param {number} most
 * @returns {{ exponent: number, share: number }[]}
 */
export function logTicks(most) {
  const decades = Math.log10(Math.max(10, most));
  const step = Math.max(1, Math.ceil(decades / 4));
  const count = Math.floor(decades / step) + 1;
  return Array.from({ length: count }, (_, i) => ({ exponent: i * step, share: (i * step) / decades }));
}

/**
 * How many times one count is the other.
 * @param {number} count
 * @param {number} other
 * @returns {{ times: number, smaller: boolean, exact: boolean } | null} three significant digits; null if
 *   either is nothing
 */
export function ratioOf(count, other) {
  if (count <= 0 || other <= 0) return null;
  const smaller = count <= other;
  const ratio = smaller ? other / count : count / other;
  const times = ratio >= 100 ? Math.round(Number(ratio.toPrecision(3))) : Number(ratio.toPrecision(3));
  return { times, smaller, exact: times === ratio };
}

/**
 * @typedef {object} Separable a depthwise convolution followed by a pointwise one, and the ordinary one
 * @property {Cost} depthwise
 * @property {Cost} pointwise
 * @property {Cost} separable
 * @property {Cost} ordinary
 * @property {number} share 1 / C_out + 1 / (rows × columns of the kernel)
 */

/**
 * Without biases.
 * @param {number} inChannels
 * @param {number} outChannels
 * @param {readonly number[]} kernel rows and columns
 * @param {number} positions of the output
 * @returns {Separable}
 */
export function separableCost(inChannels, outChannels, [rows, columns], positions) {
  const taps = rows * columns;
  const of = (/** @type {number} */ parameters) => ({ parameters, multiply_adds: parameters * positions });
  return {
    depthwise: of(taps * inChannels),
    pointwise: of(inChannels * outChannels),
    separable: of(taps * inChannels + inChannels * outChannels),
    ordinary: of(taps * inChannels * outChannels),
    share: 1 / outChannels + 1 / taps,
  };
}
