/**
 * The keyboard of the Network page. `?` lists it all, from this very table.
 */

import { SCALES } from "../../core/network-schema.js";
import { ARROWS, COMMON } from "../common/keys.js";
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
  ...COMMON,
];
