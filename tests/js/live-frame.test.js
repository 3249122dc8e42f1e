import assert from "node:assert/strict";
import { test } from "node:test";
import { floatToHalf } from "../../static/js/core/float16.js";
import { FrameNumbers, packPicture, parseFrame } from "../../static/js/core/live-frame.js";

/**
 * A frame as the server writes it.
 * @param {object} header
 * @param {readonly (Uint8Array | Uint16Array | Float32Array)[]} arrays
 */
function frameOf(header, arrays) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil((4 + text.length) / 8) * 8 - 4;
  const bytes = [...text, ...new Array(length - text.length).fill(0x20)];
  for (const array of arrays) {
    const own = [...new Uint8Array(array.buffer, array.byteOffset, array.byteLength)];
    bytes.push(...own, ...new Array(Math.ceil(own.length / 8) * 8 - own.length).fill(0));
  }
  const whole = new Uint8Array(4 + bytes.length);
  new DataView(whole.buffer).setUint32(0, length, true);
  whole.set(bytes, 4);
  return whole.buffer;
}

const one = { node: "a", shape: [1, 1, 3], dtype: "uint8", scale: 0.5, offset: -1, min: -1, max: 126.5 };
const half = { node: "b", shape: [2], dtype: "float16", scale: 2, offset: 0, min: 0, max: 1 };
const full = { node: "c", shape: [1, 2, 1], dtype: "float32", scale: 1, offset: 0, min: 0, max: 1 };
const header = {
  type: "frame",
  frame: 17,
  configuration: 2,
  outputs: [one, half, full],
  extents: { a: [-1, 126.5] },
  top: [{ index: 1, label: { en: "cat", ja: "猫" }, probability: 0.5 }],
  step: null,
  skipped: 3,
  ms: { computed: 1.5 },
};
const arrays = [
  Uint8Array.of(0, 2, 255),
  Uint16Array.of(floatToHalf(0.25), floatToHalf(-4)),
  Float32Array.of(1.5, -2.25),
];

test("a frame is a header and its numbers", () => {
  const frame = parseFrame(frameOf(header, arrays));
  assert.deepEqual([frame.frame, frame.configuration, frame.skipped], [17, 2, 3]);
  assert.equal(frame.top[0].label.ja, "猫");
  const [a, b, c] = new FrameNumbers().read(frame);
  assert.deepEqual([...a.data], [-1, 0, 126.5]);
  assert.deepEqual([...b.data], [0.5, -8]);
  assert.deepEqual([...c.data], [1.5, -2.25]);
  assert.deepEqual(
    [a, b, c].map(({ shape, dtype }) => [shape, dtype]),
    [one, half, full].map(({ shape }) => [shape, "float32"]),
  );
});

test("what is on the screen is left alone by the next frame, and taken over by the one after", () => {
  const numbers = new FrameNumbers();
  const buffer = (/** @type {number} */ value) =>
    parseFrame(frameOf({ ...header, outputs: [one] }, [Uint8Array.of(value, value, value)]));
  const [first] = numbers.read(buffer(4));
  const [second] = numbers.read(buffer(6));
  assert.deepEqual([first.data[0], second.data[0]], [1, 2]);
  const [third] = numbers.read(buffer(8));
  assert.equal(third.data.buffer, first.data.buffer);
  assert.equal(second.data[0], 2);
});

test("a frame that is not what it says is refused", () => {
  const whole = frameOf(header, arrays);
  assert.throws(() => parseFrame(new ArrayBuffer(3)), /3 bytes has no header/);
  assert.throws(() => parseFrame(whole.slice(0, 40)), /a header of \d+ bytes in a frame of 40/);
  assert.throws(() => parseFrame(whole.slice(0, whole.byteLength - 8)), /c: \d+ bytes needed/);
  const strange = (/** @type {object} */ output) =>
    frameOf({ ...header, outputs: [{ ...one, ...output }] }, [arrays[0]]);
  assert.throws(() => parseFrame(strange({ dtype: "int64" })), /a: dtype int64 is not known/);
  assert.throws(() => parseFrame(strange({ shape: [-1, 3] })), /a: -1,3 is no shape/);
  assert.throws(() => parseFrame(strange({ shape: [1e9, 1e9] })), /a: \d+(e\+\d+)? bytes needed/);
});

test("a picture goes up behind its number", () => {
  const message = new Uint8Array(packPicture(258, Uint8Array.of(255, 216).buffer));
  assert.deepEqual([...message], [2, 1, 0, 0, 255, 216]);
});
