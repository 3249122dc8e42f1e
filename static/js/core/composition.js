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
 * @property {number} [steps] room for what else stands beside the grids between two pictures, in widths of a
 *   digit: a curve, a column of steps; in the other compositions it stands under them
 */

/**
 * @typedef {object} Composition
 * @property {"wide" | "stacked" | "phone" | "projector"} name
 * @property {"all" | "one"} layout channels that are open
 * @property {"digits" | "swatches"} cells
 * @property {readonly number[]} cellWidths px, one for each grid
 * @property {number} picture width that a picture may have, in px
 */

const PHONE_WIDTH = 720;
const PHONE_GAP = 13;
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
/** A window without digits, as a small map, in px. */
const SMALL_MAP = 240;

/** Widths of the pictures, in px: between two pictures they give way to the arithmetic, down to the least. */
const BESIDE = 253;
const WIDEST = 276;
const LEAST = 222;
/** From this width on the pictures grow with the room. */
const LARGE_ROOM = 1600;

/**
 * @param {Room} room
 * @param {Content} content
 * @returns {Composition}
 */
export function compose(room, { grid, characters, sums, steps = 0 }) {
  const [, rows, columns] = grid;
  const cellWidths = characters.map((count) =>
    Math.max(LEAST_CELL, Math.ceil(count * room.digit) + CELL_PADDING),
  );
  const grids = cellWidths.reduce((total, width) => total + width * columns, 0);
  const operators = room.operator * (cellWidths.length - 1);
  const sumWidth = sums ? Math.max(64, (characters.at(-1) ?? 4) * room.digit * 1.25 + 30) : 0;
  const stepWidth = steps * room.digit;
  const gridHeight = rows * room.cellHeight;
  const beside = room.width - BESIDE - CONE;

  if (room.projector) {
    const fits = grids + operators <= beside && gridHeight <= room.height * (steps > 0 ? 0.5 : 0.62);
    return { name: "projector", layout: "one", cells: cellsFor(fits), cellWidths, picture: BESIDE };
  }
  if (room.width < PHONE_WIDTH) {
    const picture = Math.floor((room.width - PHONE_GAP) / 2);
    const fits = widestLine(cellWidths, columns, room.operator) <= room.width;
    return { name: "phone", layout: "one", cells: cellsFor(fits), cellWidths, picture };
  }
  const widthFor = (/** @type {number} */ middle) =>
    Math.floor((room.width - CONE - LINK - LABEL - middle - stepWidth) / 2);
  const most = room.width > LARGE_ROOM ? 1.5 * WIDEST : WIDEST;
  const picture = widthFor(grids + operators + sumWidth);
  if (picture >= LEAST && gridHeight + HEAD + TOTAL <= room.height) {
    return {
      name: "wide",
      layout: allChannelsFit(grid, room) ? "all" : "one",
      cells: "digits",
      cellWidths,
      picture: Math.min(most, picture),
    };
  }
  if (steps > 0 && widthFor(SMALL_MAP) >= LEAST) {
    const width = Math.min(most, widthFor(SMALL_MAP));
    return { name: "wide", layout: "one", cells: "swatches", cellWidths, picture: width };
  }
  const fits = grids + operators <= beside && gridHeight + HEAD + TOTAL <= room.height;
  return { name: "stacked", layout: "one", cells: cellsFor(fits), cellWidths, picture: BESIDE };
}

/**
 * @param {boolean} fits
 * @returns {"digits" | "swatches"}
 */
function cellsFor(fits) {
  return fits ? "digits" : "swatches";
}

/**
 * @param {Content["grid"]} grid
 * @param {Room} room
 */
function allChannelsFit([channels, rows], { cellHeight, height }) {
  const grids = channels * rows * cellHeight + (channels - 1) * CHANNEL_GAP;
  return HEAD + grids + TOTAL <= height;
}

/**
 * On a phone window × kernel stand on one line, = products on the next.
 * @param {readonly number[]} cellWidths
 * @param {number} columns
 * @param {number} operator
 */
function widestLine([window, kernel = 0, products = 0], columns, operator) {
  return Math.max((window + kernel) * columns + operator, products * columns + operator);
}
