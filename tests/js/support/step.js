/** Decimals of steps in tests. */
export const DIGITS = { value: 2, weight: 0, result: 2 };

/**
 * A step of which only some parts matter.
 * @param {Record<string, unknown>} parts
 */
export function step(parts) {
  const values = /** @type {(number | null)[]} */ (parts.values ?? [0]);
  return /** @type {any} */ ({
    cell: [0, 0, 0],
    value: 0,
    total: 0,
    grid: [1, 1, values.length],
    padding: values.map(() => 0),
    weights: null,
    products: null,
    selected: null,
    bias: null,
    params: {},
    start: [0, 0],
    ...parts,
    values,
  });
}
