/**
 * The order in which a window visits the cells of an output: along each row, row by row, channel by channel.
 */

/** @typedef {readonly [channels: number, rows: number, columns: number]} Shape each at least 1 */
/** @typedef {{ channel: number, row: number, column: number }} Cell */

/** Cells asked for at a time while playing. */
export const CHUNK = 64;

/**
 * @param {Shape} shape
 * @returns {number}
 */
export function stepCount([channels, rows, columns]) {
  return channels * rows * columns;
}

/**
 * @param {Shape} shape
 * @param {Cell} cell inside the shape
 * @returns {number} from 0
 */
export function indexOfCell([, rows, columns], { channel, row, column }) {
  return (channel * rows + row) * columns + column;
}

/**
 * @param {Shape} shape
 * @param {number} index clipped to the first and the last cell
 * @returns {Cell}
 */
export function cellAt(shape, index) {
  const [, rows, columns] = shape;
  const inside = clamp(index, stepCount(shape));
  const row = Math.floor(inside / columns);
  return { channel: Math.floor(row / rows), row: row % rows, column: inside % columns };
}

/**
 * The cell after this one; the last stays.
 * @param {Shape} shape
 * @param {Cell} cell
 * @returns {Cell}
 */
export function next(shape, cell) {
  return cellAt(shape, indexOfCell(shape, cell) + 1);
}

/**
 * The cell before this one; the first stays.
 * @param {Shape} shape
 * @param {Cell} cell
 * @returns {Cell}
 */
export function previous(shape, cell) {
  return cellAt(shape, indexOfCell(shape, cell) - 1);
}

/**
 * A cell so many channels, rows and columns away, stopped at the edges. Moving by nothing brings a cell that
 * is no longer inside, after the shape has shrunk, back in.
 * @param {Shape} shape
 * @param {Cell} cell
 * @param {{ channels?: number, rows?: number, columns?: number }} by
 * @returns {Cell}
 */
export function move(shape, cell, { channels = 0, rows = 0, columns = 0 }) {
  return {
    channel: clamp(cell.channel + channels, shape[0]),
    row: clamp(cell.row + rows, shape[1]),
    column: clamp(cell.column + columns, shape[2]),
  };
}

/**
 * The aligned piece of the scan that holds a step. Aligned pieces are the same for everyone, so caches can
 * share them.
 * @param {number} index
 * @param {number} total number of steps
 * @param {number} [size]
 * @returns {{ start: number, count: number }} the last piece may be shorter
 */
export function chunkOf(index, total, size = CHUNK) {
  const start = Math.floor(clamp(index, total) / size) * size;
  return { start, count: Math.min(size, total - start) };
}

/**
 * @param {number} index
 * @param {number} extent
 * @returns {number} an index from 0 to extent − 1
 */
function clamp(index, extent) {
  return Math.max(0, Math.min(extent - 1, index));
}
