/**
 * Which view tells how the number was made, and what it is told.
 */

import { hasKernel } from "../../core/operation-request.js";
import { planes } from "../../core/tensor.js";
import { t } from "../../i18n/i18n.js";
import "../../views/arithmetic/weighted-sum.js";
import { KINDS } from "../common/arithmetic-kinds.js";
import { lazily, styled } from "../common/lazy.js";

/** @typedef {import("../../actions/operation.js").State} State */
/** @typedef {import("../../actions/operation.js").Run} Run */
/** @typedef {import("../../core/arithmetic.js").Step} Step */
/** @typedef {import("./stage.js").Look} Look */

/**
 * @typedef {object} Context
 * @property {State} state
 * @property {Run} run
 * @property {Step} step
 * @property {Look} look
 * @property {"light" | "dark"} theme
 * @property {import("../../core/composition.js").Composition} composition
 * @property {Node | null} kernelWord stands beside the head of the kernel
 * @property {() => void} redraw to be called when a part has come that was not there yet
 */

const NOTHING_YET = { windowBox: null, resultBox: null };

const further = lazily(styled(["views"], () => import("./views.js")));

const WEIGHTED_SUM = { element: "cs-weighted-sum", part: () => true };

/** @type {import("../common/arithmetic-kinds.js").Kind} */
const FALLBACK = {
  element: "cs-plain-result",
  part: lazily(styled(["arithmetic"], () => import("../../views/arithmetic/plain-result.js"))),
};

/** Room that they need beside their grid of terms, in widths of a digit. */
export const STEP_WIDTHS = /** @type {Record<string, number>} */ ({
  max: 18,
  mean: 18,
  lp: 20,
  function: 46,
  normalise: 46,
  softmax: 46,
});

/**
 * @param {HTMLElement} place
 * @param {Context} context
 * @returns {{ windowBox: DOMRect | null, resultBox: DOMRect | null }} the view in place, up to date
 */
export function arithmeticFor(place, context) {
  const { state, run, step, look, theme, composition, redraw } = context;
  if (state.view.view !== "arithmetic") return further(redraw)?.viewFor(place, context) ?? NOTHING_YET;
  const kind = step.combine === "sum" ? WEIGHTED_SUM : KINDS[step.combine];
  const { element: name, part } = kind ?? FALLBACK;
  if (!part(redraw)) return NOTHING_YET;
  let view = /** @type {any} */ (place.firstElementChild);
  if (view?.localName !== name) {
    view = document.createElement(name);
    place.replaceChildren(view);
  }
  view.update({
    step,
    digits: look.digits,
    theme,
    inputScale: look.input.scale,
    inputExtent: look.input.range,
    weightExtent: { min: -look.reach.weight, max: look.reach.weight },
    productExtent: { min: -look.reach.product, max: look.reach.product },
    layout: composition.layout,
    cells: composition.cells,
    opened: state.view.opened,
    lit: state.lit,
    channelNames: channelNames(run, step),
    editable: hasKernel(run.view.op),
    kernelTool: hasKernel(run.view.op) ? context.kernelWord : null,
    ...(step.combine === "sum" ? null : stepProps(context)),
  });
  return view;
}

/**
 * What the views of operations without a kernel are told besides.
 * @param {Context} context
 */
function stepProps({ state, run, step, look, composition }) {
  const [channels, rows, columns] = planes(run.input);
  const name = (/** @type {number} */ index) => (channels === 3 ? ("RGB"[index] ?? "") : String(index));
  const [count] = step.grid;
  // The neighbours of a local response normalisation lie around the cell's own channel.
  const first = step.selected === null ? step.cell[0] : step.cell[0] - step.selected;
  return {
    op: run.view.op,
    outputScale: look.output.scale,
    outputExtent: look.output.range,
    powerExtent: {
      min: 0,
      max: Math.max(...[look.input.range.min, look.input.range.max].map(Math.abs)) ** run.view.normType,
    },
    composition: composition.name,
    termNames: Array.from({ length: count }, (_, i) => {
      const channel = first + i;
      return channel < 0 || channel >= channels ? "" : name(channel);
    }),
    channelName: t("channel.name", { channel: name(step.cell[0]) }),
    plane: [rows, columns],
    dilation: run.window?.dilation ?? [1, 1],
    curve: state.curve,
  };
}

/**
 * R, G, B for a colour picture, numbers for other maps.
 * @param {Run} run
 * @param {Step} step
 * @returns {string[]}
 */
export function channelNames(run, step) {
  const [channels] = planes(run.input);
  const count = step.grid[0];
  const first =
    count === channels
      ? 0
      : Math.floor((step.cell[0] * count * groupsOf(run)) / run.shape[0] / count) * count;
  const colors = channels === 3;
  return Array.from({ length: count }, (_, i) =>
    colors ? "RGB"[first + i] : t("channel.name", { channel: first + i }),
  );
}

/** @param {Run} run */
function groupsOf(run) {
  return run.view.op === "depthwise" ? planes(run.input)[0] : run.view.groups;
}
