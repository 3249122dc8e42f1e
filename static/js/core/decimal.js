/**
 * Decimal numbers as a reader sees them, exact: n · 10^−scale with a BigInt n. Nothing is ever rounded here.
 */

/** @typedef {{ readonly n: bigint, readonly scale: number }} Decimal */

/** U+2212: as wide as a digit and as high as a plus, which a hyphen is not. */
export const MINUS = "\u2212";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const SHOWN = /^([-+\u2212]?)(\d+)(?:\.(\d+))?(?:×10(⁻?)([⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}))?$/;

/**
 * Reads a number as it is shown: "−0.13", "2", "1.5×10⁻⁷". Text that is no such number gives null.
 * @param {string} shown
 * @returns {Decimal | null}
 */
export function parseDecimal(shown) {
  const match = SHOWN.exec(shown);
  if (!match) return null;
  const [, sign = "", whole = "", fraction = "", exponentSign = "", exponentDigits = ""] = match;
  const digits = BigInt(whole + fraction);
  const n = sign === "-" || sign === MINUS ? -digits : digits;
  const exponent = fromSuperscript(exponentDigits) * (exponentSign ? -1 : 1);
  return withScale(n, fraction.length - exponent);
}

/**
 * @param {bigint} n
 * @param {number} scale a negative one is multiplied out
 * @returns {Decimal}
 */
function withScale(n, scale) {
  return scale >= 0 ? { n, scale } : { n: n * 10n ** BigInt(-scale), scale: 0 };
}

/**
 * @param {string} digits
 * @returns {number} 0 for no digits
 */
function fromSuperscript(digits) {
  return [...digits].reduce((value, digit) => value * 10 + SUPERSCRIPTS.indexOf(digit), 0);
}

/**
 * @param {number} exponent an integer
 * @returns {string} "⁻⁷"
 */
export function toSuperscript(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]);
  return (exponent < 0 ? "⁻" : "") + digits.join("");
}

/**
 * Every digit of a decimal, with all the zeros its scale asks for; never a minus before zero.
 * @param {Decimal} decimal
 * @returns {string}
 */
export function formatDecimal({ n, scale }) {
  const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  const fraction = scale > 0 ? `.${digits.slice(point)}` : "";
  return (n < 0n ? MINUS : "") + digits.slice(0, point) + fraction;
}

/**
 * A number as it is shown, with the other sign.
 * @param {string} shown
 * @returns {string}
 */
export function negated(shown) {
  return shown.startsWith(MINUS) ? shown.slice(1) : MINUS + shown;
}

/**
 * @param {Decimal} a
 * @param {Decimal} b
 * @returns {Decimal}
 */
export function addDecimals(a, b) {
  const scale = Math.max(a.scale, b.scale);
  return { n: rescaled(a, scale) + rescaled(b, scale), scale };
}

/**
 * @param {Decimal} a
 * @param {Decimal} b
 * @returns {Decimal}
 */
export function multiplyDecimals(a, b) {
  return { n: a.n * b.n, scale: a.scale + b.scale };
}

/**
 * @param {Decimal} a
 * @param {Decimal} b
 * @returns {-1 | 0 | 1} the sign of a − b
 */
export function compareDecimals(a, b) {
  const scale = Math.max(a.scale, b.scale);
  const left = rescaled(a, scale);
  const right = rescaled(b, scale);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/**
 * @param {Decimal} decimal
 * @param {number} scale at least the decimal's own
 * @returns {bigint}
 */
function rescaled(decimal, scale) {
  return decimal.n * 10n ** BigInt(scale - decimal.scale);
}
