/**
 * What the keyboard and the pointer can do.
 */

import { t } from "../i18n/i18n.js";
import { DialogView } from "./dialog.js";
import { element } from "./dom.js";

/**
 * @typedef {object} HelpProps
 * @property {boolean} open
 * @property {readonly { shown: readonly string[], text: string }[]} bindings keys, and the key of their text
 * @property {readonly string[]} gestures names under "gesture" and "does"
 */

export class HelpDialog extends DialogView {
  #built = "";

  /** @param {HelpProps} props */
  update({ open, bindings, gestures }) {
    const title = t("keys.help");
    if (open && this.#built !== title) {
      this.#built = title;
      this.body.replaceChildren(
        listOf(
          "keys",
          bindings.map(({ shown, text }) => [shown.flatMap(keyCap), t(text)]),
        ),
        element("h3", {}, t("help.pointer")),
        listOf(
          "gestures",
          gestures.map((name) => [[t(`gesture.${name}`)], t(`does.${name}`)]),
        ),
      );
    }
    this.show(open, title);
  }
}

/**
 * @param {string} name
 * @param {readonly (readonly [readonly (Node | string)[], string])[]} rows
 */
function listOf(name, rows) {
  const list = element("dl", { class: `help-list ${name}` });
  for (const [term, text] of rows) list.append(element("dt", {}, ...term), element("dd", {}, text));
  return list;
}

/**
 * "Shift+D" are two keys held together.
 * @param {string} shown
 * @param {number} index
 * @returns {(Node | string)[]}
 */
function keyCap(shown, index) {
  const caps = shown.length > 1 && shown.includes("+") ? shown.split("+") : [shown];
  const joined = caps.flatMap((cap, i) => [...(i > 0 ? ["+"] : []), element("kbd", {}, cap)]);
  return index > 0 ? [" ", ...joined] : joined;
}

customElements.define("cs-help-dialog", HelpDialog);
