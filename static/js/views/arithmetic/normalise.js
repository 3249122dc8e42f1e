/**
 * Normalisation, step by step in one column: batch normalisation with its channel's mean and variance, local
 * response normalisation with the neighbours across the channels.
 */

import { shownBatchNorm, shownResponseNorm } from "../../core/shown-normalisation.js";
import { t } from "../../i18n/i18n.js";
import { element, math, setAttributes, setText } from "../dom.js";
import { bracketed, fillCell, joined, leavesRight, nameOf, newResult, signs } from "./parts.js";

/** @typedef {import("./parts.js").StepProps} StepProps */

/**
 * @typedef {object} Line as shown: what is done, with which number, and what comes out
 * @property {string} words
 * @property {string} [exponent] of the words
 * @property {string} operand
 * @property {string} sign
 * @property {string} value
 */

/** What is done, line by line. */
const SYMBOLS = {
  batch: () => [
    signs("x"),
    signs("−", "μ"),
    math("math", {}, math("mo", {}, "÷"), math("msqrt", {}, ...signs(["σ", "2"], "+", "ε").childNodes)),
    signs("×", "γ"),
    signs("+", "β"),
  ],
  across: () => [
    signs("k", "+", "α", "/", "n", "·", "∑", ["x", "2"]),
    signs(["(…)", "β"]),
    signs("x", "÷", ["(…)", "β"]),
  ],
};

/** Neighbours with a row each; those that are not there go first. */
const MOST_ROWS = 9;

export class Normalise extends HTMLElement {
  #x = element("span", { class: "value-cell" });
  #lines = element("div", { class: "ladder" });
  #neighbours = element("div", { class: "neighbours" });
  #remark = element("p", { class: "remark" });
  #result = newResult();
  #windowHead = element("h2");
  #ladderHead = element("h2");
  #built = "";
  /** @type {StepProps["composition"]} */
  #composition = "wide";

  get windowBox() {
    const cells = [...this.#neighbours.querySelectorAll(".value-cell:not(.absent)")];
    return joined(cells.length > 0 ? cells : [this.#x]);
  }

  get resultBox() {
    return leavesRight(this.#composition) ? this.#result.result.getBoundingClientRect() : this.#result.box();
  }

  /** @param {StepProps} props */
  update(props) {
    this.#composition = props.composition;
    const across = props.op === "local_response_norm";
    const kind = across ? "across" : "batch";
    if (this.#built !== kind) this.#build(across);
    this.#built = kind;
    if (across) this.#updateResponse(props);
    else this.#updateBatch(props);
  }

  /** @param {boolean} across the channels */
  #build(across) {
    setAttributes(this, { "data-kind": across ? "across" : "batch" });
    const left = across
      ? element(
          "div",
          { class: "side" },
          element("div", { class: "head" }, this.#windowHead),
          this.#neighbours,
        )
      : element("div", { class: "side" }, element("div", { class: "head" }, signs("x")), this.#x);
    const arrow = element("span", { class: "operator leads", "aria-hidden": "true" }, "→");
    const right = element("div", {}, element("div", { class: "head" }, this.#ladderHead), this.#lines);
    this.replaceChildren(element("div", { class: "sentence" }, left, arrow, right), this.#remark);
    const symbols = SYMBOLS[across ? "across" : "batch"]();
    this.#lines.replaceChildren(
      ...symbols.map((symbol, i) => newLine(symbol, i === symbols.length - 1 ? this.#result : null)),
    );
  }

  /** @param {StepProps} props */
  #updateBatch(props) {
    const { step, digits, theme, inputScale, inputExtent, channelName, plane } = props;
    const { x, lines, spread, statistics } = shownBatchNorm(step, digits);
    fillCell(this.#x, x, step.values[0], { theme, scale: inputScale, extent: inputExtent });
    const channel = channelName;
    setText(this.#ladderHead, nameOf(props.op));
    const words = {
      mean: statistics === "group" ? t("normalise.groupMean") : t("normalise.mean", { channel }),
      deviation: `√(${spread.variance} + ${spread.epsilon}) ${spread.relation} ${spread.deviation}`,
      gamma: t("normalise.gamma"),
      beta: t("normalise.beta"),
    };
    this.#updateLines([
      { words: "", operand: "", sign: "", value: x },
      ...lines.map(({ name, operand, relation, value }) => ({
        words: words[/** @type {keyof typeof words} */ (name)],
        operand: bracketed(operand),
        sign: relation,
        value,
      })),
    ]);
    const count = Number(step.params.count ?? plane[0] * plane[1]);
    setText(this.#remark, t(`normalise.${statistics}`, { channel, count, variance: spread.variance }));
  }

  /** @param {StepProps} props */
  #updateResponse(props) {
    const { step, digits } = props;
    const norm = shownResponseNorm(step, digits);
    const { k, alpha, size, beta } = norm.settings;
    setText(this.#windowHead, t("normalise.neighbours"));
    setText(this.#ladderHead, t("op.local_response_norm"));
    this.#updateNeighbours(props, norm);
    const base = `${k} + ${alpha}/${size} × ${norm.sum}`;
    this.#updateLines([
      { words: base, operand: "", sign: norm.baseRelation, value: norm.base },
      { words: norm.base, exponent: beta, operand: "", sign: "≈", value: norm.power },
      {
        words: `${bracketed(norm.x)} ÷ ${norm.power}`,
        operand: "",
        sign: norm.resultRelation,
        value: norm.result,
      },
    ]);
    const absent = norm.neighbours.filter((one) => one.absent).length;
    setText(this.#remark, absent > 0 ? t("normalise.beyond", { count: absent }) : "");
  }

  /** @param {readonly Line[]} lines */
  #updateLines(lines) {
    lines.forEach(({ words, exponent = "", operand, sign, value }, i) => {
      const row = this.#lines.children[i];
      const texts = { base: words, exponent, operand, sign, value };
      for (const [name, text] of Object.entries(texts)) {
        const part = row.querySelector(name === "value" ? ".number, .result" : `.${name}`);
        if (part) setText(part, text);
      }
    });
  }

  /**
   * @param {StepProps} props
   * @param {import("../../core/shown-normalisation.js").ShownResponseNorm} norm
   */
  #updateNeighbours({ termNames, step, theme, inputScale, inputExtent }, norm) {
    const many = norm.neighbours.length > MOST_ROWS;
    const rows = many ? norm.neighbours.filter(({ absent }) => !absent) : norm.neighbours;
    const cells = rows.flatMap(({ index, x, square, own, absent }) => {
      const cell = element("span", { class: `value-cell${own ? " own" : ""}${absent ? " absent" : ""}` });
      fillCell(cell, x, step.values[index], { theme, scale: inputScale, extent: inputExtent });
      return [
        element("span", { class: `name${own ? " own" : ""}` }, termNames[index] ?? ""),
        cell,
        element("span", { class: "sign" }, absent ? "" : "→"),
        element("span", { class: "number" }, absent ? "—" : square),
      ];
    });
    this.#neighbours.replaceChildren(
      element("span"),
      element("span", { class: "unit" }, signs("x")),
      element("span"),
      element("span", { class: "unit" }, signs(["x", "2"])),
      ...cells,
      element("span", { class: "foot name" }, t("panel.sum")),
      element("span", { class: "foot" }),
      element("span", { class: "foot sign" }, norm.sumRelation),
      element("span", { class: "foot number" }, norm.sum),
    );
  }
}

/**
 * @param {Element} symbol
 * @param {{ sign: HTMLElement, result: HTMLOutputElement } | null} last the result stands in the last line
 * @returns {HTMLElement}
 */
function newLine(symbol, last) {
  const words = element(
    "span",
    { class: "words" },
    element("span", { class: "base" }),
    element("sup", { class: "exponent" }),
  );
  return element(
    "div",
    { class: last ? "line last" : "line" },
    element("span", { class: "what" }, element("span", { class: "symbol" }, symbol), words),
    element("span", { class: "operand" }),
    last ? last.sign : element("span", { class: "sign" }),
    last ? last.result : element("span", { class: "number" }),
  );
}

customElements.define("cs-normalise", Normalise);
