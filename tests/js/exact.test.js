import assert from "node:assert/strict";
import { test } from "node:test";
import {
  add,
  compareShown,
  decimals,
  exactDecimal,
  fromNumber,
  multiply,
  products,
  sum,
  toDecimal,
  ZERO,
} from "../../static/js/core/exact.js";
import { relation, relationOfProduct } from "../../static/js/core/sums.js";
import { randomFrom } from "./support/random.js";

/** @param {string} shown */
function read(shown) {
  return Number(shown.replace("−", "-"));
}

test("known expansions", () => {
  assert.equal(exactDecimal(0.1), "0.1000000000000000055511151231257827021181583404541015625");
  assert.equal(exactDecimal(Math.fround(0.1)), "0.100000001490116119384765625");
  assert.equal(exactDecimal(-0.375), "−0.375");
  assert.equal(exactDecimal(0), "0");
  assert.equal(exactDecimal(-0), "0");
  assert.equal(exactDecimal(2 ** 53), "9007199254740992");
  assert.equal(exactDecimal(1e23), "99999999999999991611392");
  const least = exactDecimal(5e-324);
  assert.equal(least.length, 2 + 1074);
  assert.ok(least.startsWith("0.000") && least.endsWith("447265625"));
});

test("numbers without an expansion are refused", () => {
  for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assert.throws(() => exactDecimal(x), RangeError);
  }
});

test("values are kept in one form: n odd, or zero", () => {
  assert.deepEqual(fromNumber(12), { n: 3n, e: 2 });
  assert.deepEqual(fromNumber(-0.5), { n: -1n, e: -1 });
  assert.deepEqual(fromNumber(5e-324), { n: 1n, e: -1074 });
  assert.deepEqual(add(fromNumber(1.5), fromNumber(-1.5)), ZERO);
  assert.equal(decimals(fromNumber(0.375)), 3);
  assert.equal(decimals(fromNumber(8)), 0);
});

test("the expansion of any double reads back as that double", () => {
  const random = randomFrom(10);
  for (let i = 0; i < 1000; i += 1) {
    const x = random.double();
    assert.equal(read(exactDecimal(x)), x);
  }
  for (const x of [Number.MAX_VALUE, Number.MIN_VALUE, 2 ** -1022, 2 ** -1022 - 2 ** -1074, Number.EPSILON]) {
    assert.equal(read(exactDecimal(x)), x);
  }
});

test("0.1 + 0.2 in full, where the double sum is another number", () => {
  const total = add(fromNumber(0.1), fromNumber(0.2));
  assert.equal(toDecimal(total), "0.3000000000000000166533453693773481063544750213623046875");
  assert.notEqual(toDecimal(total), exactDecimal(0.1 + 0.2));
});

test("products and sums of small integers are theirs", () => {
  const random = randomFrom(11);
  for (let i = 0; i < 300; i += 1) {
    const [a, b] = [random.int(-5000, 5000), random.int(-5000, 5000)];
    assert.deepEqual(multiply(fromNumber(a / 64), fromNumber(b / 8)), fromNumber((a * b) / 512));
    assert.deepEqual(add(fromNumber(a / 64), fromNumber(b / 8)), fromNumber((a + 8 * b) / 64));
  }
});

test("float32 products, written with every digit, are true and add up", () => {
  const random = randomFrom(12);
  for (let round = 0; round < 50; round += 1) {
    const inputs = Float32Array.from({ length: 27 }, random.float32);
    const weights = Float32Array.from({ length: 27 }, random.float32);
    const terms = products(inputs, weights);
    const widest = Math.max(...terms.map(decimals));
    const shown = terms.map((term) => toDecimal(term, widest));
    const total = sum(terms);
    assert.equal(new Set(shown.map((text) => text.split(".")[1].length)).size, 1, "one column of decimals");
    assert.equal(relation(shown, toDecimal(total)), "=");
    for (let i = 0; i < terms.length; i += 1) {
      assert.equal(relationOfProduct(exactDecimal(inputs[i]), exactDecimal(weights[i]), shown[i]), "=");
    }
    // One unit in the last place, and it adds up no more.
    const off = toDecimal(add(total, { n: 1n, e: total.e }));
    assert.equal(relation(shown, off), "≈");
  }
});

test("lists of different length have no products", () => {
  assert.throws(() => products([1, 2], [1]), RangeError);
});

test("an exact value against a shown one", () => {
  assert.equal(compareShown(fromNumber(0.5), "0.50"), 0);
  assert.equal(compareShown(fromNumber(0.1), "0.1"), 1);
  assert.equal(compareShown(fromNumber(0.3), "0.3"), -1);
  assert.equal(compareShown(fromNumber(-0.125), "−0.13"), 1);
  assert.throws(() => compareShown(ZERO, "∞"), RangeError);
});
