import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EDITS,
  formatEdits,
  isOff,
  parseEdits,
  toggleChannel,
  withEdit,
} from "../../static/js/core/edits.js";

const TEXT = "conv1:3,0,1,2=-0.5;conv1:3*1.5;layer%3A1:7!";
/** @type {import("../../static/js/core/edits.js").Edit[]} */
const LIST = [
  { node: "conv1", index: [3, 0, 1, 2], value: -0.5 },
  { node: "conv1", index: [3], scale: 1.5 },
  { node: "layer:1", index: [7], off: true },
];

test("edits are read from text and written as the same text", () => {
  assert.deepEqual(parseEdits(TEXT), LIST);
  assert.equal(formatEdits(LIST), TEXT);
  assert.deepEqual(parseEdits(""), []);
});

test("the address accepts exactly what can be read", () => {
  const whole = new RegExp(`^(?:${EDITS.source})$`);
  for (const good of ["", TEXT, "a:0!", "a:1,2=1e-3"]) assert.match(good, whole);
  for (const bad of ["a", "a:!", "a:1,2!", "a:1=x", "a:1=1;", "a b:1!", "a:1,2,3,4,5,6,7=1"]) {
    assert.doesNotMatch(bad, whole, bad);
  }
});

test("the same weights are edited once, the newest last", () => {
  const next = withEdit(LIST, { node: "conv1", index: [3, 0, 1, 2], value: 2 });
  assert.equal(formatEdits(next), "conv1:3*1.5;layer%3A1:7!;conv1:3,0,1,2=2");
});

test("factors multiply, and what comes to 1 is no edit", () => {
  const twice = { node: "conv1", index: [3], scale: 2 };
  const four = withEdit(withEdit([], twice), twice);
  assert.equal(formatEdits(four), "conv1:3*4");
  assert.deepEqual(withEdit([twice], { ...twice, scale: 0.5 }), []);
});

test("a channel is switched off and on again", () => {
  const off = toggleChannel([], "conv1", 4);
  assert.deepEqual(off, [{ node: "conv1", index: [4], off: true }]);
  assert.ok(isOff(off, "conv1", 4));
  assert.ok(!isOff(off, "conv1", 3));
  assert.deepEqual(toggleChannel(off, "conv1", 4), []);
});
