/**
 * Every digit of one number's arithmetic, in columns whose decimal points stand under one another.
 */

import { t } from "../i18n/i18n.js";
import { DialogView } from "./dialog.js";
import { element } from "./dom.js";

/** @typedef {import("../core/every-digit.js").Term} Term */
/** @typedef {import("../core/every-digit.js").Addition} Addition */

/**
 * @typedef {object} DigitsProps
 * @property {boolean} open
 * @property {string} key of the contents: unchanged contents are not built again
 * @property {string} title
 * @property {() => Digits} read
 */

/**
 * @typedef {object} Digits
 * @property {"sum" | "mean" | "values"} kind
 * @property {readonly Term[]} terms
 * @property {(index: number) => string} placeOf where a term comes from
 * @property {(index: number) => number} channelOf
 * @property {readonly string[]} channelNames
 * @property {number | null} selected the term that won
 * @property {Addition | null} addition
 * @property {{ divisor: string, product: string } | null} division
 * @property {string} computed
 * @property {readonly (readonly [string, string])[]} params names and numbers of the formula
 */

export class DigitsDialog extends DialogView {
  #built = "";

  /** @param {DigitsProps} props */
  update({ open, key, title, read }) {
    if (open && key !== this.#built) {
      this.#built = key;
      const digits = read();
      const scroller = element("div", {
        class: "digits-scroll",
        tabindex: 0,
        role: "region",
        "aria-label": title,
      });
      scroller.append(tableOf(digits));
      this.body.replaceChildren(element("p", { class: "note" }, t(`digits.note.${digits.kind}`)), scroller);
    }
    this.show(open, title);
  }
}

/** @param {Digits} digits */
function tableOf(digits) {
  const { kind, addition, division, computed, params } = digits;
  const table = element("table", { class: `digits digits-${kind}` }, headOf(kind));
  const cut = addition?.rest ?? null;
  table.append(...termGroups(digits, cut !== null));
  const foot = table.createTFoot();
  const put = (/** @type {string} */ name, /** @type {string} */ number, sign = "", style = "") =>
    foot.append(numberRow(kind, name, number, sign, style));
  if (cut) put(t("digits.rest", { count: cut.count }), cut.sum);
  if (addition && kind === "sum") {
    for (const { channel, sum } of addition.channels)
      put(t("digits.sumOf", { channel: digits.channelNames[channel] }), sum);
    if (addition.bias !== null) put(t("panel.bias"), addition.bias);
    put(t("digits.exact"), addition.total, "=", "rule");
    put(t("digits.float32"), addition.computed, addition.relation, "strong");
    if (addition.difference) put(t("digits.difference"), addition.difference);
  } else if (addition && division) {
    put(t("digits.exact"), addition.total, "=", "rule");
    put(t("digits.back", { divisor: division.divisor }), division.product, addition.relation);
    if (addition.difference) put(t("digits.difference"), addition.difference);
    put(t("digits.float32"), computed, "", "strong");
  } else {
    for (const [name, number] of params) put(name, number);
    put(t("digits.float32"), computed, "", "rule strong");
  }
  return table;
}

/** @param {Digits["kind"]} kind */
function headOf(kind) {
  const names = kind === "sum" ? ["input", "weight", "product"] : ["input"];
  const cells = names.map((name) => element("th", { scope: "col" }, t(`digits.${name}`)));
  return element("thead", {}, element("tr", {}, element("td"), ...cells));
}

/**
 * Terms by channel, each with its sum under a rule, unless terms are left out.
 * @param {Digits} digits
 * @param {boolean} isCut
 */
function termGroups({ kind, terms, placeOf, channelOf, channelNames, selected, addition }, isCut) {
  /** @type {Map<number, HTMLTableSectionElement>} */
  const groups = new Map();
  for (const { index, value, weight, product } of terms) {
    const channel = channelOf(index);
    const group = groups.get(channel) ?? newGroup(groups, channel, channelNames);
    const cells = kind === "sum" ? [value, `× ${weight}`, `= ${product}`] : [value];
    const row = element(
      "tr",
      { class: index === selected ? "selected" : null },
      element("th", { scope: "row" }, placeOf(index)),
    );
    row.append(...cells.map((text) => element("td", {}, text)));
    group.append(row);
  }
  if (!isCut) {
    for (const { channel, sum } of addition?.channels ?? []) {
      groups
        .get(channel)
        ?.append(numberRow(kind, t("digits.sumOf", { channel: channelNames[channel] }), sum, "=", "rule"));
    }
  }
  return groups.values();
}

/**
 * @param {Map<number, HTMLTableSectionElement>} groups
 * @param {number} channel
 * @param {readonly string[]} channelNames
 */
function newGroup(groups, channel, channelNames) {
  const group = element("tbody");
  if (channelNames.length > 1) {
    const name = channelNames[channel] ?? "";
    group.append(element("tr", { class: "channel" }, element("th", { scope: "rowgroup", colspan: 4 }, name)));
  }
  groups.set(channel, group);
  return group;
}

/**
 * A named number in the last column.
 * @param {Digits["kind"]} kind
 * @param {string} name
 * @param {string} number
 * @param {string} sign before it
 * @param {string} style
 */
function numberRow(kind, name, number, sign, style) {
  const head = element("th", { scope: "row", colspan: kind === "sum" ? 3 : 1 }, name);
  return element(
    "tr",
    { class: style || null },
    head,
    element("td", {}, sign ? `${sign} ${number}` : number),
  );
}

customElements.define("cs-digits-dialog", DigitsDialog);
