import assert from "node:assert/strict";
import { test } from "node:test";
import { answerText, barsOf, isRight, readNumber, readSize } from "../../static/js/core/question.js";

/** @param {string} kind @param {any} [options] @returns {any} */
const question = (kind, options = null) => ({ id: "q1", kind, place: null, options, revealed: null });
const KNOWN = { answer: undefined, own: null, digits: 2, language: "en", others: "others" };

test("numbers are read as people type them", () => {
  const read = {
    "−1,25": -1.25,
    "-1.25": -1.25,
    "－１．５": -1.5,
    " +3 ": 3,
    ".5": 0.5,
    "2.": 2,
    "1e-3": 0.001,
  };
  for (const [text, value] of Object.entries(read)) assert.equal(readNumber(text), value, text);
  for (const text of ["", "-", "1,2,3", "abc", "1e999", "Infinity", "0x10", "1 2"])
    assert.equal(readNumber(text), null, text);
});

test("a size is two whole numbers", () => {
  assert.deepEqual(readSize(["42", "44"]), [42, 44]);
  for (const texts of [
    ["42", ""],
    ["4.5", "4"],
    ["-1", "4"],
    ["9999999", "4"],
  ])
    assert.equal(readSize(texts), null, String(texts));
});

test("a number is right within the digits that are shown", () => {
  const cell = question("cell");
  assert.ok(isRight(cell, 0.99, 0.9876, 2));
  assert.ok(isRight(cell, 0.98, 0.9876, 2), "rounded terms may add up to a neighbour");
  assert.ok(isRight(cell, 1.0, 0.99, 2), "exactly one in the last digit");
  assert.ok(!isRight(cell, 1.01, 0.9876, 2));
  assert.ok(isRight(cell, 1000, 1004, 2), "within half a per cent");
  assert.ok(!isRight(cell, -0.99, 0.9876, 2));
  assert.ok(!isRight(cell, null, 0, 2));
});

test("sizes and choices are right or wrong; equal texts are equally right", () => {
  assert.ok(isRight(question("size"), [42, 44], [42, 44], 2));
  assert.ok(!isRight(question("size"), [44, 42], [42, 44], 2));
  const window = question("argmax", ["0.1", "0.9", "0.9", "0.3"]);
  assert.ok(isRight(window, 1, 2, 2) && isRight(window, 2, 2, 2) && !isRight(window, 0, 2, 2));
  const classes = question("class", [
    { en: "cat", ja: "猫" },
    { en: "cat", ja: "猫" },
  ]);
  assert.ok(!isRight(classes, 0, 1, 2), "two classes of one name are two classes");
});

test("answers in words", () => {
  assert.equal(answerText(question("cell"), -1.256, 2, "en"), "−1.26");
  assert.equal(answerText(question("cell"), 3, 2, "en"), "3");
  assert.equal(answerText(question("size"), [42, 44], 2, "en"), "42 × 44");
  assert.equal(answerText(question("class", [{ en: "cat", ja: "猫" }]), 0, 2, "ja"), "猫");
  assert.equal(answerText(question("argmax", ["<b>"]), 0, 2, "ja"), "<b>");
});

test("few numbers have a bar each, in their order, the true and one's own marked", () => {
  const tally = [
    { value: 2, count: 1 },
    { value: -1.25, count: 4 },
    { value: 0, count: 2 },
  ];
  const bars = barsOf(question("cell"), tally, { ...KNOWN, answer: -1.2504, own: 0 });
  assert.deepEqual(
    bars.map(({ label, count, share, isRight, isOwn }) => [label, count, share, isRight, isOwn]),
    [
      ["−1.25", 4, 1, true, false],
      ["0", 2, 0.5, false, true],
      ["2", 1, 0.25, false, false],
    ],
  );
});

test("before it is revealed no bar is the right one", () => {
  const bars = barsOf(question("cell"), [{ value: 0, count: 1 }], KNOWN);
  assert.deepEqual(
    bars.map(({ isRight }) => isRight),
    [false],
  );
});

test("many numbers fall into bins of a round width, all counted once", () => {
  const tally = Array.from({ length: 100 }, (_, i) => ({ value: (i - 50) / 25, count: 1 + (i % 3) }));
  const outlier = { value: 1e6, count: 2 };
  const bars = barsOf(question("cell"), [...tally, outlier], { ...KNOWN, answer: 0.31, own: 1e6 });
  const total = [...tally, outlier].reduce((sum, { count }) => sum + count, 0);
  assert.equal(
    bars.reduce((sum, { count }) => sum + count, 0),
    total,
  );
  assert.ok(bars.length >= 5 && bars.length <= 9, String(bars.length));
  assert.equal(bars.filter(({ isRight }) => isRight).length, 1);
  assert.deepEqual(
    bars.filter(({ isOwn }) => isOwn).map(({ label }) => label),
    [bars.at(-1)?.label],
  );
  assert.match(bars.at(-1)?.label ?? "", /^≥ /);
  assert.match(bars[2].label, /^−?[\d.]+ … −?[\d.]+$/);
});

test("numbers that are nearly one number still have a bar", () => {
  const tally = Array.from({ length: 12 }, (_, i) => ({ value: 1 + i * 1e-9, count: 10 }));
  const bars = barsOf(question("cell"), tally, KNOWN);
  assert.equal(
    bars.reduce((sum, { count }) => sum + count, 0),
    120,
  );
});

test("every option has its bar, chosen or not", () => {
  const bars = barsOf(question("argmax", ["a", "b", "c"]), [{ value: 2, count: 3 }], {
    ...KNOWN,
    answer: 0,
    own: 2,
  });
  assert.deepEqual(
    bars.map(({ label, count, isRight, isOwn }) => [label, count, isRight, isOwn]),
    [
      ["a", 0, true, false],
      ["b", 0, false, false],
      ["c", 3, false, true],
    ],
  );
});

test("the most frequent sizes come first; what is rare is told together", () => {
  const tally = [
    { value: [42, 42], count: 2 },
    { value: [44, 44], count: 7 },
    { value: null, count: 5 },
  ];
  const bars = barsOf(question("size"), tally, { ...KNOWN, answer: [44, 44], own: [42, 42] });
  assert.deepEqual(
    bars.map(({ label, count, isRight, isOwn }) => [label, count, isRight, isOwn]),
    [
      ["44 × 44", 7, true, false],
      ["42 × 42", 2, false, true],
      ["others", 5, false, false],
    ],
  );
});
