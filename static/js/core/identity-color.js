/**
 * Colours that say nothing but "the same one" or "another one".
 */

import { formatHex, oklabToRgb } from "./color.js";

/** Hues, in turns, that keep clear of the colour of attention. */
const HUES = { from: 0.07, span: 0.84 };
const GOLDEN = 0.6180339887498949;
const LIGHTNESS = { light: [0.62, 0.78, 0.48], dark: [0.66, 0.82, 0.5] };
const CHROMA = 0.115;

/**
 * Neighbouring numbers get colours far apart.
 * @param {number} index
 * @param {"light" | "dark"} theme
 * @returns {string}
 */
export function identityColor(index, theme) {
  const hue = 2 * Math.PI * (HUES.from + HUES.span * ((index * GOLDEN) % 1));
  const lightness = LIGHTNESS[theme][index % 3];
  return formatHex(oklabToRgb([lightness, CHROMA * Math.cos(hue), CHROMA * Math.sin(hue)]));
}
