/**
 * The filters of one convolution: all of them, named by what they look like; one of them large, with the curve
 * that was fitted to it; and, beside them, filters of noise or filters learnt without labels.
 */

import { formatFixed, formatSize } from "../../core/format.js";
import { fittedFilter } from "../../core/gabor.js";
import { COMPARED } from "../../core/network-schema.js";
import { t } from "../../i18n/i18n.js";
import { drawFilter, filterScale } from "../../render/filters.js";
import { cleared } from "../../render/map-stack.js";
import { element, setAttributes, setText } from "../../views/dom.js";
import { CurveFigure } from "../../views/gabor-curve.js";
import { byKind, kindText } from "./layer-panel.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../actions/network.js").Actions} Actions */
/** @typedef {import("../../core/tensor.js").Tensor} Tensor */

/** @typedef {{ weight: Tensor, filters: readonly any[], summary: any }} Bank */

const KINDS = ["gabor", "edge", "blob", "other"];
const PARAMETERS = /** @type {const} */ ([
  ["orientation_deg", 0, "°"],
  ["wavelength_px", 1, " px"],
  ["phase_deg", 0, "°"],
  ["sigma_px", 1, " px"],
  ["aspect", 2, ""],
]);
const LARGE = 132;

export class FiltersPage {
  #title = element("h2");
  #shape = element("span", { class: "shape" });
  #compare = element("div", { class: "segments", role: "group" });
  #own = new BankView();
  #other = new BankView();
  #banks = element("div", { class: "banks" }, this.#own.element, this.#other.element);
  #name = element("h3");
  #true = element("canvas", { role: "img" });
  #fitted = element("canvas", { role: "img" });
  #pair = element("div", { class: "pair" }, figure(this.#true), figure(this.#fitted));
  #curve = new CurveFigure();
  #numbers = element("dl", { class: "fit" });
  #reason = element("p", { class: "note" });
  #one = element(
    "aside",
    { class: "one-filter" },
    this.#name,
    this.#pair,
    this.#curve.element,
    this.#numbers,
    this.#reason,
  );
  /** @type {Map<string, Bank | "asked">} */
  #known = new Map();
  /** Set by the page: draw again in the next frame. */
  redraw = () => {};

  /**
   * @param {HTMLElement} place
   * @param {Actions} actions
   */
  constructor(place, actions) {
    this.actions = actions;
    place.append(
      element("div", { class: "filters-head" }, this.#title, this.#shape, this.#compare),
      this.#banks,
      this.#one,
    );
    for (const value of COMPARED) {
      const button = element("button", { type: "button", "data-value": value });
      button.addEventListener("click", () => actions.setView({ compare: value }));
      this.#compare.append(button);
    }
    this.#own.onChoose = (channel) => actions.setView({ cell: [channel, 0, 0] });
  }

  /**
   * @param {State} state
   * @param {{ theme: "light" | "dark" }} shown
   */
  update({ run, view }, { theme }) {
    const description = run?.graph.byName.get(view.node)?.description;
    if (!run || !description) return;
    setText(this.#title, t("filters.title", { node: view.node }));
    setText(this.#shape, formatSize(description.weights.weight));
    setAttributes(this.#compare, { "aria-label": t("filters.compare") });
    for (const button of this.#compare.children) {
      const value = button.getAttribute("data-value") ?? "";
      setText(/** @type {HTMLElement} */ (button), t(`filters.compared.${value}`));
      setAttributes(button, { "aria-pressed": String(value === view.compare) });
      // A bank is not laid beside itself.
      /** @type {HTMLElement} */ (button).hidden =
        value === "unsupervised" && run.model.answer.name === UNSUPERVISED.model;
    }
    const own = this.#bank(run.model.key, view.node);
    this.#banks.hidden = own === null;
    this.#one.hidden = own === null;
    if (own) {
      this.#own.update(own, { theme, sort: view.sort, chosen: view.cell[0], title: t("filters.learned") });
      this.#updateOne(own, Math.min(view.cell[0], own.weight.shape[0] - 1), theme);
    }
    const other = view.compare === "none" || !own ? null : this.#compared(view.compare, own);
    this.#other.element.hidden = !other;
    if (other && view.compare !== "none") {
      const title = t(`filters.bank.${view.compare}`);
      this.#other.update(other, { theme, sort: view.sort, chosen: null, title });
    }
  }

  /**
   * The weights of a node and what they look like, once they are there.
   * @param {string} model
   * @param {string} node
   * @returns {Bank | null}
   */
  #bank(model, node) {
    return this.#kept(`${model} ${node}`, async () => {
      const [weight, { filters, summary }] = await Promise.all([
        this.actions.weight(model, node),
        this.actions.filters(model, node),
      ]);
      return { weight, filters, summary };
    });
  }

  /**
   * @param {"random" | "unsupervised"} kind
   * @param {Bank} own
   * @returns {Bank | null}
   */
  #compared(kind, own) {
    if (kind === "unsupervised") return this.#bank(UNSUPERVISED.model, UNSUPERVISED.node);
    const shape = own.weight.shape;
    return this.#kept(`random ${shape}`, async () => {
      const { id } = await this.actions.randomFilters(shape);
      const [weight, { filters, summary }] = await Promise.all([
        this.actions.weight(id, "random"),
        this.actions.filters(id, "random"),
      ]);
      return { weight, filters, summary };
    });
  }

  /**
   * @param {string} key
   * @param {() => Promise<Bank>} load
   * @returns {Bank | null}
   */
  #kept(key, load) {
    const known = this.#known.get(key);
    if (known) return known === "asked" ? null : known;
    this.#known.set(key, "asked");
    load().then(
      (bank) => {
        this.#known.set(key, bank);
        this.redraw();
      },
      (failure) => {
        this.#known.delete(key);
        this.actions.fail(failure);
      },
    );
    return null;
  }

  /**
   * @param {Bank} bank
   * @param {number} index
   * @param {"light" | "dark"} theme
   */
  #updateOne({ weight, filters }, index, theme) {
    const described = filters.find((each) => each.index === index);
    const [, channels, rows, columns] = weight.shape;
    const kind = described ? kindText(described) : "";
    setText(this.#name, [t("filters.one", { index }), kind].filter(Boolean).join(": "));
    const fit = described?.fit ?? null;
    drawMosaic(cleared(this.#true, LARGE, LARGE), weight, index, LARGE, theme);
    setAttributes(this.#true, {
      "aria-label": t("net.spokenFilter", { channel: index, shape: formatSize([channels, rows, columns]) }),
    });
    setCaption(this.#true, t("filters.learnedOne"));
    const pair = /** @type {HTMLElement} */ (this.#fitted.parentElement);
    pair.hidden = fit === null;
    this.#curve.element.toggleAttribute("hidden", fit === null);
    this.#numbers.hidden = fit === null;
    setText(this.#reason, described?.reason ? t(`filters.reason.${described.reason}`) : "");
    this.#reason.hidden = !described?.reason;
    if (!fit) return;
    const drawn = fittedFilter(fit, [rows, columns]);
    // The same scale for both, so that they can be compared.
    drawFilter(
      cleared(this.#fitted, LARGE, LARGE),
      drawn,
      0,
      channels === 3 ? null : 0,
      filterScale(weight, index),
      { x: 0, y: 0, side: LARGE },
      theme,
    );
    setAttributes(this.#fitted, { "aria-label": t("filters.fittedOne") });
    setCaption(this.#fitted, t("filters.fittedOne"));
    const each = channels * rows * columns;
    const values = /** @type {Float32Array} */ (weight.data).subarray(index * each, (index + 1) * each);
    this.#curve.update(fit, values, [rows, columns]);
    this.#numbers.replaceChildren(
      ...PARAMETERS.flatMap(([name, digits, unit]) => [
        element("dt", {}, t(`filters.parameter.${name}`)),
        element("dd", {}, `${formatFixed(fit[name], digits)}${unit}`),
      ]),
      element("dt", {}, "R²"),
      element("dd", {}, formatFixed(fit.r2, 2)),
    );
  }
}

/** Learnt from patches of photographs; no label was seen. */
const UNSUPERVISED = { model: "kmeans-bank", node: "conv1" };

/** All filters of one bank, as buttons. */
class BankView {
  #title = element("h3");
  #summary = element("p", { class: "note" });
  #grid = element("div", { class: "filter-grid", role: "group" });
  element = element("section", { class: "bank" }, this.#title, this.#summary, this.#grid);
  #built = /** @type {unknown[]} */ ([]);
  /** Set by its owner. @type {(index: number) => void} */
  onChoose = () => {};

  /**
   * @param {Bank} bank
   * @param {{ theme: "light" | "dark", sort: "kind" | "index", chosen: number | null, title: string }} shown
   */
  update({ weight, filters, summary }, { theme, sort, chosen, title }) {
    setText(this.#title, title);
    setText(this.#summary, summaryText(summary));
    setAttributes(this.#grid, { "aria-label": title });
    const now = [weight, theme, sort, title];
    if (!now.every((value, i) => value === this.#built[i])) {
      this.#built = now;
      const named = filters.some(({ kind, reason }) => kind && !reason);
      const order = sort === "kind" && named ? [...filters].sort(byKind) : filters;
      this.#grid.replaceChildren(...order.map((each) => this.#tile(weight, each, theme, named)));
    }
    for (const button of this.#grid.children) {
      setAttributes(button, { "aria-pressed": String(Number(button.getAttribute("data-index")) === chosen) });
    }
  }

  /**
   * @param {Tensor} weight
   * @param {any} described
   * @param {"light" | "dark"} theme
   * @param {boolean} named
   */
  #tile(weight, described, theme, named) {
    const { index } = described;
    const canvas = element("canvas", { "aria-hidden": "true" });
    drawMosaic(cleared(canvas, TILE, TILE), weight, index, TILE, theme);
    const text = named ? kindText(described) : String(index);
    const button = element(
      "button",
      { type: "button", "data-index": index },
      canvas,
      element("span", {}, text),
    );
    setAttributes(button, { title: t("filters.one", { index }) });
    button.addEventListener("click", () => this.onChoose(index));
    return button;
  }
}

const TILE = 56;

/**
 * One filter: in colours where it reads three channels, else its planes side by side.
 * @param {CanvasRenderingContext2D} context
 * @param {Tensor} weight
 * @param {number} index
 * @param {number} side px
 * @param {"light" | "dark"} theme
 */
function drawMosaic(context, weight, index, side, theme) {
  const channels = weight.shape[1];
  const reach = filterScale(weight, index);
  if (channels === 3) {
    drawFilter(context, weight, index, null, reach, { x: 0, y: 0, side }, theme);
    return;
  }
  const across = Math.ceil(Math.sqrt(channels));
  const each = side / across;
  const gap = across > 1 ? Math.min(2, each / 8) : 0;
  for (let c = 0; c < channels; c += 1) {
    const place = { x: (c % across) * each, y: Math.floor(c / across) * each, side: each - gap };
    drawFilter(context, weight, index, c, reach, place, theme);
  }
}

/** @param {any} summary */
function summaryText(summary) {
  if (!summary?.kinds || !summary.fitted) return "";
  const counts = KINDS.filter((kind) => summary.kinds[kind] > 0).map(
    (kind) => `${t(`filter.${kind}`)} ${summary.kinds[kind]}`,
  );
  const quality =
    summary.median_r2 === null ? "" : t("filters.median", { r2: formatFixed(summary.median_r2, 2) });
  return [...counts, quality].filter(Boolean).join(" · ");
}

/** @param {HTMLCanvasElement} canvas */
function figure(canvas) {
  return element("figure", {}, canvas, element("figcaption", { class: "note" }));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} text
 */
function setCaption(canvas, text) {
  const caption = canvas.nextElementSibling;
  if (caption instanceof HTMLElement) setText(caption, text);
}
