/**
 * Colours as three numbers: sRGB from 0 to 255, OKLab for steps that look even, WCAG luminance and contrast.
 * OKLab: B. Ottosson, "A perceptual color space for image processing", 2020.
 */

/** @typedef {readonly [red: number, green: number, blue: number]} Rgb 0 … 255, fractions allowed */
/** @typedef {readonly [lightness: number, a: number, b: number]} Oklab */

/** The least contrast between text and its ground, for text of any size (WCAG 2.2, criterion 1.4.3). */
export const MIN_TEXT_CONTRAST = 4.5;

/** Dark ink, white, black, in the order of preference. */
const INKS = ["#14161A", "#FFFFFF", "#000000"];

/**
 * @param {string} hex "#RRGGBB" or "#RGB"
 * @returns {Rgb}
 */
export function parseHex(hex) {
  const digits = /^#(?:[0-9a-f]{6}|[0-9a-f]{3})$/i.test(hex) ? hex.slice(1) : "";
  if (digits === "") throw new Error(`not a colour of the form #RRGGBB: ${hex}`);
  const width = digits.length / 3;
  const read = (/** @type {number} */ i) => {
    const part = digits.slice(i * width, (i + 1) * width);
    return Number.parseInt(width === 1 ? part + part : part, 16);
  };
  return [read(0), read(1), read(2)];
}

/**
 * @param {Rgb} rgb
 * @returns {string} "#RRGGBB", rounded to bytes
 */
export function formatHex(rgb) {
  return `#${rgb.map((v) => Math.round(v).toString(16).padStart(2, "0")).join("")}`.toUpperCase();
}

/**
 * @param {number} byte 0 … 255
 * @returns {number} linear light, 0 … 1
 */
function toLinear(byte) {
  const v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}

/**
 * @param {number} linear clipped to 0 … 1
 * @returns {number} 0 … 255
 */
function fromLinear(linear) {
  const v = Math.min(1, Math.max(0, linear));
  return 255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);
}

/**
 * @param {Rgb} rgb
 * @returns {Oklab}
 */
export function rgbToOklab(rgb) {
  const r = toLinear(rgb[0]);
  const g = toLinear(rgb[1]);
  const b = toLinear(rgb[2]);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/**
 * @param {Oklab} lab
 * @returns {Rgb} unrounded; colours outside sRGB are clipped per component
 */
export function oklabToRgb([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/**
 * @param {readonly [number, number, number]} from
 * @param {readonly [number, number, number]} to
 * @param {number} t 0 … 1
 * @returns {[number, number, number]}
 */
export function mix(from, to, t) {
  const blend = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * t;
  return [blend(from[0], to[0]), blend(from[1], to[1]), blend(from[2], to[2])];
}

/**
 * Relative luminance (WCAG 2.2).
 * @param {Rgb} rgb
 * @returns {number} 0 … 1
 */
export function luminance([r, g, b]) {
  return 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b);
}

/**
 * Contrast ratio (WCAG 2.2); the order of the two does not matter.
 * @param {Rgb} one
 * @param {Rgb} other
 * @returns {number} 1 … 21
 */
export function contrast(one, other) {
  const a = luminance(one) + 0.05;
  const b = luminance(other) + 0.05;
  return a > b ? a / b : b / a;
}

/**
 * The colour of digits on a filled cell: dark ink where it can be read, else white. Between luminance .183
 * and .210 neither reaches a contrast of 4.5; there pure black does, and looks like the dark ink.
 * @param {Rgb} fill
 * @returns {string} "#RRGGBB"
 */
export function inkOn(fill) {
  const isReadable = (/** @type {string} */ ink) => contrast(parseHex(ink), fill) >= MIN_TEXT_CONTRAST;
  return INKS.find(isReadable) ?? INKS[2];
}
