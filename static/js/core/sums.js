/**
 * Whether an equation is true as it stands on the page: in the digits shown, not in those that were rounded
 * away. Text that is no decimal number (NaN, ∞) is never claimed to be equal.
 */

import { addDecimals, compareDecimals, MINUS, multiplyDecimals, parseDecimal } from "./decimal.js";

/** @typedef {import("./decimal.js").Decimal} Decimal */
/** @typedef {"=" | "≈"} Relation */

/** Factors of a power that are multiplied exactly. */
const MOST_MULTIPLIED = 16;

/**
 * The sign between shown terms, added up, and their shown total.
 * @param {readonly string[]} shownTerms
 * @param {string} shownTotal
 * @returns {Relation}
 */
export function relation(shownTerms, shownTotal) {
  return signFor(sumOf(shownTerms), shownTotal);
}

/**
 * The sign between shown input × shown weight and the shown product.
 * @param {string} shownInput
 * @param {string} shownWeight
 * @param {string} shownProduct
 * @returns {Relation}
 */
export function relationOfProduct(shownInput, shownWeight, shownProduct) {
  const input = parseDecimal(shownInput);
  const weight = parseDecimal(shownWeight);
  return signFor(input && weight && multiplyDecimals(input, weight), shownProduct);
}

/**
 * The sign between shown number ÷ shown divisor and the shown quotient.
 * @param {string} shownNumber
 * @param {string} shownDivisor
 * @param {string} shownQuotient
 * @returns {Relation}
 */
export function relationOfQuotient(shownNumber, shownDivisor, shownQuotient) {
  if (/^[−0.]*$/.test(shownDivisor)) return "≈";
  return relationOfProduct(shownQuotient, shownDivisor, shownNumber);
}

/**
 * The sign between |shown base| to a power and the shown result; exact for whole powers only.
 * @param {string} shownBase
 * @param {number} exponent
 * @param {string} shownResult
 * @returns {Relation}
 */
export function relationOfPower(shownBase, exponent, shownResult) {
  const base = parseDecimal(shownBase.startsWith(MINUS) ? shownBase.slice(1) : shownBase);
  if (!base || !Number.isInteger(exponent) || exponent < 1 || exponent > MOST_MULTIPLIED) return "≈";
  let power = base;
  for (let i = 1; i < exponent; i += 1) power = multiplyDecimals(power, base);
  return signFor(power, shownResult);
}

/**
 * The sign between the square root of shown terms, added up, and the shown root.
 * @param {readonly string[]} shownTerms
 * @param {string} shownRoot
 * @returns {Relation}
 */
export function relationOfRoot(shownTerms, shownRoot) {
  const root = parseDecimal(shownRoot);
  return signBetween(sumOf(shownTerms), root && multiplyDecimals(root, root));
}

/**
 * The sign for every cell of a grid of products, and for the grid as a whole.
 * @param {readonly string[]} shownInputs
 * @param {readonly string[]} shownWeights
 * @param {readonly string[]} shownProducts
 * @returns {{ cells: Relation[], whole: Relation }} whole is "=" only if every cell is
 */
export function relationOfProducts(shownInputs, shownWeights, shownProducts) {
  if (shownInputs.length !== shownWeights.length || shownInputs.length !== shownProducts.length) {
    throw new RangeError(
      `${shownInputs.length} inputs, ${shownWeights.length} weights, ${shownProducts.length} products: not as many`,
    );
  }
  const cells = shownInputs.map((input, i) => relationOfProduct(input, shownWeights[i], shownProducts[i]));
  return { cells, whole: weakest(cells) };
}

/**
 * The signs of a sum in two steps: terms into one sum per group (a channel), then those sums and the bias
 * into the total.
 * @param {readonly (readonly string[])[]} shownGroups
 * @param {readonly string[]} shownSums one per group
 * @param {string | null} shownBias
 * @param {string} shownTotal
 * @returns {{ groups: Relation[], total: Relation, whole: Relation }} whole is "=" only if every step is
 */
export function chain(shownGroups, shownSums, shownBias, shownTotal) {
  if (shownGroups.length !== shownSums.length) {
    throw new RangeError(`${shownGroups.length} groups of terms, ${shownSums.length} sums: not as many`);
  }
  const groups = shownGroups.map((terms, i) => relation(terms, shownSums[i]));
  const total = relation(shownBias === null ? shownSums : [...shownSums, shownBias], shownTotal);
  return { groups, total, whole: weakest([...groups, total]) };
}

/**
 * "=" only if all are.
 * @param {readonly Relation[]} relations
 * @returns {Relation}
 */
export function weakest(relations) {
  return relations.every((sign) => sign === "=") ? "=" : "≈";
}

/**
 * @param {readonly string[]} shownTerms
 * @returns {Decimal | null}
 */
function sumOf(shownTerms) {
  return shownTerms.map(parseDecimal).reduce(sumOrNull, { n: 0n, scale: 0 });
}

/**
 * @param {Decimal | null} a
 * @param {Decimal | null} b
 * @returns {Decimal | null}
 */
function sumOrNull(a, b) {
  return a && b && addDecimals(a, b);
}

/**
 * @param {Decimal | null} value
 * @param {string} shown
 * @returns {Relation}
 */
function signFor(value, shown) {
  return signBetween(value, parseDecimal(shown));
}

/**
 * @param {Decimal | null} a
 * @param {Decimal | null} b
 * @returns {Relation}
 */
function signBetween(a, b) {
  return a && b && compareDecimals(a, b) === 0 ? "=" : "≈";
}
