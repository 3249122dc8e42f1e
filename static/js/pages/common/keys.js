/**
 * The keyboard: a page's table of keys, and what each does. The same table is what `?` lists.
 */

import { MAX_DIGITS } from "../../core/appearance-schema.js";
import { currentLanguage, t } from "../../i18n/i18n.js";
import { themeOf } from "./appearance.js";

/**
 * @template State, Actions
 * @typedef {object} Binding
 * @property {readonly string[]} keys as KeyboardEvent.key has them
 * @property {readonly string[]} shown
 * @property {string} text key of what it does, in the reader's language
 * @property {(state: State, actions: Actions, key: string) => void} act
 */

/**
 * What the same keys do on every page.
 * @type {readonly Binding<any, any>[]}
 */
export const COMMON = [
  {
    keys: ["c"],
    shown: ["C"],
    text: "live.keys.camera",
    act: (_, actions) => void actions.live.toggle(t("live.source.camera")),
  },
  { keys: ["z"], shown: ["Z"], text: "live.keys.hold", act: (_, actions) => void actions.live.hold() },
  { keys: ["n"], shown: ["N"], text: "live.keys.next", act: (_, actions) => void actions.live.next() },
  { keys: ["i"], shown: ["I"], text: "keys.picture", act: (_, actions) => actions.toggle("picture") },
  {
    keys: ["d", "D"],
    shown: ["D", "Shift+D"],
    text: "keys.digits",
    act: ({ view }, actions, key) =>
      actions.setView({ digits: (view.digits + (key === "d" ? 1 : MAX_DIGITS)) % (MAX_DIGITS + 1) }),
  },
  {
    keys: ["p"],
    shown: ["P"],
    text: "keys.projector",
    act: ({ view }, actions) => actions.setView({ projector: !view.projector }),
  },
  {
    keys: ["t"],
    shown: ["T"],
    text: "keys.theme",
    act: ({ view }, actions) =>
      actions.setView({ theme: themeOf(view.theme, view.projector) === "dark" ? "light" : "dark" }),
  },
  {
    keys: ["l"],
    shown: ["L"],
    text: "keys.language",
    act: (_, actions) => actions.setView({ lang: currentLanguage() === "ja" ? "en" : "ja" }),
  },
  { keys: ["?"], shown: ["?"], text: "keys.help", act: (_, actions) => actions.toggle("help") },
];

/** Of what the page is part of besides, such as a lecture room. @type {Binding<any, any>[]} */
const added = [];

/** For the help. @returns {readonly Binding<any, any>[]} */
export function addedBindings() {
  return added;
}

/** @param {readonly Binding<any, any>[]} bindings that are listened for elsewhere */
export function addBindings(bindings) {
  added.push(...bindings);
}

/** @type {Record<string, { rows?: number, columns?: number }>} */
export const ARROWS = {
  ArrowUp: { rows: -1 },
  ArrowDown: { rows: 1 },
  ArrowLeft: { columns: -1 },
  ArrowRight: { columns: 1 },
};

/**
 * @template State, Actions
 * @param {Document} root
 * @param {{ get: () => State }} store
 * @param {Actions} actions
 * @param {readonly Binding<State, Actions>[]} bindings
 */
export function listenForKeys(root, store, actions, bindings) {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTaken(event)) return;
    const binding = bindings.find(({ keys }) => keys.includes(event.key));
    if (!binding) return;
    event.preventDefault();
    binding.act(store.get(), actions, event.key);
  });
}

/**
 * A control under focus keeps the keys that it understands itself.
 * @param {KeyboardEvent} event
 */
function isTaken({ target, key }) {
  if (!(target instanceof Element)) return false;
  if (target.closest("dialog[open], [popover]:popover-open")) return true;
  if (target.closest("input:not([type=range]), select, textarea")) return true;
  if (target.matches("input[type=range]")) return key.startsWith("Arrow") || key === "Home" || key === "End";
  return (key === " " || key === "Enter") && target.matches("button, a, summary");
}
