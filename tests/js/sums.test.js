import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFixed } from "../../static/js/core/format.js";
import {
  chain,
  relation,
  relationOfPower,
  relationOfProduct,
  relationOfProducts,
  relationOfQuotient,
  weakest,
} from "../../static/js/core/sums.js";
import { randomFrom } from "./support/random.js";

test("a sum whose shown digits add up", () => {
  assert.equal(relation(["0.44", "0.31", "0.14", "0.10"], "0.99"), "=");
  assert.equal(relation(["0.1", "0.2"], "0.3"), "=");
  assert.equal(relation(["−0.13", "0.00", "0.45"], "0.32"), "=");
  assert.equal(relation(["1", "0.50"], "1.5"), "=");
  assert.equal(relation([], "0.00"), "=");
});

test("a sum whose shown digits do not add up", () => {
  assert.equal(relation(["0.43", "0.31", "0.14", "0.10"], "0.99"), "≈");
  assert.equal(relation(["0.33", "0.33", "0.33"], "1.00"), "≈");
  assert.equal(relation(["0.1", "0.2"], "0.30000000000000004"), "≈");
  assert.equal(relation(["1"], "−1"), "≈");
  assert.equal(relation([], "0.01"), "≈");
});

test("nothing is claimed of what is no number", () => {
  assert.equal(relation(["NaN"], "NaN"), "≈");
  assert.equal(relation(["∞", "1"], "∞"), "≈");
  assert.equal(relationOfProduct("0", "∞", "NaN"), "≈");
});

test("products", () => {
  assert.equal(relationOfProduct("0.13", "−1", "−0.13"), "=");
  assert.equal(relationOfProduct("0.56", "2", "1.12"), "=");
  assert.equal(relationOfProduct("0.5", "0.25", "0.125"), "=");
  assert.equal(relationOfProduct("0.32", "0", "0.00"), "=");
  assert.equal(relationOfProduct("0.38", "−2", "−0.77"), "≈");
  assert.equal(relationOfProduct("0.5", "0.25", "0.13"), "≈");
  assert.equal(relationOfProduct("0.38", "2", "−0.76"), "≈");
});

test("quotients and powers are equal only in the digits shown", () => {
  assert.equal(relationOfQuotient("1.00", "4", "0.25"), "=");
  assert.equal(relationOfQuotient("2.31", "9", "0.26"), "≈");
  assert.equal(relationOfQuotient("0.00", "0.00", "0.00"), "≈");
  assert.equal(relationOfPower("−0.5", 2, "0.25"), "=");
  assert.equal(relationOfPower("0.52", 2, "0.27"), "≈");
  assert.equal(relationOfPower("0.25", 0.5, "0.5"), "≈");
  assert.equal(relationOfPower("−3", 3, "27"), "=");
  assert.equal(relationOfPower("NaN", 2, "NaN"), "≈");
});

test("one rounded product makes a grid approximate", () => {
  const inputs = ["0.13", "0.38", "0.57"];
  const weights = ["−1", "−2", "−1"];
  assert.deepEqual(relationOfProducts(inputs, weights, ["−0.13", "−0.77", "−0.57"]), {
    cells: ["=", "≈", "="],
    whole: "≈",
  });
  assert.equal(relationOfProducts(inputs, weights, ["−0.13", "−0.76", "−0.57"]).whole, "=");
  assert.throws(() => relationOfProducts(inputs, weights, ["−0.13"]), RangeError);
});

test("a chain is equal only if every step is", () => {
  const groups = [
    ["−0.13", "0.57"],
    ["0.10", "0.21"],
  ];
  assert.deepEqual(chain(groups, ["0.44", "0.31"], "0.10", "0.85"), {
    groups: ["=", "="],
    total: "=",
    whole: "=",
  });
  assert.deepEqual(chain(groups, ["0.45", "0.31"], "0.10", "0.86"), {
    groups: ["≈", "="],
    total: "=",
    whole: "≈",
  });
  assert.deepEqual(chain(groups, ["0.44", "0.31"], "0.10", "0.84").total, "≈");
  assert.equal(chain(groups, ["0.44", "0.31"], null, "0.75").whole, "=");
  assert.equal(chain(groups, ["0.44", "0.31"], null, "0.85").whole, "≈");
  assert.throws(() => chain(groups, ["0.44"], null, "0.44"), RangeError);
  assert.equal(weakest([]), "=");
});

test("the sign agrees with integers counted by hand, and turns when the total moves by one unit", () => {
  const random = randomFrom(6);
  for (let round = 0; round < 500; round += 1) {
    const hundredths = Array.from({ length: random.int(1, 9) }, () => random.int(-300, 300));
    const shown = hundredths.map((h) => formatFixed(h / 100, 2));
    const total = hundredths.reduce((a, b) => a + b, 0);
    assert.equal(relation(shown, formatFixed(total / 100, 2)), "=");
    assert.equal(relation(shown, formatFixed((total + random.pick([-1, 1])) / 100, 2)), "≈");
  }
});

test("both signs occur among rounded sums of real numbers", () => {
  const random = randomFrom(7);
  const signs = Array.from({ length: 200 }, () => {
    const terms = Array.from({ length: 9 }, random.float32);
    const total = terms.reduce((a, b) => a + b, 0);
    return relation(
      terms.map((term) => formatFixed(term, 2)),
      formatFixed(total, 2),
    );
  });
  assert.ok(signs.includes("=") && signs.includes("≈"));
});
