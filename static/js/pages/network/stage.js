/**
 * The stage of the Network page: picture, layers, classes; or one number of them; or filters. Turns the state
 * into the properties of its parts.
 */

import { reach } from "../../core/milestones.js";
import { NetScales } from "../../core/network-ranges.js";
import { schema } from "../../core/network-schema.js";
import { isShallowEqual } from "../../core/store.js";
import { defaults } from "../../core/url-state.js";
import { t } from "../../i18n/i18n.js";
import "../../views/settings.js";
import { themeOf } from "../common/appearance.js";
import { lazily, styled } from "../common/lazy.js";
import { MessageLine } from "../common/message.js";
import { NetworkBar } from "./bar.js";
import { ClassBars } from "./bars.js";
import { arrange } from "./geometry.js";
import { LayerPanel } from "./layer-panel.js";
import { Overview } from "./overview.js";
import { PicturePanel } from "./picture-panel.js";
import { modelName, pictureName, settingsFor } from "./settings.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../actions/network.js").Actions} Actions */
/** @typedef {import("../../actions/load-net.js").NetRun} NetRun */

const cellView = lazily(styled(["cell", "cell-rows", "cell-arithmetic"], () => import("./cell.js")));
const filtersView = lazily(styled(["filters"], () => import("./filters.js")));

export class NetworkStage {
  /** @type {WeakMap<NetRun, Map<string, NetScales>>} */
  #scales = new WeakMap();
  /** What was seen of the picture before any weight was changed. @type {NetRun | null} */
  #unedited = null;
  /** @type {{ cell: any, filters: any }} */
  #views = { cell: null, filters: null };
  #shownPlace = "";
  #drawn = /** @type {NetRun | null} */ (null);

  /** Set by the page: draw again in the next frame. */
  redraw = () => {};

  /**
   * @param {Document} root
   * @param {Actions} actions
   */
  constructor(root, actions) {
    const find = (/** @type {string} */ selector) => /** @type {any} */ (root.querySelector(selector));
    this.actions = actions;
    this.stage = /** @type {HTMLElement} */ (find(".net-stage"));
    this.scroller = /** @type {HTMLElement} */ (find(".net-scroller"));
    this.other = /** @type {HTMLElement} */ (find(".net-other"));
    this.footer = /** @type {HTMLElement} */ (find(".net-bar"));
    this.settings = /** @type {import("../../views/settings.js").SettingsView} */ (find("cs-settings"));
    this.message = new MessageLine(find(".message"), actions, (problem) => remedyFor(problem, actions));
    this.picture = new PicturePanel(find(".net-input"));
    this.overview = new Overview(find(".net-layers"));
    this.panel = new LayerPanel(this.overview.panel, actions);
    this.bars = new ClassBars(find(".net-classes"));
    this.bar = new NetworkBar(find(".net-bar"), actions);
  }

  /** @param {State} state */
  update(state) {
    const { run, view, model } = state;
    this.panel.redraw = this.redraw;
    this.message.update(state);
    document.body.toggleAttribute("data-busy", state.busy);
    const theme = themeOf(view.theme, view.projector);
    this.settings.update(settingsFor(state));
    this.bar.update(state, this.downloads(state));
    this.stage.hidden = view.view !== "net";
    this.other.hidden = view.view === "net";
    if (view.view !== "net") this.#updateOther(state, theme);
    else if (model) this.#updateNet(state, theme);
    if (run && run !== this.#drawn) reach("run-drawn");
    this.#drawn = run;
  }

  /**
   * @param {NetRun} run
   * @param {State["view"]["scale"]} sharing
   */
  scalesOf(run, sharing) {
    const known = this.#scales.get(run) ?? new Map();
    this.#scales.set(run, known);
    const scales = known.get(sharing) ?? new NetScales(run, sharing);
    known.set(sharing, scales);
    return scales;
  }

  /** Set by the tools of the page. @type {(state: State) => import("../../views/export-menu.js").Download[]} */
  downloads = () => [];

  /**
   * @param {State} state
   * @param {"light" | "dark"} theme
   */
  #updateNet(state, theme) {
    const { run, view, model } = state;
    const graph = run?.graph ?? model?.graph;
    if (!graph) return;
    const scales = run && this.scalesOf(run, view.scale);
    const style = getComputedStyle(this.stage);
    const head = Number.parseFloat(style.getPropertyValue("--layer-head"));
    const top = this.scroller.getBoundingClientRect().top + window.scrollY;
    const room = {
      width: this.scroller.clientWidth - OVERHANG,
      height: Math.max(LEAST_HEIGHT, window.innerHeight - top - this.footer.offsetHeight - 18),
      head,
    };
    const opened = view.open ? view.node : "";
    // On a phone a widened layer stacks its parts, and the page scrolls.
    if (opened !== "" && this.scroller.clientWidth < PHONE) room.height = Math.max(room.height, PHONE_HEIGHT);
    const isWide = opened !== "" && !(graph.byName.get(opened)?.isVector ?? true);
    const { layout, sizes } = this.#arranged(graph, room, isWide ? opened : "", view.projector ? 1.5 : 1);
    // Before the overview, which writes styles: the picture measures its room.
    this.picture.update(state, theme);
    this.overview.update({ state, graph, layout, run, scales, theme, sizes });
    this.#bringIntoSight(layout, view);
    const widened = layout.layers.find(({ node }) => isWide && node.name === opened);
    if (run && scales && widened)
      this.panel.update(state, { scales, theme, width: widened.width, height: layout.height - 12 });
    if (run?.view.edits === "") this.#unedited = run;
    const comparable =
      this.#unedited !== null && run?.view.edits !== "" && isSamePicture(this.#unedited, run);
    this.bars.update(run, comparable ? (this.#unedited?.top ?? null) : null);
  }

  /** @type {{ key: unknown[], made: ReturnType<typeof arrange> } | null} */
  #arrangement = null;

  /**
   * The same layout for as long as net, room and what is open are the same: while the pointer wanders, nothing
   * is laid out.
   * @param {import("../../core/network-graph.js").Graph} graph
   * @param {{ width: number, height: number, head: number }} room
   * @param {string} opened
   * @param {number} scale
   */
  #arranged(graph, room, opened, scale) {
    const key = [graph, room.width, room.height, room.head, opened, scale];
    if (!this.#arrangement || !isShallowEqual(key, this.#arrangement.key)) {
      this.#arrangement = { key, made: arrange(graph, room, opened, scale) };
    }
    return this.#arrangement.made;
  }

  /**
   * The layer under attention is always in sight; it is brought there once, and then the reader scrolls.
   * @param {import("../../core/network-layout.js").Layout} layout
   * @param {State["view"]} view
   */
  #bringIntoSight({ layers }, { node, open }) {
    const place = `${node} ${open}`;
    if (place === this.#shownPlace) return;
    this.#shownPlace = place;
    const layer = layers.find((each) => each.node.name === node);
    if (!layer) return;
    const { clientWidth, scrollLeft } = this.scroller;
    const margin = Math.max(0, Math.min(40, (clientWidth - layer.width) / 2));
    const left = layer.x - margin;
    const right = layer.x + layer.width + margin;
    if (left < scrollLeft || right > scrollLeft + clientWidth) {
      const smooth = matchMedia("(prefers-reduced-motion: no-preference)").matches;
      this.scroller.scrollTo({ left, behavior: smooth ? "smooth" : "instant" });
    }
  }

  /**
   * @param {State} state
   * @param {"light" | "dark"} theme
   */
  #updateOther(state, theme) {
    const { run, view } = state;
    if (!run || view.view === "net") return;
    const name = view.view;
    const part = name === "cell" ? cellView(this.redraw) : filtersView(this.redraw);
    if (!part) return;
    if (!this.#views[name]) {
      const place = document.createElement("div");
      place.className = `net-${name}`;
      this.other.append(place);
      const View = /** @type {any} */ (part)[name === "cell" ? "CellPage" : "FiltersPage"];
      this.#views[name] = new View(place, this.actions);
      this.#views[name].redraw = this.redraw;
    }
    for (const child of this.other.children) {
      /** @type {HTMLElement} */ (child).hidden = child.className !== `net-${name}`;
    }
    this.#views[name].update(state, { theme, scales: this.scalesOf(run, view.scale) });
  }
}

/**
 * An address may name what the server does not have: the page offers what it begins with, which is always there.
 * @param {import("../../api/client.js").Problem} problem
 * @param {Actions} actions
 * @returns {import("../common/message.js").Remedy | null}
 */
function remedyFor({ code }, actions) {
  const { model, image } = defaults(schema);
  const offer = (/** @type {string} */ name) => t("message.instead", { name });
  if (code === "unknown-model")
    return { text: offer(modelName(model, null, model)), act: () => actions.chooseModel(model) };
  if (code === "unknown-image")
    return { text: offer(pictureName(image, [])), act: () => actions.setView({ image }, { push: true }) };
  return null;
}

/** The word over the last column may be wider than the column. */
const OVERHANG = 20;
const PHONE = 480;
const PHONE_HEIGHT = 760;
/** A lower window scrolls: the overview is not squeezed further. */
const LEAST_HEIGHT = 380;

/**
 * @param {NetRun} a
 * @param {NetRun | null} b
 */
function isSamePicture(a, b) {
  return (
    a.view.image === b?.view.image &&
    a.view.model === b.view.model &&
    String(a.view.size) === String(b.view.size)
  );
}
