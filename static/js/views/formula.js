/**
 * The formula of the operation in MathML, with the current numbers in it.
 */

import { math, setAttributes, setText } from "./dom.js";

/** @typedef {import("./dom.js").Child} Child */

const i = (/** @type {string} */ name) => math("mi", {}, name);
const n = (/** @type {string} */ text) => math("mn", {}, text);
const o = (/** @type {string} */ text) => math("mo", {}, text);
const row = (/** @type {Child[]} */ ...children) => math("mrow", {}, ...children);
const sub = (/** @type {Element} */ base, /** @type {Element} */ index) => math("msub", {}, base, index);
const power = (/** @type {Element} */ base, /** @type {Element} */ exponent) =>
  math("msup", {}, base, exponent);
const frac = (/** @type {Element} */ top, /** @type {Element} */ bottom) => math("mfrac", {}, top, bottom);
const under = (/** @type {string} */ sign, /** @type {Element} */ below) =>
  math("munder", {}, o(sign), below);
const comma = () => o(",");

/**
 * @typedef {object} Worked the formula with numbers in the place of letters
 * @property {string} first sign before it
 * @property {readonly string[]} terms listed, none where they are too many
 * @property {Readonly<Record<string, string>>} numbers by letter
 * @property {string} sign before the result
 * @property {string} result
 */

/**
 * @typedef {object} FormulaProps
 * @property {string} op
 * @property {string} combine how the terms make the result: says it for operations without a formula of their own
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
 * @property {Worked | null} worked
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
 * Make an old formula say what a new one says. While the window moves only digits differ, and to set those
 * costs a browser far less than to lay out a new formula.
 * @param {Element} old
 * @param {Element} wanted
 */
function adapt(old, wanted) {
  const alike = old.localName === wanted.localName && old.childElementCount === wanted.childElementCount;
  if (!alike) old.replaceWith(wanted);
  else if (old.childElementCount === 0) setText(old, wanted.textContent ?? "");
  else {
    // A copy: a child that takes an old one's place leaves the list.
    const children = [...wanted.children];
    for (const [i, child] of [...old.children].entries()) adapt(child, children[i]);
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
      return weightedSum(
        props,
        math("msubsup", {}, i("w"), row(...channelIndex(props), ...taps()), ownKernel(props)),
      );
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
    const tap = [
      ...(props.dilation[axis] > 1 ? [n(String(props.dilation[axis]))] : []),
      i(axis === 0 ? "i" : "j"),
    ];
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
  const inside = row(
    under("∑", row(i("i"), comma(), i("j"))),
    power(row(o("|"), window(props), o("|")), i("p")),
  );
  return [power(row(o("("), inside, o(")")), frac(n("1"), i("p")))];
}

/** @param {FormulaProps} props @returns {Child[]} */
function pointwise({ op, combine, cell, brief }) {
  const x = () => (brief ? i("x") : sub(i("x"), row(n(String(cell[1])), comma(), n(String(cell[2])))));
  switch (op) {
    case "relu":
      return [o("max"), o("("), n("0"), comma(), x(), o(")")];
    case "leaky_relu":
    case "prelu":
      return [
        o("max"),
        o("("),
        n("0"),
        comma(),
        x(),
        o(")"),
        o("+"),
        i("a"),
        o("min"),
        o("("),
        n("0"),
        comma(),
        x(),
        o(")"),
      ];
    case "sigmoid":
      return [frac(n("1"), row(n("1"), o("+"), power(i("e"), row(o("−"), x()))))];
    case "tanh":
      return [i("tanh"), math("mspace", { width: "0.17em" }), x()];
    case "gelu":
      return [x(), math("mi", { mathvariant: "normal" }, "Φ"), o("("), x(), o(")")];
    case "step":
      return [o("["), x(), o(">"), n("0"), o("]")];
    case "elu":
      return [
        ...positivePart(x()),
        o("+"),
        i("α"),
        o("("),
        power(i("e"), smaller(x())),
        o("−"),
        n("1"),
        o(")"),
      ];
    case "selu":
      return [
        i("γ"),
        o("("),
        ...positivePart(x()),
        o("+"),
        i("α"),
        o("("),
        power(i("e"), smaller(x())),
        o("−"),
        n("1"),
        o(")"),
        o(")"),
      ];
    case "softplus":
      return [i("ln"), o("("), n("1"), o("+"), power(i("e"), x()), o(")")];
    case "silu":
      return [frac(x(), row(n("1"), o("+"), power(i("e"), row(o("−"), x()))))];
    case "hard_sigmoid":
      return [o("min"), o("("), n("1"), comma(), ...positivePart(row(i("α"), x(), o("+"), i("β"))), o(")")];
    case "hard_swish":
      return [
        x(),
        o("min"),
        o("("),
        n("1"),
        comma(),
        ...positivePart(row(frac(x(), n("6")), o("+"), frac(n("1"), n("2")))),
        o(")"),
      ];
    case "clip":
      return [o("min"), o("("), i("b"), comma(), o("max"), o("("), i("a"), comma(), x(), o(")"), o(")")];
    case "exp":
      return [power(i("e"), x())];
    case "log":
      return [i("ln"), math("mspace", { width: "0.17em" }), x()];
    case "sqrt":
      return [math("msqrt", {}, x())];
    case "abs":
      return [o("|"), x(), o("|")];
    case "neg":
      return [o("−"), x()];
    case "reciprocal":
      return [frac(n("1"), x())];
    case "log_softmax":
      return [sub(i("x"), i("k")), o("−"), i("ln"), under("∑", i("c")), power(i("e"), sub(i("x"), i("c")))];
    case "softmax":
      return [
        frac(power(i("e"), sub(i("x"), i("k"))), row(under("∑", i("c")), power(i("e"), sub(i("x"), i("c"))))),
      ];
    case "batch_norm2d":
    case "instance_norm2d":
    case "layer_norm":
    case "group_norm":
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
            row(
              o("("),
              i("k"),
              o("+"),
              frac(i("α"), i("n")),
              under("∑", i("c")),
              power(sub(i("x"), i("c")), n("2")),
              o(")"),
            ),
            i("β"),
          ),
        ),
      ];
  }
  return ofTerms(combine) ?? [i("f"), o("("), x(), o(")")];
}

/** @param {Element} x @returns {Child[]} max(0, x) */
function positivePart(x) {
  return [o("max"), o("("), n("0"), comma(), x, o(")")];
}

/** @param {Element} x @returns {Element} min(0, x) */
function smaller(x) {
  return row(o("min"), o("("), n("0"), comma(), x, o(")"));
}

/**
 * What can be said of any terms from the way in which they combine alone.
 * @param {string} combine
 * @returns {Child[] | null}
 */
function ofTerms(combine) {
  const term = () => sub(i("x"), i("k"));
  const over = (/** @type {string} */ sign) => under(sign, i("k"));
  switch (combine) {
    case "copy":
      return [i("x")];
    case "sum":
      return [over("∑"), sub(i("w"), i("k")), term()];
    case "add":
      return [over("∑"), term()];
    case "mean":
      return [frac(n("1"), i("n")), over("∑"), term()];
    case "product":
      return [over("∏"), term()];
    case "subtract":
      return [sub(i("x"), n("1")), o("−"), sub(i("x"), n("2"))];
    case "divide":
      return [frac(sub(i("x"), n("1")), sub(i("x"), n("2")))];
    case "power":
      return [power(sub(i("x"), n("1")), sub(i("x"), n("2")))];
    case "max":
    case "min":
      return [over(combine), term()];
    case "lp": {
      const sizes = row(over("∑"), power(row(o("|"), term(), o("|")), i("p")));
      return [power(row(o("("), sizes, o(")")), frac(n("1"), i("p")))];
    }
  }
  return null;
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
      return numbers.p === "2"
        ? [math("msqrt", {}, n(numbers.sum))]
        : [power(n(numbers.sum), frac(n("1"), n(numbers.p)))];
    case "relu":
      return [o("max"), o("("), n("0"), comma(), x(), o(")")];
    case "leaky_relu":
    case "prelu":
      // What remains of the formula on this side of zero.
      return numbers.x.startsWith("−") ? [...bracketed(numbers.a), o("×"), ...bracketed(numbers.x)] : [x()];
    case "sigmoid":
      return [frac(n("1"), row(n("1"), o("+"), raised(negated(numbers.x))))];
    case "tanh":
      return [i("tanh"), o("("), x(), o(")")];
    case "gelu":
      return [
        ...bracketed(numbers.x),
        o("×"),
        math("mi", { mathvariant: "normal" }, "Φ"),
        o("("),
        x(),
        o(")"),
      ];
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
  return text.startsWith("−") ? [o("("), n(text), o(")")] : [n(text)];
}

/** @param {string} text */
function negated(text) {
  return text.startsWith("−") ? text.slice(1) : `−${text}`;
}

customElements.define("cs-formula", FormulaView);
