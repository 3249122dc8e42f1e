import assert from "node:assert/strict";
import { test } from "node:test";
import { compareShown, exactDecimal, fromNumber } from "../../static/js/core/exact.js";
import {
  commonDigits,
  formatCount,
  formatFixed,
  formatSignificant,
  formatSize,
  formatTick,
} from "../../static/js/core/format.js";
import { randomFrom } from "./support/random.js";

/** Rounds the full expansion as text, half away from zero. @param {number} x @param {number} digits */
function roundedByHand(x, digits) {
  const [whole, fraction = ""] = exactDecimal(Math.abs(x)).split(".");
  const padded = fraction.padEnd(digits + 1, "0");
  const kept = BigInt(whole + padded.slice(0, digits)) + (padded[digits] >= "5" ? 1n : 0n);
  const text = kept.toString().padStart(digits + 1, "0");
  const shown = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return x < 0 && kept !== 0n ? `−${shown}` : shown;
}

test("fixed decimals: the minus, the leading zero, no minus before zero", () => {
  assert.equal(formatFixed(-0.13, 2), "−0.13");
  assert.equal(formatFixed(0.5, 2), "0.50");
  assert.equal(formatFixed(-0.001, 2), "0.00");
  assert.equal(formatFixed(-0, 2), "0.00");
  assert.equal(formatFixed(-0.4, 0), "0");
  assert.equal(formatFixed(-0.5, 0), "−1");
  assert.equal(formatFixed(12, 0), "12");
});

test("halves go away from zero; what only looks like a half does not", () => {
  assert.equal(formatFixed(0.125, 2), "0.13");
  assert.equal(formatFixed(-0.125, 2), "−0.13");
  assert.equal(formatFixed(0.375, 2), "0.38");
  assert.equal(formatFixed(2.5, 0), "3");
  assert.equal(formatFixed(1.005, 2), "1.00");
  assert.equal(formatFixed(1.045, 2), "1.04");
  assert.equal(formatFixed(0.1 + 0.2, 20), "0.30000000000000004441");
});

test("the largest, the smallest, and what is no number", () => {
  assert.equal(formatFixed(2 ** 53, 1), "9007199254740992.0");
  assert.equal(formatFixed(-1e23, 2), "−99999999999999991611392.00");
  assert.equal(formatFixed(1e21, 0), "1000000000000000000000");
  assert.equal(formatFixed(5e-324, 3), "0.000");
  assert.equal(formatFixed(Number.NaN, 2), "?");
  assert.equal(formatFixed(Number.POSITIVE_INFINITY, 2), "∞");
  assert.equal(formatFixed(Number.NEGATIVE_INFINITY, 2), "−∞");
});

test("fixed decimals are the rounded full expansion", () => {
  const random = randomFrom(8);
  for (let i = 0; i < 2000; i += 1) {
    const digits = random.int(0, 12);
    const x = (random.uniform() - 0.5) * 10 ** random.int(-6, 25);
    assert.equal(formatFixed(x, digits), roundedByHand(x, digits));
    const tie = random.int(-4096, 4096) / 2 ** random.int(1, 6);
    assert.equal(formatFixed(tie, digits % 4), roundedByHand(tie, digits % 4));
  }
});

test("the helper that rounds by hand is not formatFixed itself", () => {
  assert.equal(roundedByHand(0.125, 2), "0.13");
  assert.notEqual(roundedByHand(0.125, 2), "0.12");
});

test("significant digits", () => {
  assert.equal(formatSignificant(0.012345, 3), "0.0123");
  assert.equal(formatSignificant(-1.5, 3), "−1.50");
  assert.equal(formatSignificant(9.996, 3), "10.0");
  assert.equal(formatSignificant(1234.5, 2), "1235");
  assert.equal(formatSignificant(0, 3), "0");
  assert.equal(formatSignificant(-0, 3), "0");
});

test("integers stay integers", () => {
  assert.equal(formatSignificant(3, 3), "3");
  assert.equal(formatSignificant(-2, 4), "−2");
  assert.equal(formatSignificant(123456, 2), "123456");
});

test("powers of ten for the very large and the very small", () => {
  assert.equal(formatSignificant(0.0001234, 2), "0.00012");
  assert.equal(formatSignificant(0.00001234, 2), "1.2×10⁻⁵");
  assert.equal(formatSignificant(-12345678, 3), "−1.23×10⁷");
  assert.equal(formatSignificant(9999999.6, 2), "1.0×10⁷");
  assert.equal(formatSignificant(5e-324, 2), "4.9×10⁻³²⁴");
  assert.equal(formatSignificant(Number.NaN, 2), "?");
});

test("significant digits are off by half a unit at most", () => {
  const random = randomFrom(9);
  for (let i = 0; i < 1000; i += 1) {
    const x = random.float32() * 10 ** random.int(-9, 9);
    const shown = formatSignificant(x, 3);
    const read = Number(shown.replace("−", "-").replace(/×10(.*)/, (_, e) => `e${plain(e)}`));
    assert.ok(Math.abs(read - x) <= Math.abs(x) * 0.005000001, `${x}: ${shown}`);
    assert.ok(!shown.includes("-") && !shown.includes("e"));
  }
});

/** @param {string} superscript */
function plain(superscript) {
  return superscript.replace("⁻", "-").replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (d) => String("⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(d)));
}

test("ticks are as short as their number", () => {
  assert.equal(formatTick(-2.9), "−2.9");
  assert.equal(formatTick(0), "0");
  assert.equal(formatTick(-0), "0");
  assert.equal(formatTick(1), "1");
  assert.equal(formatTick(127.5), "127.5");
  assert.equal(formatTick(0.00012), "0.00012");
  assert.equal(formatTick(0.000012), "1.2×10⁻⁵");
  assert.equal(formatTick(-23000000), "−2.3×10⁷");
  assert.equal(formatTick(Number.POSITIVE_INFINITY), "∞");
});

test("a kernel has as many decimals as its weights need", () => {
  assert.equal(commonDigits([-1, 0, 2], 4), 0);
  assert.equal(commonDigits([0.5, -0.25, 1], 4), 2);
  assert.equal(commonDigits([0.1, 0.2], 4), 1);
  assert.equal(commonDigits(Float32Array.of(0.1, 0.25), 4), 2);
  assert.equal(commonDigits([1 / 9], 4), 4);
  assert.equal(commonDigits([0.1 + 0.2], 4), 4);
  assert.equal(commonDigits([Number.NaN, Number.POSITIVE_INFINITY, 3], 2), 0);
  assert.equal(commonDigits([-0], 2), 0);
  assert.equal(commonDigits([], 2), 0);
});

test("fewer decimals than commonDigits do not show every value", () => {
  const random = randomFrom(13);
  for (let i = 0; i < 300; i += 1) {
    const values = Array.from({ length: 9 }, () => random.int(-64, 64) / 2 ** random.int(0, 4));
    const digits = commonDigits(values, 8);
    const isShown = (/** @type {number} */ d) =>
      values.every((value) => compareShown(fromNumber(value), formatFixed(value, d)) === 0);
    assert.ok(isShown(digits));
    if (digits > 0) assert.ok(!isShown(digits - 1));
  }
});

test("sizes", () => {
  assert.equal(formatSize([3, 3]), "3 × 3");
  assert.equal(formatSize([3, 44, 44]), "3 × 44 × 44");
  assert.equal(formatSize([7]), "7");
});

test("counts", () => {
  assert.equal(formatCount(1234567), "1,234,567");
  assert.equal(formatCount(1234567, "ja"), "1,234,567");
  assert.equal(formatCount(1234567, "ja", "thin"), "1\u202F234\u202F567");
  assert.equal(formatCount(-4200, "en"), "−4,200");
  assert.equal(formatCount(0), "0");
  assert.equal(formatCount(-0), "0");
  assert.equal(formatCount(2 ** 53, "en"), "9,007,199,254,740,992");
});
