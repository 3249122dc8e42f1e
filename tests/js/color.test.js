import assert from "node:assert/strict";
import { test } from "node:test";
import {
  contrast,
  formatHex,
  inkOn,
  luminance,
  MIN_TEXT_CONTRAST,
  mix,
  oklabToRgb,
  parseHex,
  rgbToOklab,
} from "../../static/js/core/color.js";
import { randomFrom } from "./support/random.js";

test("hexadecimal colours", () => {
  assert.deepEqual(parseHex("#14161A"), [20, 22, 26]);
  assert.deepEqual(parseHex("#fa0"), [255, 170, 0]);
  assert.equal(formatHex([20, 22, 26]), "#14161A");
  for (const wrong of ["14161A", "#14161", "#14161G", "red", ""]) assert.throws(() => parseHex(wrong));
});

test("OKLab of white, black and red, from Ottosson's definition", () => {
  const near = (/** @type {readonly number[]} */ a, /** @type {readonly number[]} */ b) =>
    assert.ok(
      a.every((value, i) => Math.abs(value - b[i]) < 1e-4),
      `${a} is not near ${b}`,
    );
  near(rgbToOklab([255, 255, 255]), [1, 0, 0]);
  near(rgbToOklab([0, 0, 0]), [0, 0, 0]);
  near(rgbToOklab([255, 0, 0]), [0.62796, 0.22486, 0.12585]);
});

test("sRGB comes back from OKLab", () => {
  const random = randomFrom(3);
  for (let i = 0; i < 2000; i += 1) {
    const rgb = /** @type {const} */ ([random.int(0, 255), random.int(0, 255), random.int(0, 255)]);
    assert.deepEqual(oklabToRgb(rgbToOklab(rgb)).map(Math.round), rgb);
  }
});

test("luminance and contrast as WCAG defines them", () => {
  assert.equal(luminance([0, 0, 0]), 0);
  assert.ok(Math.abs(luminance([255, 255, 255]) - 1) < 1e-12);
  assert.ok(Math.abs(contrast([0, 0, 0], [255, 255, 255]) - 21) < 1e-9);
  // #777777 on white is the well-known near miss, #767676 the well-known pass.
  assert.ok(contrast(parseHex("#777777"), [255, 255, 255]) < 4.5);
  assert.ok(contrast([255, 255, 255], parseHex("#767676")) >= 4.5);
});

test("a mix starts and ends at its colours", () => {
  assert.deepEqual(mix([0, 10, 20], [100, 20, 0], 0), [0, 10, 20]);
  assert.deepEqual(mix([0, 10, 20], [100, 20, 0], 1), [100, 20, 0]);
  assert.deepEqual(mix([0, 10, 20], [100, 20, 0], 0.5), [50, 15, 10]);
});

test("digits can be read on every fill", () => {
  for (let r = 0; r < 256; r += 15) {
    for (let g = 0; g < 256; g += 15) {
      for (let b = 0; b < 256; b += 15) {
        const ink = inkOn([r, g, b]);
        assert.ok(contrast(parseHex(ink), [r, g, b]) >= MIN_TEXT_CONTRAST, `${ink} on ${r} ${g} ${b}`);
      }
    }
  }
});

test("the three inks", () => {
  assert.equal(inkOn([255, 255, 255]), "#14161A");
  assert.equal(inkOn([0, 0, 0]), "#FFFFFF");
  // Luminance .195: 4.2 with the dark ink, 4.3 with white, 4.9 with black.
  assert.equal(inkOn([122, 122, 122]), "#000000");
});
