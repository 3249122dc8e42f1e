/**
 * NumPy's .npy format, reading only: little-endian, C order, the five element types that arrays travel in.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

import { elementCount } from "./tensor.js";

/** @typedef {import("./tensor.js").Tensor} Tensor */
/** @typedef {import("./tensor.js").TensorData} TensorData */
/** @typedef {import("./tensor.js").Dtype} Dtype */

/**
 * @typedef {object} Kind
 * @property {Dtype} dtype
 * @property {number} bytes per element
 * @property {(buffer: ArrayBuffer, start: number, count: number) => TensorData} view
 */

const MAGIC = "\x93NUMPY";

/** @type {Readonly<Record<string, Kind>>} */
const KINDS = {
  "<f4": { dtype: "float32", bytes: 4, view: (b, start, n) => new Float32Array(b, start, n) },
  "<f2": { dtype: "float16", bytes: 2, view: (b, start, n) => new Uint16Array(b, start, n) },
  "<f8": { dtype: "float64", bytes: 8, view: (b, start, n) => new Float64Array(b, start, n) },
  "|u1": { dtype: "uint8", bytes: 1, view: (b, start, n) => new Uint8Array(b, start, n) },
  "<i4": { dtype: "int32", bytes: 4, view: (b, start, n) => new Int32Array(b, start, n) },
};

/**
 * The array in a .npy file. `data` looks into `buffer` where alignment allows and is a copy otherwise.
 * @param {ArrayBuffer} buffer
 * @returns {Tensor}
 */
export function parseNpy(buffer) {
  const { header, start } = readHeader(buffer);
  const kind = kindOf(header);
  if (!/'fortran_order':\s*False/.test(header)) throw new Error(`.npy: not in C order: ${header}`);
  const shape = shapeOf(header);
  const count = elementCount(shape);
  const present = buffer.byteLength - start;
  if (present !== count * kind.bytes) {
    throw new Error(
      `.npy: shape [${shape}] of ${kind.dtype} needs ${count * kind.bytes} bytes, found ${present}`,
    );
  }
  const data =
    start % kind.bytes === 0 ? kind.view(buffer, start, count) : kind.view(buffer.slice(start), 0, count);
  return { shape, data, dtype: kind.dtype };
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {{ header: string, start: number }} the Python dictionary as text, and where the elements begin
 */
function readHeader(buffer) {
  const bytes = new Uint8Array(buffer);
  if (bytes.length < 10 || text(bytes.subarray(0, 6)) !== MAGIC) throw new Error(".npy: magic bytes missing");
  const major = bytes[6];
  if (major < 1 || major > 3) throw new Error(`.npy: version ${major} is unknown`);
  const lengthBytes = major === 1 ? 2 : 4;
  const headerStart = 8 + lengthBytes;
  if (bytes.length < headerStart) throw new Error(".npy: header cut short");
  const view = new DataView(buffer);
  const start = headerStart + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) throw new Error(".npy: header cut short");
  return { header: text(bytes.subarray(headerStart, start)).trim(), start };
}

/**
 * Bytes as characters of the same number; TextDecoder's "latin1" is windows-1252, where 0x93 is a quotation
 * mark.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function text(bytes) {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/**
 * @param {string} header
 * @returns {Kind}
 */
function kindOf(header) {
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const kind = descr !== undefined && Object.hasOwn(KINDS, descr) ? KINDS[descr] : undefined;
  if (!kind)
    throw new Error(`.npy: element type ${descr ?? "missing"}; allowed: ${Object.keys(KINDS).join(" ")}`);
  return kind;
}

/**
 * @param {string} header
 * @returns {number[]}
 */
function shapeOf(header) {
  const inside = /'shape':\s*\(\s*((?:\d+\s*,\s*)*(?:\d+)?)\s*\)/.exec(header)?.[1];
  if (inside === undefined) throw new Error(`.npy: no shape in ${header}`);
  const shape = (inside.match(/\d+/g) ?? []).map(Number);
  if (!Number.isSafeInteger(elementCount(shape))) throw new Error(`.npy: shape [${shape}] is too large`);
  return shape;
}
