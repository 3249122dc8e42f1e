/**
 * Terms and what came of them, for a way of combining that has no view of its own: nothing is ever blank.
 */

import { shown } from "../../core/arithmetic.js";
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
    return joined([...this.#terms.children]);
  }

  get resultBox() {
    return this.#result.getBoundingClientRect();
  }

  /** @param {StepProps} props */
  update({ step, digits, theme, inputScale, inputExtent }) {
    const cells = step.values.slice(0, MOST_TERMS).map((value) => {
      const cell = element("span", { class: "value-cell" });
      fillCell(cell, shown(value, digits.value), value, { theme, scale: inputScale, extent: inputExtent });
      return cell;
    });
    this.#terms.replaceChildren(...cells);
    setText(this.#result, shown(step.value, digits.result));
    const arrow = element("span", { class: "operator", "aria-hidden": "true" }, "→");
    this.replaceChildren(
      head(t("panel.window")),
      element("div", { class: "sentence" }, this.#terms, arrow, this.#result),
    );
  }
}

customElements.define("cs-plain-result", PlainResult);
