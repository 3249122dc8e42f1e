import assert from "node:assert/strict";
import { test } from "node:test";
import { compose } from "../../static/js/core/composition.js";

const DESK = { width: 1226, height: 506, projector: false, digit: 9.9, cellHeight: 36, operator: 26 };
const HALL = { width: 1208, height: 660, projector: true, digit: 18.5, cellHeight: 72, operator: 44 };
const PHONE = { width: 328, height: 480, projector: false, digit: 8.7, cellHeight: 36, operator: 26 };
const KERNEL = { characters: [3.5, 2, 4.5], sums: true };
const POOLING = { characters: [3.5], sums: false, steps: 18 };

/** @param {number} side @returns {[number, number, number]} */
const window = (side, channels = 1) => [channels, side, side];

test("a small kernel stands between the pictures, with every channel", () => {
  const { name, layout, cells } = compose(DESK, { grid: window(3, 3), ...KERNEL });
  assert.deepEqual([name, layout, cells], ["wide", "all", "digits"]);
});

test("a large kernel goes beside the pictures, a larger one into swatches", () => {
  assert.equal(compose(DESK, { grid: window(5), ...KERNEL }).name, "stacked");
  assert.equal(compose(DESK, { grid: window(11), ...KERNEL }).cells, "swatches");
});

test("the window of a pooling shows digits up to 7 × 7, then it is a map between the pictures", () => {
  for (const side of [2, 3, 5, 7]) {
    const { name, cells } = compose(DESK, { grid: window(side), ...POOLING });
    assert.deepEqual([side, name, cells], [side, "wide", "digits"]);
  }
  const whole = compose(DESK, { grid: window(44), ...POOLING });
  assert.deepEqual([whole.name, whole.cells], ["wide", "swatches"]);
});

test("a curve needs room of its own: without it, it stands beside the pictures", () => {
  const content = { grid: window(1), characters: [4], sums: false, steps: 46 };
  assert.equal(compose(DESK, content).name, "wide");
  assert.equal(compose({ ...DESK, width: 900 }, content).name, "stacked");
});

test("in the hall and on the phone the composition is their own", () => {
  for (const content of [
    { grid: window(3), ...KERNEL },
    { grid: window(7), ...POOLING },
  ]) {
    assert.equal(compose(HALL, content).name, "projector");
    assert.equal(compose(PHONE, content).name, "phone");
  }
  assert.equal(compose(PHONE, { grid: window(7), ...POOLING }).cells, "digits");
  assert.equal(compose(HALL, { grid: window(7), ...POOLING }).cells, "swatches");
});

test("the pictures are never wider than their room", () => {
  for (const width of [800, 1024, 1226, 1500, 1840]) {
    const { name, picture, cellWidths } = compose({ ...DESK, width }, { grid: window(3), ...KERNEL });
    const middle = cellWidths.reduce((total, cell) => total + 3 * cell, 0);
    if (name === "wide") assert.ok(2 * picture + middle < width);
  }
});
