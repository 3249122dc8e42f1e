/**
 * The bar over moving pictures, on any page: fetched when they are first wanted.
 */

import { t } from "../../i18n/i18n.js";
import { on } from "../../views/dom.js";
import { LiveBar } from "../../views/live-bar.js";
import { sentence } from "./message.js";

/** @typedef {import("../../actions/live-gate.js").LiveState} LiveState */

/**
 * @param {Document} root
 * @param {any} actions of any page
 * @returns {(live: LiveState) => void} shows how things stand
 */
export function makeLiveBar(root, { live }) {
  const bar = new LiveBar();
  root.querySelector(".settings-row")?.after(bar);
  on(bar, "cs-live-act", ({ act }) => void live[act]());
  return ({ state, source, waiting, problem, figures }) =>
    bar.update({ state, source, waiting, figures, problem: problem ? told(problem) : "" });
}

/** Told as where one picture is taken. @type {Readonly<Record<string, string>>} */
const OF_CAMERA = {
  "live-refused": "camera.refused",
  "live-none": "camera.none",
  "live-inUse": "camera.inUse",
  "live-failed": "camera.failed",
};

/** @param {import("../../api/client.js").Problem} problem */
function told(problem) {
  const { code } = problem;
  if (OF_CAMERA[code]) return t(OF_CAMERA[code]);
  if (!code.startsWith("live-")) return sentence(problem);
  const address = `http://localhost${location.port ? `:${location.port}` : ""}`;
  return t(`live.problem.${code.slice("live-".length)}`, { address });
}
