/**
 * A layer's map as a thumbnail, with the part of it that a number was computed from framed.
 */

import { INPUT } from "../../core/network-graph.js";
import { planes, toFloat32 } from "../../core/tensor.js";
import { cleared, drawTiles } from "../../render/map-stack.js";
import { picture } from "../../render/paint.js";

/** @typedef {import("../../core/cell-trail.js").TrailStep} TrailStep */
/** @typedef {import("../../core/cell-trail.js").Cells} Cells */
/** @typedef {import("../../core/network-graph.js").GraphNode} GraphNode */

/**
 * @typedef {object} ThumbSource where the maps and colours of a run come from
 * @property {import("../../actions/load-net.js").NetRun} run
 * @property {import("../../core/network-ranges.js").NetScales} scales
 * @property {"light" | "dark"} theme
 * @property {import("./cell-maps.js").ChannelMaps} maps
 */

/** A frame around one cell is still seen, px within. */
const LEAST_FRAME = 4;
const FRAMES = {
  attention: { color: "--accent", width: 2.5, halo: 1.5 },
  hover: { color: "--ink", width: 1.5, halo: 1 },
};

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Pick<TrailStep, "node" | "channel">} of
 * @param {{ attention?: Cells | null, hover?: Cells | null }} frames
 * @param {number} side of the square that it fits into, px
 * @param {ThumbSource} source
 */
export function drawThumb(canvas, { node, channel }, frames, side, source) {
  const { run, theme } = source;
  const [, rows, columns] = node.shape;
  const cell = node.isVector ? side : side / Math.max(rows, columns);
  const [width, height] = [columns * cell, rows * cell];
  const context = cleared(canvas, width, height);
  if (node.name === INPUT) {
    const scale = /** @type {"rgb" | "gray"} */ (planes(run.picture)[0] === 3 ? "rgb" : "gray");
    context.imageSmoothingEnabled = columns > width;
    context.drawImage(
      picture(run.picture, { scale, channel: 0, extent: { min: 0, max: 1 }, theme }),
      0,
      0,
      width,
      height,
    );
  } else if (node.isVector) drawVector(context, node, side, source);
  else drawChannel(context, node, channel, { width, height }, source);
  if (node.isVector) return;
  for (const kind of /** @type {const} */ (["attention", "hover"])) {
    const cells = frames[kind];
    if (cells) drawFrame(context, cells, [rows, columns], cell, FRAMES[kind]);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {GraphNode} node
 * @param {number} channel
 * @param {{ width: number, height: number }} size
 * @param {ThumbSource} source
 */
function drawChannel(context, node, channel, { width, height }, { run, scales, theme, maps }) {
  const map = maps.of(run, node, channel);
  if (!map) {
    context.fillStyle = getComputedStyle(context.canvas).getPropertyValue("--sunk");
    context.fillRect(0, 0, width, height);
    return;
  }
  const tile = { index: map.index, x: 0, y: 0, width, height };
  drawTiles(context, map.tensor, [tile], (i) => scales.ofMap(node, map.tensor, i), theme);
}

/**
 * A vector's numbers, laid out as a square.
 * @param {CanvasRenderingContext2D} context
 * @param {GraphNode} node
 * @param {number} side
 * @param {ThumbSource} source
 */
function drawVector(context, node, side, { run, scales, theme }) {
  const tensor = run.maps.get(node.name);
  if (!tensor) return;
  const floats = toFloat32(tensor);
  const across = Math.ceil(Math.sqrt(floats.length));
  const down = Math.ceil(floats.length / across);
  const data = new Float32Array(across * down).fill(Number.NaN);
  data.set(floats);
  const square = { shape: [1, down, across], data, dtype: /** @type {const} */ ("float32") };
  const tile = { index: 0, x: 0, y: 0, width: side, height: (side * down) / across };
  drawTiles(context, square, [tile], () => scales.of(node), theme);
}

/**
 * Around the cells, never over them; what lies in the padding ends at the edge.
 * @param {CanvasRenderingContext2D} context
 * @param {Cells} cells
 * @param {readonly [number, number]} plane rows and columns
 * @param {number} cell px
 * @param {{ color: string, width: number, halo: number }} look
 */
function drawFrame(context, cells, [rows, columns], cell, { color, width, halo }) {
  const along = (/** @type {number} */ first, /** @type {number} */ count, /** @type {number} */ most) => {
    const from = Math.max(0, first) * cell;
    const size = Math.max(LEAST_FRAME, (Math.min(most, first + count) - Math.max(0, first)) * cell);
    const middle = from + ((Math.min(most, first + count) - Math.max(0, first)) * cell) / 2;
    const low = Math.max(width / 2, middle - size / 2 - width / 2);
    const high = Math.min(most * cell - width / 2, middle + size / 2 + width / 2);
    return [low, high - low];
  };
  const [x, across] = along(cells.column, cells.columns, columns);
  const [y, down] = along(cells.row, cells.rows, rows);
  const style = getComputedStyle(context.canvas);
  context.strokeStyle = style.getPropertyValue("--halo");
  context.lineWidth = width + 2 * halo;
  context.strokeRect(x, y, across, down);
  context.strokeStyle = style.getPropertyValue(color);
  context.lineWidth = width;
  context.strokeRect(x, y, across, down);
}
