/**
 * How often each answer was given: a list of bars, one below the other, read aloud as a list.
 */

import { t } from "../i18n/i18n.js";
import { element, setAttributes, setText } from "./dom.js";

/** @typedef {import("../core/question.js").Bar} Bar */

export class HistogramView extends HTMLElement {
  #list = element("ol");

  connectedCallback() {
    if (!this.#list.isConnected) this.append(this.#list);
  }

  /** @param {readonly Bar[]} bars */
  update(bars) {
    while (this.#list.childElementCount > bars.length) this.#list.lastElementChild?.remove();
    setAttributes(this.#list, { "aria-label": t("room.answers") });
    bars.forEach((bar, i) => {
      const row = /** @type {HTMLElement} */ (this.#list.children[i] ?? this.#list.appendChild(newRow()));
      updateRow(row, bar);
    });
  }
}

function newRow() {
  return element(
    "li",
    {},
    element("span", { class: "answer" }),
    element("span", { class: "track", "aria-hidden": "true" }, element("i")),
    element("span", { class: "count" }),
    element("span", { class: "mark" }),
  );
}

/**
 * @param {HTMLElement} row
 * @param {Bar} bar
 */
function updateRow(row, { label, count, share, isRight, isOwn }) {
  const [answer, track, number, mark] = /** @type {HTMLElement[]} */ ([...row.children]);
  setAttributes(row, { "data-right": isRight, "data-own": isOwn });
  setText(answer, label);
  track.style.setProperty("--share", `${100 * share}%`);
  setText(number, String(count));
  setText(
    mark,
    [isRight ? t("room.rightMark") : "", isOwn ? t("room.ownMark") : ""].filter(Boolean).join(" · "),
  );
}

customElements.define("cs-histogram", HistogramView);
