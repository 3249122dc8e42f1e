import assert from "node:assert/strict";
import { test } from "node:test";
import {
  floatToHalf,
  HALF_COUNT,
  halfTable,
  halfToFloat,
  halvesToFloats,
} from "../../static/js/core/float16.js";
import { randomFrom } from "./support/random.js";

test("known bit patterns", () => {
  assert.equal(halfToFloat(0x3c00), 1);
  assert.equal(halfToFloat(0xc000), -2);
  assert.equal(halfToFloat(0x3555), 0.333251953125);
  assert.equal(halfToFloat(0x7bff), 65504);
  assert.equal(halfToFloat(0x0001), 2 ** -24);
  assert.equal(halfToFloat(0x0400), 2 ** -14);
  assert.ok(Object.is(halfToFloat(0x8000), -0));
  assert.equal(halfToFloat(0x7c00), Number.POSITIVE_INFINITY);
  assert.equal(halfToFloat(0xfc00), Number.NEGATIVE_INFINITY);
  assert.ok(Number.isNaN(halfToFloat(0x7e01)));
});

test("every bit pattern but NaN comes back from its value", () => {
  const table = halfTable();
  assert.equal(table.length, HALF_COUNT);
  for (let bits = 0; bits < HALF_COUNT; bits += 1) {
    if (Number.isNaN(table[bits])) assert.equal(floatToHalf(table[bits]), 0x7e00);
    else assert.equal(floatToHalf(table[bits]), bits);
  }
});

test("the table is built once", () => {
  assert.equal(halfTable(), halfTable());
});

test("ties go to the even mantissa, everything else to the nearer neighbour", () => {
  assert.equal(floatToHalf(1 + 2 ** -11), 0x3c00);
  assert.equal(floatToHalf(1 + 3 * 2 ** -11), 0x3c02);
  assert.equal(floatToHalf(1 + 2 ** -11 + 2 ** -40), 0x3c01);
  assert.equal(floatToHalf(2 ** -25), 0);
  assert.equal(floatToHalf(1.5 * 2 ** -24), 2);
  assert.equal(floatToHalf(2 - 2 ** -12), 0x4000);
  assert.equal(floatToHalf(2 ** -14 - 2 ** -26), 0x0400);
});

test("large numbers become infinite from 65520 on", () => {
  assert.equal(floatToHalf(65519.999), 0x7bff);
  assert.equal(floatToHalf(65520), 0x7c00);
  assert.equal(floatToHalf(-1e300), 0xfc00);
  assert.equal(floatToHalf(5e-324), 0);
  assert.equal(floatToHalf(-0), 0x8000);
});

test("no other half is nearer", () => {
  const random = randomFrom(16);
  for (let i = 0; i < 5000; i += 1) {
    const x = (random.uniform() - 0.5) * 2 ** random.int(-26, 16);
    const bits = floatToHalf(x);
    const error = Math.abs(halfToFloat(bits) - x);
    for (const neighbour of [bits - 1, bits + 1]) {
      const other = halfToFloat(neighbour & 0xffff);
      if (Number.isFinite(other)) assert.ok(error <= Math.abs(other - x), `${x}`);
    }
  }
});

test("arrays of bits", () => {
  assert.deepEqual(halvesToFloats(Uint16Array.of(0x3c00, 0xb800)), Float32Array.of(1, -0.5));
});
