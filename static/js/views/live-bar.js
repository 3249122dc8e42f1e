/**
 * The slim bar over moving pictures: where they come from, stand still and go on, and, when asked, how quick
 * it all is. Emits "cs-live-act" with what to do, and "cs-live" with another camera.
 */

import { formatFixed } from "../core/format.js";
import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText, svg } from "./dom.js";
import { fillSelect } from "./settings.js";

/**
 * @typedef {object} LiveBarProps
 * @property {"off" | "live" | "frozen"} state
 * @property {boolean} waiting
 * @property {{ kind: string, label: string, device: string, devices: readonly { id: string, label: string }[] } | null} source
 * @property {{ rate: number, delay_ms: number | null, dropped: number, skipped: number, ms: number | null } | null} figures
 * @property {string} problem to be read; empty for none
 */

/** A full circle moves, two bars stand still: never by colour alone. */
const MARKS = {
  live: "M5 1.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6",
  frozen: "M2 1h2v8H2zM6 1h2v8H6z",
};

export class LiveBar extends HTMLElement {
  #path = svg("path", {});
  #mark = svg("svg", { viewBox: "0 0 10 10", class: "mark", "aria-hidden": "true" }, this.#path);
  #state = element("span", { class: "state" });
  #label = element("span", { class: "source" });
  #cameras = element("select", { class: "word" });
  #status = element("p", { class: "problem", role: "status" });
  #hold = act("hold", "Z");
  #next = act("next", "N");
  #stop = act("stop", "C");
  #dismiss = act("dismiss");
  #more = element("button", { type: "button", class: "word", "aria-expanded": "false" });
  #figures = element("dl", { class: "figures", hidden: true });

  connectedCallback() {
    if (this.#state.isConnected) return;
    setAttributes(this, { role: "group" });
    this.append(
      element("span", { class: "what" }, this.#mark, this.#state, this.#label, this.#cameras),
      this.#status,
      element(
        "span",
        { class: "acts" },
        this.#hold.button,
        this.#next.button,
        this.#stop.button,
        this.#dismiss.button,
        this.#more,
      ),
      this.#figures,
    );
    this.#cameras.addEventListener("change", () =>
      emit(this, "cs-live", { choice: { kind: "camera", device: this.#cameras.value } }),
    );
    this.#more.addEventListener("click", () => {
      this.#figures.hidden = !this.#figures.hidden;
      setAttributes(this.#more, { "aria-expanded": String(!this.#figures.hidden) });
    });
  }

  /** @param {LiveBarProps} props */
  update({ state, waiting, source, figures, problem }) {
    this.hidden = state === "off" && !waiting && problem === "";
    if (this.hidden) return;
    setAttributes(this, { "aria-label": t("live.bar"), "data-state": state });
    setAttributes(this.#path, { d: MARKS[state === "frozen" ? "frozen" : "live"] });
    this.#mark.toggleAttribute("hidden", state === "off");
    setText(this.#state, state === "off" ? "" : t(`live.state.${state}`));
    this.#updateSource(source);
    setText(this.#status, problem || (waiting ? t(state === "off" ? "live.asking" : "live.connecting") : ""));
    this.#status.hidden = this.#status.textContent === "";
    this.#hold.update(
      t(state === "frozen" ? "live.goOn" : "live.freeze"),
      state === "off" || source === null,
    );
    this.#next.update(t("live.next"), state !== "frozen" || source === null);
    this.#stop.update(t("live.stop"), state === "off" && !waiting);
    this.#dismiss.update(t("message.close"), state !== "off" || waiting || problem === "");
    setText(this.#more, t("live.figures"));
    this.#more.hidden = state === "off";
    if (state === "off") this.#figures.hidden = true;
    if (!this.#figures.hidden) this.#updateFigures(figures);
  }

  /** @param {LiveBarProps["source"]} source */
  #updateSource(source) {
    const several = source !== null && source.devices.length > 1;
    setText(this.#label, source && !several ? source.label || t(`live.source.${source.kind}`) : "");
    this.#cameras.hidden = !several;
    if (!several) return;
    fillSelect(
      this.#cameras,
      source.devices.map(({ id, label }) => ({ value: id, text: label || t("live.source.camera") })),
    );
    this.#cameras.value = source.device;
    setAttributes(this.#cameras, { "aria-label": t("live.camera") });
  }

  /** @param {LiveBarProps["figures"]} figures */
  #updateFigures(figures) {
    const whole = (/** @type {number | null | undefined} */ x) => (x == null ? "–" : formatFixed(x, 0));
    const rows = [
      ["rate", whole(figures?.rate)],
      ["delay", `${whole(figures?.delay_ms)} ms`],
      ["server", `${figures?.ms == null ? "–" : formatFixed(figures.ms, 1)} ms`],
      ["dropped", whole(figures?.dropped)],
      ["skipped", whole(figures?.skipped)],
    ];
    while (this.#figures.childElementCount < rows.length)
      this.#figures.append(element("div", {}, element("dt"), element("dd")));
    rows.forEach(([name, text], i) => {
      const [term, value] = this.#figures.children[i].children;
      setText(term, t(`live.figure.${name}`));
      setText(value, text);
    });
  }
}

/**
 * A button, and the key that does the same.
 * @param {string} name
 * @param {string} [key]
 */
function act(name, key) {
  const text = element("span");
  const button = element(
    "button",
    { type: "button", class: "button", "aria-keyshortcuts": key },
    text,
    key && element("kbd", { "aria-hidden": "true" }, key),
  );
  button.addEventListener("click", () => emit(button, "cs-live-act", { act: name }));
  return {
    button,
    /**
     * @param {string} words
     * @param {boolean} hidden
     */
    update(words, hidden) {
      setText(text, words);
      button.hidden = hidden;
    },
  };
}

customElements.define("cs-live-bar", LiveBar);
