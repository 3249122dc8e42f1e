/**
 * Arrays with a shape, in C order. Axes are (channels, rows, columns); a leading batch axis of one is
 * allowed, and an array of two axes is one channel. Positions are (channel, row, column), never x and y.
 */

import { halfTable, halvesToFloats } from "./float16.js";

/** @typedef {"float32" | "float16" | "float64" | "uint8" | "int32"} Dtype float16 is held as its bits */
/** @typedef {Float32Array | Float64Array | Uint16Array | Uint8Array | Int32Array} TensorData */
/**
 * @typedef {object} Tensor
 * @property {readonly number[]} shape
 * @property {TensorData} data
 * @property {Dtype} dtype
 * @property {boolean} [moving] of a picture that moves: the next one takes its place
 */

/**
 * How many elements a shape holds; the empty shape holds one.
 * @param {readonly number[]} shape
 * @returns {number}
 */
export function elementCount(shape) {
  return shape.reduce((product, extent) => product * extent, 1);
}

/**
 * Distance in elements between neighbours along each axis, in C order.
 * @param {readonly number[]} shape
 * @returns {number[]}
 */
export function strides(shape) {
  const steps = new Array(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis -= 1) {
    steps[axis] = steps[axis + 1] * shape[axis + 1];
  }
  return steps;
}

/**
 * Channels, rows and columns of a tensor of two, three, or (with a batch of one) four axes.
 * @param {{ shape: readonly number[] }} tensor
 * @returns {[channels: number, rows: number, columns: number]}
 */
export function planes({ shape }) {
  const lead = shape.slice(0, -3);
  if (shape.length < 2 || lead.some((extent) => extent !== 1)) {
    throw new RangeError(`shape [${shape}] is not (channels, rows, columns); give one item of the batch`);
  }
  const [columns, rows, channels = 1] = shape.slice().reverse();
  return [channels, rows, columns];
}

/**
 * Index into `data` of one cell.
 * @param {{ shape: readonly number[] }} tensor
 * @param {number} c channel
 * @param {number} r row
 * @param {number} q column
 * @returns {number}
 */
export function offset(tensor, c, r, q) {
  const [channels, rows, columns] = planes(tensor);
  if (!isIndex(c, channels) || !isIndex(r, rows) || !isIndex(q, columns)) {
    throw new RangeError(`cell (${c}, ${r}, ${q}) is outside (${channels}, ${rows}, ${columns})`);
  }
  return (c * rows + r) * columns + q;
}

/**
 * The number in one cell, float16 bits already turned into the number they stand for.
 * @param {Tensor} tensor
 * @param {number} c
 * @param {number} r
 * @param {number} q
 * @returns {number}
 */
export function at(tensor, c, r, q) {
  const stored = tensor.data[offset(tensor, c, r, q)];
  return tensor.dtype === "float16" ? halfTable()[stored] : stored;
}

/**
 * One channel as a tensor of shape (rows, columns) that shares the memory of the whole.
 * @param {Tensor} tensor
 * @param {number} c
 * @returns {Tensor}
 */
export function channel(tensor, c) {
  const [, rows, columns] = planes(tensor);
  const area = rows * columns;
  const start = area === 0 ? 0 : offset(tensor, c, 0, 0);
  return { shape: [rows, columns], data: tensor.data.subarray(start, start + area), dtype: tensor.dtype };
}

/**
 * The values of a tensor in single precision; the very array if it is that already.
 * @param {Tensor} tensor
 * @returns {Float32Array}
 */
export function toFloat32(tensor) {
  if (tensor.data instanceof Float32Array) return tensor.data;
  if (tensor.data instanceof Uint16Array) return halvesToFloats(tensor.data);
  return Float32Array.from(tensor.data);
}

/**
 * @param {number} index
 * @param {number} extent
 * @returns {boolean}
 */
function isIndex(index, extent) {
  return Number.isInteger(index) && index >= 0 && index < extent;
}

/**
 * Numbers that travelled in a smaller type: value = stored × scale + offset.
 * @param {Tensor} tensor
 * @param {number} scale
 * @param {number} offset
 * @returns {Tensor} the very same where there is nothing to do
 */
export function scaled(tensor, scale, offset) {
  if (scale === 1 && offset === 0) return tensor;
  return { ...tensor, data: toFloat32(tensor).map((x) => x * scale + offset), dtype: "float32" };
}
