/**
 * The whole net, left to right: a column of maps for every layer, drawn from the model's description; the maps
 * fill in when the run is there. A widened layer keeps its place, and the rest gives way.
 */

import { formatTick } from "../../core/format.js";
import { consumersOf, sourcesOf } from "../../core/network-graph.js";
import { niceLegend } from "../../core/range.js";
import { isShallowEqual } from "../../core/store.js";
import { currentLanguage, t } from "../../i18n/i18n.js";
import { gradient } from "../../render/paint.js";
import { element, setAttributes, svg } from "../../views/dom.js";
import { placeTicks } from "../../views/legend-ticks.js";
import { LayerView } from "./layer-view.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../actions/load-net.js").NetRun} NetRun */
/** @typedef {import("../../core/network-layout.js").Layout} Layout */
/** @typedef {import("../../core/network-layout.js").PlacedLayer} PlacedLayer */
/** @typedef {import("../../core/network-graph.js").Graph} Graph */
/** @typedef {import("../../core/network-ranges.js").NetScales} NetScales */
/** @typedef {import("./layer-view.js").Box} Box */

/**
 * @typedef {object} OverviewProps
 * @property {State} state
 * @property {Graph} graph
 * @property {Layout} layout
 * @property {NetRun | null} run null while its maps are under way
 * @property {NetScales | null} scales
 * @property {"light" | "dark"} theme
 * @property {{ head: number, map: number, mapGap: number }} sizes px
 */

/** Height of a legend with its numbers. */
export const LEGEND_HEIGHT = 44;

export class Overview {
  /** @type {Map<string, LayerView>} */
  #views = new Map();
  #marks = svg("svg", { class: "net-marks", "aria-hidden": "true" });
  #legends = element("div", { class: "net-legends" });
  #edges = "";
  #marked = "";
  #ruled = "";
  /** Content of the widened layer, kept by whoever fills it. */
  panel = element("div", { class: "layer-panel" });
  #edgeGroup = svg("g", { class: "edges" });
  #markGroup = svg("g", {});

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.#marks.append(this.#edgeGroup, this.#markGroup);
    place.append(this.#legends, this.#marks);
  }

  /** @param {OverviewProps} props */
  update(props) {
    const { layout, state, run, scales, theme } = props;
    const now = [layout, run, scales, theme, state.view, currentLanguage()];
    // A hover changes the frames alone.
    if (!isShallowEqual(now, this.#shown)) this.#updateLayers(props);
    this.#shown = now;
    this.#drawMarks(props);
  }

  #shown = /** @type {unknown[]} */ ([]);

  /** @param {OverviewProps} props */
  #updateLayers(props) {
    const { layout, state, graph } = props;
    this.place.style.width = `${layout.width}px`;
    this.place.style.height = `${layout.height + LEGEND_HEIGHT}px`;
    const names = new Set(layout.layers.map(({ node }) => node.name));
    for (const [name, view] of this.#views) {
      if (names.has(name)) continue;
      view.element.remove();
      this.#views.delete(name);
    }
    const spans = nameSpans(layout);
    for (const placed of layout.layers) {
      const { name, inputs } = placed.node;
      const view = this.#views.get(name) ?? this.#newView(name);
      const before = spans.has(name) ? null : (graph.byName.get(inputs[0])?.shape ?? null);
      view.update(placed, props, spans.get(name) ?? null, before);
      const isOpen = state.view.open && state.view.node === name && !placed.node.isVector;
      view.element.toggleAttribute("data-open", isOpen);
      if (isOpen && this.panel.parentElement !== view.element) view.element.append(this.panel);
    }
    const opened = state.view.open && !(graph.byName.get(state.view.node)?.isVector ?? true);
    if (!opened) this.panel.remove();
    this.place.toggleAttribute("data-opened", opened);
    this.#drawEdges(layout, graph);
    this.#drawLegends(props);
  }

  /**
   * The box of a map, of the card that stands for folded ones, or of a whole layer.
   * @param {string} name
   * @param {number | null} channel null for the whole layer
   * @returns {Box | null}
   */
  boxOf(name, channel) {
    return this.#views.get(name)?.boxOf(channel) ?? null;
  }

  /** @param {string} name */
  focusHead(name) {
    this.#views.get(name)?.head.focus();
  }

  /** @param {string} name */
  #newView(name) {
    const view = new LayerView(name);
    this.#views.set(name, view);
    this.place.insertBefore(view.element, this.#marks);
    return view;
  }

  /**
   * The ways that a reader could not guess: branches, merges and skips. A chain needs no lines.
   * @param {Layout} layout
   * @param {Graph} graph
   */
  #drawEdges({ layers, height }, graph) {
    const places = new Map(layers.map((layer) => [layer.node.name, layer]));
    const paths = layers.flatMap((to) =>
      to.node.inputs.flatMap((source) => {
        const from = places.get(source);
        const consumers = graph.byName.get(source)?.consumers.length ?? 0;
        const plain = to.node.inputs.length === 1 && consumers === 1;
        return from && !plain ? [edgePath(from, to, height)] : [];
      }),
    );
    const key = paths.join();
    if (key === this.#edges) return;
    this.#edges = key;
    this.#edgeGroup.replaceChildren(...paths.map((d) => svg("path", { d })));
  }

  /** @param {OverviewProps} props */
  #drawMarks({ state, graph, layout, run }) {
    setAttributes(this.#marks, { width: layout.width, height: layout.height + LEGEND_HEIGHT });
    const { view, hovered } = state;
    const place = hovered ?? (view.node && run ? { node: view.node, channel: view.cell[0] } : null);
    if (!place || !graph.byName.has(place.node)) {
      this.#marked = "";
      this.#markGroup.replaceChildren();
      return;
    }
    /** @type {{ kind: string, box: Box | null }[]} */
    const marks = [];
    for (const { node, from, to } of sourcesOf(graph, place.node, place.channel)) {
      marks.push(...this.#boxesOf(node, from, to).map((box) => ({ kind: "source", box })));
    }
    for (const { node, channels } of consumersOf(graph, place.node, place.channel)) {
      const all = channels.length === (graph.byName.get(node)?.shape[0] ?? 0);
      const boxes = all ? [this.boxOf(node, null)] : channels.slice(0, 64).map((c) => this.boxOf(node, c));
      marks.push(...boxes.map((box) => ({ kind: "consumer", box })));
    }
    marks.push({ kind: hovered ? "hover" : "attention", box: this.boxOf(place.node, place.channel) });
    if (hovered && view.node) marks.push({ kind: "attention", box: this.boxOf(view.node, view.cell[0]) });
    const key = JSON.stringify(marks);
    if (key === this.#marked) return;
    this.#marked = key;
    const seen = new Set();
    this.#markGroup.replaceChildren(
      ...marks.flatMap(({ kind, box }) => {
        const key = `${kind} ${box?.x} ${box?.y}`;
        if (!box || seen.has(key)) return [];
        seen.add(key);
        return [frame(kind, box)];
      }),
    );
  }

  /**
   * One box round a whole layer, or one for every map.
   * @param {string} node
   * @param {number} from
   * @param {number} to
   */
  #boxesOf(node, from, to) {
    const channels = this.#views.get(node)?.channels ?? 0;
    if (to - from === channels && channels > 1) return [this.boxOf(node, null)];
    const boxes = [];
    for (let c = from; c < Math.min(to, from + 64); c += 1) boxes.push(this.boxOf(node, c));
    return boxes;
  }

  /**
   * A bar under every family, exactly as wide as the columns that it rules.
   * @param {OverviewProps} props
   */
  #drawLegends({ layout, scales, theme, state }) {
    const families = runsOf(layout, "family").filter(({ nodes }) => nodes[0].op !== "softmax");
    if (!scales) {
      this.#ruled = "";
      this.#legends.replaceChildren();
      return;
    }
    this.#legends.style.top = `${layout.height}px`;
    const perMap = state.view.scale === "map";
    const key = JSON.stringify([
      families.map(({ nodes, x, width }) => [x, width, scales.of(nodes[0])]),
      theme,
      perMap,
      currentLanguage(),
    ]);
    if (key === this.#ruled) return;
    this.#ruled = key;
    const bars = families.map(({ nodes, x, width }) => {
      const { scale, range } = scales.of(nodes[0]);
      const bar = element("div", { class: "legend-bar" });
      bar.style.background = gradient(scale, theme, range);
      const ticks = element("div", { class: "legend-ticks" });
      if (perMap) ticks.textContent = t("net.perMap");
      else writeTicks(ticks, scale, range, width);
      const legend = element("div", { class: "net-legend" }, bar, ticks);
      legend.style.left = `${x}px`;
      legend.style.width = `${width}px`;
      return legend;
    });
    this.#legends.replaceChildren(...bars);
  }
}

/**
 * Layers next to each other that share a range, or a name, and the width that they take together.
 * @param {Layout} layout
 * @param {"family" | "block"} shared
 */
function runsOf({ layers }, shared) {
  /** @type {{ nodes: import("../../core/network-graph.js").GraphNode[], x: number, width: number }[]} */
  const runs = [];
  for (const { node, x, width, top } of layers) {
    const last = runs.at(-1);
    if (top > 0) continue;
    if (last && last.nodes[0][shared] === node[shared]) {
      last.nodes.push(node);
      last.width = x + width - last.x;
    } else runs.push({ nodes: [node], x, width });
  }
  return runs;
}

/**
 * The width over which the name of a block may run, by the layer that heads it.
 * @param {Layout} layout
 * @returns {Map<string, number>}
 */
function nameSpans(layout) {
  const blocks = runsOf(layout, "block");
  const spans = new Map(
    blocks.map(({ nodes, x, width }, i) => [nodes[0].name, (blocks[i + 1]?.x ?? x + width + 80) - x - 8]),
  );
  // In a branch a name runs over the layers that go on in its lane.
  for (const { node, top, height, width, x } of layout.layers) {
    if (spans.has(node.name) || (top === 0 && height === layout.height)) continue;
    const source = layout.layers.find((layer) => layer.node.name === node.inputs[0]);
    if (source?.node.block === node.block && source.top === top) continue;
    const next = layout.layers.findLast((layer) => layer.top === top && layer.node.block === node.block);
    spans.set(node.name, next ? next.x + next.width - x : width);
  }
  return spans;
}

/**
 * From the right edge of one layer to the left edge of another: by an elbow to the next column, and under the
 * maps where columns lie between.
 * @param {PlacedLayer} from
 * @param {PlacedLayer} to
 * @param {number} height
 */
function edgePath(from, to, height) {
  const [x0, x1] = [from.x + from.width, to.x];
  const [y0, y1] = [from.top + from.height / 2, to.top + to.height / 2];
  const r = 6;
  if (to.node.depth - from.node.depth === 1) {
    const middle = (x0 + x1) / 2;
    if (Math.abs(y1 - y0) < 1) return `M${x0} ${y0}H${x1}`;
    const s = Math.sign(y1 - y0);
    return `M${x0} ${y0}H${middle - 3}q3 0 3 ${3 * s}V${y1 - 3 * s}q0 ${3 * s} 3 ${3 * s}H${x1}`;
  }
  const low = height - 4;
  const [a, b] = [x0 + 4, x1 - 4];
  return `M${x0} ${y0}H${a - 2}q2 0 2 2V${low - r}q0 ${r} ${r} ${r}H${b - r}q${r} 0 ${r} ${-r}V${y1 + 2}q0 -2 2 -2H${x1}`;
}

/**
 * @param {string} kind
 * @param {Box} box
 */
function frame(kind, { x, y, width, height }) {
  const place = { x: x - 1.5, y: y - 1.5, width: width + 3, height: height + 3 };
  return svg(
    "g",
    { class: `frame ${kind}` },
    svg("rect", { ...place, class: "halo" }),
    svg("rect", { ...place, class: "line" }),
  );
}

/** Narrower legends name their reach alone, wider ones the middle as well. */
const NARROW = 96;
const WIDE = 130;

/**
 * @param {HTMLElement} place
 * @param {"signed" | "nonNegative"} scale
 * @param {import("../../core/range.js").Range} range
 * @param {number} width px
 */
function writeTicks(place, scale, range, width) {
  if (width < NARROW) {
    const beyond = range.clippedLow || range.clippedHigh ? "≥" : "";
    place.textContent = `${beyond}${scale === "signed" ? "±" : ""}${formatTick(range.max)}`;
    return;
  }
  const ends = (/** @type {number} */ position) => position === 0 || position === 1;
  placeTicks(
    place,
    niceLegend(range).filter(({ position }) => width > WIDE || ends(position)),
  );
}
