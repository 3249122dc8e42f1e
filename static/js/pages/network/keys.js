/**
 * The keyboard of the Network page. `?` lists it all, from this very table.
 */

import { MAX_DIGITS } from "../../core/appearance-schema.js";
import { SCALES } from "../../core/network-schema.js";
import { currentLanguage } from "../../i18n/i18n.js";
import { themeOf } from "../common/appearance.js";
import { hasFilters } from "./layer-panel.js";

/** @typedef {import("../../actions/network.js").Actions} Actions */
/** @typedef {import("../../actions/network.js").State} State */

/** @type {readonly import("../common/keys.js").Binding<Readonly<State>, Actions>[]} */
export const BINDINGS = [
  {
    keys: ["[", "]"],
    shown: ["[", "]"],
    text: "net.keys.layer",
    act: (_, actions, key) => actions.stepLayer(key === "]" ? 1 : -1),
  },
  {
    keys: [",", "."],
    shown: [",", "."],
    text: "net.keys.channel",
    act: (_, actions, key) => actions.moveCell({ channels: key === "." ? 1 : -1 }),
  },
  {
    keys: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"],
    shown: ["←", "↑", "↓", "→"],
    text: "net.keys.cell",
    act: (_, actions, key) => actions.moveCell(ARROWS[key]),
  },
  {
    keys: ["Enter"],
    shown: ["Enter"],
    text: "net.keys.open",
    act: ({ view }, actions) => {
      if (view.node === "") actions.stepLayer(1);
      else if (!view.open) actions.setView({ open: true }, { push: true });
      else if (view.view === "net") actions.openCell(view.node, view.cell);
    },
  },
  {
    keys: ["Escape", "Backspace"],
    shown: ["Esc", "Backspace"],
    text: "net.keys.leave",
    act: (_, actions) => actions.leave(),
  },
  {
    keys: ["f"],
    shown: ["F"],
    text: "net.keys.filters",
    act: ({ view, model }, actions) => {
      const description = model?.graph.byName.get(view.node)?.description ?? null;
      if (view.view === "filters") actions.leave();
      else if (hasFilters(description)) actions.setView({ view: "filters" }, { push: true });
    },
  },
  {
    keys: ["x"],
    shown: ["X"],
    text: "net.keys.off",
    act: ({ view, model }, actions) => {
      const weighted = model?.graph.byName.get(view.node)?.description?.weights.weight !== undefined;
      if (weighted) actions.switchChannel(view.node, view.cell[0]);
    },
  },
  { keys: ["u"], shown: ["U"], text: "net.keys.undo", act: (_, actions) => actions.undoEdit() },
  {
    keys: ["s"],
    shown: ["S"],
    text: "net.keys.scale",
    act: ({ view }, actions) =>
      actions.setView({ scale: SCALES[(SCALES.indexOf(view.scale) + 1) % SCALES.length] }),
  },
  { keys: ["m"], shown: ["M"], text: "net.keys.model", act: (_, actions) => actions.toggle("model") },
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

/** @type {Record<string, { rows?: number, columns?: number }>} */
const ARROWS = {
  ArrowUp: { rows: -1 },
  ArrowDown: { rows: 1 },
  ArrowLeft: { columns: -1 },
  ArrowRight: { columns: 1 },
};
