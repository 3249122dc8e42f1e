/**
 * The maps that a transposed convolution goes through before its kernel, made from its input: while pictures
 * move, only the input and the output come.
 */

import { planes, toFloat32 } from "./tensor.js";

/** @typedef {import("./tensor.js").Tensor} Tensor */

/**
 * @param {Tensor} input
 * @param {import("./transposed.js").Spreading} spreading
 * @param {readonly number[]} outputPadding rows and columns more at the end
 * @returns {Record<import("./transposed.js").Stage, Tensor>}
 */
export function stagesOf(input, { stride, padding, edge }, outputPadding) {
  const [channels, rows, columns] = planes(input);
  const floats = toFloat32(input);
  const spreadSize = [(rows - 1) * stride[0] + 1, (columns - 1) * stride[1] + 1];
  /**
   * @param {readonly number[]} size
   * @param {readonly number[]} origin of the spread map on this one
   * @returns {Tensor}
   */
  const placed = ([height, width], [top, left]) => {
    const data = new Float32Array(channels * height * width);
    for (let c = 0; c < channels; c += 1) {
      for (let i = 0; i < rows; i += 1) {
        const r = top + i * stride[0];
        if (r < 0 || r >= height) continue;
        for (let j = 0; j < columns; j += 1) {
          const q = left + j * stride[1];
          if (q < 0 || q >= width) continue;
          data[(c * height + r) * width + q] = floats[(c * rows + i) * columns + j];
        }
      }
    }
    return { shape: [channels, height, width], data, dtype: "float32" };
  };
  const framed = spreadSize.map((size, axis) => size + 2 * edge[axis] + outputPadding[axis]);
  const cropped = framed.map((size, axis) => size - 2 * padding[axis]);
  return {
    input,
    spread: placed(spreadSize, [0, 0]),
    frame: placed(framed, edge),
    crop: placed(cropped, [edge[0] - padding[0], edge[1] - padding[1]]),
  };
}
