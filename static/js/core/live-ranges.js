/**
 * Ranges of colours while pictures move. A range measured anew for every frame would flicker: so it widens at
 * once, and narrows slowly. The range that colours the maps is the one that the legend names.
 */

import { roundOutward } from "./range.js";

/** @typedef {import("./scales.js").ScaleName} ScaleName */
/** @typedef {import("./range.js").Range} Range */

/**
 * @template {ScaleName} S
 * @typedef {{ scale: S, range: Range }} Scaled
 */

/** After so long, half of what a range is too wide has gone. */
const HALF_LIFE_MS = 2000;

const BINS = 1024;
const counts = new Uint32Array(BINS);
/** As where nothing moves. */
const SHARE = 0.996;

/**
 * A magnitude that nearly all do not exceed; where nearly all are zero, the largest.
 * @param {readonly Float32Array[]} arrays
 * @param {number} largest magnitude
 */
function nearlyAll(arrays, largest) {
  if (largest === 0 || !Number.isFinite(largest)) return 0;
  counts.fill(0);
  const step = (BINS - 1) / largest;
  let total = 0;
  for (const floats of arrays) {
    for (let i = 0; i < floats.length; i += 1) counts[(Math.abs(floats[i]) * step) | 0] += 1;
    total += floats.length;
  }
  let bin = 0;
  for (let within = counts[0]; within < SHARE * total; within += counts[bin]) bin += 1;
  return bin === 0 ? largest : Math.min(largest, (bin + 1) / step);
}

export class LiveRanges {
  /** @type {Map<string, { reach: number, signed: boolean, at: number }>} */
  #known = new Map();
  #now = 0;

  /**
   * The time of the frame that is measured next.
   * @param {number} now ms
   */
  at(now) {
    this.#now = now;
  }

  /**
   * What was measured, eased; a range once signed stays so, since a moment without negative numbers is no
   * other kind of map.
   * @template {ScaleName} S
   * @param {string} key of those that share a range
   * @param {Scaled<S>} measured from zero or symmetric about it
   * @returns {Scaled<S | "signed">} with the clipping as measured
   */
  ease(key, { scale, range }) {
    const before = this.#known.get(key);
    const elapsed = before ? this.#now - before.at : 0;
    const excess = before ? Math.max(0, before.reach - range.max) : 0;
    const reach = range.max + excess * 2 ** (-elapsed / HALF_LIFE_MS);
    const signed = scale === "signed" || (before?.signed ?? false);
    this.#known.set(key, { reach, signed, at: this.#now });
    const max = roundOutward(reach);
    return {
      scale: signed ? "signed" : scale,
      range: { ...range, min: signed ? 0 - max : 0, max },
    };
  }

  /**
   * The calm range of some maps. Twenty times a second, nearly every magnitude within it is near enough: the
   * bins are a thousandth of the largest.
   * @param {string} key
   * @param {readonly Float32Array[]} arrays
   * @returns {Scaled<"signed" | "nonNegative">} its clipping is the caller's to say
   */
  measure(key, arrays) {
    let least = 0;
    let most = 0;
    for (const floats of arrays) {
      for (let i = 0; i < floats.length; i += 1) {
        if (floats[i] < least) least = floats[i];
        if (floats[i] > most) most = floats[i];
      }
    }
    const reach = roundOutward(nearlyAll(arrays, Math.max(most, -least)));
    const scale = least < 0 ? "signed" : "nonNegative";
    const range = { min: least < 0 ? 0 - reach : 0, max: reach, clippedLow: false, clippedHigh: false };
    return this.ease(key, { scale, range });
  }

  /** Other numbers follow, or those of another net: nothing known of their ranges holds. */
  forget() {
    this.#known.clear();
  }
}
