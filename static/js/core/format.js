/**
 * Numbers as readers see them: U+2212 for minus, × for "by", a digit before the point, never a minus before
 * zero. A half is rounded away from zero, as at school, and it is the number's full decimal expansion that is
 * rounded: 0.125 gives 0.13, and 1.005, whose double lies a little below, gives 1.00. What is no number, or is
 * not told, is "?".
 */

import { MINUS, toSuperscript } from "./decimal.js";
import { exactDecimal } from "./exact.js";

const TIMES = "\u00D7";
const NARROW_SPACE = "\u202F"; // does not break a line
/** Powers of ten between which numbers are written out. */
const LEAST_EXPONENT = -4;
const GREATEST_EXPONENT = 6;

/** @type {Map<string, Intl.NumberFormat>} */
const counters = new Map();

/**
 * A fixed number of decimals.
 * @param {number} x
 * @param {number} digits decimals, 0 … 100
 * @returns {string}
 */
export function formatFixed(x, digits) {
  if (!Number.isFinite(x)) return formatNonFinite(x);
  // From 1e21 toFixed turns to exponents; doubles that large are integers.
  const magnitude = Math.abs(x) < 1e21 ? Math.abs(x).toFixed(digits) : largeFixed(Math.abs(x), digits);
  return signed(x < 0, magnitude);
}

/**
 * At least so many significant digits; digits before the point are never replaced by zeros, and an integer
 * stays an integer. Very large and very small numbers are written with a power of ten.
 * @param {number} x
 * @param {number} digits 1 … 100
 * @returns {string}
 */
export function formatSignificant(x, digits) {
  if (!Number.isFinite(x)) return formatNonFinite(x);
  if (x === 0) return "0";
  const [mantissa = "", power] = Math.abs(x)
    .toExponential(digits - 1)
    .split("e");
  const exponent = Number(power);
  if (!isWrittenOut(exponent)) return signed(x < 0, withPower(mantissa, exponent));
  return formatFixed(x, Number.isInteger(x) ? 0 : Math.max(0, digits - 1 - exponent));
}

/**
 * The shortest decimal that names this very double: for the labels of a legend, whose ends are short
 * decimals.
 * @param {number} x
 * @returns {string}
 */
export function formatTick(x) {
  if (!Number.isFinite(x)) return formatNonFinite(x);
  const [mantissa = "", power] = Math.abs(x).toExponential().split("e");
  const exponent = Number(power);
  if (!isWrittenOut(exponent)) return signed(x < 0, withPower(mantissa, exponent));
  return signed(x < 0, String(Math.abs(x)));
}

/**
 * The least number of decimals with which every value is shown in full, so that the whole kernel −1, 0, 2
 * appears without any. Shown in full means that the shown digits, read back as float32 or float64, give the
 * value again: 0.1 has one decimal, though no binary number equals it.
 * @param {ArrayLike<number>} values those that are not finite are passed over
 * @param {number} maxDigits the answer if no fewer will do
 * @returns {number}
 */
export function commonDigits(values, maxDigits) {
  let digits = 0;
  // A picture's first few values already need all: nothing is copied, and the rest is not looked at.
  for (let i = 0; i < values.length && digits < maxDigits; i += 1) {
    const value = values[i];
    while (digits < maxDigits && Number.isFinite(value) && !isShownBy(value, digits)) digits += 1;
  }
  return digits;
}

/**
 * @param {number} value
 * @param {number} digits
 * @returns {boolean}
 */
function isShownBy(value, digits) {
  const shown = Number(value.toFixed(digits));
  return shown === value || (Math.fround(value) === value && Math.fround(shown) === value);
}

/**
 * @param {readonly number[]} size [3, 44, 44]
 * @returns {string} "3 × 44 × 44"
 */
export function formatSize(size) {
  return size.map((extent) => signed(extent < 0, String(Math.abs(extent)))).join(` ${TIMES} `);
}

/**
 * A count with its thousands set apart: as the locale has it, or by thin spaces, where a comma could be
 * misread.
 * @param {number} count an integer
 * @param {string} [locale] a language tag: "en", "ja"
 * @param {"regular" | "thin"} [grouping]
 * @returns {string}
 */
export function formatCount(count, locale = "en", grouping = "regular") {
  const parts = counterFor(locale).formatToParts(Math.abs(count));
  const text = parts.map(({ type, value }) =>
    type === "group" && grouping === "thin" ? NARROW_SPACE : value,
  );
  return signed(count < 0, text.join(""));
}

/**
 * Formatters are costly to make (tens of microseconds) and are used by the hundred.
 * @param {string} locale
 * @returns {Intl.NumberFormat}
 */
function counterFor(locale) {
  const counter = counters.get(locale) ?? new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  counters.set(locale, counter);
  return counter;
}

/**
 * @param {number} x NaN or an infinity
 * @returns {string}
 */
function formatNonFinite(x) {
  return Number.isNaN(x) ? "?" : signed(x < 0, "∞");
}

/**
 * @param {boolean} negative
 * @param {string} magnitude
 * @returns {string}
 */
function signed(negative, magnitude) {
  return negative && /[1-9∞]/.test(magnitude) ? MINUS + magnitude : magnitude;
}

/**
 * @param {number} magnitude at least 1e21
 * @param {number} digits
 * @returns {string}
 */
function largeFixed(magnitude, digits) {
  return exactDecimal(magnitude) + (digits > 0 ? `.${"0".repeat(digits)}` : "");
}

/**
 * @param {number} exponent
 * @returns {boolean}
 */
function isWrittenOut(exponent) {
  return exponent >= LEAST_EXPONENT && exponent <= GREATEST_EXPONENT;
}

/**
 * @param {string} mantissa
 * @param {number} exponent
 * @returns {string} "1.5×10⁻⁷"
 */
function withPower(mantissa, exponent) {
  return `${mantissa}${TIMES}10${toSuperscript(exponent)}`;
}
