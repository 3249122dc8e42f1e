/**
 * The formula's properties for a run and a step.
 */

import { shownSum } from "../../core/arithmetic.js";
import { KINDS } from "../../core/operation-request.js";
import { lazily } from "../common/lazy.js";

/** Only sums, the common case, have their numbers at hand. */
const worked = lazily(() => import("./worked.js"));

/**
 * @param {import("../../actions/operation.js").Run} run
 * @param {import("../../core/arithmetic.js").Step} step
 * @param {import("../../core/arithmetic.js").Digits} digits
 * @param {{ brief: boolean, redraw: () => void }} shown
 * @returns {import("../../views/formula.js").FormulaProps}
 */
export function formulaProps(run, step, digits, { brief, redraw }) {
  const { window } = run;
  return {
    op: KINDS[run.view.op].op,
    combine: step.combine,
    flip: run.view.flip,
    cell: step.cell,
    stride: window?.stride ?? [1, 1],
    dilation: window?.dilation ?? [1, 1],
    before: window?.before ?? [0, 0],
    span: window ? [0, 1].map((axis) => window.dilation[axis] * (window.size[axis] - 1) + 1) : [1, 1],
    hasBias: step.bias !== null,
    channels: step.grid[0] > 1,
    brief,
    chain: brief ? [] : step.combine === "sum" ? sumChain(step, digits) : [],
    worked: brief || step.combine === "sum" ? null : (worked(redraw)?.workedOut(step, digits) ?? null),
  };
}

/**
 * The channels' sums and the bias, added up: "= 0.44 + 0.31 + 0.14 + 0.10 ≈ 0.99".
 * @param {import("../../core/arithmetic.js").Step} step
 * @param {import("../../core/arithmetic.js").Digits} digits
 */
function sumChain(step, digits) {
  const { channels, bias, total, totalRelation } = shownSum(step, digits);
  const addends = [...channels.map(({ sum }) => sum), ...(bias === null ? [] : [bias])];
  if (addends.length > 6) return [{ sign: totalRelation, text: total }];
  const exact = channels.every(({ sumRelation }) => sumRelation === "=");
  const parts = addends.map((text, i) => {
    const negative = text.startsWith("−");
    const sign = i === 0 ? (exact ? "=" : "≈") : negative ? "−" : "+";
    return { sign, text: i > 0 && negative ? text.slice(1) : text };
  });
  return addends.length > 1
    ? [...parts, { sign: totalRelation, text: total }]
    : [{ sign: exact ? "=" : "≈", text: total }];
}
