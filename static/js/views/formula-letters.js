/**
 * The right side of an operation's formula, in letters.
 */

import { math } from "./dom.js";
import { comma, frac, i, n, o, power, row, sqrt, sub, under, upright } from "./mathml.js";

/** @typedef {import("./dom.js").Child} Child */

/**
 * @typedef {object} Letters what the formula says without the numbers of its terms
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
 */

/**
 * @param {Letters} props
 * @returns {Child[]}
 */
export function rightSide(props) {
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
      return [under("max", row(...taps())), window(props)];
    case "avg_pool2d":
      return [frac(n("1"), i("n")), under("∑", row(...taps())), window(props)];
    case "lp_pool2d":
      return lpNorm(props);
    case "global_max_pool2d":
      return [under("max", row(...taps())), sub(i("x"), row(...taps()))];
    case "global_avg_pool2d":
      return [frac(n("1"), row(i("H"), i("W"))), under("∑", row(...taps())), sub(i("x"), row(...taps()))];
    default:
      return pointwise(props);
  }
}

/**
 * @param {Letters} props
 * @param {Element} weight
 * @returns {Child[]}
 */
function weightedSum(props, weight) {
  return [
    props.channels ? under("∑", i("c")) : null,
    under("∑", row(...taps())),
    window(props),
    weight,
    ...(props.hasBias ? [o("+"), i("b")] : []),
  ];
}

/**
 * x with the index of the tap: row · stride + i · dilation − padding, in numbers where they are known.
 * @param {Letters} props
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

/** @param {Letters} props @returns {Child[]} */
function channelIndex({ channels }) {
  return channels ? [i("c"), comma()] : [];
}

/** @returns {Child[]} */
function taps() {
  return [i("i"), comma(), i("j")];
}

/** Every place has a kernel of its own. @param {Letters} props */
function ownKernel({ cell }) {
  return row(o("("), n(String(cell[1])), comma(), n(String(cell[2])), o(")"));
}

/** @param {Letters} props @returns {Child[]} */
function lpNorm(props) {
  const inside = row(under("∑", row(...taps())), power(row(o("|"), window(props), o("|")), i("p")));
  return [power(row(o("("), inside, o(")")), frac(n("1"), i("p")))];
}

/** @param {Letters} props @returns {Child[]} */
function pointwise({ op, combine, cell, brief }) {
  const x = () => (brief ? i("x") : sub(i("x"), row(n(String(cell[1])), comma(), n(String(cell[2])))));
  switch (op) {
    case "relu":
      return positivePart(x());
    case "leaky_relu":
    case "prelu":
      return [...positivePart(x()), o("+"), i("a"), ...negativePart(x())];
    case "sigmoid":
      return [frac(n("1"), row(n("1"), o("+"), power(i("e"), row(o("−"), x()))))];
    case "tanh":
      return [i("tanh"), math("mspace", { width: "0.17em" }), x()];
    case "gelu":
      return [x(), upright("Φ"), o("("), x(), o(")")];
    case "step":
      return [o("["), x(), o(">"), n("0"), o("]")];
    case "elu":
      return elu(x);
    case "selu":
      return [i("γ"), o("("), ...elu(x), o(")")];
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
      return [sqrt(x())];
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
        frac(row(x(), o("−"), i("μ")), sqrt(row(power(i("σ"), n("2")), o("+"), i("ε")))),
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

/** @param {Element} x @returns {Child[]} min(0, x) */
function negativePart(x) {
  return [o("min"), o("("), n("0"), comma(), x, o(")")];
}

/** @param {() => Element} x @returns {Child[]} max(0, x) + α (e^min(0, x) − 1) */
function elu(x) {
  const decay = power(i("e"), row(...negativePart(x())));
  return [...positivePart(x()), o("+"), i("α"), o("("), decay, o("−"), n("1"), o(")")];
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
