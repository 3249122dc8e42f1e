/**
 * One line that says what went wrong and what to do, or that work is under way: where it happened, in the
 * reader's words, while everything that was there stays.
 */

import { formatCount } from "../../core/format.js";
import { currentLanguage, hasText, t } from "../../i18n/i18n.js";
import { element, setText } from "../../views/dom.js";

/** @typedef {import("../../api/client.js").Problem} Problem */
/** @typedef {{ busy: boolean, problem: Problem | null }} State of any page */
/** @typedef {{ text: string, act: () => void }} Remedy what a reader can do about a problem, in one press */

/** Work that takes longer than this shows that it is under way, and can be cancelled. */
const PATIENCE_MS = 300;

export class MessageLine {
  /**
   * @param {HTMLElement} place
   * @param {{ cancel: () => void, dismiss: () => void }} actions
   * @param {(problem: Problem) => Remedy | null} [remedyFor]
   */
  constructor(place, actions, remedyFor = () => null) {
    this.place = place;
    this.remedyFor = remedyFor;
    this.text = element("p");
    this.remedy = element("button", { type: "button", class: "button" });
    this.button = element("button", { type: "button", class: "button" });
    this.place.append(this.text, this.remedy, this.button);
    this.patience = 0;
    this.busy = false;
    this.button.addEventListener("click", () => (this.busy ? actions.cancel() : actions.dismiss()));
  }

  /** @param {State} state */
  update({ busy, problem }) {
    if (busy && !this.patience) {
      this.patience = window.setTimeout(
        () => this.#show(t("message.busy"), t("message.cancel"), true),
        PATIENCE_MS,
      );
    }
    if (busy) return;
    clearTimeout(this.patience);
    this.patience = 0;
    if (problem) this.#show(sentence(problem), t("message.close"), false, this.remedyFor(problem));
    else this.place.hidden = true;
  }

  /**
   * @param {string} text
   * @param {string} action
   * @param {boolean} busy
   * @param {Remedy | null} [remedy]
   */
  #show(text, action, busy, remedy = null) {
    this.busy = busy;
    this.place.hidden = false;
    this.place.dataset.kind = busy ? "busy" : "problem";
    setText(this.text, text);
    setText(this.button, action);
    this.remedy.hidden = remedy === null;
    if (!remedy) return;
    setText(this.remedy, remedy.text);
    this.remedy.onclick = remedy.act;
  }
}

const MEBIBYTE = 2 ** 20;

/**
 * What there is to say beside the work itself: while it is under way, nothing.
 * @param {State} state
 * @returns {string} may be empty
 */
export function told({ busy, problem }) {
  return problem && !busy ? sentence(problem) : "";
}

/**
 * @param {Problem} problem
 * @returns {string}
 */
export function sentence({ code, message, params }) {
  const values = Object.fromEntries(
    Object.entries(params ?? {}).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const allowed = String(params?.allowed ?? "");
  // "up to 20971520 bytes (20 MiB)": the words are English, the number is for everyone.
  const limit = Number(/\d+/.exec(allowed)?.[0] ?? Number.NaN);
  if (Number.isFinite(limit)) {
    values.limit = formatCount(limit, currentLanguage());
    values.mebibytes = String(Math.floor(limit / MEBIBYTE));
  }
  const name = code === "picture-too-large" && allowed.includes("a side") ? "picture-side-too-large" : code;
  return hasText(`problem.${name}`)
    ? t(`problem.${name}`, values)
    : t("problem.unknown", { detail: message });
}
