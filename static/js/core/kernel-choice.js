/**
 * What choosing a kernel, or another size for it, changes in the view, so that the two always fit.
 */

/** @typedef {import("./operation-schema.js").View} View */
/** @typedef {import("./tensor.js").Tensor} Tensor */

/**
 * @typedef {object} KernelParameter
 * @property {string} name
 * @property {number} default
 * @property {number} minimum
 * @property {number} maximum
 */

/**
 * @typedef {object} KernelPreset of GET /kernels
 * @property {string} name
 * @property {[number, number]} default_size
 * @property {readonly [number, number][] | null} sizes null: any
 * @property {readonly KernelParameter[]} parameters
 * @property {number[][]} values at the defaults
 */

/** A Gabor function needs room for a wave. */
const LEAST_GABOR = 5;
const LEAST_AREA = 9;

/**
 * The presets that the view's operation can take; the kernel of a pointwise convolution has one cell.
 * @param {View} view
 * @param {readonly KernelPreset[]} kernels
 * @returns {readonly KernelPreset[]}
 */
export function presetsFor({ op }, kernels) {
  if (op !== "pointwise") return kernels;
  return kernels.filter(({ name, sizes }) => name === "identity" || (sizes === null && name === "box"));
}

/**
 * @param {View} view
 * @param {string} name a preset's, "random" or "custom"
 * @param {readonly KernelPreset[]} kernels
 * @param {Tensor | null} weight of the present run: what "custom" begins with
 * @returns {Partial<View>}
 */
export function choose(view, name, kernels, weight) {
  if (name === "custom") return weight ? { kernel: "custom", ...customOf(view, weight) } : {};
  const preset = kernels.find((each) => each.name === name);
  if (!preset || view.op === "pointwise") return { kernel: name };
  return { kernel: name, kernelSize: sizeFor(preset, view.kernelSize) };
}

/**
 * @param {KernelPreset} preset
 * @param {readonly number[]} size the present one
 * @returns {[number, number]}
 */
function sizeFor({ name, sizes, default_size }, [rows, columns]) {
  const suits = sizes
    ? sizes.some((size) => size[0] === rows && size[1] === columns)
    : rows * columns >= LEAST_AREA && (name !== "gabor" || Math.min(rows, columns) >= LEAST_GABOR);
  return suits ? [rows, columns] : default_size;
}

/**
 * Another size: a kernel whose numbers are fixed becomes a custom one, in a frame of zeros or cut out of.
 * @param {View} view
 * @param {readonly number[]} size rows, columns
 * @param {readonly KernelPreset[]} kernels
 * @returns {Partial<View>}
 */
export function resize(view, [rows, columns], kernels) {
  const kernelSize = /** @type {[number, number]} */ ([rows, columns]);
  const preset = kernels.find(({ name }) => name === view.kernel);
  const isFixed = preset?.sizes && !preset.sizes.some((size) => size[0] === rows && size[1] === columns);
  if (view.kernel !== "custom" && !isFixed) return { kernelSize };
  const values = view.kernel === "custom" ? view.values : [preset?.values ?? [[0]]];
  return { kernel: "custom", kernelSize, values: values.map((plane) => centred(plane, rows, columns)) };
}

/**
 * @param {readonly (readonly number[])[]} plane
 * @param {number} rows
 * @param {number} columns
 * @returns {number[][]} the same numbers about the same centre
 */
function centred(plane, rows, columns) {
  const down = Math.floor(rows / 2) - Math.floor(plane.length / 2);
  const right = Math.floor(columns / 2) - Math.floor(plane[0].length / 2);
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, q) => plane[r - down]?.[q - right] ?? 0),
  );
}

/**
 * The kernel as custom values: one plane where all channels share it.
 * @param {View} view
 * @param {Tensor} weight (…, rows, columns)
 * @returns {{ values: number[][][], kernelSize: [number, number] }}
 */
export function customOf(view, weight) {
  const isShared = view.kernel !== "random" && (view.kernel !== "custom" || view.values.length === 1);
  const [rows, columns] = weight.shape.slice(-2);
  const area = rows * columns;
  const count = isShared ? 1 : weight.data.length / area;
  const values = Array.from({ length: count }, (_, p) =>
    Array.from({ length: rows }, (_, r) =>
      Array.from(weight.data.slice(p * area + r * columns, p * area + (r + 1) * columns), tidy),
    ),
  );
  return { values, kernelSize: [rows, columns] };
}

/** A float32 as the short decimal that names it. @param {number} x */
function tidy(x) {
  return Number(x.toPrecision(7));
}

/**
 * One plane of a weight as a picture of one channel.
 * @param {Tensor} weight
 * @param {number} index
 * @returns {Tensor}
 */
export function planeOf(weight, index) {
  const [rows, columns] = weight.shape.slice(-2);
  const area = rows * columns;
  const at = Math.min(index, weight.data.length / area - 1) * area;
  const plane = { shape: [1, rows, columns], data: weight.data.subarray(at, at + area), dtype: weight.dtype };
  return plane;
}
