import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  contrast,
  formatHex,
  inkOn,
  MIN_TEXT_CONTRAST,
  parseHex,
  rgbToOklab,
} from "../../static/js/core/color.js";
import { floatToHalf, halfTable } from "../../static/js/core/float16.js";
import {
  CELL_SHARE,
  cellFill,
  colorAt,
  colorTable,
  fillPixels,
  halfColorTable,
  pixelOf,
  positionOf,
  SCALES,
  TABLE_SIZE,
} from "../../static/js/core/scales.js";
import { randomFrom } from "./support/random.js";

/** @typedef {import("../../static/js/core/scales.js").ScaleName} ScaleName */
/** @typedef {import("../../static/js/core/scales.js").Theme} Theme */

const NAMES = /** @type {ScaleName[]} */ (Object.keys(SCALES));
const THEMES = /** @type {Theme[]} */ (["light", "dark"]);
const DIVERGING = /** @type {ScaleName[]} */ (["signed", "weight"]);
const NEUTRAL = { light: "#F4F2EE", dark: "#20252C" };

/** @param {number} word a pixel */
function hexOf(word) {
  return formatHex(/** @type {any} */ ([...new Uint8Array(Uint32Array.of(word).buffer)].slice(0, 3)));
}

/** @param {ScaleName} name @param {Theme} theme @param {number} position */
function lightness(name, theme, position) {
  return rgbToOklab(colorAt(name, theme, position))[0];
}

/** @param {number[]} values @param {number} slack */
function isMonotone(values, slack) {
  const direction = Math.sign(values[values.length - 1] - values[0]);
  return values.slice(1).every((value, i) => (value - values[i]) * direction > -slack);
}

for (const theme of THEMES) {
  for (const name of NAMES) {
    describe(`${name}, ${theme}`, () => {
      test("every stop has its very colour", () => {
        const stops = SCALES[name].stops[theme];
        for (const [i, stop] of stops.entries()) {
          assert.equal(formatHex(colorAt(name, theme, i / (stops.length - 1))), stop);
        }
      });

      test("lightness runs one way on each half", () => {
        const halves = SCALES[name].zero === 0.5 ? [0, 512, 1024] : [0, 1024];
        const exact = Array.from({ length: TABLE_SIZE }, (_, i) =>
          lightness(name, theme, i / (TABLE_SIZE - 1)),
        );
        const { rgba } = colorTable(name, theme);
        const stored = Array.from(
          { length: TABLE_SIZE },
          (_, i) => rgbToOklab([rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]])[0],
        );
        for (let h = 1; h < halves.length; h += 1) {
          assert.ok(isMonotone(exact.slice(halves[h - 1], halves[h] + 1), 0));
          // Rounding to bytes can turn a step back by less than a byte's worth.
          assert.ok(isMonotone(stored.slice(halves[h - 1], halves[h] + 1), 1e-3));
        }
      });

      test("digits are readable on every cell", () => {
        for (let v = -1; v <= 1; v += 1 / 2048) {
          const fill = cellFill(
            name,
            theme,
            { min: name === "gray" || name === "nonNegative" ? 0 : -1, max: 1 },
            v,
          );
          assert.ok(contrast(parseHex(inkOn(fill)), fill) >= MIN_TEXT_CONTRAST, `${v}: ${formatHex(fill)}`);
        }
      });
    });
  }

  test(`zero is exactly neutral, ${theme}`, () => {
    for (const name of DIVERGING) {
      assert.equal(formatHex(colorAt(name, theme, 0.5)), NEUTRAL[theme]);
      for (const range of [
        { min: -3, max: 3 },
        { min: -0.1, max: 7 },
        { min: 0, max: 0 },
      ]) {
        const table = colorTable(name, theme);
        assert.equal(hexOf(pixelOf(table, range)(0)), NEUTRAL[theme]);
        assert.equal(hexOf(pixelOf(table, range)(-0)), NEUTRAL[theme]);
        assert.equal(hexOf(halfColorTable(table, range)[0x8000]), NEUTRAL[theme]);
        assert.equal(formatHex(cellFill(name, theme, range, 0)), NEUTRAL[theme]);
      }
    }
    const positive = colorTable("nonNegative", theme);
    assert.equal(hexOf(pixelOf(positive, { min: 0, max: 5 })(0)), NEUTRAL[theme]);
  });

  test(`a ReLU map looks like its input with the negative side gone, ${theme}`, () => {
    for (const value of [0, 0.3, 1.1, 2.9, 4]) {
      const range = { min: -2.9, max: 2.9 };
      const half = { min: 0, max: 2.9 };
      const signed = pixelOf(colorTable("signed", theme, 2049), range)(value);
      const positive = pixelOf(colorTable("nonNegative", theme, 1025), half)(value);
      assert.equal(hexOf(positive), hexOf(signed));
      assert.deepEqual(cellFill("nonNegative", theme, half, value), cellFill("signed", theme, range, value));
    }
    const off = pixelOf(colorTable("nonNegative", theme), { min: 0, max: 1 })(-4);
    assert.equal(hexOf(off), NEUTRAL[theme]);
  });
}

test("positive is the blue-violet side, negative the yellow-orange one", () => {
  for (const theme of THEMES) {
    for (const name of DIVERGING) {
      for (const strength of [0.5, 0.75, 0.9]) {
        const positive = colorAt(name, theme, 0.5 + strength / 2);
        const negative = colorAt(name, theme, 0.5 - strength / 2);
        assert.ok(positive[2] > positive[0] && positive[2] > positive[1], `${name} +${strength}`);
        assert.ok(negative[2] < negative[0] && negative[2] < negative[1], `${name} −${strength}`);
      }
    }
  }
});

test("a pixel of a picture keeps its own grey", () => {
  for (let byte = 0; byte < 256; byte += 1) {
    const range = { min: 0, max: 1 };
    assert.deepEqual(cellFill("gray", "light", range, byte / 255), [byte, byte, byte]);
    const word = pixelOf(colorTable("gray", "dark", 256), range)(Math.fround(byte / 255));
    assert.deepEqual([...new Uint8Array(Uint32Array.of(word).buffer)], [byte, byte, byte, 255]);
  }
});

test("positions: the ends, the middle, and clipping beyond them", () => {
  const range = { min: -2, max: 2 };
  assert.deepEqual(
    [-9, -2, -1, 0, 2, 9].map((v) => positionOf(0.5, range, v)),
    [0, 0, 0.25, 0.5, 1, 1],
  );
  assert.deepEqual(
    [-1, 0, 2, 4, 9].map((v) => positionOf(0, { min: 0, max: 4 }, v)),
    [0, 0, 0.5, 1, 1],
  );
  assert.deepEqual(
    [1, 2, 3, 5, 6].map((v) => positionOf(null, { min: 1, max: 5 }, v)),
    [0, 0.25, 0.5, 1, 1],
  );
  assert.equal(positionOf(0.5, range, Number.POSITIVE_INFINITY), 1);
  assert.equal(positionOf(0.5, range, Number.NEGATIVE_INFINITY), 0);
});

test("equal magnitudes are equally strong, even in a lopsided range", () => {
  const range = { min: -1, max: 4 };
  assert.equal(0.5 - positionOf(0.5, range, -1), positionOf(0.5, range, 1) - 0.5);
  assert.equal(positionOf(0.5, range, -3), positionOf(0.5, range, -1));
  assert.equal(positionOf(0.5, range, 4), 1);
  assert.equal(positionOf(0.5, { min: -4, max: 1 }, -4), 0);
  assert.equal(positionOf(0.5, { min: -4, max: 1 }, 1), 0.625);
});

test("a range without width draws everything alike", () => {
  for (const zero of [0.5, 0, null]) {
    const positions = [-1, 0, 1].map((v) => positionOf(zero, { min: 0, max: 0 }, v));
    assert.deepEqual(new Set(positions).size, 1);
  }
});

test("tables: opaque, one memory, odd where a middle is needed", () => {
  const { rgba, words } = colorTable("signed", "light");
  assert.equal(words.length, TABLE_SIZE);
  assert.equal(rgba.buffer, words.buffer);
  assert.ok(rgba.every((byte, i) => i % 4 !== 3 || byte === 255));
  assert.throws(() => colorTable("signed", "light", 1024), RangeError);
  assert.throws(() => colorTable("gray", "light", 1), RangeError);
  assert.equal(colorTable("gray", "light", 1024).words.length, 1024);
});

test("the table of halves agrees with colouring one value at a time", () => {
  const range = { min: -2.9, max: 2.9 };
  const table = colorTable("signed", "dark");
  const halves = halfColorTable(table, range);
  const pixel = pixelOf(table, range);
  halfTable().forEach((value, bits) => {
    if (bits % 7 === 0) assert.equal(halves[bits], pixel(value));
  });
  assert.equal(halves[0x7e00], 0, "NaN is transparent");
  assert.equal(halves[floatToHalf(Number.POSITIVE_INFINITY)], table.words[TABLE_SIZE - 1]);
  assert.equal(halves[floatToHalf(Number.NEGATIVE_INFINITY)], table.words[0]);
  assert.equal(halves[floatToHalf(3)], table.words[TABLE_SIZE - 1]);
});

test("cells with digits leave out 22 % at each end", () => {
  assert.ok(Math.abs((1 - CELL_SHARE) / 2 - 0.22) < 1e-12);
  const range = { min: -1, max: 1 };
  for (const theme of THEMES) {
    for (const name of DIVERGING) {
      const ends = [-1, 1].map((v) => formatHex(cellFill(name, theme, range, v)));
      assert.deepEqual(
        ends,
        [0.22, 0.78].map((position) => formatHex(colorAt(name, theme, position))),
      );
    }
  }
});

test("the server colours its pictures by the very same stops", () => {
  const served = JSON.parse(readFileSync(new URL("../../static/scales.json", import.meta.url), "utf-8"));
  assert.deepEqual(Object.keys(served).sort(), ["gray", "signed", "weight"]);
  for (const [name, stops] of Object.entries(served)) {
    assert.deepEqual(stops, SCALES[/** @type {ScaleName} */ (name)].stops);
  }
});

test("many pixels at once are the same as one by one", () => {
  const { uniform } = randomFrom(3);
  for (const name of /** @type {const} */ (["signed", "nonNegative", "gray"])) {
    const table = colorTable(name, "light");
    const range = { min: name === "signed" ? -uniform() : 0, max: uniform() + 0.1 };
    const values = Float32Array.from({ length: 999 }, () => 4 * uniform() - 2);
    values.set([Number.NaN, range.min, range.max, 0, -0, Number.POSITIVE_INFINITY]);
    const words = new Uint32Array(values.length);
    fillPixels(words, values, table, range);
    assert.deepEqual([...words], Array.from(values, pixelOf(table, range)));
  }
});
