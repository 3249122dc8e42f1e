/**
 * Terms and what came of them, for a way of combining that has no view of its own: joined by their sign where
 * one sign tells it in full, else with an arrow to the result. Nothing is ever blank.
 */

import { shown } from "../../core/arithmetic.js";
import { JOINED, shownJoined } from "../../core/joined.js";
import { t } from "../../i18n/i18n.js";
import { element, setText } from "../dom.js";
import { fillCell, head, joined } from "./parts.js";

/** @typedef {import("./parts.js").StepProps} StepProps */

/** Terms that are written out. */
const MOST_TERMS = 6;

export class PlainResult extends HTMLElement {
  #terms = element("div", { class: "terms" });
  #result = element("output", { class: "result" });

  get windowBox() {
    return joined([...this.#terms.querySelectorAll(".value-cell")]);
  }

  get resultBox() {
    return this.#result.getBoundingClientRect();
  }

  /** @param {StepProps} props */
  update(props) {
    const isJoined = JOINED.includes(props.step.combine);
    this.toggleAttribute("data-joined", isJoined);
    const sign = isJoined ? this.#join(props) : this.#list(props);
    const sentence = element("div", { class: "sentence" }, this.#terms, sign, this.#result);
    this.replaceChildren(...(isJoined ? [sentence] : [head(t("panel.window")), sentence]));
  }

  /**
   * The terms one below the other, and an arrow.
   * @param {StepProps} props
   */
  #list(props) {
    const { step, digits } = props;
    const texts = step.values.slice(0, MOST_TERMS).map((value) => shown(value, digits.value));
    this.#terms.replaceChildren(...texts.map((text, i) => cellOf(props, text, i)));
    setText(this.#result, shown(step.value, digits.result));
    return element("span", { class: "operator", "aria-hidden": "true" }, "→");
  }

  /**
   * The terms in a row with signs between them, and an equals sign.
   * @param {StepProps} props
   */
  #join(props) {
    const { terms, sign, name, more, relation, result } = shownJoined(props.step, props.digits);
    const word = (/** @type {string} */ text) => element("span", { class: "operator" }, text);
    const isPower = sign === "^";
    const parts = terms.flatMap((text, i) => {
      const cell = cellOf(props, text, i);
      if (isPower && i === 1) cell.classList.add("exponent");
      return i === 0 || isPower ? [cell] : [word(sign), cell];
    });
    const rest = more > 0 ? [word(sign), word("…")] : [];
    this.#terms.replaceChildren(
      ...(name ? [word(`${name}(`), ...parts, ...rest, word(")")] : [...parts, ...rest]),
    );
    setText(this.#result, result);
    return word(relation);
  }
}

/**
 * @param {StepProps} props
 * @param {string} text
 * @param {number} index of the term
 */
function cellOf({ step, theme, inputScale, inputExtent }, text, index) {
  const cell = element("span", { class: "value-cell" });
  fillCell(cell, text, step.values[index], { theme, scale: inputScale, extent: inputExtent });
  return cell;
}

customElements.define("cs-plain-result", PlainResult);
