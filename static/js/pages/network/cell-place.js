/**
 * Names of numbers and of where they are.
 */

import { INPUT } from "../../core/network-graph.js";
import { t } from "../../i18n/i18n.js";

/** @typedef {import("../../core/network-graph.js").GraphNode} GraphNode */

/** @param {GraphNode} node */
export function nodeName({ name }) {
  return name === INPUT ? t("cell.picture") : name;
}

/**
 * "conv_2_1, channel 3, row 10, col 10"
 * @param {GraphNode} node
 * @param {readonly number[]} position channel, row, column
 */
export function placeText(node, [channel, row, column]) {
  return t(node.isVector ? "net.feature" : "net.place", { node: nodeName(node), channel, row, column });
}
