/**
 * Floating-point numbers without rounding. Every finite double is n · 2^e with integers n and e, so its
 * decimal expansion ends, and sums and products of doubles are such numbers again: all their digits can be
 * shown, and they add up as at school.
 */

import { compareDecimals, formatDecimal, parseDecimal } from "./decimal.js";

/** @typedef {import("./decimal.js").Decimal} Decimal */
/** @typedef {{ readonly n: bigint, readonly e: number }} Exact n · 2^e, with n odd, or n = 0 and e = 0 */

/** @type {Exact} */
export const ZERO = { n: 0n, e: 0 };

/**
 * @param {number} x finite
 * @returns {Exact}
 */
export function fromNumber(x) {
  if (!Number.isFinite(x)) throw new RangeError(`${x} has no decimal expansion`);
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  // Subnormal numbers (exponent 0) lack the hidden leading bit and share the scale of exponent 1.
  const magnitude = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  return normal(x < 0 ? -magnitude : magnitude, Math.max(exponent, 1) - 1075);
}

/**
 * @param {bigint} n
 * @param {number} e
 * @returns {Exact}
 */
function normal(n, e) {
  if (n === 0n) return ZERO;
  let odd = n;
  let exponent = e;
  while ((odd & 1n) === 0n) {
    odd >>= 1n;
    exponent += 1;
  }
  return { n: odd, e: exponent };
}

/**
 * @param {Exact} a
 * @param {Exact} b
 * @returns {Exact}
 */
export function add(a, b) {
  const e = Math.min(a.e, b.e);
  return normal((a.n << BigInt(a.e - e)) + (b.n << BigInt(b.e - e)), e);
}

/**
 * @param {Exact} a
 * @param {Exact} b
 * @returns {Exact}
 */
export function multiply(a, b) {
  return normal(a.n * b.n, a.e + b.e);
}

/**
 * @param {Iterable<Exact>} terms
 * @returns {Exact}
 */
export function sum(terms) {
  let total = ZERO;
  for (const term of terms) total = add(total, term);
  return total;
}

/**
 * The products of two lists, pair by pair, and nothing lost.
 * @param {ArrayLike<number>} inputs
 * @param {ArrayLike<number>} weights as many
 * @returns {Exact[]}
 */
export function products(inputs, weights) {
  if (inputs.length !== weights.length) {
    throw new RangeError(`${inputs.length} inputs and ${weights.length} weights cannot be paired`);
  }
  return Array.from(inputs, (x, i) => multiply(fromNumber(x), fromNumber(weights[i])));
}

/**
 * @param {Exact} exact
 * @returns {Decimal} the same value: n · 2^−k = n · 5^k · 10^−k
 */
function decimalOf({ n, e }) {
  return e >= 0 ? { n: n << BigInt(e), scale: 0 } : { n: n * 5n ** BigInt(-e), scale: -e };
}

/**
 * Every digit.
 * @param {Exact} exact
 * @param {number} [leastDecimals] zeros are appended up to this many decimals, so that columns line up
 * @returns {string} with U+2212
 */
export function toDecimal(exact, leastDecimals = 0) {
  const { n, scale } = decimalOf(exact);
  const padding = Math.max(0, leastDecimals - scale);
  return formatDecimal({ n: n * 10n ** BigInt(padding), scale: scale + padding });
}

/**
 * How many decimals toDecimal needs.
 * @param {Exact} exact
 * @returns {number}
 */
export function decimals(exact) {
  return Math.max(0, -exact.e);
}

/**
 * Every digit of a double.
 * @param {number} x finite
 * @returns {string}
 */
export function exactDecimal(x) {
  return toDecimal(fromNumber(x));
}

/**
 * Whether a shown number lies below, at or above the exact one.
 * @param {Exact} exact
 * @param {string} shown a decimal, as shown
 * @returns {-1 | 0 | 1} the sign of exact − shown
 */
export function compareShown(exact, shown) {
  const decimal = parseDecimal(shown);
  if (!decimal) throw new RangeError(`not a decimal number: ${shown}`);
  return compareDecimals(decimalOf(exact), decimal);
}
