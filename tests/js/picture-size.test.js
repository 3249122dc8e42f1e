import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fitted,
  longestOf,
  longestSides,
  MOST_SIDE,
  mayKeepOwn,
  sizeFor,
} from "../../static/js/core/picture-size.js";

const PHOTO = { height: 341, width: 512 };
const TINY = { height: 8, width: 5 };
const HUGE = { height: 3000, width: 4000 };

test("the aspect is kept and nothing is enlarged", () => {
  assert.deepEqual(fitted(PHOTO, 44), [29, 44]);
  assert.deepEqual(fitted({ height: 512, width: 341 }, 44), [44, 29]);
  assert.deepEqual(fitted(TINY, 44), [8, 5]);
  assert.deepEqual(fitted({ height: 1, width: 4000 }, 44), [1, 44]);
});

test("only sizes below the picture's own are offered", () => {
  assert.deepEqual(longestSides(TINY), []);
  assert.deepEqual(longestSides({ height: 28, width: 28 }), [8, 16]);
  assert.equal(longestSides(PHOTO).at(-1), 384);
});

test("a picture keeps its own size up to the limit, and not beyond", () => {
  assert.ok(mayKeepOwn({ height: MOST_SIDE, width: MOST_SIDE }));
  assert.ok(!mayKeepOwn({ height: 1, width: MOST_SIDE + 1 }));
});

test("which size is chosen", () => {
  assert.equal(longestOf(PHOTO, [0, 0]), 0);
  assert.equal(longestOf(PHOTO, [341, 512]), 0);
  assert.equal(longestOf(PHOTO, [29, 44]), 44);
});

test("another picture gets the size of the present one, in its own aspect", () => {
  assert.deepEqual(sizeFor(PHOTO, [44, 44]), [29, 44]);
  assert.deepEqual(sizeFor(PHOTO, [0, 0]), [0, 0]);
  assert.deepEqual(sizeFor(HUGE, [0, 0]), [1536, 2048]);
});
