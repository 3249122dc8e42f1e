/**
 * Which settings the present operation has, their values in words, and the limits within which each works
 * while the others stay.
 */

import { MAX_DIGITS } from "../../core/appearance-schema.js";
import { formatTick } from "../../core/format.js";
import { hasKernel, isRandom, KINDS } from "../../core/operation-request.js";
import { OPERATIONS, VIEWS } from "../../core/operation-schema.js";
import { t } from "../../i18n/i18n.js";

/** @typedef {import("../../actions/operation.js").State} State */
/** @typedef {import("../../actions/operation.js").Run} Run */
/** @typedef {import("../../views/settings.js").Setting} Setting */
/** @typedef {import("../../views/settings.js").Range} Range */

/** Largest values offered, where the picture itself would allow more than a page can show. */
const MOST = { kernel: 31, stride: 16, dilation: 8, padding: 16, channels: 8, zoom: 64 };

const API_NAMES = /** @type {Record<string, string>} */ ({
  kernelSize: "kernel_size",
  stride: "stride",
  dilation: "dilation",
  outputPadding: "output_padding",
  tile: "tile",
});

/**
 * @param {State} state
 * @param {Run} run
 * @param {Node | null} kernelPanel what shapes the kernel
 * @returns {Setting[]}
 */
export function settingsFor(state, run, kernelPanel) {
  const { view } = state;
  const kind = KINDS[view.op];
  const own = kind.settings.map((key) => settingOf(key, view, run));
  const kernel = kernelPanel && kernelSetting(view, kernelPanel);
  return [
    operationSetting(view),
    beforeSetting(state),
    kernel,
    ...own,
    digitsSetting(view),
    zoomSetting(view),
    viewSetting(view),
  ].filter((setting) => setting !== null);
}

/** @param {State["view"]} view @returns {Setting} */
function operationSetting(view) {
  const options = OPERATIONS.map((op) => ({
    value: op,
    text: t(`op.${op}`),
    group: t(`family.${KINDS[op].family}`),
  }));
  return choice("op", view.op, options);
}

/**
 * What the operation is applied to: the picture, or the picture after a kernel.
 * @param {State} state
 * @returns {Setting | null}
 */
function beforeSetting({ view, kernels }) {
  if (KINDS[view.op].family === "convolution") return null;
  const names = kernels.map(({ name }) => name).filter((name) => name !== "gabor" && name !== "identity");
  const options = ["none", ...names].map((value) => ({
    value,
    text: value === "none" ? t("before.none") : t(`preset.${value}`),
  }));
  return choice("before", view.before, options);
}

/**
 * A kernel that has settings of its own, in few words.
 * @param {State["view"]} view
 * @param {Node} content
 * @returns {Setting | null}
 */
function kernelSetting(view, content) {
  if (!hasKernel(view.op)) return null;
  const name = isRandom(view) ? "random" : view.kernel;
  const [orientation, wavelength] = view.gabor.map(formatTick);
  const texts = /** @type {Record<string, string>} */ ({
    gabor: t("kernel.short.gabor", { orientation, wavelength }),
    gaussian: t("kernel.short.gaussian", { sigma: formatTick(view.sigma) }),
    random: t("kernel.short.random", { seed: view.seed }),
    custom: t("kernel.short.custom"),
  });
  if (!texts[name]) return null;
  const control = { kind: /** @type {const} */ ("panel"), content };
  return { key: "kernel", label: t("panel.kernel"), text: texts[name], value: name, control };
}

/** @param {State["view"]} view @returns {Setting} */
function zoomSetting({ zoom }) {
  return {
    key: "zoom",
    label: t("setting.zoom"),
    text: `${formatTick(zoom)}×`,
    value: zoom,
    control: { kind: "number", minimum: 1, maximum: MOST.zoom, step: 0.5 },
  };
}

/** @param {State["view"]} view @returns {Setting} */
function digitsSetting({ digits }) {
  return {
    key: "digits",
    label: t("setting.digits"),
    text: String(digits),
    value: digits,
    control: { kind: "integer", range: { minimum: 0, maximum: MAX_DIGITS } },
  };
}

/**
 * The views that an operation has: im2col for windows over the input itself, a matrix for linear maps.
 * @param {State["view"]["op"]} op
 * @returns {State["view"]["view"][]}
 */
export function viewsOf(op) {
  const kind = KINDS[op];
  return VIEWS.filter((name) => {
    if (name === "columns") return kind.weighted && op !== "conv_transpose2d";
    return name !== "matrix" || kind.weighted || op === "avg_pool2d";
  });
}

/** @param {State["view"]} view @returns {Setting} */
function viewSetting({ op, view }) {
  return choice(
    "view",
    view,
    viewsOf(op).map((value) => ({ value, text: t(`view.${value}`) })),
  );
}

/**
 * @param {string} key
 * @param {string} value
 * @param {readonly { value: string, text: string, group?: string }[]} options
 * @returns {Setting}
 */
function choice(key, value, options) {
  return { key, label: t(`setting.${key}`), text: "", value, control: { kind: "choice", options } };
}

/**
 * @param {keyof State["view"]} key
 * @param {State["view"]} view
 * @param {Run} run
 * @returns {Setting | null}
 */
function settingOf(key, view, run) {
  const label = t(`setting.${key}`);
  const value = view[key];
  const plain = (
    /** @type {string} */ text,
    /** @type {import("../../views/settings.js").Control} */ control,
  ) => ({
    key,
    label,
    text,
    value,
    control,
  });
  switch (key) {
    case "kernelSize":
      return {
        ...plain(pairText(kernelSizeOf(run)), pairControl(key, run, MOST.kernel)),
        value: kernelSizeOf(run),
      };
    case "stride":
      return plain(stepText(view.stride), pairControl(key, run, MOST.stride));
    case "dilation":
      return plain(stepText(view.dilation), pairControl(key, run, MOST.dilation));
    case "outputPadding":
    case "tile":
      return plain(stepText(/** @type {number[]} */ (value)), pairControl(key, run, MOST.stride));
    case "padding":
      return plain(paddingText(view, run), paddingControl(view, run));
    case "groups":
      return plain(String(value), { kind: "integers", values: run.geometry.ranges.groups?.values ?? [1] });
    case "outChannels":
      // One preset in every output channel would show the same map again and again.
      if (view.kernel !== "random" && run.shape[0] === 1) return null;
      return plain(String(run.shape[0]), {
        kind: "integers",
        values: Array.from({ length: MOST.channels }, (_, i) => i + 1).filter(
          (count) => count % view.groups === 0,
        ),
      });
    case "bias":
      return plain(formatTick(view.bias), { kind: "number", minimum: -2, maximum: 2, step: 0.05 });
    case "slope":
      return plain(formatTick(view.slope), { kind: "number", minimum: 0, maximum: 1, step: 0.01 });
    case "alpha":
      return plain(formatTick(view.alpha), { kind: "number", minimum: 0, maximum: 2, step: 0.05 });
    case "low":
      return plain(formatTick(view.low), { kind: "number", minimum: -2, maximum: 2, step: 0.05 });
    case "high":
      return plain(formatTick(view.high), { kind: "number", minimum: 0, maximum: 6, step: 0.05 });
    case "epsilon":
      return plain(formatTick(view.epsilon), { kind: "number", minimum: 0, maximum: 0.1, step: 0.00001 });
    case "normType":
      return plain(formatTick(view.normType), { kind: "number", minimum: 1, maximum: 16, step: 0.5 });
    case "neighbours":
      return plain(String(value), { kind: "integer", range: { minimum: 1, maximum: 7 } });
    case "seed":
      return plain(String(value), { kind: "integer", range: { minimum: 0, maximum: 99 } });
    case "flip":
      return flag("flip", view.flip);
    case "ceilMode":
    case "countPadding":
      return flag(key, /** @type {boolean} */ (value));
  }
  return null;
}

/**
 * @param {string} key
 * @param {boolean} value
 * @returns {Setting}
 */
function flag(key, value) {
  return choice(key, value ? "1" : "0", [
    { value: "0", text: t(`${key}.0`) },
    { value: "1", text: t(`${key}.1`) },
  ]);
}

/** @param {Run} run */
function kernelSizeOf(run) {
  return run.window?.size ?? [1, 1];
}

/** @param {readonly number[]} pair */
function pairText([rows, columns]) {
  return `${rows} × ${columns}`;
}

/** One number where both axes agree. @param {readonly number[]} pair */
function stepText([rows, columns]) {
  return rows === columns ? String(rows) : pairText([rows, columns]);
}

/**
 * @param {string} key
 * @param {Run} run
 * @param {number} most
 * @returns {import("../../views/settings.js").Control}
 */
function pairControl(key, run, most) {
  const range = run.geometry.ranges[API_NAMES[key]] ?? {};
  const bounded = (/** @type {Range | undefined} */ axis) => ({
    minimum: axis?.minimum ?? 1,
    maximum: Math.min(most, axis?.maximum ?? most),
  });
  return { kind: "pair", rows: bounded(range.rows), columns: bounded(range.columns) };
}

/**
 * @param {State["view"]} view
 * @param {Run} run
 */
function paddingText({ padding, paddingMode }, run) {
  const weighted = KINDS[run.view.op].weighted && run.view.op !== "conv_transpose2d";
  const size = /^[a-z]/.test(padding) ? t(`padding.${padding}`) : padding.replaceAll(",", ", ");
  return weighted ? `${size}, ${t(`mode.${paddingMode}`)}` : size;
}

/**
 * @param {State["view"]} view
 * @param {Run} run
 * @returns {import("../../views/settings.js").Control}
 */
function paddingControl(view, run) {
  const { ranges, padding } = run.geometry;
  const weighted = KINDS[view.op].weighted && view.op !== "conv_transpose2d";
  const limit = Math.min(MOST.padding, ranges.padding?.maximum ?? MOST.padding);
  return {
    kind: "padding",
    words: weighted ? ["valid", "same", "full"] : [],
    maximum: view.op === "conv_transpose2d" ? [limit, limit] : [limit, limit, limit, limit],
    sides: padding,
    modes: weighted ? (ranges.padding_mode?.values ?? ["zeros", "reflect", "replicate", "circular"]) : [],
    mode: view.paddingMode,
  };
}
