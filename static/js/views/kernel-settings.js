/**
 * What shapes the present kernel: sliders with the kernel drawn large beside them, the seed of a random one, or
 * the way back from one that was edited.
 */

import { t } from "../i18n/i18n.js";
import { element, emit, setAttributes, setText } from "./dom.js";
import { Swatch } from "./swatch.js";

/** @typedef {import("../core/kernel-choice.js").KernelParameter} KernelParameter */
/** @typedef {import("../core/operation-schema.js").View} View */

/**
 * @typedef {object} KernelSettingsProps
 * @property {Pick<View, "kernel" | "gabor" | "sigma" | "seed">} view
 * @property {readonly KernelParameter[]} parameters of the preset
 * @property {import("../core/tensor.js").Tensor | null} plane the kernel as computed
 * @property {import("../core/scales.js").Theme} theme
 * @property {string} before the preset that an edited kernel came from
 */

/** Where a slider is useful; the number beside it takes all that the parameter takes. */
const PRACTICAL = /** @type {Record<string, { minimum: number, maximum: number, step: number }>} */ ({
  orientation_deg: { minimum: 0, maximum: 180, step: 1 },
  wavelength_px: { minimum: 2, maximum: 20, step: 0.1 },
  phase_deg: { minimum: -180, maximum: 180, step: 1 },
  sigma_px: { minimum: 0.3, maximum: 8, step: 0.1 },
  aspect: { minimum: 0.1, maximum: 2, step: 0.05 },
});
const SWATCH_SIDE = 126;

export class KernelSettings extends HTMLElement {
  #swatch = new Swatch();
  #controls = element("div", { class: "kernel-controls" });
  #built = "";
  /** @type {((props: KernelSettingsProps) => void)[]} */
  #refresh = [];
  /** @type {KernelSettingsProps | null} */
  #props = null;

  connectedCallback() {
    if (this.#controls.isConnected) return;
    this.append(element("div", { class: "kernel-large" }, this.#swatch.canvas), this.#controls);
  }

  /** @param {KernelSettingsProps} props */
  update(props) {
    this.#props = props;
    const { view, plane, theme, parameters } = props;
    if (plane) this.#swatch.update(plane, theme, SWATCH_SIDE);
    const key = JSON.stringify([view.kernel, parameters.length, props.before, t("kernel.again")]);
    if (key !== this.#built) this.#build(props);
    this.#built = key;
    for (const refresh of this.#refresh) refresh(props);
  }

  /** @param {KernelSettingsProps} props */
  #build({ view, parameters, before }) {
    this.#refresh = [];
    this.#controls.replaceChildren(
      ...parameters.map((parameter, i) => this.#slider(parameter, i)),
      ...(view.kernel === "random" ? this.#random() : []),
      ...(view.kernel === "custom" ? this.#custom(before) : []),
    );
    if (this.#controls.childElementCount === 0) {
      this.#controls.append(element("p", { class: "note" }, t("kernel.fixed")));
    }
  }

  #random() {
    const seed = element("p", {});
    this.#refresh.push(({ view }) => setText(seed, t("kernel.seed", { seed: view.seed })));
    const again = element("button", { type: "button", class: "button" }, t("kernel.again"));
    again.addEventListener("click", () => {
      this.#set({ seed: ((this.#props?.view.seed ?? 0) + 1) % SEEDS }, false);
    });
    return [seed, again];
  }

  /** @param {string} before */
  #custom(before) {
    const back = element(
      "button",
      { type: "button", class: "button" },
      t("kernel.back", { preset: t(`preset.${before}`) }),
    );
    back.addEventListener("click", () => emit(this, "cs-kernel", { name: before }));
    return [element("p", {}, t("kernel.edited")), back];
  }

  /**
   * @param {KernelParameter} parameter
   * @param {number} index in the view's list
   */
  #slider({ name, minimum, maximum }, index) {
    const label = t(`parameter.${name}`);
    const practical = PRACTICAL[name] ?? { minimum, maximum, step: 0.1 };
    const slider = element("input", {
      type: "range",
      "aria-label": label,
      min: Math.max(minimum, practical.minimum),
      max: Math.min(maximum, practical.maximum),
      step: practical.step,
    });
    const exact = element("input", {
      type: "number",
      "aria-label": label,
      min: minimum,
      max: maximum,
      step: "any",
    });
    // A drag is one step back for the browser's Back, not one for every pixel.
    let isDragging = false;
    const write = (/** @type {string} */ text, /** @type {boolean} */ live) => {
      const value = Number(text);
      if (text === "" || !Number.isFinite(value)) return;
      this.#setParameter(index, Math.min(maximum, Math.max(minimum, value)), live);
    };
    slider.addEventListener("input", () => {
      write(slider.value, isDragging);
      isDragging = true;
    });
    slider.addEventListener("change", () => {
      isDragging = false;
    });
    exact.addEventListener("change", () => write(exact.value, false));
    this.#refresh.push(({ view }) => {
      const value = String(view.kernel === "gabor" ? view.gabor[index] : view.sigma);
      if (!isDragging) slider.value = value;
      const share = (Number(slider.value) - Number(slider.min)) / (Number(slider.max) - Number(slider.min));
      slider.style.setProperty("--progress", `${100 * share}%`);
      if (exact !== document.activeElement) exact.value = value;
      setAttributes(slider, { "aria-valuetext": value });
    });
    return element("label", { class: "slider" }, element("span", {}, label), slider, exact);
  }

  /**
   * @param {number} index
   * @param {number} value
   * @param {boolean} live
   */
  #setParameter(index, value, live) {
    const view = this.#props?.view;
    if (view?.kernel === "gabor")
      this.#set({ gabor: view.gabor.map((old, i) => (i === index ? value : old)) }, live);
    else this.#set({ sigma: value }, live);
  }

  /**
   * @param {Partial<View>} patch
   * @param {boolean} live one of many on the way
   */
  #set(patch, live) {
    emit(this, "cs-set", { patch, live });
  }
}

const SEEDS = 10_000;

customElements.define("cs-kernel-settings", KernelSettings);
