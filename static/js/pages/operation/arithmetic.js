/**
 * Which view tells how the number was made, and what it is told.
 */

import { t } from "../../i18n/i18n.js";
import { planes } from "../../core/tensor.js";
import "../../views/arithmetic/weighted-sum.js";
import { viewFor } from "./views.js";

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
 */

/** Element names by the way in which terms combine. */
const ELEMENTS = /** @type {Record<string, string>} */ ({ sum: "cs-weighted-sum" });

/**
 * @param {HTMLElement} place
 * @param {Context} context
 * @returns {{ windowBox: DOMRect | null, resultBox: DOMRect | null }} the view in place, up to date
 */
export function arithmeticFor(place, context) {
  if (context.state.view.view !== "arithmetic") return viewFor(place, context);
  const { state, run, step, look, theme, composition } = context;
  const name = ELEMENTS[step.combine];
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
    editable: run.view.op !== "local2d" && run.view.op !== "tiled2d",
    kernelTool: null,
  });
  return view;
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
  const first = count === channels ? 0 : Math.floor((step.cell[0] * count * groupsOf(run)) / run.shape[0] / count) * count;
  const colors = channels === 3;
  return Array.from({ length: count }, (_, i) => (colors ? "RGB"[first + i] : t("channel.name", { channel: first + i })));
}

/** @param {Run} run */
function groupsOf(run) {
  return run.view.op === "depthwise" ? planes(run.input)[0] : run.view.groups;
}
