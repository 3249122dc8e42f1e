/**
 * One layer of the overview: its head, its maps on a canvas, and the card for those that are folded.
 */

import { FOLD } from "../../actions/load-net.js";
import { shortCount } from "../../core/count-text.js";
import { formatFixed, formatSize } from "../../core/format.js";
import { isShallowEqual } from "../../core/store.js";
import { toFloat32 } from "../../core/tensor.js";
import { currentLanguage, t } from "../../i18n/i18n.js";
import { cleared, drawTiles } from "../../render/map-stack.js";
import { element, emit, setAttributes, setText } from "../../views/dom.js";

/** @typedef {import("../../actions/load-net.js").NetRun} NetRun */
/** @typedef {import("../../core/network-layout.js").PlacedLayer} PlacedLayer */
/** @typedef {import("../../core/network-ranges.js").NetScales} NetScales */
/** @typedef {import("./overview.js").OverviewProps} OverviewProps */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box in px of the layers' plane */

/** A vector's features in cells of their own, as long as they are at least this high. */
const LEAST_FEATURE = 5;
/** Width of a letter of a layer's name, px. */
const LETTER = 8.6;
/** Share of a map's side that a vector is wide. */
const VECTOR_SHARE = 0.4;

export class LayerView {
  #name = element("b");
  #op = element("span", { class: "layer-op" });
  #shape = element("span", { class: "layer-shape" });
  head = element("button", { type: "button", class: "layer-head" }, this.#name, this.#op, this.#shape);
  #canvas = element("canvas", { role: "img" });
  #more = element("button", { type: "button", class: "layer-more" });
  channels = 0;
  /** @type {PlacedLayer | null} */
  #placed = null;
  /** @type {readonly import("../../render/map-stack.js").Tile[]} */
  #tiles = [];
  #drawn = /** @type {unknown[]} */ ([]);
  #sizes = { head: 0, map: 0, mapGap: 0 };

  /** @param {string} name */
  constructor(name) {
    this.element = element(
      "section",
      { class: "layer", "data-node": name },
      this.head,
      this.#canvas,
      this.#more,
    );
    this.head.addEventListener("click", () => emit(this.element, "cs-layer", { node: name }));
    this.#more.addEventListener("click", () => emit(this.element, "cs-layer", { node: name }));
    const point = (/** @type {PointerEvent | MouseEvent} */ event, /** @type {string} */ phase) => {
      const { left, top } = this.#canvas.getBoundingClientRect();
      const place = phase === "leave" ? null : this.#placeAt(event.clientX - left, event.clientY - top);
      emit(this.element, "cs-map-point", { phase, place: place && { node: name, ...place } });
    };
    this.#canvas.addEventListener("click", (event) => point(event, "click"));
    this.#canvas.addEventListener("pointermove", (event) => point(event, "hover"));
    this.#canvas.addEventListener("pointerleave", (event) => point(event, "leave"));
  }

  /**
   * @param {PlacedLayer} placed
   * @param {OverviewProps} props
   * @param {number | null} span width of the family that this layer heads, px
   * @param {readonly number[] | null} before shape of the layer before, where the family goes on
   */
  update(placed, { run, scales, theme, sizes, state }, span, before) {
    const { node, width, height, shown } = placed;
    const isOpen = state.view.open && state.view.node === node.name && !node.isVector;
    const isExpanded = state.view.open && state.view.node === node.name;
    const place = [placed, sizes, span, before, isExpanded, currentLanguage()];
    // Where only the picture moves, the layer stays where it is.
    if (!isShallowEqual(place, this.#stands)) this.#stand(placed, sizes, span, before, isExpanded);
    this.#stands = place;
    this.#canvas.hidden = isOpen;
    const now = [
      run?.maps,
      theme,
      state.view.scale,
      sizes.map,
      width,
      height,
      shown.length,
      isOpen,
      node.shape.join(),
    ];
    if (isOpen || now.every((value, i) => value === this.#drawn[i])) return;
    this.#drawn = now;
    this.#draw(run, scales, theme);
  }

  /** What decides where the layer stands, and its words. */
  #stands = /** @type {unknown[]} */ ([]);

  /**
   * @param {PlacedLayer} placed
   * @param {OverviewProps["sizes"]} sizes
   * @param {number | null} span
   * @param {readonly number[] | null} before
   * @param {boolean} isExpanded
   */
  #stand(placed, sizes, span, before, isExpanded) {
    const { node, x, width, top, height, folded } = placed;
    this.#placed = placed;
    this.#sizes = sizes;
    this.channels = node.shape[0];
    const { style } = this.element;
    style.left = `${x}px`;
    style.top = `${top}px`;
    style.width = `${width}px`;
    style.height = `${height}px`;
    this.head.style.height = `${sizes.head}px`;
    const cost = node.description?.multiply_adds ?? 0;
    setText(this.#name, span === null ? "" : tail(node.name, Math.floor(span / LETTER)));
    this.#name.style.width = `${span ?? 0}px`;
    setText(this.#op, opName(node.op));
    setText(this.#shape, shapeText(node.shape, before));
    this.head.title = [
      node.name,
      `${opName(node.op)}: ${formatSize(node.shape)}`,
      t("net.cost", {
        parameters: shortCount(node.description?.parameters ?? 0),
        multiplyAdds: shortCount(cost),
      }),
    ].join("\n");
    setAttributes(this.head, {
      "aria-expanded": String(isExpanded),
      "aria-label": t("net.spokenLayer", {
        name: node.name,
        op: opName(node.op),
        shape: formatSize(node.shape),
      }),
    });
    this.#tiles = node.isVector ? [] : tilesOf(placed, sizes);
    const more = this.#moreBox();
    this.#more.hidden = folded === 0 || node.isVector || more === null || placed.rows < 2;
    if (more) {
      setText(this.#more, `+${folded}`);
      setAttributes(this.#more, { "aria-label": t("net.more", { count: folded, name: node.name }) });
      this.#more.style.top = `${sizes.head + more.y}px`;
      this.#more.style.width = `${more.width}px`;
      this.#more.style.height = `${more.height}px`;
    }
    this.#more.hidden ||= isExpanded && !node.isVector;
  }

  /**
   * @param {number | null} channel
   * @returns {Box | null}
   */
  boxOf(channel) {
    const placed = this.#placed;
    if (!placed) return null;
    const { x, top } = placed;
    const origin = { x, y: top + this.#sizes.head };
    // A widened layer shows for itself what in it is under attention.
    if (this.element.hasAttribute("data-open")) return null;
    const own = channel === null ? this.#whole() : this.#boxOfChannel(channel);
    return own && { x: origin.x + own.x, y: origin.y + own.y, width: own.width, height: own.height };
  }

  /** @returns {Box} */
  #whole() {
    const { map, mapGap } = this.#sizes;
    const placed = /** @type {PlacedLayer} */ (this.#placed);
    if (placed.node.isVector) return { x: 0, y: 0, width: VECTOR_SHARE * map, height: this.#vectorHeight() };
    const last = this.#tiles.at(-1);
    return { x: 0, y: 0, width: map, height: last ? last.y + last.height : mapGap };
  }

  /** @param {number} channel @returns {Box | null} */
  #boxOfChannel(channel) {
    const placed = /** @type {PlacedLayer} */ (this.#placed);
    if (placed.node.isVector) {
      const each = this.#vectorHeight() / placed.node.shape[0];
      return { x: 0, y: channel * each, width: VECTOR_SHARE * this.#sizes.map, height: Math.max(2, each) };
    }
    const at = placed.shown.indexOf(channel);
    return at < 0 ? this.#moreBox() : this.#tiles[at];
  }

  /** @returns {Box | null} */
  #moreBox() {
    const placed = /** @type {PlacedLayer} */ (this.#placed);
    if (placed.folded === 0) return null;
    if (placed.rows < 2) return this.#tiles[0] ?? null;
    const { map, mapGap } = this.#sizes;
    const at =
      placed.shown.length > 1 && placed.shown.at(-1) === placed.node.shape[0] - 1
        ? placed.shown.length - 1
        : placed.shown.length;
    return { x: 0, y: at * (map + mapGap), width: map, height: map };
  }

  #vectorHeight() {
    const placed = /** @type {PlacedLayer} */ (this.#placed);
    const room = placed.height - this.#sizes.head;
    return Math.min(room, placed.node.shape[0] * (this.#sizes.map / 2));
  }

  /**
   * @param {NetRun | null} run
   * @param {NetScales | null} scales
   * @param {"light" | "dark"} theme
   */
  #draw(run, scales, theme) {
    const { node } = /** @type {PlacedLayer} */ (this.#placed);
    const tensor = run?.maps.get(node.name);
    const whole = this.#whole();
    const context = cleared(this.#canvas, whole.width, Math.max(1, whole.height));
    const { line, sunk } = colorsOf(this.element, theme);
    const extent = run?.extents.get(node.name);
    setAttributes(this.#canvas, {
      "aria-label": t("net.spokenMaps", {
        name: node.name,
        shape: formatSize(node.shape),
        min: extent ? formatFixed(extent.min, 2) : "",
        max: extent ? formatFixed(extent.max, 2) : "",
      }),
    });
    if (!tensor || !scales) {
      context.fillStyle = sunk;
      for (const { x, y, width: w, height: h } of node.isVector ? [whole] : this.#tiles)
        context.fillRect(x, y, w, h);
      return;
    }
    if (node.isVector) {
      drawVector(context, toFloat32(tensor), whole.width, whole.height, scales.of(node), theme);
    } else {
      const maps = tensor.shape.length === 1 ? { ...tensor, shape: [...tensor.shape, 1, 1] } : tensor;
      drawTiles(context, maps, this.#tiles, (index) => scales.ofMap(node, maps, index), theme);
      context.strokeStyle = line;
      for (const { x, y, width: w, height: h } of this.#tiles)
        context.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
    }
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  #placeAt(x, y) {
    const placed = /** @type {PlacedLayer} */ (this.#placed);
    const { node, shown } = placed;
    if (node.isVector) {
      const channel = Math.floor((y / this.#vectorHeight()) * node.shape[0]);
      return channel >= 0 && channel < node.shape[0] ? { channel, row: 0, column: 0 } : null;
    }
    const at = this.#tiles.findIndex(
      (tile) => y >= tile.y && y < tile.y + tile.height && x < tile.x + tile.width,
    );
    if (at < 0) return null;
    const tile = this.#tiles[at];
    const inside = (/** @type {number} */ share, /** @type {number} */ size) =>
      Math.max(0, Math.min(size - 1, Math.floor(share * size)));
    return {
      channel: shown[at],
      row: inside((y - tile.y) / tile.height, node.shape[1]),
      column: inside((x - tile.x) / tile.width, node.shape[2]),
    };
  }
}

/** @type {Map<string, { line: string, sunk: string }>} */
const colors = new Map();

/**
 * Asked of the style sheet once for each theme: while pictures move, that would be a layout for every layer.
 * @param {HTMLElement} place
 * @param {"light" | "dark"} theme
 */
function colorsOf(place, theme) {
  const known = colors.get(theme);
  if (known) return known;
  const style = getComputedStyle(place);
  const own = { line: style.getPropertyValue("--line"), sunk: style.getPropertyValue("--sunk") };
  colors.set(theme, own);
  return own;
}

/**
 * Where the shown maps of a layer stand, and which channel of the overview's tensor each one is.
 * @param {PlacedLayer} placed
 * @param {{ map: number, mapGap: number }} sizes
 */
function tilesOf({ node, shown, folded }, { map, mapGap }) {
  const [channels, rows, columns] = node.shape;
  const side = map / Math.max(rows, columns);
  const size = { width: Math.max(1, columns * side), height: Math.max(1, rows * side) };
  return shown.map((channel, i) => {
    const isLast = folded > 0 && shown.length > 1 && channel === channels - 1;
    const index = channel < FOLD - 1 || channels <= FOLD ? channel : FOLD - 1;
    return { index, x: 0, y: (i + (isLast ? 1 : 0)) * (map + mapGap), ...size };
  });
}

/**
 * A vector as a column of cells; where they are too many, the strongest of those that share a line.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} floats
 * @param {number} width
 * @param {number} height
 * @param {import("../../core/network-ranges.js").MapScale} scale
 * @param {"light" | "dark"} theme
 */
function drawVector(context, floats, width, height, scale, theme) {
  const lines = Math.min(
    floats.length,
    Math.floor(height / Math.min(LEAST_FEATURE, height / floats.length + 1)),
  );
  const values = Float32Array.from({ length: lines }, (_, i) => {
    const from = Math.floor((i * floats.length) / lines);
    const to = Math.max(from + 1, Math.floor(((i + 1) * floats.length) / lines));
    return floats.subarray(from, to).reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
  });
  const tensor = { shape: [1, lines, 1], data: values, dtype: /** @type {const} */ ("float32") };
  drawTiles(context, tensor, [{ index: 0, x: 0, y: 0, width, height }], () => scale, theme);
}

/**
 * What tells names apart stands at their end: "…5x5_reduce" for a long one.
 * @param {string} name
 * @param {number} letters
 */
function tail(name, letters) {
  if (name.length <= letters) return name;
  const end = name.slice(1 - Math.max(4, letters));
  const word = end.search(/[_./]/);
  return `…${word >= 0 && word < end.length - 2 ? end.slice(word + 1) : end}`;
}

/**
 * 10×62²: as short as can be read; after a layer of the same size nothing, of as many channels the map's size.
 * @param {readonly number[]} shape
 * @param {readonly number[] | null} [before]
 */
export function shapeText([channels, rows, columns], before = null) {
  if (String(before) === String([channels, rows, columns])) return "";
  if (rows === 1 && columns === 1) return String(channels);
  const map = rows === columns ? `${rows}²` : `${rows}×${columns}`;
  return before?.[0] === channels ? map : `${channels}×${map}`;
}

/** @param {string} op */
export function opName(op) {
  const name = t(`netOp.${op}`);
  return name === `netOp.${op}` ? op : name;
}
