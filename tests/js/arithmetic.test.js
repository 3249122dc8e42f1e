import assert from "node:assert/strict";
import { test } from "node:test";
import { shownNumber } from "../../static/js/core/arithmetic.js";

test("a number keeps what its digits would round away", () => {
  assert.equal(shownNumber(0.5, 2), "0.50");
  assert.equal(shownNumber(0.0121, 2), "0.012");
  assert.equal(shownNumber(0.01, 2), "0.01");
  assert.equal(shownNumber(-0.00112, 2), "−0.0011");
  assert.equal(shownNumber(0, 2), "0.00");
  assert.equal(shownNumber(3e-12, 2), "3.00×10⁻¹²");
  assert.equal(shownNumber(Number.POSITIVE_INFINITY, 2), "∞");
});
