/**
 * The numbers under a legend's bar, each where it stands on the bar.
 */

import { formatTick } from "../core/format.js";
import { element, setAttributes, setText } from "./dom.js";

/** @typedef {import("../core/range.js").Tick} Tick */

const BOUNDS = { atMost: "≤ ", atLeast: "≥ " };

/**
 * @param {HTMLElement} place of class "legend-ticks"
 * @param {readonly Tick[]} ticks
 */
export function placeTicks(place, ticks) {
  while (place.childElementCount > ticks.length) place.lastElementChild?.remove();
  ticks.forEach(({ value, position, bound }, i) => {
    const tick = place.children[i] ?? place.appendChild(element("span"));
    setText(tick, (bound ? BOUNDS[bound] : "") + formatTick(value));
    setAttributes(tick, { class: position === 0 ? "at-start" : position === 1 ? "at-end" : null });
    /** @type {HTMLElement} */ (tick).style.left = `${100 * position}%`;
  });
}
