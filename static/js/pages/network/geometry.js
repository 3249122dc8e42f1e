/**
 * How large the parts of the overview are, from the room that there is.
 */

import { layoutOf, MOST_ROWS } from "../../core/network-layout.js";
import { LEGEND_HEIGHT } from "./overview.js";

/** @typedef {import("../../core/network-graph.js").Graph} Graph */

const MOST_MAP = 96;
const LEAST_MAP = 32;
/** Maps are not made smaller than this share of what the height allows for the sake of a net's end. */
const LEAST_SHARE = 0.8;
/** Steps in which maps grow, so that a slightly wider window does not redraw them all. */
const STEP = 2;
/** Gaps grow so far in a wide window, and not further: what belongs together stays together. */
const MOST_STRETCH = 2;

/**
 * @param {Graph} graph
 * @param {object} room
 * @param {number} room.width px for the columns
 * @param {number} room.height px for heads, maps and legends
 * @param {number} room.head
 * @param {string} opened name of the widened layer, or empty
 * @param {number} scale of gaps and vectors: 1, or more on a projector
 * @returns {{ layout: import("../../core/network-layout.js").Layout, sizes: { head: number, map: number, mapGap: number } }}
 */
export function arrange(graph, { width, height, head }, opened, scale) {
  const mapGap = 5 * scale;
  const columnHeight = Math.max(head + LEAST_MAP, height - LEGEND_HEIGHT);
  const most = Math.min(MOST_MAP * scale, (columnHeight - head) / MOST_ROWS - mapGap);
  const openedWidth = Math.round(Math.min(900, Math.max(Math.min(width, 520), width * 0.62)));
  const at = (/** @type {number} */ map, /** @type {string} */ name, stretch = 1) =>
    layoutOf(graph, {
      height: columnHeight,
      head,
      map,
      mapGap,
      vector: 40 * scale,
      gap: 10 * scale * stretch,
      groupGap: 24 * scale * stretch,
      opened: name,
      openedWidth,
    });
  let map = Math.max(LEAST_MAP, Math.floor(most / STEP) * STEP);
  // As large as the height allows; smaller if that makes the net fit. A long net scrolls, a short one spreads.
  const fits = (/** @type {number} */ side) => at(side, "").width <= width;
  const small = Math.max(LEAST_MAP, LEAST_SHARE * map);
  if (fits(small)) while (!fits(map)) map -= STEP;
  const room = width - at(map, "", 0).width;
  const gaps = at(map, "").width - at(map, "", 0).width;
  const stretch = gaps > 0 ? Math.min(MOST_STRETCH, Math.max(1, room / gaps)) : 1;
  return { layout: at(map, opened, opened === "" ? stretch : 1), sizes: { head, map, mapGap } };
}
