/**
 * From the state of the Operation page to the words of the public API.
 */

/** @typedef {import("./operation-schema.js").View} View */
/** @typedef {"convolution" | "pooling" | "activation" | "normalisation"} Family */

/**
 * @typedef {object} Kind what the page knows of an operation that the API does not need to say
 * @property {string} op its name in the API
 * @property {Family} family
 * @property {readonly (keyof View)[]} settings shown in the settings strip, in this order
 * @property {boolean} weighted it has a kernel
 */

const WINDOW = /** @type {const} */ (["kernelSize", "stride", "padding"]);

/** @type {Readonly<Record<View["op"], Kind>>} */
export const KINDS = {
  conv2d: weighted("conv2d", [
    "flip",
    "kernelSize",
    "stride",
    "padding",
    "dilation",
    "groups",
    "outChannels",
    "bias",
  ]),
  depthwise: weighted("conv2d", ["kernelSize", "stride", "padding", "dilation", "bias"]),
  pointwise: weighted("conv2d", ["outChannels", "stride", "bias"]),
  conv_transpose2d: weighted("conv_transpose2d", [
    "kernelSize",
    "stride",
    "padding",
    "outputPadding",
    "dilation",
    "groups",
    "outChannels",
    "bias",
  ]),
  local2d: weighted("local2d", ["kernelSize", "stride", "padding", "seed"]),
  tiled2d: weighted("tiled2d", ["kernelSize", "stride", "padding", "tile", "seed"]),
  max_pool2d: plain("pooling", "max_pool2d", [...WINDOW, "dilation", "ceilMode"]),
  avg_pool2d: plain("pooling", "avg_pool2d", [...WINDOW, "ceilMode", "countPadding"]),
  lp_pool2d: plain("pooling", "lp_pool2d", [...WINDOW, "normType", "ceilMode"]),
  global_max_pool2d: plain("pooling", "global_max_pool2d", []),
  global_avg_pool2d: plain("pooling", "global_avg_pool2d", []),
  step: plain("activation", "step", []),
  sigmoid: plain("activation", "sigmoid", []),
  tanh: plain("activation", "tanh", []),
  relu: plain("activation", "relu", []),
  leaky_relu: plain("activation", "leaky_relu", ["slope"]),
  gelu: plain("activation", "gelu", []),
  elu: plain("activation", "elu", ["alpha"]),
  selu: plain("activation", "selu", []),
  softplus: plain("activation", "softplus", []),
  silu: plain("activation", "silu", []),
  hard_sigmoid: plain("activation", "hard_sigmoid", []),
  hard_swish: plain("activation", "hard_swish", []),
  clip: plain("activation", "clip", ["low", "high"]),
  softmax: plain("normalisation", "softmax", []),
  batch_norm2d: plain("normalisation", "batch_norm2d", ["epsilon"]),
  local_response_norm: plain("normalisation", "local_response_norm", ["neighbours"]),
};

/**
 * @param {string} op
 * @param {readonly (keyof View)[]} settings
 * @returns {Kind}
 */
function weighted(op, settings) {
  return { op, family: "convolution", settings, weighted: true };
}

/**
 * @param {Family} family
 * @param {string} op
 * @param {readonly (keyof View)[]} settings
 * @returns {Kind}
 */
function plain(family, op, settings) {
  return { op, family, settings, weighted: false };
}

/** How the settings are called in the API; those not listed go by another way. */
const PARAMETERS = /** @type {const} */ ({
  kernelSize: "kernel_size",
  stride: "stride",
  dilation: "dilation",
  groups: "groups",
  flip: "flip",
  outChannels: "out_channels",
  outputPadding: "output_padding",
  tile: "tile",
  ceilMode: "ceil_mode",
  countPadding: "count_include_pad",
  normType: "norm_type",
  slope: "negative_slope",
  alpha: "alpha",
  low: "min",
  high: "max",
  epsilon: "eps",
  neighbours: "size",
});

/**
 * "same" stays a word; "1" becomes 1, "1,2" becomes [1, 2].
 * @param {string} padding
 * @returns {string | number | number[]}
 */
export function paddingValue(padding) {
  if (/^[a-z]/.test(padding)) return padding;
  const sides = padding.split(",").map(Number);
  return sides.length === 1 ? sides[0] : sides;
}

/**
 * The operation's settings under their API names, without weights.
 * @param {View} view
 * @param {number} channels of the picture as it enters
 * @returns {Record<string, unknown>}
 */
export function settingsOf(view, channels) {
  const kind = KINDS[view.op];
  /** @type {Record<string, unknown>} */
  const settings = {};
  for (const key of kind.settings) {
    const name = PARAMETERS[/** @type {keyof typeof PARAMETERS} */ (key)];
    if (name) settings[name] = view[key];
    if (key === "padding") {
      settings.padding = paddingValue(view.padding);
      if (kind.weighted && kind.op !== "conv_transpose2d") settings.padding_mode = view.paddingMode;
    }
  }
  if (view.op === "depthwise") Object.assign(settings, { groups: channels, out_channels: channels });
  if (view.op === "pointwise") settings.kernel_size = [1, 1];
  return settings;
}

/**
 * The weight as the API reads it.
 * @param {View} view
 * @returns {unknown}
 */
export function weightOf(view) {
  if (isRandom(view)) {
    return { init: "he", seed: view.seed };
  }
  if (view.kernel === "custom") return unflattened(view.values, view.outChannels);
  if (view.kernel === "gabor") {
    const [orientation_deg, wavelength_px, phase_deg, sigma_px, aspect] = view.gabor;
    return { preset: "gabor", orientation_deg, wavelength_px, phase_deg, sigma_px, aspect };
  }
  if (view.kernel === "gaussian") return { preset: "gaussian", sigma_px: view.sigma };
  return view.kernel;
}

/**
 * Whether the kernel is drawn at random: places with kernels of their own need many, and 1 × 1 has no preset.
 * @param {View} view
 * @returns {boolean}
 */
export function isRandom({ op, kernel }) {
  const fitsOneCell = kernel === "custom" || kernel === "identity" || kernel === "box";
  return op === "local2d" || op === "tiled2d" || kernel === "random" || (op === "pointwise" && !fitsOneCell);
}

/**
 * @param {View["op"]} op
 * @returns {boolean} the reader chooses its kernel; other weights are drawn at random
 */
export function hasKernel(op) {
  return KINDS[op].weighted && op !== "local2d" && op !== "tiled2d";
}

/** Presets that come in any size; the others bring their own. */
const SIZED = new Set(["identity", "box", "gaussian", "gabor"]);

/**
 * One plane serves every channel; more planes are the kernels' channels one after another.
 * @param {View["values"]} planes
 * @param {number} outChannels
 * @returns {unknown}
 */
function unflattened(planes, outChannels) {
  if (planes.length === 1) return planes[0];
  const each = planes.length / outChannels;
  if (!Number.isInteger(each)) return planes;
  return Array.from({ length: outChannels }, (_, o) => planes.slice(o * each, (o + 1) * each));
}

/**
 * The body of POST /runs for a view.
 * @param {View} view
 * @param {number} channels
 * @returns {Record<string, unknown>}
 */
export function runRequest(view, channels) {
  const kind = KINDS[view.op];
  /** @type {Record<string, unknown>} */
  const node = { name: NODE, op: kind.op, ...settingsOf(view, channels) };
  if (kind.weighted) {
    node.weight = weightOf(view);
    // A kernel of fixed size says its size itself.
    if (!isRandom(view) && !SIZED.has(view.kernel)) delete node.kernel_size;
    if (view.bias !== 0 && kind.settings.includes("bias")) node.bias = view.bias;
  }
  return {
    image: view.image,
    ...(view.size[0] && view.size[1] ? { size: view.size } : {}),
    color: view.color,
    range: Number(view.range),
    specification: { nodes: view.before === "none" ? [node] : [beforeNode(view.before, channels), node] },
  };
}

/** The name of the node that an Operation page is about. */
export const NODE = "operation";

/**
 * The name of the node whose output the operation reads.
 * @param {View} view
 * @returns {string}
 */
export function inputNode(view) {
  return view.before === "none" ? "input" : "before";
}

/**
 * @param {string} preset
 * @param {number} channels
 * @returns {Record<string, unknown>}
 */
function beforeNode(preset, channels) {
  return {
    name: "before",
    op: "conv2d",
    weight: preset,
    padding: "same",
    padding_mode: "replicate",
    groups: channels,
    out_channels: channels,
  };
}
