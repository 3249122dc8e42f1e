import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNpz } from "../../static/js/core/npz.js";

/**
 * A zip file of stored entries, written here byte by byte from the format's description.
 * @param {[string, Uint8Array][]} files
 * @param {{ method?: number }} [options]
 */
function zip(files, { method = 0 } = {}) {
  const encoder = new TextEncoder();
  const parts = [];
  const entries = [];
  let at = 0;
  for (const [name, content] of files) {
    const title = encoder.encode(name);
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    local.setUint16(26, title.length, true);
    // An extra field, as NumPy writes one: it must be passed over.
    local.setUint16(28, 4, true);
    const entry = new DataView(new ArrayBuffer(46));
    entry.setUint32(0, 0x02014b50, true);
    entry.setUint16(10, method, true);
    entry.setUint32(20, content.length, true);
    entry.setUint32(24, content.length, true);
    entry.setUint16(28, title.length, true);
    entry.setUint32(42, at, true);
    entries.push(new Uint8Array(entry.buffer), title);
    const blocks = [new Uint8Array(local.buffer), title, new Uint8Array(4), content];
    parts.push(...blocks);
    at += blocks.reduce((sum, { length }) => sum + length, 0);
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(10, files.length, true);
  end.setUint32(16, at, true);
  const all = [...parts, ...entries, new Uint8Array(end.buffer)];
  return Uint8Array.from(all.flatMap((block) => [...block])).buffer;
}

/** @param {number[]} values */
function npy(values) {
  const fields = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length},), }`;
  const header = `${fields.padEnd(117)}\n`;
  const bytes = new Uint8Array(10 + header.length + 4 * values.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length, 0]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(Float32Array.from(values).buffer), 10 + header.length);
  return bytes;
}

test("arrays by their names", () => {
  const arrays = parseNpz(
    zip([
      ["conv1.npy", npy([1, 2])],
      ["pool.npy", npy([-0.5])],
    ]),
  );
  assert.deepEqual([...arrays.keys()], ["conv1", "pool"]);
  assert.deepEqual([...(arrays.get("conv1")?.data ?? [])], [1, 2]);
  assert.deepEqual(arrays.get("pool")?.shape, [1]);
});

test("what is no such file is refused", () => {
  assert.throws(() => parseNpz(new ArrayBuffer(4)), /no end record/);
  assert.throws(() => parseNpz(zip([["a.npy", npy([1])]], { method: 8 })), /compressed/);
});
