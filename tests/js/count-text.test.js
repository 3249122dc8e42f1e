import assert from "node:assert/strict";
import { test } from "node:test";
import { shortCount } from "../../static/js/core/count-text.js";

test("large counts in few characters", () => {
  assert.deepEqual([0, 999, 1204, 15_346_630, 138_357_544, 15.5e9].map(shortCount), [
    "0",
    "999",
    "1.2 k",
    "15 M",
    "138 M",
    "16 G",
  ]);
});
