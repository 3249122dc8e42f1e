/**
 * Matrices of filled cells: sizes that need not be square, columns that may stand in groups.
 */

import { formatHex } from "../core/color.js";
import { colorAt, positionOf, SCALES } from "../core/scales.js";

/** @typedef {import("../core/scales.js").ScaleName} ScaleName */
/** @typedef {import("../core/scales.js").Theme} Theme */
/** @typedef {import("../core/scales.js").Extent} Extent */

/** Steps in which colours of cells are kept. */
const STEPS = 256;
/** @type {Map<string, string>} */
const colors = new Map();

/**
 * @param {ScaleName} scale
 * @param {Theme} theme
 * @param {Extent} extent
 * @returns {(value: number) => string} its colour as CSS reads it
 */
export function fillOf(scale, theme, extent) {
  const { zero } = SCALES[scale];
  return (value) => {
    const step = Math.round(positionOf(zero, extent, value) * STEPS);
    const key = `${scale} ${theme} ${step}`;
    const known = colors.get(key) ?? formatHex(colorAt(scale, theme, step / STEPS));
    colors.set(key, known);
    return known;
  };
}

/**
 * @typedef {object} Cell
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {string} fill
 * @property {boolean} [hatched]
 * @property {boolean} [dotted] a zero that is there, in contrast to nothing
 */

/** Cells from this size on stand one pixel apart. */
const GAP_FROM = 5;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Iterable<Cell>} cells
 * @param {{ hatch: string, dot: string }} inks
 */
export function paintCells(context, cells, { hatch, dot }) {
  for (const { x, y, width, height, fill, hatched, dotted } of cells) {
    const [across, down] = [width >= GAP_FROM ? 1 : 0, height >= GAP_FROM ? 1 : 0];
    context.fillStyle = fill;
    context.fillRect(x, y, width - across, height - down);
    if (hatched) paintHatch(context, { x, y, width: width - across, height: height - down }, hatch);
    if (dotted && width >= GAP_FROM && height >= GAP_FROM) {
      context.fillStyle = dot;
      context.fillRect(x + (width - across) / 2 - 1, y + (height - down) / 2 - 1, 2, 2);
    }
  }
}

/** Px between the lines that mark padding. */
const HATCH = 6;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ x: number, y: number, width: number, height: number }} box
 * @param {string} ink
 */
function paintHatch(context, { x, y, width, height }, ink) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = x - height; at < x + width; at += HATCH) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}
