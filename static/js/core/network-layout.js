/**
 * Where the layers of a net stand in its overview: a column for every step from the picture, branches one
 * above the other in the same columns, wide layers folded to their first maps and the last.
 */

import { INPUT } from "./network-graph.js";

/** @typedef {import("./network-graph.js").Graph} Graph */
/** @typedef {import("./network-graph.js").GraphNode} GraphNode */

/**
 * @typedef {object} PlacedLayer
 * @property {GraphNode} node
 * @property {number} x of its left edge, px
 * @property {number} width px
 * @property {number} top px
 * @property {number} height px, its head included
 * @property {number} rows maps that stand in it, one above the other
 * @property {readonly number[]} shown channels, the last one after a gap where some are folded
 * @property {number} folded channels that are not shown
 */

/** @typedef {{ layers: readonly PlacedLayer[], width: number, height: number, map: number }} Layout */

/**
 * @typedef {object} Room
 * @property {number} height of a column, px
 * @property {number} head height of a layer's head, px
 * @property {number} map side of a map, px
 * @property {number} mapGap between maps that stand one above the other, px
 * @property {number} vector width of a vector's column, its head included, px
 * @property {number} gap between columns of one block, px
 * @property {number} groupGap between blocks, px
 * @property {string} opened name of the widened layer; empty for none
 * @property {number} openedWidth px
 */

/**
 * @param {Graph} graph
 * @param {Room} room
 * @returns {Layout}
 */
export function layoutOf(graph, room) {
  const columns = columnsOf(graph);
  const slots = slotsOf(columns, lanesOf(graph));
  /** @type {PlacedLayer[]} */
  const layers = [];
  let x = 0;
  let before = /** @type {GraphNode | null} */ (null);
  for (const column of columns) {
    column.sort((a, b) => slotOf(slots, a).slot - slotOf(slots, b).slot);
    const isOpen = column.some(({ name }) => name === room.opened);
    const width = isOpen ? room.openedWidth : widthOf(column, room);
    if (before) x += before.block === column[0].block ? room.gap : room.groupGap;
    for (const node of column) {
      const { slot, of } = slotOf(slots, node);
      // A widened layer takes the whole height, whatever stands above or below it.
      const own = isOpen && node.name === room.opened;
      const height = own ? room.height : room.height / of;
      const rows = Math.max(1, Math.floor((height - room.head) / (room.map + room.mapGap)));
      const shown = shownChannels(node.shape[0], Math.min(rows, MOST_ROWS));
      const folded = node.shape[0] - shown.length;
      layers.push({ node, x, width, top: own ? 0 : slot * height, height, rows, shown, folded });
    }
    x += width;
    before = column[0];
  }
  return { layers, width: x, height: room.height, map: room.map };
}

/**
 * @param {ReadonlyMap<string, Slot>} slots
 * @param {GraphNode} node
 */
function slotOf(slots, node) {
  return /** @type {Slot} */ (slots.get(node.name));
}

/** @typedef {{ slot: number, of: number }} Slot which of how many places one above the other */

/**
 * Between a split and its merge every branch keeps its height: columns next to each other that hold more than
 * one layer share their places.
 * @param {readonly (readonly GraphNode[])[]} columns
 * @param {ReadonlyMap<string, number>} lanes
 * @returns {Map<string, Slot>}
 */
function slotsOf(columns, lanes) {
  /** @type {Map<string, Slot>} */
  const slots = new Map();
  const laneOf = (/** @type {GraphNode} */ { name }) => lanes.get(name) ?? 0;
  for (let start = 0; start < columns.length; start += 1) {
    let end = start + 1;
    if (columns[start].length > 1) while (end < columns.length && columns[end].length > 1) end += 1;
    const region = columns.slice(start, end).flat();
    const present = [...new Set(region.map(laneOf))].sort((a, b) => a - b);
    for (const node of region)
      slots.set(node.name, { slot: present.indexOf(laneOf(node)), of: present.length });
    start = end - 1;
  }
  return slots;
}

/** More maps than this are folded, however high the window. */
export const MOST_ROWS = 8;

/**
 * All channels where they fit; else the first ones, one place for "+k more", and the last.
 * @param {number} channels
 * @param {number} rows at least 1
 * @returns {number[]}
 */
export function shownChannels(channels, rows) {
  if (channels <= rows) return Array.from({ length: channels }, (_, i) => i);
  const first = Math.max(1, rows - 2);
  return [...Array.from({ length: first }, (_, i) => i), ...(rows > 2 ? [channels - 1] : [])];
}

/**
 * @param {Graph} graph
 * @returns {GraphNode[][]} by depth, the picture left out
 */
function columnsOf({ nodes }) {
  /** @type {GraphNode[][]} */
  const columns = [];
  for (const node of nodes) {
    if (node.name === INPUT) continue;
    const column = columns[node.depth - 1];
    if (column) column.push(node);
    else columns[node.depth - 1] = [node];
  }
  return columns;
}

/**
 * @param {readonly GraphNode[]} column
 * @param {Room} room
 */
function widthOf(column, { map, vector }) {
  return column.every((node) => node.isVector) ? vector : map;
}

/**
 * A lane for every node: a chain keeps its own, the first consumer goes on in it, others open new ones below.
 * @param {Graph} graph
 * @returns {Map<string, number>}
 */
function lanesOf({ nodes, byName }) {
  /** @type {Map<string, number>} */
  const lanes = new Map();
  const continued = new Set();
  for (const node of nodes) {
    const free = node.inputs.find((source) => !continued.has(source));
    const from = free ?? node.inputs[0];
    const lane = from === undefined ? 0 : (lanes.get(from) ?? 0);
    const siblings = from === undefined ? [] : (byName.get(from)?.consumers ?? []);
    lanes.set(
      node.name,
      node.inputs.length > 1 ? mergedLane(node, lanes) : lane + siblings.indexOf(node.name),
    );
    if (from !== undefined) continued.add(from);
  }
  return lanes;
}

/**
 * @param {GraphNode} node
 * @param {ReadonlyMap<string, number>} lanes
 */
function mergedLane({ inputs }, lanes) {
  return Math.min(...inputs.map((source) => lanes.get(source) ?? 0));
}
