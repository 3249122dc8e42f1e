/**
 * The keyboard of the presenter's console, and a clicker, which sends PageDown and PageUp. `?` lists it all,
 * from this very table. In the frame the page there has keys of its own: the same ones for the room.
 */

import { currentLanguage } from "../../i18n/i18n.js";
import { themeOf } from "../common/appearance.js";

/** @typedef {import("./actions.js").ConsoleActions} ConsoleActions */
/** @typedef {import("./state.js").State} State */

/** @type {readonly import("../common/keys.js").Binding<Readonly<State>, ConsoleActions>[]} */
export const BINDINGS = [
  {
    keys: [" ", "PageDown", "ArrowRight"],
    shown: ["Space", "→", "PageDown"],
    text: "lecture.keys.next",
    act: (_, actions) => actions.step(1),
  },
  {
    keys: ["Backspace", "PageUp", "ArrowLeft"],
    shown: ["Backspace", "←", "PageUp"],
    text: "lecture.keys.previous",
    act: (_, actions) => actions.step(-1),
  },
  { keys: ["q"], shown: ["Q"], text: "room.keys.ask", act: (_, actions) => actions.askPlanned() },
  { keys: ["r"], shown: ["R"], text: "room.keys.reveal", act: (_, actions) => actions.reveal() },
  { keys: ["o"], shown: ["O"], text: "room.keys.code", act: (_, actions) => actions.curtain("code") },
  { keys: ["b"], shown: ["B"], text: "room.keys.blank", act: (_, actions) => actions.curtain("blank") },
  { keys: ["w"], shown: ["W"], text: "room.keys.add", act: (_, actions) => actions.add() },
  { keys: ["c"], shown: ["C"], text: "live.keys.camera", act: (_, actions) => actions.camera() },
  { keys: ["z"], shown: ["Z"], text: "live.keys.hold", act: (_, actions) => actions.freeze() },
  { keys: ["p"], shown: ["P"], text: "lecture.keys.projector", act: (_, actions) => actions.projector() },
  { keys: ["e"], shown: ["E"], text: "lecture.keys.edit", act: (_, actions) => actions.toggleEditing() },
  { keys: ["m"], shown: ["M"], text: "lecture.keys.lessons", act: (_, actions) => actions.toggle("lessons") },
  {
    keys: ["t"],
    shown: ["T"],
    text: "keys.theme",
    act: ({ view }, actions) =>
      actions.setView({ theme: themeOf(view.theme, false) === "dark" ? "light" : "dark" }),
  },
  {
    keys: ["l"],
    shown: ["L"],
    text: "keys.language",
    act: (_, actions) => actions.setView({ lang: currentLanguage() === "ja" ? "en" : "ja" }),
  },
  { keys: ["?"], shown: ["?"], text: "keys.help", act: (_, actions) => actions.toggle("help") },
];
