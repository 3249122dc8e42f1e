/**
 * A widened layer: the channel under attention large enough to point at its cells, and every channel beside it
 * as a tile, for a convolution with the filter that made it.
 */

import { shortCount } from "../../core/count-text.js";
import { formatFixed, formatSize } from "../../core/format.js";
import { niceLegend } from "../../core/range.js";
import { planes } from "../../core/tensor.js";
import { currentLanguage, t } from "../../i18n/i18n.js";
import { drawFilter, filterScale } from "../../render/filters.js";
import { cleared, drawTiles } from "../../render/map-stack.js";
import { gradient } from "../../render/paint.js";
import { element, emit, setAttributes, setText } from "../../views/dom.js";
import { placeTicks } from "../../views/legend-ticks.js";
import "../../views/map.js";
import { opName } from "./layer-view.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../actions/network.js").Actions} Actions */
/** @typedef {import("../../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../../core/network-ranges.js").NetScales} NetScales */

/** A tile's side, from the many to the few. */
const SIDES = [40, 52, 64, 80];
const GAP = 10;
/** Room for a tile's words: their size, and air. */
const LABEL_AIR = 5;
const TILE_GAP = { x: GAP, y: 8 };

export class LayerPanel {
  #title = element("h2");
  #shape = element("span", { class: "shape" });
  #filters = element("button", { type: "button", class: "button" });
  #close = element("button", { type: "button", class: "icon-button" }, "×");
  #map = /** @type {import("../../views/map.js").MapView} */ (document.createElement("cs-map"));
  #channel = element("h3");
  #kind = element("span", { class: "note" });
  #bar = element("div", { class: "legend-bar" });
  #ticks = element("div", { class: "legend-ticks" });
  #off = element("button", { type: "button", class: "button" });
  #half = element("button", { type: "button", class: "button" });
  #double = element("button", { type: "button", class: "button" });
  #edit = element("div", { class: "what-if" }, this.#off, this.#half, this.#double);
  #kernel = element("canvas", { class: "own-kernel", role: "img" });
  #tiles = element("canvas", { class: "tiles", role: "img", tabindex: "0" });
  #scroll = element("div", { class: "tile-scroll" }, this.#tiles);
  #drawn = /** @type {unknown[]} */ ([]);
  #grid = {
    columns: 1,
    side: 0,
    label: 0,
    swatch: 0,
    width: 0,
    height: 0,
    order: /** @type {readonly number[]} */ ([]),
  };
  /** @type {Tensor | null} */
  #weight = null;
  #weightKey = "";
  /** @type {readonly any[] | null} */
  #described = null;
  /** Within its frame, once it is open: while it opens, what could be measured is less. */
  #width = 0;
  /** Set by the page: draw again in the next frame. */
  redraw = () => {};

  /**
   * @param {HTMLElement} place
   * @param {Actions} actions
   */
  constructor(place, actions) {
    this.place = place;
    this.actions = actions;
    place.append(
      element("div", { class: "head" }, this.#title, this.#shape, this.#filters, this.#close),
      element(
        "div",
        { class: "focus" },
        element("div", { class: "focus-head" }, this.#channel, this.#kind),
        this.#map,
        element("div", { class: "legend" }, this.#bar, this.#ticks),
      ),
      this.#scroll,
      element("div", { class: "own" }, this.#kernel, this.#edit),
    );
    this.#close.addEventListener("click", () => actions.leave());
    this.#filters.addEventListener("click", () => actions.setView({ view: "filters" }, { push: true }));
    const onTile = (/** @type {MouseEvent} */ event, /** @type {(channel: number) => void} */ act) => {
      const channel = this.#channelAt(event.offsetX, event.offsetY);
      if (channel !== null) act(channel);
    };
    this.#tiles.addEventListener("click", (event) =>
      onTile(event, (channel) => emit(this.place, "cs-channel", { channel })),
    );
    this.#tiles.addEventListener("pointermove", (event) =>
      onTile(event, (channel) => emit(this.place, "cs-channel-hover", { channel })),
    );
    this.#tiles.addEventListener("pointerleave", () =>
      emit(this.place, "cs-channel-hover", { channel: null }),
    );
  }

  /**
   * @param {State} state
   * @param {{ scales: NetScales, theme: "light" | "dark", width: number, height: number }} shown
   */
  update(state, shown) {
    const { run, view, layer, focus } = state;
    const node = run?.graph.byName.get(view.node);
    this.place.toggleAttribute("data-ready", focus !== null && focus.node === view.node);
    if (!run || !node) return;
    // Less the border and, where there is one, the bar by which it scrolls.
    this.#width = shown.width - (this.place.offsetWidth - this.place.clientWidth);
    this.#loadWeight(run.model.key, node.description);
    const { parameters = 0, multiply_adds = 0 } = node.description ?? {};
    setText(this.#title, node.name);
    setText(
      this.#shape,
      [
        opName(node.op),
        formatSize(node.shape),
        parameters > 0 ? t("net.parameters", { count: shortCount(parameters) }) : "",
        multiply_adds > 0 ? t("net.multiplyAdds", { count: shortCount(multiply_adds) }) : "",
      ]
        .filter(Boolean)
        .join(" · "),
    );
    setText(this.#filters, t("net.filters"));
    this.#filters.hidden = !hasFilters(node.description);
    setAttributes(this.#close, { "aria-label": t("net.closeLayer") });
    this.#updateFocus(state, shown);
    if (layer && layer.node === node.name) this.#updateTiles(state, layer.maps, shown);
    if (focus) this.#updateEdit(view.node, view.cell[0], node.description);
  }

  /** The box of the map's cell on the screen. @param {number} row @param {number} column */
  rectOf(row, column) {
    return this.#map.rectOf({ row, column, rows: 1, columns: 1 });
  }

  /**
   * @param {State} state
   * @param {{ scales: NetScales, theme: "light" | "dark", width: number, height: number }} shown
   */
  #updateFocus({ run, view, focus, hovered }, { scales, theme, height }) {
    const node = run?.graph.byName.get(view.node);
    if (!node || !focus || focus.node !== view.node) return;
    const [channel, row, column] = view.cell;
    const side = Math.max(150, Math.min(this.#focusRoom(), height - 150));
    const { scale, range } = scales.ofMap(node, focus.map, 0);
    const described = this.#described?.find(({ index }) => index === focus.channel) ?? null;
    setText(this.#channel, t("channel.name", { channel: focus.channel }));
    setText(this.#kind, described ? kindText(described) : "");
    /** @type {import("../../views/map.js").Frame[]} */
    const frames = channel === focus.channel ? [{ kind: "attention", row, column, rows: 1, columns: 1 }] : [];
    if (hovered && hovered.node === view.node && hovered.channel === focus.channel)
      frames.push({ kind: "hover", row: hovered.row, column: hovered.column, rows: 1, columns: 1 });
    this.#map.update({
      tensor: focus.map,
      paint: { scale, channel: 0, extent: range, theme },
      padding: [0, 0, 0, 0],
      mode: "zeros",
      frames,
      zoom: 1,
      focus: [row, column],
      digits: view.digits,
      box: { width: side, height: side },
      cell: side / Math.max(node.shape[1], node.shape[2]),
      label: t("net.spokenMap", {
        name: node.name,
        channel: focus.channel,
        shape: formatSize(node.shape.slice(1)),
      }),
    });
    this.#bar.style.background = gradient(scale, theme, range);
    placeTicks(this.#ticks, niceLegend(range));
    this.#drawKernel(focus.channel, theme);
  }

  /** On a phone the parts stand one above the other, each as wide as the panel. */
  get #isNarrow() {
    return this.#width < NARROW;
  }

  #focusRoom() {
    return this.#isNarrow ? this.#width - 32 : Math.max(150, Math.min(360, this.#width * 0.48));
  }

  #ownHeight() {
    return this.#edit.hidden ? 0 : 44 + (this.#kernel.hidden ? 0 : this.#kernel.offsetHeight + 8);
  }

  #sideRoom() {
    if (this.#isNarrow) return this.#width - 32;
    return Math.max(120, this.#width - this.#focusRoom() - 52);
  }

  /**
   * The filter of the channel under attention: in colours where it reads a picture, else a plane per channel.
   * @param {number} channel
   * @param {"light" | "dark"} theme
   */
  #drawKernel(channel, theme) {
    const weight = this.#weight;
    this.#kernel.hidden = weight === null || channel >= (weight?.shape[0] ?? 0);
    if (!weight || this.#kernel.hidden) return;
    const [, inputs, rows, columns] = weight.shape;
    const width = this.#sideRoom();
    const color = inputs === 3;
    const count = color ? 1 : Math.min(inputs, MOST_PLANES);
    const side = color ? 72 : planeSide(count, width);
    const across = Math.max(1, Math.floor((width + 4) / (side + 4)));
    const down = Math.ceil(count / across);
    const context = cleared(this.#kernel, width, down * (side + 4) - 4);
    const scale = filterScale(weight, channel);
    for (let i = 0; i < count; i += 1) {
      const place = { x: (i % across) * (side + 4), y: Math.floor(i / across) * (side + 4), side };
      drawFilter(context, weight, channel, color ? null : i, scale, place, theme);
    }
    setAttributes(this.#kernel, {
      "aria-label": t("net.spokenFilter", { channel, shape: formatSize([inputs, rows, columns]) }),
    });
  }

  /**
   * @param {State} state
   * @param {Tensor} maps
   * @param {{ scales: NetScales, theme: "light" | "dark", width: number, height: number }} shown
   */
  #updateTiles({ view, hovered, run }, maps, { scales, theme, height }) {
    const node = run?.graph.byName.get(view.node);
    if (!node || !run) return;
    const [channels] = planes(maps);
    const width = this.#sideRoom();
    const order = this.#orderOf(view.sort, channels);
    const swatch = this.#weight && this.#weight.shape[1] === 3 && this.#weight.shape[2] >= 3 ? 0.6 : 0;
    this.#layOut(channels, width, height - 70 - this.#ownHeight(), swatch, order);
    const grid = this.#grid;
    const hoveredChannel = hovered && hovered.node === view.node ? hovered.channel : null;
    const now = [
      maps,
      theme,
      view.scale,
      view.cell[0],
      hoveredChannel,
      grid,
      this.#weight,
      this.#described,
      view.edits,
      currentLanguage(),
    ];
    if (now.every((value, i) => value === this.#drawn[i])) return;
    this.#drawn = now;
    const context = cleared(this.#tiles, grid.width, grid.height);
    const style = getComputedStyle(this.place);
    const tiles = order.map((channel, i) => ({ index: channel, ...this.#mapBox(i) }));
    drawTiles(context, maps, tiles, (index) => scales.ofMap(node, maps, index), theme);
    const ink = style.getPropertyValue("--ink-2");
    context.font = `${getComputedStyle(this.#shape).fontSize} ${style.fontFamily}`;
    context.textBaseline = "top";
    order.forEach((channel, i) => {
      const box = this.#mapBox(i);
      context.strokeStyle = style.getPropertyValue("--line");
      context.lineWidth = 1;
      context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
      if (swatch && this.#weight) {
        const place = { x: box.x - grid.swatch - 3, y: box.y, side: grid.swatch };
        drawFilter(context, this.#weight, channel, null, filterScale(this.#weight, channel), place, theme);
      }
      const off = this.actions.isOff(view.node, channel);
      context.fillStyle = ink;
      const described = this.#described?.find(({ index }) => index === channel);
      const text = off ? t("net.off") : described && grid.side >= 52 ? kindText(described) : String(channel);
      context.fillText(
        text,
        box.x - (swatch ? grid.swatch + 3 : 0),
        box.y + box.height + 2,
        grid.side + grid.swatch,
      );
      if (channel === view.cell[0] || channel === hoveredChannel)
        mark(context, box, style, channel === view.cell[0] ? "--accent" : "--ink");
    });
    setAttributes(this.#tiles, {
      "aria-label": t("net.spokenTiles", { name: node.name, channels, channel: view.cell[0] }),
    });
  }

  /**
   * @param {number} channels
   * @param {number} width
   * @param {number} height
   * @param {number} swatch share of a tile's side that its filter takes
   * @param {readonly number[]} order
   */
  #layOut(channels, width, height, swatch, order) {
    const { fontSize } = getComputedStyle(this.#shape);
    const label = Number.parseFloat(fontSize) + LABEL_AIR;
    const sized = SIDES.map((side) => {
      const pitch = side * (1 + swatch) + TILE_GAP.x + (swatch ? 3 : 0);
      const columns = Math.max(1, Math.floor((width + TILE_GAP.x) / pitch));
      const rows = Math.ceil(channels / columns);
      return { side, columns, pitch, height: rows * (side + label + TILE_GAP.y) };
    });
    // The largest that shows all at once; where none does, the smallest, and the layer scrolls.
    const best = sized.findLast((grid) => grid.height <= height) ?? sized[0];
    const old = this.#grid;
    const next = { ...best, label, swatch: best.side * swatch, width: Math.max(1, width), order };
    const same = Object.entries(next).every(([key, value]) => /** @type {any} */ (old)[key] === value);
    if (!same) this.#grid = next;
  }

  /** @param {number} i place in the order */
  #mapBox(i) {
    const { columns, side, swatch, label } = this.#grid;
    const pitch = side + swatch + TILE_GAP.x + (swatch ? 3 : 0);
    const x = (i % columns) * pitch + (swatch ? swatch + 3 : 0);
    const y = Math.floor(i / columns) * (side + label + TILE_GAP.y) + 3;
    return { x: x + 3, y, width: side, height: side };
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  #channelAt(x, y) {
    const { order, swatch, label } = this.#grid;
    const at = order.findIndex((_, i) => {
      const box = this.#mapBox(i);
      return x >= box.x - swatch - 3 && x < box.x + box.width && y >= box.y && y < box.y + box.height + label;
    });
    return at < 0 ? null : order[at];
  }

  /** @type {readonly number[]} */
  #order = [];

  /**
   * By kind, then orientation, where filters have been described; else as they come.
   * @param {State["view"]["sort"]} sort
   * @param {number} channels
   */
  #orderOf(sort, channels) {
    const described = this.#described;
    const order =
      sort === "kind" && described && described.length === channels && described.some(({ kind }) => kind)
        ? [...described].sort(byKind).map(({ index }) => index)
        : Array.from({ length: channels }, (_, i) => i);
    if (String(order) !== String(this.#order)) this.#order = order;
    return this.#order;
  }

  /**
   * @param {string} node
   * @param {number} channel
   * @param {import("../../core/network-graph.js").NodeDescription | null} description
   */
  #updateEdit(node, channel, description) {
    this.#edit.hidden = description?.weights.weight === undefined;
    if (this.#edit.hidden) return;
    setText(this.#off, this.actions.isOff(node, channel) ? t("net.switchOn") : t("net.switchOff"));
    setText(this.#half, t("net.times", { factor: "½" }));
    setText(this.#double, t("net.times", { factor: "2" }));
    this.#off.onclick = () => this.actions.switchChannel(node, channel);
    const scale = (/** @type {number} */ factor) => () =>
      this.actions.edit({ node, index: [channel], scale: factor });
    this.#half.onclick = scale(0.5);
    this.#double.onclick = scale(2);
  }

  /**
   * @param {string} model
   * @param {import("../../core/network-graph.js").NodeDescription | null} description
   */
  #loadWeight(model, description) {
    const key = hasFilters(description) ? `${model} ${description?.name}` : "";
    if (key === this.#weightKey) return;
    this.#weightKey = key;
    this.#weight = null;
    this.#described = null;
    if (key === "" || !description) return;
    const take = (/** @type {() => void} */ store) => {
      if (this.#weightKey !== key) return;
      store();
      this.redraw();
    };
    this.actions.weight(model, description.name).then(
      (weight) => take(() => (this.#weight = weight)),
      (failure) => this.actions.fail(failure),
    );
    if (description.weights.weight[1] > 3) return;
    this.actions.filters(model, description.name).then(
      ({ filters }) => take(() => (this.#described = filters)),
      (failure) => this.actions.fail(failure),
    );
  }
}

const NARROW = 480;
const MOST_PLANES = 64;

/**
 * @param {number} count
 * @param {number} width
 */
function planeSide(count, width) {
  for (const side of [44, 32, 24, 18]) {
    if (Math.ceil(count / Math.floor((width + 4) / (side + 4))) <= 2) return side;
  }
  return 14;
}

/**
 * A convolution whose filters can be drawn.
 * @param {import("../../core/network-graph.js").NodeDescription | null} description
 */
export function hasFilters(description) {
  const shape = description?.weights.weight;
  return description?.op === "conv2d" && shape !== undefined && shape[2] * shape[3] > 1;
}

const KINDS = ["gabor", "edge", "blob", "colour", "color", "other"];

/**
 * @param {any} a
 * @param {any} b
 */
export function byKind(a, b) {
  const place = (/** @type {any} */ { kind }) =>
    (KINDS.indexOf(kind) + KINDS.length + 1) % (KINDS.length + 1);
  return (
    place(a) - place(b) || (a.fit?.orientation_deg ?? 0) - (b.fit?.orientation_deg ?? 0) || a.index - b.index
  );
}

/**
 * What a filter looks like, in a word: "Gabor-like 53°".
 * @param {any} described
 */
export function kindText({ kind, fit }) {
  if (!kind) return "";
  const oriented = fit && (kind === "gabor" || kind === "edge");
  return `${t(`filter.${kind}`)}${oriented ? ` ${formatFixed(fit.orientation_deg, 0)}°` : ""}`;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ x: number, y: number, width: number, height: number }} box
 * @param {CSSStyleDeclaration} style
 * @param {string} color
 */
function mark(context, { x, y, width, height }, style, color) {
  context.strokeStyle = style.getPropertyValue("--halo");
  context.lineWidth = 5;
  context.strokeRect(x - 1, y - 1, width + 2, height + 2);
  context.strokeStyle = style.getPropertyValue(color);
  context.lineWidth = 2.5;
  context.strokeRect(x - 1, y - 1, width + 2, height + 2);
}
