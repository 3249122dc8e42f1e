/**
 * The bar that moves the window: first, back, play, forward, last, a scrubber, the place, the speed.
 */

import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText, svg } from "./dom.js";

/**
 * @typedef {object} TransportProps
 * @property {number} index
 * @property {number} total
 * @property {boolean} playing
 * @property {string} speed
 * @property {string} place "row 19, column 14"
 * @property {string} spoken the same with the value, for the scrubber
 */

const SHAPES = {
  first: "M5 4h2v12H5zM17 4v12L8 10z",
  back: "M15 4v12L6 10z",
  play: "M6 3.5v13L17 10z",
  pause: "M5 4h3.5v12H5zM11.5 4H15v12h-3.5z",
  forward: "M5 4v12l9-6z",
  last: "M13 4h2v12h-2zM3 4v12l9-6z",
};
const SPEEDS = ["0.5", "1", "2", "4", "8"];

export class TransportView extends HTMLElement {
  #play = transportButton("play", "play");
  #scrub = element("input", { type: "range", min: 0, step: 1, class: "scrub" });
  #place = element("output", { class: "place" });
  #speed = element("select", { class: "word" });
  /** Room for the page's own buttons. */
  tools = element("div", { class: "tools" });

  connectedCallback() {
    if (this.#scrub.isConnected) return;
    const intents = { first: "first", back: "back", forward: "forward", last: "last" };
    const buttons = Object.fromEntries(
      Object.keys(intents).map((name) => [name, transportButton(name, name)]),
    );
    for (const [name, button] of Object.entries({ ...buttons, play: this.#play })) {
      button.addEventListener("click", () => emit(this, "cs-transport", { intent: name }));
    }
    this.#scrub.addEventListener("input", () => {
      emit(this, "cs-transport", { intent: "seek", index: Number(this.#scrub.value) });
    });
    for (const speed of SPEEDS) this.#speed.append(element("option", { value: speed }, `${speed}×`));
    this.#speed.addEventListener("change", () => {
      emit(this, "cs-transport", { intent: "speed", speed: this.#speed.value });
    });
    setAttributes(this.#scrub, { "data-label": "transport.scrub" });
    setAttributes(this.#speed, { "data-label": "transport.speed" });
    this.append(
      element(
        "div",
        { class: "keys" },
        buttons.first,
        buttons.back,
        this.#play,
        buttons.forward,
        buttons.last,
      ),
      this.#scrub,
      this.#place,
      this.#speed,
      this.tools,
    );
  }

  /** @param {TransportProps} props */
  update({ index, total, playing, speed, place, spoken }) {
    setAttributes(this.#scrub, { max: Math.max(0, total - 1), "aria-valuetext": spoken });
    if (this.#scrub.value !== String(index)) this.#scrub.value = String(index);
    this.#scrub.style.setProperty("--progress", `${(100 * index) / Math.max(1, total - 1)}%`);
    this.style.setProperty("--progress", `${(100 * index) / Math.max(1, total - 1)}%`);
    setText(this.#place, place);
    this.#speed.value = speed;
    const name = playing ? "pause" : "play";
    this.#play.querySelector("path")?.setAttribute("d", SHAPES[name]);
    setAttributes(this.#play, { "aria-label": t(`transport.${name}`), title: t(`transport.${name}`) });
  }
}

/**
 * @param {string} name
 * @param {string} shape
 * @returns {HTMLButtonElement}
 */
function transportButton(name, shape) {
  const path = SHAPES[/** @type {keyof typeof SHAPES} */ (shape)];
  const icon = svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: path }));
  const made = element("button", {
    type: "button",
    class: `transport ${name}`,
    "data-label": `transport.${name}`,
  });
  made.append(icon);
  return made;
}

customElements.define("cs-transport", TransportView);
