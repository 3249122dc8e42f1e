/**
 * IEEE 754 half precision, as arrays of bits: JavaScript engines have no Float16Array everywhere yet, and the
 * 65,536 bit patterns are few enough to look a value (or a colour) up instead of computing it.
 */

export const HALF_COUNT = 65536;

/** @type {Float32Array | undefined} */
let cachedTable;

/**
 * The number that sixteen bits stand for.
 * @param {number} bits 0 … 65535
 * @returns {number}
 */
export function halfToFloat(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/**
 * Every half-precision value, indexed by its bits. Built at the first call, shared afterwards: do not write
 * to it.
 * @returns {Float32Array} 65,536 values
 */
export function halfTable() {
  cachedTable ??= Float32Array.from({ length: HALF_COUNT }, (_, bits) => halfToFloat(bits));
  return cachedTable;
}

/**
 * The bits of the half-precision number nearest to a double; a tie goes to the even mantissa, as IEEE 754
 * asks. The double is rounded once: going through float32 would round twice.
 * @param {number} value
 * @returns {number} 0 … 65535
 */
export function floatToHalf(value) {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  return sign | magnitudeToHalf(Math.abs(value));
}

/**
 * @param {number} magnitude at least 0
 * @returns {number}
 */
function magnitudeToHalf(magnitude) {
  // 65504 is the largest half; from 65520, halfway to the next step, numbers round to infinity.
  if (magnitude >= 65520) return 0x7c00;
  if (magnitude < 2 ** -14) return roundHalfEven(magnitude * 2 ** 24);
  const exponent = floorLog2(magnitude);
  // A mantissa that rounds up to 2048 carries into the exponent by itself, since the two fields are adjacent.
  return ((exponent + 15) << 10) + roundHalfEven(magnitude * 2 ** (10 - exponent)) - 1024;
}

/**
 * @param {number} x a positive normal number
 * @returns {number}
 */
function floorLog2(x) {
  const guess = Math.floor(Math.log2(x)); // log2 may be off by one next to a power of two
  if (2 ** guess > x) return guess - 1;
  return 2 ** (guess + 1) <= x ? guess + 1 : guess;
}

/**
 * @param {number} x from 0 to 2048, where the fraction is exact
 * @returns {number}
 */
function roundHalfEven(x) {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * Half-precision bits as single precision; exact, since every half is a float32.
 * @param {Uint16Array} bits
 * @returns {Float32Array}
 */
export function halvesToFloats(bits) {
  const table = halfTable();
  const floats = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i += 1) floats[i] = table[bits[i]];
  return floats;
}
