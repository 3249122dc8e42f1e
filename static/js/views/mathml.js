/**
 * Elements of formulas in MathML, and a formula that changes.
 */

import { math, setText } from "./dom.js";

/** @typedef {import("./dom.js").Child} Child */

/** Identifier, number and operator: MathML calls them mi, mn and mo. */
export const i = (/** @type {string} */ name) => math("mi", {}, name);
export const n = (/** @type {string} */ text) => math("mn", {}, text);
export const o = (/** @type {string} */ text) => math("mo", {}, text);
export const upright = (/** @type {string} */ name) => math("mi", { mathvariant: "normal" }, name);
export const comma = () => o(",");

export const row = (/** @type {Child[]} */ ...children) => math("mrow", {}, ...children);
export const sub = (/** @type {Element} */ base, /** @type {Element} */ index) =>
  math("msub", {}, base, index);
export const power = (/** @type {Element} */ base, /** @type {Element} */ exponent) =>
  math("msup", {}, base, exponent);
export const frac = (/** @type {Element} */ top, /** @type {Element} */ bottom) =>
  math("mfrac", {}, top, bottom);
export const under = (/** @type {string} */ sign, /** @type {Element} */ below) =>
  math("munder", {}, o(sign), below);
export const sqrt = (/** @type {Element} */ inside) => math("msqrt", {}, inside);

/**
 * Make an old formula say what a new one says. While the window moves only digits differ, and to set those
 * costs a browser far less than to lay out a new formula.
 * @param {Element} old
 * @param {Element} wanted
 */
export function adapt(old, wanted) {
  const alike = old.localName === wanted.localName && old.childElementCount === wanted.childElementCount;
  if (!alike) old.replaceWith(wanted);
  else if (old.childElementCount === 0) setText(old, wanted.textContent ?? "");
  else {
    // A copy: a child that takes an old one's place leaves the list.
    const children = [...wanted.children];
    for (const [at, child] of [...old.children].entries()) adapt(child, children[at]);
  }
}
