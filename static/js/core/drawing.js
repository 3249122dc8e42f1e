/**
 * A drawn digit put where the digits of MNIST stand: its longer side 20 of 28 pixels, its centre of mass in the
 * middle.
 *
 * Source: LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition" (1998).
 */

const SIDE = 28;
const DIGIT = 20;

/** @typedef {{ x: number, y: number }} Point */

/**
 * How strokes are scaled and shifted, so that they fill the frame as training digits do.
 * @param {readonly (readonly Point[])[]} strokes in px of the pad
 * @param {number} side of the picture that is made, px
 * @returns {{ scale: number, dx: number, dy: number } | null} new = scale × old + shift; null for an empty pad
 */
export function placement(strokes, side) {
  const points = strokes.flat();
  if (points.length === 0) return null;
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const extent = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), 1);
  const unit = side / SIDE;
  // A dot is a dot: it must not fill the frame.
  const scale = Math.min(4, ((DIGIT - 2) * unit) / extent);
  const mass = centreOf(strokes);
  return { scale, dx: side / 2 - scale * mass.x, dy: side / 2 - scale * mass.y };
}

/**
 * The centre of mass of lines of one width: segments weigh by their length.
 * @param {readonly (readonly Point[])[]} strokes
 * @returns {Point}
 */
function centreOf(strokes) {
  let [x, y, weight] = [0, 0, 0];
  for (const stroke of strokes) {
    stroke.forEach((to, i) => {
      const from = stroke[Math.max(0, i - 1)];
      // A single point has no length, and counts a little.
      const length = Math.hypot(to.x - from.x, to.y - from.y) + 1e-3;
      x += (length * (from.x + to.x)) / 2;
      y += (length * (from.y + to.y)) / 2;
      weight += length;
    });
  }
  return { x: x / weight, y: y / weight };
}
