/**
 * What a page wants of every frame, as the server is told: the run that is made of each picture, and those of
 * its numbers that are on the screen.
 */

import { parseEdits } from "./edits.js";
import { INPUT } from "./network-graph.js";
import { inputNode, KINDS, NODE, runRequest } from "./operation-request.js";

/** @typedef {import("./network-graph.js").Graph} Graph */
/** @typedef {{ node: string, channels?: string, fold?: number, max_px?: number }} Wanted */

/**
 * @typedef {object} Configuration
 * @property {Readonly<Record<string, unknown>>} run as the body of POST /runs, without a picture
 * @property {readonly Wanted[]} outputs
 * @property {"uint8" | "float16" | "float32"} dtype
 * @property {{ node: string, cell: readonly number[] } | null} cell
 */

/** More outputs than these are refused. */
const MOST_OUTPUTS = 256;
/** Numbers made of more terms than these are told when a picture is frozen. */
const MOST_TERMS = 2048;
/** Up to so many numbers a frame has them in full, beyond in half the bytes. */
const MOST_FULL = 65_536;

/**
 * @param {import("./network-schema.js").View} view
 * @param {Graph} graph
 * @param {{ fold: number, map_px: number, layer_px: number }} sizes of the overview's maps, and of an opened layer's
 * @returns {Configuration} the picture first, then the overview, the layer and the channel under attention
 */
export function netConfiguration({ model, size, edits, view, node, open, cell }, graph, sizes) {
  const known = graph.byName.get(node);
  const maps = known && !known.isVector ? known : null;
  /** @type {Wanted[]} */
  const parts = [];
  if (maps && open) parts.push({ node, max_px: sizes.layer_px });
  if (maps) parts.push({ node, channels: `${cell[0]}:${cell[0] + 1}` });
  const names = graph.nodes.map(({ name }) => name).filter((name) => name !== INPUT);
  const overview = view === "filters" ? [] : names.slice(0, MOST_OUTPUTS - 1 - parts.length);
  return {
    run: {
      model,
      ...(size[0] && size[1] ? { size } : {}),
      ...(edits ? { edits: parseEdits(edits) } : {}),
    },
    outputs: [
      { node: INPUT },
      ...overview.map((name) => ({ node: name, fold: sizes.fold, max_px: sizes.map_px })),
      ...parts,
    ],
    dtype: "uint8",
    cell: known?.description && termsOf(known, graph) <= MOST_TERMS ? { node, cell } : null,
  };
}

/**
 * How many terms a number of a node has, at most.
 * @param {import("./network-graph.js").GraphNode} node
 * @param {Graph} graph
 */
function termsOf({ description, inputs, shape }, graph) {
  const weight = description?.weights.weight;
  if (weight) return weight.reduce((product, extent) => product * extent, 1) / shape[0];
  const kernel = description?.attributes.kernel_size;
  if (kernel) return kernel[0] * kernel[1];
  // A global pool reads a whole map, a softmax every channel.
  const source = graph.byName.get(inputs[0])?.shape ?? [1, 1, 1];
  return Math.max(source[0], source[1] * source[2]);
}

/**
 * @param {import("./operation-schema.js").View} view
 * @returns {Configuration} input and output of the operation
 */
export function operationConfiguration(view) {
  const channels = view.color === "gray" ? 1 : 3;
  const { image: _, ...run } = runRequest(view, channels);
  const area = view.size[0] * view.size[1] || MOST_FULL;
  const outChannels = KINDS[view.op].settings.includes("outChannels") ? view.outChannels : channels;
  return {
    run,
    outputs: [{ node: inputNode(view) }, { node: NODE }],
    dtype: area * (channels + outChannels) <= MOST_FULL ? "float32" : "float16",
    cell: { node: NODE, cell: view.cell },
  };
}

/** Pictures are sent at least this large, if the camera has as much: a frozen one can still be looked at. */
const USUAL_PX = 320;

/**
 * The size in which a picture is sent: with room for what the net or the operation makes of it, not more.
 * @param {{ width: number, height: number }} video
 * @param {readonly number[]} needed rows and columns
 * @returns {{ width: number, height: number }}
 */
export function sentSize({ width, height }, needed) {
  const longest = Math.max(width, height);
  const shortest = Math.min(width, height);
  const scale = Math.min(1, Math.max(USUAL_PX / longest, Math.max(...needed) / shortest));
  const side = (/** @type {number} */ extent) => Math.max(1, Math.round(extent * scale));
  return { width: side(width), height: side(height) };
}
