import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDecimals,
  compareDecimals,
  formatDecimal,
  MINUS,
  multiplyDecimals,
  parseDecimal,
  toSuperscript,
} from "../../static/js/core/decimal.js";
import { randomFrom } from "./support/random.js";

/** @param {string} shown */
function decimal(shown) {
  const value = parseDecimal(shown);
  assert.ok(value, shown);
  return value;
}

test("shown numbers are read to the digit", () => {
  assert.deepEqual(parseDecimal("0.44"), { n: 44n, scale: 2 });
  assert.deepEqual(parseDecimal(`${MINUS}0.10`), { n: -10n, scale: 2 });
  assert.deepEqual(parseDecimal("-7"), { n: -7n, scale: 0 });
  assert.deepEqual(parseDecimal("+7"), { n: 7n, scale: 0 });
  assert.deepEqual(parseDecimal("1.5×10⁻⁷"), { n: 15n, scale: 8 });
  assert.deepEqual(parseDecimal("1.5×10³"), { n: 1500n, scale: 0 });
});

test("what is no such number is not read", () => {
  for (const text of [
    "",
    "NaN",
    "∞",
    ".5",
    "5.",
    "1e3",
    "1,000",
    "0x10",
    " 1",
    "1 ",
    "−−1",
    "×10³",
    "1×10⁻",
  ]) {
    assert.equal(parseDecimal(text), null, text);
  }
});

test("written back", () => {
  for (const shown of ["0", "0.00", "0.44", "−0.10", "12345678901234567890.5", "−3"]) {
    assert.equal(formatDecimal(decimal(shown)), shown);
  }
  assert.equal(formatDecimal({ n: 0n, scale: 2 }), "0.00");
  assert.equal(toSuperscript(-12), "⁻¹²");
  assert.equal(toSuperscript(0), "⁰");
});

test("0.1 + 0.2 is 0.3", () => {
  assert.equal(formatDecimal(addDecimals(decimal("0.1"), decimal("0.2"))), "0.3");
  assert.equal(formatDecimal(multiplyDecimals(decimal("−0.1"), decimal("0.2"))), "−0.02");
  assert.equal(compareDecimals(decimal("0.30"), decimal("0.3")), 0);
  assert.equal(compareDecimals(decimal("−0.31"), decimal("−0.3")), -1);
  assert.equal(compareDecimals(decimal("10"), decimal("9.99")), 1);
});

test("sums and products agree with integers scaled by hand", () => {
  const random = randomFrom(5);
  for (let i = 0; i < 500; i += 1) {
    const [a, b] = [random.int(-99999, 99999), random.int(-99999, 99999)];
    const x = { n: BigInt(a), scale: 3 };
    const y = { n: BigInt(b), scale: 1 };
    assert.deepEqual(addDecimals(x, y), { n: BigInt(a + 100 * b), scale: 3 });
    assert.deepEqual(multiplyDecimals(x, y), { n: BigInt(a * b), scale: 4 });
    assert.equal(compareDecimals(x, y), Math.sign(a - 100 * b));
    assert.deepEqual(parseDecimal(formatDecimal(x)), x);
  }
});
