/**
 * The parts that show how a number was made which is no weighted sum, by the way in which its terms combine.
 */

import { lazily, styled } from "./lazy.js";

/** @typedef {{ element: string, part: (ready: () => void) => unknown }} Kind */

const pooling = { element: "cs-pooling", part: load([], () => import("../../views/arithmetic/pooling.js")) };

export const KINDS = /** @type {Record<string, Kind>} */ ({
  max: pooling,
  mean: pooling,
  lp: pooling,
  function: {
    element: "cs-function",
    part: load(["activations"], () => import("../../views/arithmetic/function.js")),
  },
  normalise: {
    element: "cs-normalise",
    part: load(["normalisation"], () => import("../../views/arithmetic/normalise.js")),
  },
  softmax: {
    element: "cs-softmax",
    part: load(["activations"], () => import("../../views/arithmetic/softmax.js")),
  },
});

/**
 * @param {readonly string[]} sheets besides the one that all share
 * @param {() => Promise<unknown>} part
 */
function load(sheets, part) {
  return lazily(styled(["arithmetic", ...sheets], part));
}
