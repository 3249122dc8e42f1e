/**
 * The formula of the operation in MathML, with the current numbers in it.
 */

import { math, setAttributes } from "./dom.js";

/** @typedef {import("./dom.js").Child} Child */

const i = (/** @type {string} */ name) => math("mi", {}, name);
const n = (/** @type {string} */ text) => math("mn", {}, text);
const o = (/** @type {string} */ text) => math("mo", {}, text);
const row = (/** @type {Child[]} */ ...children) => math("mrow", {}, ...children);
const sub = (/** @type {Element} */ base, /** @type {Element} */ index) => math("msub", {}, base, index);
const power = (/** @type {Element} */ base, /** @type {Element} */ exponent) => math("msup", {}, base, exponent);
const frac = (/** @type {Element} */ top, /** @type {Element} */ bottom) => math("mfrac", {}, top, bottom);
const under = (/** @type {string} */ sign, /** @type {Element} */ below) => math("munder", {}, o(sign), below);
const comma = () => o(",");

/**
 * @typedef {object} FormulaProps
 * @property {string} op
 * @property {boolean} flip
 * @property {readonly number[]} cell channel, row, column
 * @property {readonly [number, number]} stride
 * @property {readonly [number, number]} dilation
 * @property {readonly [number, number]} before padding above and to the left
 * @property {readonly number[]} span cells from the first tap to the last, per axis
 * @property {boolean} brief without the numbers of this cell, where there is little room
 * @property {boolean} hasBias
 * @property {boolean} channels whether a sum over channels is taken
 * @property {readonly { text: string, sign: string }[]} chain "0.44" "+ 0.31" … "= 0.99" as shown, empty for none
 */

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
    const formula = math("math", { display: "block" }, row(left, o("="), ...rightSide(props), ...chain));
    setAttributes(formula, { class: "formula" });
    this.replaceChildren(formula);
  }
}

/**
 * @param {FormulaProps} props
 * @returns {Child[]}
 */
function rightSide(props) {
  switch (props.op) {
    case "conv2d":
    case "conv_transpose2d":
      return weightedSum(props, sub(i("w"), row(...channelIndex(props), ...taps())));
    case "local2d":
    case "tiled2d":
      return weightedSum(props, math("msubsup", {}, i("w"), row(...channelIndex(props), ...taps()), ownKernel(props)));
    case "max_pool2d":
      return [under("max", row(i("i"), comma(), i("j"))), window(props)];
    case "avg_pool2d":
      return [frac(n("1"), math("mi", {}, "n")), under("∑", row(i("i"), comma(), i("j"))), window(props)];
    case "lp_pool2d":
      return lpNorm(props);
    case "global_max_pool2d":
      return [under("max", row(i("i"), comma(), i("j"))), sub(i("x"), row(i("i"), comma(), i("j")))];
    case "global_avg_pool2d":
      return [
        frac(n("1"), row(i("H"), i("W"))),
        under("∑", row(i("i"), comma(), i("j"))),
        sub(i("x"), row(i("i"), comma(), i("j"))),
      ];
    default:
      return pointwise(props);
  }
}

/**
 * @param {FormulaProps} props
 * @param {Element} weight
 * @returns {Child[]}
 */
function weightedSum(props, weight) {
  return [
    props.channels ? under("∑", i("c")) : null,
    under("∑", row(i("i"), comma(), i("j"))),
    window(props),
    weight,
    ...(props.hasBias ? [o("+"), i("b")] : []),
  ];
}

/**
 * x with the index of the tap: row · stride + i · dilation − padding, in numbers where they are known.
 * @param {FormulaProps} props
 */
function window(props) {
  if (props.brief) return sub(i("x"), row(...channelIndex(props), ...taps()));
  const index = (/** @type {0 | 1} */ axis) => {
    const start = props.cell[axis + 1] * props.stride[axis];
    const tap = [...(props.dilation[axis] > 1 ? [n(String(props.dilation[axis]))] : []), i(axis === 0 ? "i" : "j")];
    const sign = props.flip ? "−" : "+";
    // A turned kernel meets the window from its far end: r·s − i·d + d(k − 1) − p.
    const constant = (props.flip ? props.span[axis] - 1 : 0) - props.before[axis];
    const padding = constant === 0 ? [] : [o(constant < 0 ? "−" : "+"), n(String(Math.abs(constant)))];
    return [n(String(start)), o(sign), ...tap, ...padding];
  };
  return sub(i("x"), row(...channelIndex(props), ...index(0), comma(), ...index(1)));
}

/** @param {FormulaProps} props @returns {Child[]} */
function channelIndex({ channels }) {
  return channels ? [i("c"), comma()] : [];
}

/** @returns {Child[]} */
function taps() {
  return [i("i"), comma(), i("j")];
}

/** Every place has a kernel of its own. @param {FormulaProps} props */
function ownKernel({ cell }) {
  return row(o("("), n(String(cell[1])), comma(), n(String(cell[2])), o(")"));
}

/** @param {FormulaProps} props @returns {Child[]} */
function lpNorm(props) {
  const inside = row(under("∑", row(i("i"), comma(), i("j"))), power(row(o("|"), window(props), o("|")), i("p")));
  return [power(row(o("("), inside, o(")")), frac(n("1"), i("p")))];
}

/** @param {FormulaProps} props @returns {Child[]} */
function pointwise({ op, cell }) {
  const x = () => sub(i("x"), row(n(String(cell[1])), comma(), n(String(cell[2]))));
  switch (op) {
    case "relu":
      return [o("max"), o("("), n("0"), comma(), x(), o(")")];
    case "leaky_relu":
      return [o("max"), o("("), i("a"), x(), comma(), x(), o(")")];
    case "sigmoid":
      return [frac(n("1"), row(n("1"), o("+"), power(i("e"), row(o("−"), x()))))];
    case "tanh":
      return [i("tanh"), x()];
    case "gelu":
      return [x(), i("Φ"), o("("), x(), o(")")];
    case "step":
      return [o("["), x(), o(">"), n("0"), o("]")];
    case "softmax":
      return [frac(power(i("e"), sub(i("x"), i("k"))), row(under("∑", i("c")), power(i("e"), sub(i("x"), i("c")))))];
    case "batch_norm2d":
      return [
        i("γ"),
        frac(row(x(), o("−"), i("μ")), math("msqrt", {}, row(power(i("σ"), n("2")), o("+"), i("ε")))),
        o("+"),
        i("β"),
      ];
    case "local_response_norm":
      return [
        frac(
          x(),
          power(
            row(o("("), i("k"), o("+"), frac(i("α"), i("n")), under("∑", i("c")), power(sub(i("x"), i("c")), n("2")), o(")")),
            i("β"),
          ),
        ),
      ];
  }
  return [i("f"), o("("), x(), o(")")];
}

customElements.define("cs-formula", FormulaView);
