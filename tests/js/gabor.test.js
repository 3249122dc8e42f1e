import assert from "node:assert/strict";
import { test } from "node:test";
import { crossSection, fittedFilter, gabor, turned } from "../../static/js/core/gabor.js";

/** @type {import("../../static/js/core/gabor.js").Fit} */
const FIT = {
  orientation_deg: 0,
  wavelength_px: 4,
  phase_deg: 0,
  sigma_px: 2,
  aspect: 0.5,
  center: [0, 1],
  amplitude: 3,
  direction: [1],
  offset: [1],
  r2: 1,
};

test("the engine's own example: a stripe of 3 on a ground of 1", () => {
  const { shape, data } = fittedFilter(FIT, [1, 3]);
  assert.deepEqual(shape, [1, 1, 1, 3]);
  assert.deepEqual(
    [...data].map((x) => Number(x.toFixed(6))),
    [1, 4, 1],
  );
});

test("angles turn counter-clockwise as seen: at 90° the stripes lie down", () => {
  const lying = { ...FIT, orientation_deg: 90 };
  const { across, along } = turned(lying, 2, 4);
  assert.ok(Math.abs(across + 2) < 1e-12 && Math.abs(along - 3) < 1e-12);
  assert.equal(gabor(FIT, 0, 0), 3);
  assert.ok(gabor(FIT, 2, 0) < 0);
});

test("a filter that is its fit lies on the curve", () => {
  const fit = { ...FIT, orientation_deg: 30, direction: [0.6, 0, 0.8], offset: [0.1, 0, -0.2] };
  const points = crossSection(fit, fittedFilter(fit, [5, 4]).data, [5, 4]);
  assert.equal(points.length, 20);
  for (const { across, along, value } of points)
    assert.ok(Math.abs(value - gabor(fit, across, along)) < 1e-6);
});
