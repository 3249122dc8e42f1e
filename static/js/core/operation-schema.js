/**
 * Everything that the Operation page shows, as one state: what its address holds, no more and no less.
 */

import { appearance } from "./appearance-schema.js";
import { bool, choice, int, list, number, pair, string, volume } from "./fields.js";
import { STAGES } from "./transposed.js";
import { defineSchema } from "./url-state.js";

export const OPERATIONS = /** @type {const} */ ([
  "conv2d",
  "depthwise",
  "pointwise",
  "conv_transpose2d",
  "local2d",
  "tiled2d",
  "max_pool2d",
  "avg_pool2d",
  "lp_pool2d",
  "global_max_pool2d",
  "global_avg_pool2d",
  "step",
  "sigmoid",
  "tanh",
  "relu",
  "leaky_relu",
  "gelu",
  "elu",
  "selu",
  "softplus",
  "silu",
  "hard_sigmoid",
  "hard_swish",
  "clip",
  "softmax",
  "batch_norm2d",
  "local_response_norm",
]);

/** The same four numbers everywhere: as a number, a pair, four sides or a word, "1", "1,2", "1,1,2,2", "same". */
const PADDING = /\d{1,3}(?:,\d{1,3}){0,3}|valid|same|full/;

export const VIEWS = /** @type {const} */ (["arithmetic", "columns", "matrix", "cost"]);

export const schema = defineSchema({
  op: choice({ param: "op", default: "conv2d", choices: OPERATIONS }),

  image: string({ param: "image", default: "chelsea", pattern: /[A-Za-z0-9_-]{1,64}/ }),
  /** Rows and columns that the picture is resized to; 0 keeps its own. */
  size: pair({ param: "size", default: [44, 44], min: 0, max: 2048 }),
  color: choice({ param: "color", default: "rgb", choices: ["rgb", "gray"] }),
  range: choice({ param: "range", default: "1", choices: ["1", "255"] }),
  /** A preset kernel that the picture passes first, channel by channel: activations need negative numbers. */
  before: string({ param: "before", default: "none", pattern: /[a-z0-9_]{1,24}/ }),

  /** A preset's name, "custom" with `values`, or "random" with `seed`. */
  kernel: string({ param: "kernel", default: "sobel_x", pattern: /[a-z0-9_]{1,24}/ }),
  values: volume({ param: "values", default: [[[0]]], maxCount: 4096, min: -1e6, max: 1e6 }),
  seed: int({ param: "seed", default: 0, min: 0, max: 9999 }),
  kernelSize: pair({ param: "kernel_size", default: [3, 3], min: 1, max: 63 }),
  /** Orientation in degrees, wavelength in pixels, phase in degrees, sigma in pixels, aspect. */
  gabor: list({ param: "gabor", default: [0, 5, 0, 2, 0.6], maxCount: 5 }),
  sigma: number({ param: "sigma_px", default: 1, min: 0.1, max: 50 }),
  outChannels: int({ param: "out_channels", default: 1, min: 1, max: 64 }),
  bias: number({ param: "bias", default: 0, min: -1e6, max: 1e6 }),
  stride: pair({ param: "stride", default: [1, 1], min: 1, max: 64 }),
  padding: string({ param: "padding", default: "1", pattern: PADDING }),
  paddingMode: choice({
    param: "padding_mode",
    default: "zeros",
    choices: ["zeros", "reflect", "replicate", "circular"],
  }),
  dilation: pair({ param: "dilation", default: [1, 1], min: 1, max: 32 }),
  groups: int({ param: "groups", default: 1, min: 1, max: 64 }),
  flip: bool({ param: "flip", default: false }),
  outputPadding: pair({ param: "output_padding", default: [0, 0], min: 0, max: 31 }),
  tile: pair({ param: "tile", default: [2, 2], min: 1, max: 16 }),
  ceilMode: bool({ param: "ceil_mode", default: false }),
  countPadding: bool({ param: "count_include_pad", default: true }),
  normType: number({ param: "norm_type", default: 2, min: 1, max: 16 }),
  slope: number({ param: "negative_slope", default: 0.01, min: -10, max: 10 }),
  alpha: number({ param: "alpha", default: 1, min: -10, max: 10 }),
  low: number({ param: "min", default: 0, min: -1e6, max: 1e6 }),
  high: number({ param: "max", default: 6, min: -1e6, max: 1e6 }),
  epsilon: number({ param: "eps", default: 1e-5, min: 0, max: 1 }),
  neighbours: int({ param: "lrn_size", default: 3, min: 1, max: 64 }),

  /** The output number under attention: channel, row, column. */
  cell: list({ param: "cell", default: [0, 19, 14], min: 0, max: 65535, maxCount: 3 }),
  /** The one input channel whose arithmetic is open where there is room for one only. */
  opened: int({ param: "opened", default: 0, min: 0, max: 4095 }),
  view: choice({ param: "view", default: "arithmetic", choices: VIEWS }),
  stage: choice({ param: "stage", default: "crop", choices: STAGES }),
  zoom: number({ param: "zoom", default: 1, min: 1, max: 64 }),
  speed: choice({ param: "speed", default: "1", choices: ["0.5", "1", "2", "4", "8"] }),
  ...appearance,
});

/** @typedef {import("./url-state.js").StateOf<typeof schema>} View */

/** Keys of the state that decide what the engine computes; the rest only decides what is shown of it. */
export const RUN_KEYS = /** @type {const} */ ([
  "op",
  "image",
  "size",
  "color",
  "range",
  "before",
  "kernel",
  "values",
  "seed",
  "kernelSize",
  "gabor",
  "sigma",
  "outChannels",
  "bias",
  "stride",
  "padding",
  "paddingMode",
  "dilation",
  "groups",
  "flip",
  "outputPadding",
  "tile",
  "ceilMode",
  "countPadding",
  "normType",
  "slope",
  "alpha",
  "low",
  "high",
  "epsilon",
  "neighbours",
]);
