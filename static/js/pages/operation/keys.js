/**
 * The keyboard: everything that a lecturer needs without a pointer. `?` lists it all, from this very table.
 */

import { MAX_DIGITS } from "../../core/appearance-schema.js";
import { planes } from "../../core/tensor.js";
import { currentLanguage } from "../../i18n/i18n.js";
import { themeOf } from "../common/appearance.js";
import { viewsOf } from "./settings.js";

/** @typedef {import("../../actions/operation.js").Actions} Actions */
/** @typedef {import("../../actions/operation.js").State} State */

/** @type {readonly import("../common/keys.js").Binding<Readonly<State>, Actions>[]} */
export const BINDINGS = [
  {
    keys: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"],
    shown: ["←", "↑", "↓", "→"],
    text: "keys.move",
    act: (_, actions, key) => actions.moveCell(ARROWS[key]),
  },
  { keys: [" "], shown: ["Space"], text: "keys.play", act: (_, actions) => actions.play() },
  { keys: ["Home"], shown: ["Home"], text: "keys.first", act: (_, actions) => actions.goTo(0) },
  {
    keys: ["End"],
    shown: ["End"],
    text: "keys.last",
    act: (_, actions) => actions.goTo(Number.MAX_SAFE_INTEGER),
  },
  {
    keys: [",", "."],
    shown: [",", "."],
    text: "keys.channel",
    act: (_, actions, key) => actions.moveCell({ channels: key === "." ? 1 : -1 }),
  },
  {
    keys: ["[", "]"],
    shown: ["[", "]"],
    text: "keys.opened",
    act: ({ view, run }, actions, key) => {
      const channels = run ? planes(run.input)[0] : 1;
      actions.setView({ opened: (view.opened + (key === "]" ? 1 : channels - 1)) % channels });
    },
  },
  {
    keys: ["+", "=", "-", "0"],
    shown: ["+", "−", "0"],
    text: "keys.zoom",
    act: (_, actions, key) =>
      key === "0" ? actions.setView({ zoom: 1 }) : actions.zoomBy(key === "-" ? 0.5 : 2),
  },
  {
    keys: ["d", "D"],
    shown: ["D", "Shift+D"],
    text: "keys.digits",
    act: ({ view }, actions, key) =>
      actions.setView({ digits: (view.digits + (key === "d" ? 1 : MAX_DIGITS)) % (MAX_DIGITS + 1) }),
  },
  { keys: ["a"], shown: ["A"], text: "keys.allDigits", act: (_, actions) => actions.toggle("digits") },
  {
    keys: ["v"],
    shown: ["V"],
    text: "keys.view",
    act: ({ view }, actions) => {
      const views = viewsOf(view.op);
      actions.setView({ view: views[(views.indexOf(view.view) + 1) % views.length] });
    },
  },
  { keys: ["k"], shown: ["K"], text: "keys.kernel", act: (_, actions) => actions.toggle("kernel") },
  { keys: ["i"], shown: ["I"], text: "keys.picture", act: (_, actions) => actions.toggle("picture") },
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

/** @type {Record<string, { rows?: number, columns?: number }>} */
const ARROWS = {
  ArrowUp: { rows: -1 },
  ArrowDown: { rows: 1 },
  ArrowLeft: { columns: -1 },
  ArrowRight: { columns: 1 },
};
