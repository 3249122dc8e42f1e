/**
 * The formula of the operation in MathML, with the current numbers in it.
 */

import { MINUS, negated } from "../core/decimal.js";
import { math, setAttributes } from "./dom.js";
import { rightSide } from "./formula-letters.js";
import { adapt, comma, frac, i, n, o, power, row, sqrt, sub, upright } from "./mathml.js";

/** @typedef {import("./dom.js").Child} Child */

/**
 * @typedef {object} Worked the formula with numbers in the place of letters
 * @property {string} first sign before it
 * @property {readonly string[]} terms listed, none where they are too many
 * @property {Readonly<Record<string, string>>} numbers by letter
 * @property {string} sign before the result
 * @property {string} result
 */

/**
 * @typedef {object} Numbers of this cell
 * @property {readonly { text: string, sign: string }[]} chain "0.44" "+ 0.31" … "= 0.99" as shown, empty for none
 * @property {Worked | null} worked
 */

/** @typedef {import("./formula-letters.js").Letters & Numbers} FormulaProps */

export class FormulaView extends HTMLElement {
  #shown = "";

  /** @param {FormulaProps} props */
  update(props) {
    const key = JSON.stringify(props);
    if (key === this.#shown) return;
    this.#shown = key;
    const [, r, q] = props.cell;
    const left = props.brief ? i("y") : sub(i("y"), row(n(String(r)), comma(), n(String(q))));
    const chain = props.chain.flatMap(({ sign, text }) => [sign ? o(sign) : null, n(text)]);
    const formula = math(
      "math",
      { display: "block" },
      row(left, o("="), ...rightSide(props), ...chain, ...workedOut(props)),
    );
    setAttributes(formula, { class: "formula" });
    const old = this.firstElementChild;
    if (old) adapt(old, formula);
    else this.append(formula);
  }
}

/**
 * The same with this cell's numbers: "= max(0, −0.31) = 0".
 * @param {FormulaProps} props
 * @returns {Child[]}
 */
function workedOut({ op, worked }) {
  if (!worked) return [];
  const inside = withNumbers(op, worked);
  const result = [o(worked.sign), n(worked.result)];
  return inside.length > 0 ? [o(worked.first), ...inside, ...result] : result;
}

/**
 * @param {string} op
 * @param {Worked} worked
 * @returns {Child[]}
 */
function withNumbers(op, { terms, numbers }) {
  const x = () => n(numbers.x);
  const list = (/** @type {readonly string[]} */ texts) =>
    texts.flatMap((text, at) => (at === 0 ? [n(text)] : [comma(), n(text)]));
  const raised = (/** @type {string} */ text) => power(i("e"), n(text));
  switch (op) {
    case "max_pool2d":
    case "global_max_pool2d":
      return terms.length > 0 ? [o("max"), o("("), ...list(terms), o(")")] : [];
    case "avg_pool2d":
    case "global_avg_pool2d":
      return [frac(n(numbers.sum), n(numbers.n))];
    case "lp_pool2d":
      if (numbers.p === "1") return [];
      return numbers.p === "2" ? [sqrt(n(numbers.sum))] : [power(n(numbers.sum), frac(n("1"), n(numbers.p)))];
    case "relu":
      return [o("max"), o("("), n("0"), comma(), x(), o(")")];
    case "leaky_relu":
    case "prelu":
      // What remains of the formula on this side of zero.
      return numbers.x.startsWith(MINUS) ? [...bracketed(numbers.a), o("×"), ...bracketed(numbers.x)] : [x()];
    case "sigmoid":
      return [frac(n("1"), row(n("1"), o("+"), raised(negated(numbers.x))))];
    case "tanh":
      return [i("tanh"), o("("), x(), o(")")];
    case "gelu":
      return [...bracketed(numbers.x), o("×"), upright("Φ"), o("("), x(), o(")")];
    case "step":
      return [o("["), x(), o(">"), n("0"), o("]")];
    case "clip":
      return [
        o("min"),
        o("("),
        n(numbers.high),
        comma(),
        o("max"),
        o("("),
        n(numbers.low),
        comma(),
        x(),
        o(")"),
        o(")"),
      ];
    case "softplus":
      return [i("ln"), o("("), n("1"), o("+"), raised(numbers.x), o(")")];
    case "silu":
      return [frac(x(), row(n("1"), o("+"), raised(negated(numbers.x))))];
    case "softmax":
      return [
        frac(
          raised(numbers.x),
          row(...terms.flatMap((text, at) => (at === 0 ? [raised(text)] : [o("+"), raised(text)]))),
        ),
      ];
    case "batch_norm2d":
    case "instance_norm2d":
    case "layer_norm":
    case "group_norm":
      return [
        ...bracketed(numbers.gamma),
        o("×"),
        frac(row(n(numbers.x), o("−"), ...bracketed(numbers.mean)), n(numbers.deviation)),
        o("+"),
        ...bracketed(numbers.beta),
      ];
    case "local_response_norm":
      return [
        frac(
          x(),
          power(
            row(
              o("("),
              n(numbers.k),
              o("+"),
              frac(n(numbers.alpha), n(numbers.size)),
              o("×"),
              n(numbers.sum),
              o(")"),
            ),
            n(numbers.beta),
          ),
        ),
      ];
  }
  return [];
}

/** A negative number stands in brackets after an operator. @param {string} text @returns {Child[]} */
function bracketed(text) {
  return text.startsWith(MINUS) ? [o("("), n(text), o(")")] : [n(text)];
}

customElements.define("cs-formula", FormulaView);
