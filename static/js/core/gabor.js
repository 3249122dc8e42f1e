/**
 * The Gabor function that a fit lays over a filter, as the engine's preset `gabor` draws it: a cosine grating
 * under a Gaussian envelope. Angles turn counter-clockwise as seen; rows count downwards.
 *
 * Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 9.16.
 */

/**
 * @typedef {object} Fit of GET …/filters
 * @property {number} orientation_deg
 * @property {number} wavelength_px
 * @property {number} phase_deg
 * @property {number} sigma_px
 * @property {number} aspect
 * @property {readonly [number, number]} center row and column in cells
 * @property {number} amplitude
 * @property {readonly number[]} direction how much of the pattern each input channel carries
 * @property {readonly number[]} offset of each input channel
 * @property {number} r2
 */

const RADIAN = Math.PI / 180;

/**
 * Distances from the centre in px: across the stripes and along them.
 * @param {Fit} fit
 * @param {number} row
 * @param {number} column
 * @returns {{ across: number, along: number }}
 */
export function turned({ orientation_deg, center }, row, column) {
  const [cos, sin] = [Math.cos(orientation_deg * RADIAN), Math.sin(orientation_deg * RADIAN)];
  const [down, right] = [row - center[0], column - center[1]];
  return { across: right * cos - down * sin, along: right * sin + down * cos };
}

/**
 * @param {Fit} fit
 * @param {number} across
 * @param {number} along
 * @returns {number}
 */
export function gabor({ wavelength_px, phase_deg, sigma_px, aspect, amplitude }, across, along) {
  const envelope = Math.exp(-(across ** 2 + (aspect * along) ** 2) / (2 * sigma_px ** 2));
  return amplitude * envelope * Math.cos((2 * Math.PI * across) / wavelength_px + phase_deg * RADIAN);
}

/**
 * The filter as the fit describes it.
 * @param {Fit} fit
 * @param {readonly [number, number]} size rows and columns
 * @returns {import("./tensor.js").Tensor} (1, channels, rows, columns)
 */
export function fittedFilter(fit, [rows, columns]) {
  const { direction, offset } = fit;
  const data = new Float32Array(direction.length * rows * columns);
  for (let r = 0; r < rows; r += 1) {
    for (let q = 0; q < columns; q += 1) {
      const { across, along } = turned(fit, r, q);
      const pattern = gabor(fit, across, along);
      direction.forEach((share, c) => {
        data[(c * rows + r) * columns + q] = offset[c] + share * pattern;
      });
    }
  }
  return { shape: [1, direction.length, rows, columns], data, dtype: "float32" };
}

/**
 * The filter's own pattern, cell by cell, at its place across the stripes: what the curve is laid through.
 * @param {Fit} fit
 * @param {ArrayLike<number>} values of the filter, channels one after another
 * @param {readonly [number, number]} size
 * @returns {{ across: number, along: number, value: number }[]}
 */
export function crossSection(fit, values, [rows, columns]) {
  const { direction, offset } = fit;
  const points = [];
  for (let r = 0; r < rows; r += 1) {
    for (let q = 0; q < columns; q += 1) {
      const value = direction.reduce(
        (sum, share, c) => sum + share * (values[(c * rows + r) * columns + q] - offset[c]),
        0,
      );
      points.push({ ...turned(fit, r, q), value });
    }
  }
  return points;
}
