/**
 * How the terms of a weighted sum fall into groups that can be drawn: a convolution's are windows, one for each
 * channel that it reads; a linear layer's are features, or, where they were maps before, whole maps.
 */

import { sharesOf } from "../../core/cell-ranking.js";
import { enteringExtent } from "../../core/entering.js";
import { INPUT } from "../../core/network-graph.js";
import { roundOutward } from "../../core/range.js";
import { t } from "../../i18n/i18n.js";

/** @typedef {import("../../actions/load-net.js").NetRun} NetRun */
/** @typedef {import("../../actions/load-net.js").Explained} Explained */
/** @typedef {import("../../core/network-graph.js").GraphNode} GraphNode */
/** @typedef {import("../../core/cell-ranking.js").Share} Share */
/** @typedef {{ scale: import("../../core/scales.js").ScaleName, range: import("../../core/range.js").Range }} Colors */

/**
 * @typedef {object} TermLayout
 * @property {readonly [number, number]} size rows and columns of one group
 * @property {readonly Share[]} shares the largest first
 * @property {GraphNode | null} source whose channels the groups are; null where they are features of a vector
 * @property {boolean} isFlat the maps were laid out in one line before they were read
 * @property {(share: Share) => number} channelOf of the source, or feature
 * @property {(share: Share) => string} nameOf
 * @property {number} weightReach
 * @property {number} productReach
 */

/** @type {WeakMap<Explained, TermLayout>} */
const layouts = new WeakMap();

/**
 * @param {Explained} explained with products
 * @param {GraphNode} node
 * @param {NetRun} run
 * @returns {TermLayout}
 */
export function layoutOfTerms(explained, node, run) {
  const known = layouts.get(explained);
  if (known) return known;
  const source = /** @type {GraphNode} */ (run.graph.byName.get(node.inputs[0]));
  const maps = mapsBehind(source, run);
  const [groups, rows, columns] = maps ? maps.shape : explained.grid;
  const channelOf = (/** @type {Share} */ { group, from }) =>
    maps ? group : (explained.positions[from]?.[0] ?? group);
  const isPicture = source.name === INPUT;
  // A product of matrices runs along a row of one channel.
  const isLine = node.op === "matmul" && !source.isVector;
  const order = run.model.answer.input.preprocessing?.color === "bgr" ? "bgr" : "rgb";
  const layout = {
    size: /** @type {const} */ ([rows, columns]),
    shares: sharesOf(explained, groups),
    isFlat: maps !== null,
    source: maps ?? (source.isVector ? null : source),
    channelOf,
    nameOf: (/** @type {Share} */ share) => {
      const channel = channelOf(share);
      if (isPicture && groups === 1) return t("cell.gray");
      if (isPicture && groups === 3) return t(`cell.color.${order[channel]}`);
      if (isLine) {
        const [, row, column] = explained.positions[share.from];
        return t("place", { row, column });
      }
      return t(source.isVector && !maps ? "cell.feature" : "channel.name", { channel, index: channel });
    },
    weightReach: reachOf(explained.weights ?? []),
    productReach: reachOf(explained.products ?? []),
  };
  layouts.set(explained, layout);
  return layout;
}

/**
 * The share that is opened: the one that was asked for, or the largest.
 * @param {TermLayout} layout
 * @param {number} group -1 for the largest
 * @returns {Share | null}
 */
export function openedShare({ shares }, group) {
  return shares.find((share) => share.group === group) ?? shares[0] ?? null;
}

/**
 * The term with the largest product among some.
 * @param {Explained} explained
 * @param {number} from
 * @param {number} to
 */
export function largestTerm({ products }, from, to) {
  let best = from;
  for (let i = from; i < to; i += 1) {
    if (Math.abs(products?.[i] ?? 0) > Math.abs(products?.[best] ?? 0)) best = i;
  }
  return best;
}

/**
 * The maps that a vector was before it was laid out in one line.
 * @param {GraphNode} source
 * @param {NetRun} run
 */
function mapsBehind(source, run) {
  const maps = source.op === "flatten" ? run.graph.byName.get(source.inputs[0]) : null;
  return maps && !maps.isVector ? maps : null;
}

/**
 * The colours of what a node reads: of the picture those that its pixels have.
 * @param {GraphNode} node
 * @param {NetRun} run
 * @param {import("../../core/network-ranges.js").NetScales} scales
 * @returns {Colors}
 */
export function windowColors(node, run, scales) {
  const source = /** @type {GraphNode} */ (run.graph.byName.get(node.inputs[0]));
  if (source.name !== INPUT) {
    const { scale, range } = scales.of(mapsBehind(source, run) ?? source);
    const { min, max } = run.extents.get(source.name) ?? range;
    // Numbers without negative ones keep their colours, and the legend tells of those alone.
    if (scale === "nonNegative" || min < 0) return { scale, range };
    const clippedHigh = max > range.max;
    return { scale: "nonNegative", range: { min: 0, max: range.max, clippedLow: false, clippedHigh } };
  }
  const { min, max } = enteringExtent(run.model.answer.input.preprocessing, source.shape[0]);
  const range = { min: roundOutward(min), max: roundOutward(max) };
  return { scale: "gray", range: { ...range, clippedLow: false, clippedHigh: false } };
}

/** @param {readonly (number | null)[]} values */
function reachOf(values) {
  const most = values.reduce((/** @type {number} */ so, x) => Math.max(so, Math.abs(x ?? 0)), 0);
  return roundOutward(most) || 1;
}
