/**
 * How the Operation page is composed in the room there is. The digits decide the widths of the cells; then
 * the pictures get what is left.
 */

/**
 * @typedef {object} Room
 * @property {number} width of the stage, in px
 * @property {number} height
 * @property {boolean} projector
 * @property {number} digit width of one digit in a cell, in px
 * @property {number} cellHeight
 * @property {number} operator width of the gap that holds × or =
 */

/**
 * @typedef {object} Content
 * @property {readonly [number, number, number]} grid channels, rows, columns of the arithmetic
 * @property {readonly number[]} characters of the longest number in each grid, in widths of a digit: window,
 *   kernel, products; or of the one grid of a pooling
 * @property {boolean} sums the arithmetic ends in a column of sums
 */

/**
 * @typedef {object} Composition
 * @property {"wide" | "stacked" | "phone" | "projector"} name
 * @property {"all" | "one"} layout channels that are open
 * @property {"digits" | "swatches"} cells
 * @property {readonly number[]} cellWidths px, one for each grid
 */

const PHONE_WIDTH = 720;
const CELL_PADDING = 8;
/** A lone digit still has a cell to stand in, and a finger one to touch. */
const LEAST_CELL = 36;
const CONE = 52;
const LINK = 38;
const LABEL = 22;
const CHANNEL_GAP = 14;
const HEAD = 35;
/** The bias, the rule and the result, under the grids. */
const TOTAL = 112;

/** Widths of the pictures, in px, that each composition aims at. */
export const PICTURE = { wide: 276, stacked: 253, projector: 253 };

/**
 * @param {Room} room
 * @param {Content} content
 * @returns {Composition}
 */
export function compose(room, { grid, characters, sums }) {
  const [channels, rows, columns] = grid;
  const cellWidths = characters.map((count) => Math.max(LEAST_CELL, Math.ceil(count * room.digit) + CELL_PADDING));
  const grids = cellWidths.reduce((total, width) => total + width * columns, 0);
  const operators = room.operator * (cellWidths.length - 1);
  const sumWidth = sums ? Math.max(64, (characters.at(-1) ?? 4) * room.digit * 1.25 + 30) : 0;
  const arithmetic = grids + operators + sumWidth;

  if (room.width < PHONE_WIDTH && !room.projector) {
    const widest = Math.max(
      (cellWidths[0] + (cellWidths[1] ?? 0)) * columns + room.operator,
      (cellWidths[2] ?? 0) * columns,
    );
    const fits = widest <= room.width;
    return { name: "phone", layout: "one", cells: fits ? "digits" : "swatches", cellWidths };
  }

  const gridHeight = rows * room.cellHeight;
  const beside = room.width - PICTURE.stacked - CONE;
  if (room.projector) {
    const fits = grids + operators <= beside && gridHeight <= room.height * 0.62;
    return { name: "projector", layout: "one", cells: fits ? "digits" : "swatches", cellWidths };
  }

  const between = room.width - 2 * PICTURE.wide - CONE - LINK;
  const fitsBetween = LABEL + arithmetic <= between;
  const all = channels * gridHeight + (channels - 1) * CHANNEL_GAP + HEAD + TOTAL <= room.height;
  if (fitsBetween && all) return { name: "wide", layout: "all", cells: "digits", cellWidths };
  if (fitsBetween && gridHeight + HEAD + TOTAL <= room.height) {
    return { name: "wide", layout: "one", cells: "digits", cellWidths };
  }
  const fitsBeside = arithmetic <= beside && gridHeight + HEAD <= room.height;
  return { name: "stacked", layout: "one", cells: fitsBeside ? "digits" : "swatches", cellWidths };
}
