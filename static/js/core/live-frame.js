/**
 * A frame of feature maps as it comes from the server: a header that says what is there, then the numbers.
 * Nothing is believed: every length is checked against what has come.
 */

import { halfTable } from "./float16.js";
import { elementCount } from "./tensor.js";

/** @typedef {import("./tensor.js").Tensor} Tensor */

/**
 * @typedef {object} Output of one node
 * @property {string} node
 * @property {readonly number[]} shape
 * @property {"uint8" | "float16" | "float32"} dtype
 * @property {number} scale number = stored × scale + offset
 * @property {number} offset
 * @property {number} min of the whole output
 * @property {number} max
 * @property {Uint8Array | Uint16Array | Float32Array} data as stored
 */

/**
 * @typedef {object} Frame
 * @property {number} frame
 * @property {number} configuration
 * @property {readonly Output[]} outputs in the order in which they were asked for
 * @property {Readonly<Record<string, readonly [number, number]>>} extents by node
 * @property {readonly { index: number, label: any, probability: number }[]} top
 * @property {any} step how one number was made, or null
 * @property {number} skipped
 * @property {Readonly<Record<string, number>>} ms
 */

const ALIGNED = 8;
const ARRAYS = { uint8: Uint8Array, float16: Uint16Array, float32: Float32Array };

/**
 * @param {ArrayBuffer} buffer
 * @returns {Frame}
 */
export function parseFrame(buffer) {
  if (buffer.byteLength < 4) throw new RangeError(`a frame of ${buffer.byteLength} bytes has no header`);
  const length = new DataView(buffer).getUint32(0, true);
  if (4 + length > buffer.byteLength) {
    throw new RangeError(`a header of ${length} bytes in a frame of ${buffer.byteLength}`);
  }
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = aligned(4 + length);
  const outputs = header.outputs.map((/** @type {Output} */ output) => {
    const Kind = ARRAYS[output.dtype];
    if (!Kind) throw new RangeError(`${output.node}: dtype ${output.dtype} is not known here`);
    if (!output.shape.every((extent) => Number.isInteger(extent) && extent >= 0)) {
      throw new RangeError(`${output.node}: ${output.shape} is no shape`);
    }
    const count = elementCount(output.shape);
    const end = at + count * Kind.BYTES_PER_ELEMENT;
    if (end > buffer.byteLength) {
      throw new RangeError(`${output.node}: ${end} bytes needed, the frame has ${buffer.byteLength}`);
    }
    const data = new Kind(buffer, at, count);
    at = aligned(end);
    return { ...output, data };
  });
  return {
    frame: header.frame,
    configuration: header.configuration,
    outputs,
    extents: header.extents ?? {},
    top: header.top ?? [],
    step: header.step ?? null,
    skipped: header.skipped ?? 0,
    ms: header.ms ?? {},
  };
}

/** @param {number} at */
function aligned(at) {
  return Math.ceil(at / ALIGNED) * ALIGNED;
}

/**
 * A camera's picture as it goes up: its number, then its file.
 * @param {number} frame
 * @param {ArrayBuffer} file
 * @returns {ArrayBuffer}
 */
export function packPicture(frame, file) {
  const message = new Uint8Array(4 + file.byteLength);
  new DataView(message.buffer).setUint32(0, frame, true);
  message.set(new Uint8Array(file), 4);
  return message.buffer;
}

/**
 * The numbers of a frame's outputs, all in one array that the next frame but one takes over: twenty times a
 * second there is nothing to allocate, and what is on the screen is left alone.
 */
export class FrameNumbers {
  #halves = [new Float32Array(0), new Float32Array(0)];
  #turn = 0;
  #table = new Float32Array(256);

  /**
   * @param {Frame} frame
   * @returns {Tensor[]} float32, in the order of its outputs
   */
  read({ outputs }) {
    const total = outputs.reduce((sum, { data }) => sum + data.length, 0);
    this.#turn = 1 - this.#turn;
    if (this.#halves[this.#turn].length < total) this.#halves[this.#turn] = new Float32Array(total);
    const numbers = this.#halves[this.#turn];
    let at = 0;
    return outputs.map((output) => {
      const floats = numbers.subarray(at, at + output.data.length);
      at += output.data.length;
      this.#fill(floats, output);
      return { shape: output.shape, data: floats, dtype: /** @type {const} */ ("float32"), moving: true };
    });
  }

  /**
   * @param {Float32Array} floats
   * @param {Output} output
   */
  #fill(floats, { data, dtype, scale, offset }) {
    if (dtype === "uint8") {
      for (let i = 0; i < 256; i += 1) this.#table[i] = i * scale + offset;
      for (let i = 0; i < data.length; i += 1) floats[i] = this.#table[data[i]];
      return;
    }
    const table = dtype === "float16" ? halfTable() : null;
    if (!table && scale === 1 && offset === 0) floats.set(data);
    else
      for (let i = 0; i < data.length; i += 1)
        floats[i] = (table ? table[data[i]] : data[i]) * scale + offset;
  }
}
