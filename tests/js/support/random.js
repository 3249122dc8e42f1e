/**
 * Mulberry32: a small generator of repeatable numbers, so that a failing property fails again.
 * @param {number} seed
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    /** from 0 up to, not including, 1 */
    uniform,
    /** @param {number} least @param {number} greatest both inclusive */
    int: (least, greatest) => least + Math.floor(uniform() * (greatest - least + 1)),
    /** @template T @param {readonly T[]} items @returns {T} */
    pick: (items) => items[Math.floor(uniform() * items.length)],
    /** any finite double, every exponent equally likely */
    double() {
      const view = new DataView(new ArrayBuffer(8));
      do {
        view.setUint32(0, uniform() * 4294967296);
        view.setUint32(4, uniform() * 4294967296);
      } while (!Number.isFinite(view.getFloat64(0)));
      return view.getFloat64(0);
    },
    /** a float32 of either sign, roughly normal around zero */
    float32: () => Math.fround((uniform() + uniform() + uniform() - 1.5) * 2),
  };
}
