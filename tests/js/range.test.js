import assert from "node:assert/strict";
import { test } from "node:test";
import { floatToHalf } from "../../static/js/core/float16.js";
import { formatTick } from "../../static/js/core/format.js";
import {
  extremes,
  magnitudePercentile,
  niceLegend,
  nonNegativeRange,
  roundOutward,
  signedRange,
  withClipping,
} from "../../static/js/core/range.js";
import { randomFrom } from "./support/random.js";

/** By sorting: the slow way. @param {ArrayLike<number>} values @param {number} percentile */
function percentileBySorting(values, percentile) {
  const sorted = Array.from(values, Math.abs)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((percentile / 100) * sorted.length - 1e-9)) - 1] ?? 0;
}

test("the percentile of magnitudes, by nearest rank", () => {
  const hundred = Float32Array.from({ length: 100 }, (_, i) => (i % 2 ? -1 : 1) * (i + 1));
  assert.equal(magnitudePercentile(hundred, 100), 100);
  assert.equal(magnitudePercentile(hundred, 97), 97);
  assert.equal(magnitudePercentile(hundred, 99.6), 100);
  assert.equal(magnitudePercentile(hundred, 0.001), 1);
  assert.equal(magnitudePercentile([], 50), 0);
  assert.equal(magnitudePercentile([Number.NaN, Number.POSITIVE_INFINITY, -3], 100), 3);
});

test("the percentile agrees with sorting", () => {
  const random = randomFrom(20);
  for (let round = 0; round < 40; round += 1) {
    const values = Float32Array.from(
      { length: random.int(1, 400) },
      () => random.float32() * 10 ** random.int(-40, 30),
    );
    for (const percentile of [1, 50, 97, 99.6, 100]) {
      assert.equal(magnitudePercentile(values, percentile), percentileBySorting(values, percentile));
    }
  }
});

test("a piece of a larger array is read from its own place", () => {
  const whole = Float32Array.of(9, 9, 1, 2, 9);
  assert.equal(magnitudePercentile(whole.subarray(2, 4), 100), 2);
  assert.deepEqual(extremes(whole.subarray(2, 4)), { min: 1, max: 2 });
});

test("extremes pass over what is not finite", () => {
  assert.deepEqual(extremes([Number.NaN, -2, 5, Number.POSITIVE_INFINITY]), { min: -2, max: 5 });
  assert.deepEqual(extremes([Number.NaN]), { min: 0, max: 0 });
  assert.deepEqual(extremes(Uint16Array.of(floatToHalf(-2), floatToHalf(0.5))), { min: -2, max: 0.5 });
});

test("rounding outward to two digits", () => {
  assert.equal(roundOutward(2.81), 2.9);
  assert.equal(roundOutward(2.9), 2.9);
  assert.equal(roundOutward(-2.81), -2.9);
  assert.equal(roundOutward(9.91), 10);
  assert.equal(roundOutward(0.0551), 0.056);
  assert.equal(roundOutward(12345), 13000);
  assert.equal(roundOutward(255, 3), 255);
  assert.equal(roundOutward(1), 1);
  assert.equal(roundOutward(0), 0);
  assert.equal(roundOutward(5e-324), 5e-324);
  assert.equal(roundOutward(Number.MAX_VALUE), Number.MAX_VALUE);
  assert.equal(roundOutward(Math.fround(0.1)), 0.11, "float32 0.1 lies above 0.1");
});

test("the rounded end is never nearer to zero, never 10 % further, and short", () => {
  const random = randomFrom(21);
  for (let i = 0; i < 3000; i += 1) {
    const x = random.float32() * 10 ** random.int(-30, 30);
    const rounded = Math.abs(roundOutward(x));
    assert.ok(rounded >= Math.abs(x) && rounded <= Math.abs(x) * 1.1000001, `${x}`);
    assert.ok(rounded.toExponential().replace(/e.*/, "").length <= 3, `${rounded} has two digits`);
  }
});

test("a signed range is symmetric and says what it clips", () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => (i < 998 ? Math.sin(i) * 2.8 : 40));
  const range = signedRange(values);
  assert.deepEqual(range, { min: -2.8, max: 2.8, clippedLow: false, clippedHigh: true });
  assert.deepEqual(signedRange(values, { percentile: 100 }), {
    min: -40,
    max: 40,
    clippedLow: false,
    clippedHigh: false,
  });
  assert.equal(signedRange(values.map((v) => -v)).clippedLow, true);
});

test("half-precision bits have the range of their numbers", () => {
  const numbers = [-1.5, 0.25, 3];
  assert.deepEqual(signedRange(Uint16Array.from(numbers, floatToHalf)), signedRange(numbers));
});

test("a few values among zeros still show", () => {
  const sparse = new Float32Array(10000);
  sparse[17] = 0.425;
  assert.equal(nonNegativeRange(sparse).max, 0.43);
  assert.deepEqual(signedRange(new Float32Array(9)), {
    min: 0,
    max: 0,
    clippedLow: false,
    clippedHigh: false,
  });
});

test("a ReLU drawn on the range of its convolution", () => {
  const { max } = signedRange([-3, 2]);
  assert.deepEqual(withClipping([0, 2], { min: 0, max }), {
    min: 0,
    max: 3,
    clippedLow: false,
    clippedHigh: false,
  });
  assert.equal(withClipping([0, 4], { min: 0, max }).clippedHigh, true);
  assert.equal(nonNegativeRange([-1, 2]).clippedLow, true);
});

test("what is infinite is clipped, what is NaN is not", () => {
  assert.equal(withClipping([Number.POSITIVE_INFINITY], { min: 0, max: 1 }).clippedHigh, true);
  assert.deepEqual(withClipping([Number.NaN], { min: 0, max: 1 }), {
    min: 0,
    max: 1,
    clippedLow: false,
    clippedHigh: false,
  });
});

test("legends", () => {
  assert.deepEqual(niceLegend({ min: -2.9, max: 2.9, clippedLow: true, clippedHigh: false }), [
    { value: -2.9, position: 0, bound: "atMost" },
    { value: 0, position: 0.5, bound: null },
    { value: 2.9, position: 1, bound: null },
  ]);
  assert.deepEqual(niceLegend({ min: 0, max: 1, clippedLow: false, clippedHigh: true }), [
    { value: 0, position: 0, bound: null },
    { value: 0.5, position: 0.5, bound: null },
    { value: 1, position: 1, bound: "atLeast" },
  ]);
  const lopsided = niceLegend({ min: -1, max: 3, clippedLow: false, clippedHigh: false });
  assert.deepEqual(lopsided[1], { value: 0, position: 0.25, bound: null });
  assert.equal(niceLegend({ min: 2, max: 3, clippedLow: false, clippedHigh: false }).length, 2);
  assert.equal(niceLegend({ min: 0, max: 0, clippedLow: false, clippedHigh: false }).length, 1);
});

test("a legend's labels, read back, are the range that colours the picture", () => {
  const random = randomFrom(22);
  for (let round = 0; round < 300; round += 1) {
    const scale = 10 ** random.int(-3, 5);
    const values = Float32Array.from({ length: 50 }, () => random.float32() * scale);
    const range = signedRange(values, { percentile: random.pick([97, 99.6, 100]) });
    const [low, zero, high] = niceLegend(range).map(({ value }) => formatTick(value));
    assert.equal(Number(low.replace("−", "-")), range.min);
    assert.equal(zero, "0");
    assert.equal(Number(high), range.max);
    const { min, max } = extremes(values);
    assert.equal(range.clippedLow, min < range.min);
    assert.equal(range.clippedHigh, max > range.max);
  }
});
