/**
 * Where the cells of the unrolled windows, their kernel and their output stand.
 */

/** Room between the blocks of two channels, in px. */
const CHANNEL_GAP = 4;
/** Narrower cells cannot be told apart: then one channel is shown alone. */
const LEAST_CELL = 2.5;

/**
 * @typedef {object} ColumnsLayout
 * @property {number} first channel in sight, among those in the windows
 * @property {number} channels in sight
 * @property {number} area taps of one channel
 * @property {number} cell width of a cell
 * @property {number} row height of a row
 * @property {number} tap height of a cell of the kernel's column
 * @property {number} width of all windows
 * @property {number} height of all rows
 */

/**
 * @param {object} options
 * @param {number} options.channels
 * @param {number} options.area taps of one channel
 * @param {number} options.rows in sight
 * @param {number} options.opened channel that stays if there is room for one only
 * @param {number} options.width room in px
 * @param {number} options.height room in px
 * @param {number} options.widest cell where there is plenty of room
 * @param {number} options.most height of a cell
 * @returns {ColumnsLayout}
 */
export function columnsLayout({ channels, area, rows, opened, width, height, widest, most }) {
  const cellFor = (/** @type {number} */ count) => (width - (count - 1) * CHANNEL_GAP) / (count * area);
  const all = cellFor(channels) >= LEAST_CELL;
  const shown = all ? channels : 1;
  const cell = tidy(Math.min(widest, cellFor(shown)));
  const row = tidy(Math.min(most, height / rows));
  const tap = tidy(Math.min(most, (height - (shown - 1) * CHANNEL_GAP) / (shown * area)));
  return {
    first: all ? 0 : Math.min(opened, channels - 1),
    channels: shown,
    area,
    cell,
    row,
    tap,
    width: shown * area * cell + (shown - 1) * CHANNEL_GAP,
    height: rows * row,
  };
}

/** Whole px where cells are large enough to lose a part of one. @param {number} px */
function tidy(px) {
  return px >= 4 ? Math.floor(px) : px;
}

/**
 * Where the cell of a term begins, along the windows or (with the kernel's cell) down the kernel.
 * @param {ColumnsLayout} layout
 * @param {number} term index among all channels in the windows
 * @param {number} [cell]
 * @returns {number | null} px; null if its channel is not in sight
 */
export function placeOfTerm({ first, channels, area, cell: own }, term, cell = own) {
  const index = term - first * area;
  if (index < 0 || index >= channels * area) return null;
  return index * cell + Math.floor(index / area) * CHANNEL_GAP;
}

/**
 * @param {ColumnsLayout} layout
 * @param {number} place px
 * @param {number} [cell]
 * @returns {number | null} the term there
 */
export function termAt({ first, channels, area, cell: own }, place, cell = own) {
  const block = area * cell + CHANNEL_GAP;
  const channel = Math.floor(place / block);
  const within = Math.floor((place - channel * block) / cell);
  if (channel < 0 || channel >= channels || within < 0 || within >= area) return null;
  return (first + channel) * area + within;
}
