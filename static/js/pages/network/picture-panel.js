/**
 * The picture as the model takes it, with the part of it that lies behind the number under attention.
 */

import { formatSize } from "../../core/format.js";
import { fieldOf } from "../../core/network-graph.js";
import { planes } from "../../core/tensor.js";
import { t } from "../../i18n/i18n.js";
import { element, setText } from "../../views/dom.js";
import "../../views/map.js";

/** @typedef {import("../../actions/network.js").State} State */

export class PicturePanel {
  #title = element("h2");
  #shape = element("span", { class: "shape" });
  #map = /** @type {import("../../views/map.js").MapView} */ (document.createElement("cs-map"));
  #note = element("p", { class: "note" });

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    place.append(element("div", { class: "head" }, this.#title, this.#shape), this.#map, this.#note);
  }

  /**
   * @param {State} state
   * @param {"light" | "dark"} theme
   */
  update({ run, view, hovered }, theme) {
    setText(this.#title, t("panel.input"));
    if (!run) return;
    const [channels, rows, columns] = planes(run.picture);
    setText(this.#shape, formatSize([channels, rows, columns]));
    const width = this.place.clientWidth;
    const [channel, row, column] = view.cell;
    const place = hovered ?? (view.node ? { node: view.node, channel, row, column } : null);
    const node = place ? run.graph.byName.get(place.node) : undefined;
    const behind = place && node ? fieldOf(node, place) : null;
    const field = behind && clipped(behind, rows, columns);
    this.#map.update({
      tensor: run.picture,
      paint: {
        scale: channels === 3 ? "rgb" : "gray",
        channel: 0,
        extent: { min: 0, max: 1 },
        theme,
      },
      padding: [0, 0, 0, 0],
      mode: "zeros",
      frames: field ? [{ kind: hovered ? "hover" : "attention", ...field }] : [],
      zoom: 1,
      focus: [0, 0],
      digits: view.digits,
      box: { width, height: width },
      cell: width / Math.max(rows, columns),
      label: t("spoken.input", { channels, rows, columns }),
    });
    setText(this.#note, field ? t("net.field", { size: formatSize([field.rows, field.columns]) }) : "");
  }

  /** The frame on the picture, on the screen. @param {{ row: number, column: number, rows: number, columns: number }} cells */
  rectOf(cells) {
    return this.#map.rectOf(cells);
  }
}

/**
 * The part of a rectangle that lies on the picture.
 * @param {{ row: number, column: number, rows: number, columns: number }} cells
 * @param {number} rows
 * @param {number} columns
 */
export function clipped(cells, rows, columns) {
  const clip = (/** @type {number} */ at, /** @type {number} */ most) => Math.max(0, Math.min(most, at));
  const [top, left] = [clip(cells.row, rows), clip(cells.column, columns)];
  return {
    row: top,
    column: left,
    rows: clip(cells.row + cells.rows, rows) - top,
    columns: clip(cells.column + cells.columns, columns) - left,
  };
}
