import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNpy } from "../../static/js/core/npy.js";

/**
 * @param {string} header
 * @param {ArrayLike<number>} bytes of the elements
 * @param {{ major?: number, align?: number }} [options]
 * @returns {ArrayBuffer}
 */
function npy(header, bytes, { major = 1, align = 64 } = {}) {
  const prefix = major === 1 ? 10 : 12;
  const unpadded = prefix + header.length + 1;
  const text = `${header}${" ".repeat((align - (unpadded % align)) % align)}\n`;
  const file = new Uint8Array(prefix + text.length + bytes.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, major, 0]);
  const view = new DataView(file.buffer);
  if (major === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  file.set(
    Array.from(text, (character) => character.charCodeAt(0)),
    prefix,
  );
  file.set(bytes, prefix + text.length);
  return file.buffer;
}

/** @param {string} descr @param {string} shape @param {string} [order] */
function headerOf(descr, shape, order = "False") {
  return `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
}

/** @param {ArrayBufferView} array */
function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

test("a file that NumPy wrote", () => {
  // np.save of np.array([[1, -2.5]], dtype=np.float32), as NumPy 2.4 writes it, in base64
  const saved =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAgwA==";
  const bytes = Uint8Array.from(atob(saved), (character) => character.charCodeAt(0));
  assert.deepEqual(parseNpy(bytes.buffer), {
    shape: [1, 2],
    data: Float32Array.of(1, -2.5),
    dtype: "float32",
  });
});

test("each element type", () => {
  /** @type {[string, string, Float32Array | Float64Array | Uint16Array | Uint8Array | Int32Array][]} */
  const kinds = [
    ["<f4", "float32", Float32Array.of(0.1, -1, 7)],
    ["<f2", "float16", Uint16Array.of(0x3c00, 0xc000, 0x7e00)],
    ["<f8", "float64", Float64Array.of(0.1, -1, 2 ** 53)],
    ["|u1", "uint8", Uint8Array.of(0, 128, 255)],
    ["<i4", "int32", Int32Array.of(-1, 0, 2147483647)],
  ];
  for (const [descr, dtype, data] of kinds) {
    const parsed = parseNpy(npy(headerOf(descr, "(3,)"), bytesOf(data)));
    assert.deepEqual(parsed, { shape: [3], data, dtype });
  }
});

test("shapes of no, one and four axes, and of no elements", () => {
  const one = bytesOf(Float32Array.of(5));
  assert.deepEqual(parseNpy(npy(headerOf("<f4", "()"), one)).shape, []);
  assert.deepEqual(parseNpy(npy(headerOf("<f4", "(1,)"), one)).shape, [1]);
  assert.deepEqual(parseNpy(npy(headerOf("<f4", "(1, 1, 1, 1)"), one)).shape, [1, 1, 1, 1]);
  const empty = parseNpy(npy(headerOf("<f4", "(0, 3)"), []));
  assert.deepEqual([empty.shape, empty.data.length], [[0, 3], 0]);
});

test("versions 2 and 3, and elements that are not aligned", () => {
  const data = Float32Array.of(1.5, -2);
  for (const major of [2, 3]) {
    assert.deepEqual(parseNpy(npy(headerOf("<f4", "(2,)"), bytesOf(data), { major })).data, data);
  }
  for (let padding = 0; padding < 4; padding += 1) {
    const header = headerOf("<f4", "(2,)") + " ".repeat(padding);
    assert.deepEqual(parseNpy(npy(header, bytesOf(data), { align: 1 })).data, data);
  }
});

test("anything else is refused, and the message says what", () => {
  const four = new Uint8Array(4);
  assert.throws(() => parseNpy(new ArrayBuffer(0)), /magic/);
  assert.throws(() => parseNpy(new TextEncoder().encode('{"code": "not-found"}').buffer), /magic/);
  assert.throws(() => parseNpy(npy(headerOf(">f4", "(1,)"), four)), /element type >f4; allowed: <f4/);
  assert.throws(() => parseNpy(npy(headerOf("|O", "(1,)"), four)), /\|O/);
  assert.throws(() => parseNpy(npy(headerOf("toString", "(1,)"), four)), /toString/);
  assert.throws(() => parseNpy(npy(headerOf("<f4", "(1, 1)", "True"), four)), /C order/);
  assert.throws(() => parseNpy(npy(headerOf("<f4", "(2,)"), four)), /needs 8 bytes, found 4/);
  assert.throws(() => parseNpy(npy(headerOf("|u1", "(3,)"), four)), /needs 3 bytes, found 4/);
  assert.throws(() => parseNpy(npy(headerOf("<f4", "(-1,)"), four)), /no shape/);
  assert.throws(() => parseNpy(npy(headerOf("<f4", "(99999999, 99999999, 9)"), four)), /too large/);
  assert.throws(() => parseNpy(npy("{'fortran_order': False, 'shape': (1,), }", four)), /missing/);
  const whole = npy(headerOf("<f4", "(1,)"), four);
  assert.throws(() => parseNpy(whole.slice(0, 30)), /cut short/);
  assert.throws(() => parseNpy(npy(headerOf("<f4", "(1,)"), four, { major: 2 }).slice(0, 11)), /cut short/);
  const future = new Uint8Array(whole);
  future[6] = 9;
  assert.throws(() => parseNpy(future.buffer), /version 9/);
});
