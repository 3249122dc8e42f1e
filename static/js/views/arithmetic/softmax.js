/**
 * Softmax across the channels: every score, its power of e, its share of their sum, as a table with bars.
 */

import { shownSoftmax } from "../../core/shown-functions.js";
import { t } from "../../i18n/i18n.js";
import { element, setAttributes, setText } from "../dom.js";
import { bracketed, fillCell, joined, leavesRight, newResult, signs } from "./parts.js";

/** @typedef {import("./parts.js").StepProps} StepProps */

/** Scores with a row each. */
const MOST_ROWS = { wide: 8, stacked: 8, projector: 4, phone: 6 };

export class Softmax extends HTMLElement {
  #table = element("div", { class: "scores", role: "table" });
  #quotient = element("span", { class: "terms" });
  #result = newResult();
  #remark = element("p", { class: "remark" });
  /** @type {StepProps["composition"]} */
  #composition = "wide";

  get windowBox() {
    return joined([...this.querySelectorAll(".value-cell")]);
  }

  get resultBox() {
    const { result, box } = this.#result;
    return leavesRight(this.#composition)
      ? result.getBoundingClientRect()
      : joined([this.#quotient, { getBoundingClientRect: box }]);
  }

  connectedCallback() {
    if (this.childElementCount > 0) return;
    const { sign, result } = this.#result;
    const total = element("div", { class: "quotient" }, this.#quotient, sign, result);
    this.append(element("div", { class: "sentence" }, this.#table, total), this.#remark);
  }

  /** @param {StepProps} props */
  update({ step, digits, theme, inputScale, inputExtent, termNames, composition }) {
    this.#composition = composition;
    const shown = shownSoftmax(step, digits, MOST_ROWS[composition]);
    const exponent = shown.shift === null ? "x" : `x − ${bracketed(shown.shift)}`;
    const cell = (/** @type {string} */ name, /** @type {(Node | string)[]} */ ...children) =>
      element("span", { class: name, role: "cell" }, ...children);
    const row = (/** @type {string} */ name, /** @type {HTMLElement[]} */ ...cells) =>
      element("div", { class: `score ${name}`, role: "row" }, ...cells);
    const rows = shown.scores.map((score) => {
      const x = cell("value-cell");
      const value = score.index === null ? null : step.values[score.index];
      fillCell(x, score.x, value, { theme, scale: inputScale, extent: inputExtent });
      const name =
        score.index === null ? t("softmax.others", { count: shown.folded }) : termNames[score.index];
      const bar = element("span", { class: `share-bar${score.top ? " top" : ""}` });
      bar.style.setProperty("--part", String(score.part));
      const start = score.index === null ? cell("nothing") : x;
      return row(
        score.own ? "own" : "",
        cell("name", name),
        start,
        cell("power number", score.power),
        cell("share-track", bar),
        cell("share number", score.share),
      );
    });
    this.#table.replaceChildren(
      row(
        "heads",
        cell("name"),
        cell("unit", signs("x")),
        cell("unit", signs(["e", exponent])),
        cell(""),
        cell("unit", signs(["e", exponent], "÷", "∑")),
      ),
      ...rows,
      row(
        "foot",
        cell("name", "Σ"),
        cell("nothing"),
        cell("power number", element("span", { class: "sign" }, shown.sumRelation), ` ${shown.sum}`),
        cell(""),
        cell("share number", element("span", { class: "sign" }, shown.wholeRelation), ` ${shown.whole}`),
      ),
    );
    setAttributes(this.#table, { "aria-label": t("softmax.table") });
    const own = shown.scores.find((score) => score.own);
    setText(this.#quotient, `${own?.power ?? ""} ÷ ${shown.sum}`);
    setText(this.#result.sign, shown.shareRelation);
    setText(this.#result.result, shown.share);
    setText(this.#remark, shown.shift === null ? "" : t("softmax.shift", { shift: shown.shift }));
  }
}

customElements.define("cs-softmax", Softmax);
