import assert from "node:assert/strict";
import { test } from "node:test";
import { withStep } from "../../static/js/core/room-lesson.js";

test("the first view that is added makes a lesson", () => {
  assert.deepEqual(withStep(null, "/operation", "Third lecture"), {
    format: "convscope-lesson",
    version: 1,
    title: "Third lecture",
    steps: [{ address: "/operation" }],
  });
});

test("further views come at its end, none twice in a row, and what is there stays", () => {
  const first = { ...withStep(null, "/operation", ""), title: { en: "A", ja: "あ" } };
  const second = withStep(first, "/network", "other");
  assert.deepEqual(second.steps, [{ address: "/operation" }, { address: "/network" }]);
  assert.deepEqual(second.title, { en: "A", ja: "あ" });
  assert.equal(withStep(second, "/network", ""), second);
  assert.equal(withStep(second, "/operation", "").steps.length, 3);
  assert.equal(first.steps.length, 1, "the old lesson is not changed");
});

test("a full lesson stays as it is", () => {
  const steps = Array.from({ length: 500 }, (_, i) => ({ address: `/operation?seed=${i}` }));
  const full = { ...withStep(null, "/", ""), steps };
  assert.equal(withStep(full, "/network", ""), full);
});
