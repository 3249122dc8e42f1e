/**
 * What the operation costs, beside other ways to make the same numbers: a fully connected layer, and for a
 * depthwise or pointwise convolution the ordinary one.
 */

import { logShare, logTicks, ratioOf } from "../core/cost.js";
import { toSuperscript } from "../core/decimal.js";
import { formatCount, formatFixed } from "../core/format.js";
import { currentLanguage, t } from "../i18n/i18n.js";
import { element } from "./dom.js";

/** @typedef {import("../core/cost.js").Cost} Cost */

/**
 * @typedef {object} CostRow
 * @property {string} name
 * @property {Cost} cost
 * @property {boolean} own the operation on the page
 * @property {{ parameters: string, multiply_adds: string }} [how] the count as a product
 */

/**
 * @typedef {object} CostProps
 * @property {readonly CostRow[]} rows the first is what the others are compared with
 * @property {readonly string[]} notes
 */

const KINDS = /** @type {const} */ (["parameters", "multiply_adds"]);

export class CostView extends HTMLElement {
  #built = "";

  /** @param {CostProps} props */
  update(props) {
    const key = JSON.stringify([props, currentLanguage()]);
    if (key === this.#built) return;
    this.#built = key;
    const notes = props.notes.map((note) => element("p", { class: "note" }, note));
    this.replaceChildren(...KINDS.map((kind) => table(kind, props.rows)), ...notes);
  }
}

/**
 * @param {"parameters" | "multiply_adds"} kind
 * @param {readonly CostRow[]} rows
 */
function table(kind, rows) {
  const most = Math.max(...rows.map(({ cost }) => cost[kind]));
  const reference = rows[0].cost[kind];
  const body = element("tbody");
  for (const { name, cost, own, how } of rows) {
    const count = cost[kind];
    const bar = element("div", { class: "bar-fill" });
    bar.style.width = `${logShare(count, most) * 100}%`;
    const product = how?.[kind] ? element("span", { class: "how" }, how[kind]) : null;
    const share = own ? null : element("td", { class: "ratio" }, ratioText(reference, count));
    body.append(
      element(
        "tr",
        { class: own ? "own" : "" },
        element("th", { scope: "row", colspan: own ? 2 : null }, name, " ", product),
        share,
        element("td", { class: "count" }, formatCount(count, currentLanguage())),
      ),
      element(
        "tr",
        { class: "measure", "aria-hidden": "true" },
        element("td", { colspan: 3 }, element("div", { class: "track" }, bar)),
      ),
    );
  }
  const head = element(
    "tr",
    {},
    element("th", { scope: "col", class: "kind" }, t(`cost.${kind}`)),
    element("th", { scope: "col", class: "ratio" }, rows.length > 1 ? t("cost.needs") : ""),
    element("th", { scope: "col", class: "count" }, t("cost.number")),
  );
  return element(
    "div",
    { class: "cost-table" },
    element("table", {}, element("thead", {}, head), body),
    axis(most),
  );
}

/**
 * The operation as a share of another way.
 * @param {number} own
 * @param {number} other
 * @returns {string}
 */
function ratioText(own, other) {
  const ratio = ratioOf(own, other);
  if (!ratio) return own === 0 && other > 0 ? t("cost.none") : "";
  const sign = ratio.exact ? "" : "≈\u00A0";
  if (ratio.times === 1 && ratio.exact) return t("cost.same");
  if (!ratio.smaller) return `${sign}${formatRatio(ratio.times)}\u00A0×`;
  if (ratio.times >= 10 || Number.isInteger(ratio.times)) return `${sign}1/${formatRatio(ratio.times)}`;
  const share = formatFixed(own / other, 2);
  return `${Number(share) === own / other ? "" : "≈\u00A0"}${share}\u00A0×`;
}

/** @param {number} times */
function formatRatio(times) {
  return Number.isInteger(times) ? formatCount(times, currentLanguage()) : String(times);
}

/** @param {number} most */
function axis(most) {
  const ticks = logTicks(most).map(({ exponent, share }) => {
    const tick = element("span", {}, exponent === 0 ? "1" : `10${toSuperscript(exponent)}`);
    tick.style.left = `${share * 100}%`;
    return tick;
  });
  return element("div", { class: "log-axis", "aria-hidden": "true" }, ...ticks);
}

customElements.define("cs-cost", CostView);
