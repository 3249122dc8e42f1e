/**
 * The keyboard: everything that a lecturer needs without a pointer. `?` lists it all, from this very table.
 */

import { planes } from "../../core/tensor.js";
import { ARROWS, COMMON } from "../common/keys.js";
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
  ...COMMON,
];
