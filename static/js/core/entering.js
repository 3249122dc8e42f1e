/**
 * How a pixel enters a net: x = (pixel · range − mean) / std, channel by channel, where a pixel is 0 … 1.
 */

/** @typedef {import("../actions/load-net.js").Preprocessing} Preprocessing */

/**
 * @typedef {object} Entering of one channel, as the net numbers them
 * @property {number} shown channel of the picture, red first, that it is
 * @property {number} range what white becomes first
 * @property {number} mean
 * @property {number} std
 */

/**
 * @param {Preprocessing | null} preprocessing
 * @param {number} channel
 * @param {number} channels
 * @returns {Entering}
 */
export function enteringOf(preprocessing, channel, channels) {
  return {
    shown: preprocessing?.color === "bgr" ? channels - 1 - channel : channel,
    range: preprocessing?.range ?? 1,
    mean: preprocessing?.mean?.[channel] ?? 0,
    std: preprocessing?.std?.[channel] ?? 1,
  };
}

/**
 * @param {number} pixel 0 … 1
 * @param {Entering} entering
 * @returns {number}
 */
export function entered(pixel, { range, mean, std }) {
  return (pixel * range - mean) / std;
}

/**
 * What black and white become, over all channels.
 * @param {Preprocessing | null} preprocessing
 * @param {number} channels
 * @returns {{ min: number, max: number }}
 */
export function enteringExtent(preprocessing, channels) {
  const each = Array.from({ length: channels }, (_, c) => enteringOf(preprocessing, c, channels));
  return {
    min: Math.min(...each.map((one) => entered(0, one))),
    max: Math.max(...each.map((one) => entered(1, one))),
  };
}
