/**
 * A sum of hundreds of products, told by its largest parts: one share for every channel, the largest first, each
 * bar of the waterfall beginning where the one before it ended.
 */

/** @typedef {import("./arithmetic.js").Step} Step */

/**
 * @typedef {object} Share what one group of terms adds
 * @property {number} group
 * @property {number} from first term
 * @property {number} to first term beyond
 * @property {number} sum
 */

/**
 * @typedef {object} Fall one bar of the waterfall
 * @property {number} start
 * @property {number} end
 */

/**
 * @param {Step} step with products
 * @param {number} groups into which its terms fall, equally long
 * @returns {Share[]} the largest magnitude first
 */
export function sharesOf({ products, value }, groups) {
  const terms = products ?? [];
  const each = terms.length / groups;
  const shares = Array.from({ length: groups }, (_, group) => {
    const [from, to] = [Math.round(group * each), Math.round((group + 1) * each)];
    let sum = 0;
    for (let i = from; i < to; i += 1) sum += terms[i] ?? 0;
    return { group, from, to, sum };
  });
  shares.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum) || a.group - b.group);
  // Where the result is not told, neither are the shares that add up to it.
  return Number.isNaN(value) ? shares.map((share) => ({ ...share, sum: Number.NaN })) : shares;
}

/**
 * The first shares, and the others in one.
 * @param {readonly Share[]} shares
 * @param {number} most
 * @returns {{ shown: readonly Share[], others: { count: number, sum: number } | null }}
 */
export function folded(shares, most) {
  if (shares.length <= most) return { shown: shares, others: null };
  const rest = shares.slice(most - 1);
  return {
    shown: shares.slice(0, most - 1),
    others: { count: rest.length, sum: rest.reduce((sum, share) => sum + share.sum, 0) },
  };
}

/**
 * @param {number} bias where the first bar begins; it has a bar of its own from 0
 * @param {readonly number[]} sums
 * @returns {Fall[]} the bias first
 */
export function waterfall(bias, sums) {
  let at = bias;
  return [
    { start: 0, end: bias },
    ...sums.map((sum) => {
      const start = at;
      at += sum;
      return { start, end: at };
    }),
  ];
}
