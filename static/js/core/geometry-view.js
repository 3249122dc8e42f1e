/**
 * Where things lie that belong together: the window of an output cell on the input, the cell of a term.
 */

/** @typedef {import("./arithmetic.js").Step} Step */

/**
 * @typedef {object} WindowShape of a sliding window
 * @property {readonly [number, number]} size taps
 * @property {readonly [number, number]} stride
 * @property {readonly [number, number]} dilation
 * @property {readonly [number, number]} before padding above and to the left
 */

/** @typedef {{ row: number, column: number, rows: number, columns: number }} Cells a rectangle of cells */

/**
 * The input cells that the window of an output cell spans.
 * @param {WindowShape | null} shape null: the operation reads the cell of the same place
 * @param {number} row
 * @param {number} column
 * @returns {Cells}
 */
export function windowCells(shape, row, column) {
  if (!shape) return { row, column, rows: 1, columns: 1 };
  const span = (/** @type {0 | 1} */ axis) => shape.dilation[axis] * (shape.size[axis] - 1) + 1;
  return {
    row: row * shape.stride[0] - shape.before[0],
    column: column * shape.stride[1] - shape.before[1],
    rows: span(0),
    columns: span(1),
  };
}

/**
 * The output cell whose window has its centre nearest to an input cell: where a drag over the input leads.
 * @param {WindowShape | null} shape
 * @param {readonly number[]} output rows and columns of the output
 * @param {number} row
 * @param {number} column
 * @returns {{ row: number, column: number }}
 */
export function outputNear(shape, output, row, column) {
  const along = (/** @type {0 | 1} */ axis, /** @type {number} */ position) => {
    const span = shape ? shape.dilation[axis] * (shape.size[axis] - 1) : 0;
    const start = position - span / 2 + (shape?.before[axis] ?? 0);
    const index = Math.round(start / (shape?.stride[axis] ?? 1));
    return Math.max(0, Math.min(output[axis] - 1, index));
  };
  return { row: along(0, row), column: along(1, column) };
}

/**
 * The input cells under the taps of a dilated window, or under one term.
 * @param {WindowShape | null} shape
 * @param {Cells} window
 * @param {number} tap index within one channel
 * @returns {Cells}
 */
export function tapCells(shape, window, tap) {
  if (!shape) return window;
  const columns = shape.size[1];
  return {
    row: window.row + Math.floor(tap / columns) * shape.dilation[0],
    column: window.column + (tap % columns) * shape.dilation[1],
    rows: 1,
    columns: 1,
  };
}
