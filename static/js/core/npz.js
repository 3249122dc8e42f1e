/**
 * NumPy's .npz format, reading only: a zip file whose entries are .npy files stored without compression.
 * Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.
 */

import { parseNpy } from "./npy.js";

/** @typedef {import("./tensor.js").Tensor} Tensor */

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;

/**
 * The arrays of a .npz file by their names.
 * @param {ArrayBuffer} buffer
 * @returns {Map<string, Tensor>}
 */
export function parseNpz(buffer) {
  const view = new DataView(buffer);
  /** @type {Map<string, Tensor>} */
  const arrays = new Map();
  const end = endOf(view);
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (view.getUint32(at, true) !== ENTRY) throw new Error(".npz: no entry where one should be");
    if (view.getUint16(at + 10, true) !== 0) throw new Error(".npz: compressed entries are not read");
    const size = view.getUint32(at + 24, true);
    const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const title = new TextDecoder().decode(new Uint8Array(buffer, at + 46, name));
    arrays.set(title.replace(/\.npy$/, ""), parseNpy(contentOf(view, at, size)));
    at += 46 + name + extra + comment;
  }
  return arrays;
}

/**
 * The end record stands last, before a comment that these files do not have.
 * @param {DataView} view
 */
function endOf(view) {
  const end = view.byteLength - END_BYTES;
  if (end < 0 || view.getUint32(end, true) !== END) throw new Error(".npz: no end record");
  return end;
}

/**
 * @param {DataView} view
 * @param {number} entry
 * @param {number} size
 */
function contentOf(view, entry, size) {
  const local = view.getUint32(entry + 42, true);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  return /** @type {ArrayBuffer} */ (view.buffer).slice(start, start + size);
}
