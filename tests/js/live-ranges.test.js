import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveRanges } from "../../static/js/core/live-ranges.js";
import { graphOf } from "../../static/js/core/network-graph.js";
import { NetScales } from "../../static/js/core/network-ranges.js";
import { signedRange } from "../../static/js/core/range.js";
import { randomFrom } from "./support/random.js";

const range = (/** @type {number} */ max) => ({ min: -max, max, clippedLow: false, clippedHigh: false });
/** @param {number} max */
const signed = (max) => ({ scale: /** @type {const} */ ("signed"), range: range(max) });

test("a range widens at once", () => {
  const ranges = new LiveRanges();
  assert.equal(ranges.ease("a", signed(1)).range.max, 1);
  assert.deepEqual(ranges.ease("a", signed(4)).range, range(4));
});

test("it narrows slowly: after two seconds half of the way, and in the end all of it", () => {
  const ranges = new LiveRanges();
  ranges.ease("a", signed(5));
  ranges.at(2000);
  assert.equal(ranges.ease("a", signed(1)).range.max, 3);
  ranges.at(4000);
  assert.equal(ranges.ease("a", signed(1)).range.max, 2);
  ranges.at(60_000);
  assert.equal(ranges.ease("a", signed(1)).range.max, 1.1, "rounded outward, as all ranges are");
});

test("frames of one moment and other layers change nothing", () => {
  const ranges = new LiveRanges();
  ranges.ease("a", signed(5));
  assert.equal(ranges.ease("a", signed(1)).range.max, 5);
  assert.equal(ranges.ease("b", signed(1)).range.max, 1);
  ranges.forget();
  assert.equal(ranges.ease("a", signed(1)).range.max, 1);
});

test("a map once signed stays signed", () => {
  const ranges = new LiveRanges();
  ranges.ease("a", signed(1));
  const eased = ranges.ease("a", { scale: "nonNegative", range: { ...range(1), min: 0 } });
  assert.equal(eased.scale, "signed");
  assert.equal(eased.range.min, -1);
});

test("measured quickly it is the range that is measured exactly, to a thousandth of the largest", () => {
  const { uniform } = randomFrom(5);
  const values = Float32Array.from({ length: 20_000 }, () => (uniform() - 0.5) ** 3);
  const exact = signedRange(values).max;
  const { scale, range: quick } = new LiveRanges().measure("a", [values.subarray(0, 9), values.subarray(9)]);
  assert.equal(scale, "signed");
  assert.ok(quick.max >= exact && quick.max <= 1.05 * exact, `${quick.max} for ${exact}`);
});

test("where nearly all is zero, what is not still shows; where all is, there is no range", () => {
  const values = new Float32Array(5000);
  const ranges = new LiveRanges();
  assert.deepEqual(ranges.measure("a", [values]).range.max, 0);
  values[7] = 2.5;
  assert.deepEqual(ranges.measure("b", [values]), {
    scale: "nonNegative",
    range: { min: 0, max: 2.5, clippedLow: false, clippedHigh: false },
  });
});

test("a net's maps are coloured by the calm range, and the legend names it", () => {
  const graph = graphOf(
    /** @type {any} */ ([
      {
        name: "conv",
        op: "conv2d",
        inputs: ["input"],
        output_shape: [1, 1, 2],
        attributes: {},
        weights: {},
        receptive_field: { size: [1, 1], stride: [1, 1], start: [0, 0] },
      },
    ]),
    [1, 1, 2],
  );
  const ranges = new LiveRanges();
  const live = { measure: ranges.measure.bind(ranges) };
  const scaleAt = (/** @type {number} */ now, /** @type {number[]} */ values) => {
    ranges.at(now);
    const tensor = {
      shape: [1, 1, 2],
      data: Float32Array.from(values),
      dtype: /** @type {const} */ ("float32"),
    };
    const extents = new Map([["conv", { min: Math.min(...values), max: Math.max(...values) }]]);
    const scales = new NetScales({ graph, live, maps: new Map([["conv", tensor]]), extents }, "layer");
    return scales.of(/** @type {any} */ (graph.byName.get("conv"))).range;
  };
  assert.deepEqual(scaleAt(0, [-4, 1]), range(4));
  assert.deepEqual(scaleAt(100, [-1, 1]).max, 3.9);
  assert.equal(scaleAt(100, [-9, 1]).clippedLow, false, "it has widened at once");
});
