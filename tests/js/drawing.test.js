import assert from "node:assert/strict";
import { test } from "node:test";
import { placement } from "../../static/js/core/drawing.js";

test("nothing drawn, nothing placed", () => {
  assert.equal(placement([], 112), null);
});

test("a stroke is centred, and as high as the digits of the training pictures", () => {
  const stroke = [
    { x: 10, y: 20 },
    { x: 10, y: 80 },
  ];
  const { scale, dx, dy } = /** @type {any} */ (placement([stroke], 112));
  assert.ok(Math.abs(scale * 60 - 18 * 4) < 1e-9);
  assert.ok(Math.abs(scale * 10 + dx - 56) < 1e-9);
  assert.ok(Math.abs(scale * 50 + dy - 56) < 0.01);
});

test("the long stroke pulls the centre, and a dot stays small", () => {
  const long = [
    { x: 0, y: 0 },
    { x: 100, y: 0 },
  ];
  const short = [
    { x: 0, y: 50 },
    { x: 0, y: 60 },
  ];
  const { dx, scale } = /** @type {any} */ (placement([long, short], 112));
  assert.ok((56 - dx) / scale > 40);
  assert.equal(/** @type {any} */ (placement([[{ x: 5, y: 5 }]], 112)).scale, 4);
});
