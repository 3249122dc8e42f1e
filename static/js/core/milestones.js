/**
 * Moments that a benchmark, or a curious reader in the browser's own tools, can read: when a run was asked
 * for, and when it stood on the screen. Only the newest of each is kept.
 */

/** @param {"run-asked" | "run-drawn"} name */
export function reach(name) {
  performance.clearMarks(name);
  performance.mark(name);
}
