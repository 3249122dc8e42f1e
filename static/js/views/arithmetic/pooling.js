/**
 * A window, and the one number that stands for it: the largest, the mean, the p-norm. Windows with thousands
 * of numbers are small maps.
 */

import { shown } from "../../core/arithmetic.js";
import { formatTick } from "../../core/format.js";
import { shownMean, shownPower, windowCount } from "../../core/shown-pooling.js";
import { sentences, t } from "../../i18n/i18n.js";
import { element, setAttributes, setText } from "../dom.js";
import { NumberGrid } from "../number-grid.js";
import { head, joined, leavesRight, newResult, placeOf } from "./parts.js";
import { WindowMap } from "./window-map.js";

/** @typedef {import("./parts.js").StepProps} StepProps */

/**
 * @typedef {object} Line of the addition beside the window
 * @property {string} name
 * @property {string} sign
 * @property {string} number
 */

/** Px of a window that is a map. */
const ROOM = { wide: 240, stacked: 240, projector: 280, phone: 190 };
/** On a phone nothing has room beside a window of more columns. */
const BROAD = 4;

export class Pooling extends HTMLElement {
  #built = "";
  #map = new WindowMap();
  /** @type {NumberGrid | null} */
  #window = null;
  /** @type {NumberGrid | null} */
  #powers = null;
  #operator = element("span", { class: "operator powered" });
  #arrow = element("span", { class: "operator leads", "aria-hidden": "true" }, "→");
  #lines = element("div", { class: "lines" });
  #name = element("span", { class: "name" });
  #result = newResult();
  #remark = element("p", { class: "remark" });
  #readout = element("p", { class: "remark pointed" });
  /** @type {StepProps["composition"]} */
  #composition = "wide";

  get windowBox() {
    return joined([this.#window?.element ?? this.#map.element]);
  }

  get resultBox() {
    const { result, box } = this.#result;
    return leavesRight(this.#composition)
      ? result.getBoundingClientRect()
      : joined([this.#name, { getBoundingClientRect: box }]);
  }

  /** @param {StepProps} props */
  update(props) {
    const { step, cells } = props;
    this.#composition = props.composition;
    const key = JSON.stringify([step.grid, step.combine, cells, t("panel.window"), step.params.norm_type]);
    if (key !== this.#built) this.#build(props);
    this.#built = key;
    if (step.combine === "max") this.#updateMax(props);
    else if (step.combine === "mean") this.#updateMean(props);
    else this.#updatePower(props);
    setText(this.#readout, cells === "swatches" ? pointed(props) : "");
    this.#readout.hidden = cells !== "swatches";
  }

  /** @param {StepProps} props */
  #build({ step, cells }) {
    const [, rows, columns] = step.grid;
    const grid = (/** @type {string} */ name, /** @type {string} */ caption) =>
      new NumberGrid({ name, rows, columns, caption });
    const digits = cells === "digits";
    this.#window = digits ? grid("window", t("panel.window")) : null;
    const powered = digits && step.combine === "lp";
    this.#powers = powered ? grid("powers", t("pooling.powers")) : null;
    for (const one of [this.#window, this.#powers]) one?.element.setAttribute("data-channel", "0");
    const broad = !digits || powered || columns > BROAD;
    setAttributes(this, { "data-cells": cells, "data-broad": broad });
    const total = element("div", { class: "total" }, this.#name, this.#result.sign, this.#result.result);
    const sentence = element(
      "div",
      { class: "sentence" },
      head(t("panel.window"), "at-window"),
      element("div", { class: "framed" }, this.#window?.element ?? this.#map.element),
      ...(this.#powers
        ? [
            this.#operator,
            head(powerHead(step), "at-powers"),
            element("div", { class: "at-powers" }, this.#powers.element),
          ]
        : []),
      this.#arrow,
      element("div", { class: "addition" }, this.#lines, total),
    );
    this.replaceChildren(sentence, this.#remark, this.#readout);
  }

  /** @param {StepProps} props */
  #updateMax(props) {
    const { step, digits } = props;
    const selected = step.selected ?? 0;
    const result = shown(step.value, digits.value);
    this.#drawWindow(
      props,
      step.values.map((x) => shown(x, digits.value)),
    );
    this.#updateAddition([], t("pooling.max"), "=", result);
    const { absent } = windowCount(step);
    const won = t("pooling.largest", { value: result, place: placeOf(props, selected) });
    const counted = absent > 0 ? t("pooling.absent", { count: absent }) : "";
    // While it is not told which one won, only how many there are.
    setText(this.#remark, sentences([step.selected === null ? "" : won, counted]));
  }

  /** @param {StepProps} props */
  #updateMean(props) {
    const { values, sum, sumRelation, divisor, mean, meanRelation } = shownMean(props.step, props.digits);
    this.#drawWindow(props, values);
    const lines = [
      { name: t("panel.sum"), sign: sumRelation, number: sum },
      { name: "", sign: "÷", number: String(divisor) },
    ];
    this.#updateAddition(lines, "", meanRelation, mean);
    setText(this.#remark, divisorRemark(props));
  }

  /** @param {StepProps} props */
  #updatePower(props) {
    const power = shownPower(props.step, props.digits);
    this.#drawWindow(props, power.values);
    const { theme, lit } = props;
    this.#powers?.update({
      texts: power.powers,
      numbers: power.numbers,
      scale: "nonNegative",
      extent: props.powerExtent,
      theme,
      padding: props.step.padding,
      lit,
    });
    setText(this.#operator, power.powersRelation);
    const name = this.#powers ? t("panel.sum") : t("pooling.powerSum", { p: superscripted(power.exponent) });
    this.#updateAddition(
      [{ name, sign: power.sumRelation, number: power.sum }],
      rootSign(power.exponent),
      power.rootRelation,
      power.root,
    );
    const { zeros } = windowCount(props.step);
    setText(this.#remark, zeros > 0 ? t("pooling.zeros", { count: zeros }) : "");
  }

  /**
   * @param {StepProps} props
   * @param {readonly string[]} texts
   */
  #drawWindow({ step, theme, inputScale, inputExtent, lit, composition }, texts) {
    const shared = { theme, scale: inputScale, extent: inputExtent, padding: step.padding, lit };
    if (this.#window) {
      this.#window.update({ ...shared, texts, numbers: step.values, selected: step.selected });
      return;
    }
    const [, rows, columns] = step.grid;
    this.#map.update({
      ...shared,
      values: step.values,
      size: [rows, columns],
      room: ROOM[composition],
      selected: step.selected,
      label: t("pooling.map", { rows, columns }),
    });
  }

  /**
   * @param {readonly Line[]} lines
   * @param {string} name of the result
   * @param {string} sign
   * @param {string} result
   */
  #updateAddition(lines, name, sign, result) {
    while (this.#lines.childElementCount > lines.length) this.#lines.lastElementChild?.remove();
    lines.forEach((line, i) => {
      const row =
        this.#lines.children[i] ??
        this.#lines.appendChild(
          element(
            "div",
            { class: "line" },
            element("span", { class: "name" }),
            element("span", { class: "sign" }),
            element("span", { class: "number" }),
          ),
        );
      for (const [at, text] of [line.name, line.sign, line.number].entries()) setText(row.children[at], text);
    });
    setText(this.#name, name);
    setText(this.#result.sign, sign);
    setText(this.#result.result, result);
    setAttributes(this, { "data-lines": lines.length });
  }
}

/**
 * How many numbers the mean is of, and whether padding is among them.
 * @param {StepProps} props
 */
function divisorRemark({ step }) {
  const { zeros, absent } = windowCount(step);
  const count = Number(step.params.divisor);
  if (zeros > 0 && absent > 0) return t("pooling.meanMixed", { count, zeros, absent });
  if (zeros > 0) return t("pooling.meanZeros", { count, zeros });
  if (absent > 0) return t("pooling.meanAbsent", { count, absent });
  return t("pooling.meanAll", { count });
}

/**
 * The cell under the pointer in digits.
 * @param {StepProps} props
 */
function pointed(props) {
  const { lit, step, digits } = props;
  if (lit === null || lit >= step.values.length) return "";
  const value = step.values[lit];
  if (value === null) return t("pooling.notCounted");
  return `${placeOf(props, lit)}: ${shown(value, digits.value)}`;
}

/** @param {import("../../core/arithmetic.js").Step} step */
function powerHead({ params }) {
  return `|x|${superscripted(Number(params.norm_type))}`;
}

/** A whole number as an exponent, another one after a caret. @param {number} p */
function superscripted(p) {
  if (!Number.isInteger(p)) return `^${formatTick(p)}`;
  return [...String(p)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
}

/** @param {number} p */
function rootSign(p) {
  if (p === 1) return "";
  if (p === 2) return "√";
  return Number.isInteger(p) ? `${superscripted(p)}√` : `^(1/${formatTick(p)})`;
}

customElements.define("cs-pooling", Pooling);
