/**
 * A map on a canvas: its cells as pixels, its padding as hatched cells, the zeros put between them, and, near
 * enough, the numbers themselves.
 */

import { inkOn } from "../core/color.js";
import { formatFixed } from "../core/format.js";
import { sourceOf } from "../core/padding.js";
import { colorAt, positionOf, SCALES } from "../core/scales.js";
import { planes, toFloat32 } from "../core/tensor.js";
import { picture } from "./paint.js";

/** @typedef {import("../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../core/padding.js").Sides} Sides */
/** @typedef {import("../core/padding.js").PaddingMode} PaddingMode */
/** @typedef {import("./paint.js").Paint} Paint */

/**
 * @typedef {object} DrawnMap
 * @property {Tensor} tensor
 * @property {Paint} paint
 * @property {Sides} padding
 * @property {PaddingMode} mode
 * @property {number} digits decimals of the numbers
 * @property {((row: number, column: number) => boolean) | null} [blank] cells put in, that hold nothing of the picture
 */

/**
 * @typedef {object} Sight what of the map is seen
 * @property {number} row first row in sight, in cells; negative in the padding
 * @property {number} column
 * @property {number} cell px per cell
 * @property {number} width px
 * @property {number} height
 * @property {number} ratio of device px to px
 */

/** @typedef {{ paper: string, ink: string, hatch: string, font: string }} Style */

/** Cells show numbers from these widths on, in px: one number, or three of a colour picture. */
const DIGIT_CELL = 40;
const COLOR_DIGIT_CELL = 52;
const GRID_CELL = 12;
const HATCH_GAP = 4;
const LEAST_DIGIT = 13;
const MOST_DIGIT = 22;
const DIGIT_MARGIN = 8;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {DrawnMap} map
 * @param {Sight} sight
 * @param {Style} style
 */
export function drawMap(context, map, sight, style) {
  const { cell, row, column, ratio } = sight;
  const [, rows, columns] = planes(map.tensor);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(ratio, 0, 0, ratio, -column * cell * ratio, -row * cell * ratio);
  const image = picture(map.tensor, map.paint);
  drawPadding(context, map, sight, { image, style });
  // Shrinking without smoothing would drop whole rows; enlarging with it would invent colours.
  context.imageSmoothingEnabled = cell * ratio < 1;
  context.drawImage(image, 0, 0, columns * cell, rows * cell);
  if (map.blank) drawBlanks(context, map, sight, { blank: map.blank, style });
  if (cell >= GRID_CELL) drawGrid(context, map, sight, style);
  if (cell >= (map.paint.scale === "rgb" ? COLOR_DIGIT_CELL : DIGIT_CELL))
    drawDigits(context, map, sight, style);
}

/**
 * Rows and columns of a map with its padding.
 * @param {{ tensor: Tensor, padding: Sides }} map
 * @returns {[rows: number, columns: number]}
 */
export function extentOf({ tensor, padding: [top, bottom, left, right] }) {
  const [, rows, columns] = planes(tensor);
  return [rows + top + bottom, columns + left + right];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {DrawnMap} map
 * @param {Sight} sight
 * @param {{ image: HTMLCanvasElement, style: Style }} by
 */
function drawPadding(context, map, sight, { image, style }) {
  const [top, bottom, left, right] = map.padding;
  if (top + bottom + left + right === 0) return;
  const { cell } = sight;
  const [, rows, columns] = planes(map.tensor);
  const [x, y] = [-left * cell, -top * cell];
  const [width, height] = [(left + columns + right) * cell, (top + rows + bottom) * cell];
  context.save();
  if (map.mode !== "zeros") drawCopies(context, map, sight, image);
  context.beginPath();
  context.rect(x, y, width, height);
  context.rect(0, 0, columns * cell, rows * cell);
  context.clip("evenodd");
  hatch(context, { x, y, width, height }, style);
  context.setLineDash([3, 3]);
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  context.restore();
}

/**
 * Padding that repeats the picture shows what it repeats.
 * @param {CanvasRenderingContext2D} context
 * @param {DrawnMap} map
 * @param {Sight} sight
 * @param {HTMLCanvasElement} image
 */
function drawCopies(context, map, sight, image) {
  const { cell } = sight;
  const [, rows, columns] = planes(map.tensor);
  context.imageSmoothingEnabled = false;
  for (const { r, q } of cellsInSight(map, sight)) {
    if (r >= 0 && q >= 0 && r < rows && q < columns) continue;
    const [from, to] = [sourceOf(r, rows, map.mode), sourceOf(q, columns, map.mode)];
    context.drawImage(image, to, from, 1, 1, q * cell, r * cell, cell, cell);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {DrawnMap} map
 * @param {Sight} sight
 * @param {{ blank: (row: number, column: number) => boolean, style: Style }} by
 */
function drawBlanks(context, map, sight, { blank, style }) {
  const { cell } = sight;
  const [rows, columns] = extentOf(map);
  const box = { x: 0, y: 0, width: columns * cell, height: rows * cell };
  context.save();
  context.beginPath();
  for (const { r, q } of cellsInSight(map, sight)) {
    if (blank(r, q)) context.rect(q * cell, r * cell, cell, cell);
  }
  context.clip();
  context.fillStyle = style.paper;
  context.fillRect(box.x, box.y, box.width, box.height);
  hatch(context, box, style);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ x: number, y: number, width: number, height: number }} box
 * @param {Style} style
 */
function hatch(context, { x, y, width, height }, style) {
  context.strokeStyle = style.hatch;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = x - height; at < x + width; at += HATCH_GAP) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
}

/**
 * Cells in sight, those of the padding included.
 * @param {DrawnMap} map
 * @param {Sight} sight
 */
function* cellsInSight(map, { row, column, cell, width, height }) {
  const [rows, columns] = extentOf(map);
  const [top, , left] = map.padding;
  const lastRow = Math.min(rows - top, Math.ceil(row + height / cell));
  const lastColumn = Math.min(columns - left, Math.ceil(column + width / cell));
  for (let r = Math.floor(row); r < lastRow; r += 1) {
    for (let q = Math.floor(column); q < lastColumn; q += 1) yield { r, q };
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {DrawnMap} map
 * @param {Sight} sight
 * @param {Style} style
 */
function drawGrid(context, map, sight, style) {
  const { cell } = sight;
  context.strokeStyle = style.paper;
  context.lineWidth = 1;
  context.beginPath();
  for (const { r, q } of cellsInSight(map, sight)) {
    context.moveTo(q * cell + 0.5, r * cell + cell);
    context.lineTo(q * cell + 0.5, r * cell + 0.5);
    context.lineTo(q * cell + cell, r * cell + 0.5);
  }
  context.stroke();
}

/**
 * One number in a cell; in a colour picture red, green and blue under one another.
 * @param {CanvasRenderingContext2D} context
 * @param {DrawnMap} map
 * @param {Sight} sight
 * @param {Style} style
 */
function drawDigits(context, map, sight, style) {
  const { cell } = sight;
  const { tensor, paint, digits, mode, blank } = map;
  const [, rows, columns] = planes(tensor);
  const floats = toFloat32(tensor);
  const colors = paint.scale === "rgb";
  const channels = colors ? [0, 1, 2] : [paint.channel];
  const wished = Math.max(LEAST_DIGIT, Math.min(MOST_DIGIT, colors ? cell / 4 : cell / 2.8));
  const size = sizeThatFits(context, { wished, room: cell - DIGIT_MARGIN, font: style.font }, [
    formatFixed(paint.extent.min, digits),
    formatFixed(paint.extent.max, digits),
  ]);
  if (size < LEAST_DIGIT) return;
  context.font = `450 ${size}px ${style.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { r, q } of cellsInSight(map, sight)) {
    const [from, to] = [sourceOf(r, rows, mode), sourceOf(q, columns, mode)];
    const isEmpty = from < 0 || to < 0 || blank?.(from, to) === true;
    const isTold = !Number.isNaN(floats[(channels[0] * rows + from) * columns + to]);
    context.fillStyle =
      isEmpty || !isTold ? style.ink : inkOf(paint, floats, from * columns + to, rows * columns);
    channels.forEach((c, i) => {
      const text = isEmpty ? "0" : formatFixed(floats[(c * rows + from) * columns + to], digits);
      const share = colors ? (i + 0.75) / 3.5 : 0.5;
      context.fillText(text, (q + 0.5) * cell, (r + share) * cell);
    });
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ wished: number, room: number, font: string }} type sizes in px
 * @param {readonly string[]} texts the longest there may be
 * @returns {number} px
 */
function sizeThatFits(context, { wished, room, font }, texts) {
  context.font = `450 ${wished}px ${font}`;
  const widest = Math.max(...texts.map((text) => context.measureText(text).width));
  return Math.floor(Math.min(wished, (wished * room) / widest));
}

/**
 * The colour of digits on a cell.
 * @param {Paint} paint
 * @param {Float32Array} floats
 * @param {number} index within a plane
 * @param {number} area
 * @returns {string}
 */
function inkOf(paint, floats, index, area) {
  if (paint.scale === "rgb") {
    const unit = 255 / (paint.extent.max - paint.extent.min);
    return inkOn([floats[index] * unit, floats[area + index] * unit, floats[2 * area + index] * unit]);
  }
  const value = floats[paint.channel * area + index];
  return inkOn(colorAt(paint.scale, paint.theme, positionOf(SCALES[paint.scale].zero, paint.extent, value)));
}
