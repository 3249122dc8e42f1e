/**
 * A small table of numbers whose cells are filled by their value. Cells too narrow for digits become swatches;
 * the number of the cell under the pointer is told elsewhere. A kernel's cells are inputs.
 */

import { formatHex, inkOn } from "../core/color.js";
import { cellFill } from "../core/scales.js";
import { element, emit, setAttributes, setText } from "./dom.js";

/** @typedef {import("../core/scales.js").ScaleName} ScaleName */
/** @typedef {import("../core/scales.js").Theme} Theme */
/** @typedef {import("../core/scales.js").Extent} Extent */

/**
 * @typedef {object} GridProps
 * @property {readonly string[]} texts one per cell, in C order; "" for a cell that does not count
 * @property {readonly (number | null)[]} numbers that colour the cells
 * @property {ScaleName} scale
 * @property {Extent} extent
 * @property {Theme} theme
 * @property {readonly number[]} [padding] 1 for hatched cells
 * @property {readonly boolean[]} [faint] digits that do not contribute
 * @property {number | null} [selected] the cell that won
 * @property {number | null} [lit] the cell under the pointer, here or in a grid beside
 */

export class NumberGrid {
  /**
   * @param {{ name: string, rows: number, columns: number, caption: string, editable?: boolean }} options
   */
  constructor({ name, rows, columns, caption, editable = false }) {
    this.columns = columns;
    this.editable = editable;
    this.caption = element("caption", { class: "visually-hidden" }, caption);
    /** @type {HTMLTableCellElement[]} */
    this.cells = [];
    /** @type {HTMLInputElement[]} */
    this.inputs = [];
    const body = element("tbody");
    for (let r = 0; r < rows; r += 1) {
      const row = body.appendChild(element("tr"));
      for (let q = 0; q < columns; q += 1) this.cells.push(row.appendChild(this.#newCell(r * columns + q)));
    }
    this.element = element("table", { class: `grid ${name}` }, this.caption, body);
    this.#listen();
  }

  /** @param {number} index */
  #newCell(index) {
    const cell = element("td", { "data-index": index });
    if (this.editable) {
      const input = element("input", { inputmode: "decimal", autocomplete: "off", spellcheck: "false" });
      this.inputs.push(input);
      cell.append(input);
    }
    return cell;
  }

  /** @param {GridProps} props */
  update({ texts, numbers, scale, extent, theme, padding, faint, selected = null, lit = null }) {
    this.cells.forEach((cell, i) => {
      const number = numbers[i];
      // A zero of the padding is no black pixel: it is hatched, on paper.
      const empty = number === null || (number === 0 && padding?.[i] === 1);
      const fill = empty ? null : cellFill(scale, theme, extent, number);
      cell.style.backgroundColor = fill ? formatHex(fill) : "";
      cell.style.color = fill ? inkOn(fill) : "";
      const states = [
        padding?.[i] ? "padding" : "",
        faint?.[i] ? "faint" : "",
        i === selected ? "selected" : "",
        i === lit ? "lit" : "",
      ];
      const names = states.filter(Boolean).join(" ");
      if (cell.className !== names) cell.className = names;
      const input = this.inputs[i];
      if (!input) setText(cell, texts[i]);
      else if (input !== document.activeElement) input.value = texts[i];
    });
  }

  /** @param {(index: number) => string} nameOf spoken name of each editable cell */
  label(nameOf) {
    this.inputs.forEach((input, i) => {
      setAttributes(input, { "aria-label": nameOf(i) });
    });
  }

  #listen() {
    const indexOf = (/** @type {Event} */ event) => {
      const cell = event.target instanceof Element ? event.target.closest("td") : null;
      return cell ? Number(cell.dataset.index) : null;
    };
    this.element.addEventListener("pointerover", (event) => {
      emit(this.element, "cs-term", { index: indexOf(event) });
    });
    this.element.addEventListener("pointerleave", () => emit(this.element, "cs-term", { index: null }));
    if (!this.editable) return;
    this.element.addEventListener("focusin", (event) => {
      emit(this.element, "cs-term", { index: indexOf(event) });
      if (event.target instanceof HTMLInputElement) event.target.select();
    });
    this.element.addEventListener("focusout", () => emit(this.element, "cs-term", { index: null }));
    this.element.addEventListener("change", (event) => this.#commit(event, indexOf(event)));
    this.element.addEventListener("keydown", (event) => this.#onKey(event, indexOf(event)));
  }

  /**
   * @param {Event} event
   * @param {number | null} index
   */
  #commit(event, index) {
    if (index === null || !(event.target instanceof HTMLInputElement)) return;
    const value = readNumber(event.target.value);
    // What is no number leaves the kernel as it was; the next update shows its number again.
    emit(this.element, "cs-weight", { index, value });
  }

  /**
   * Enter and the arrows walk through the cells, with Alt the arrows turn the number up and down.
   * @param {KeyboardEvent} event
   * @param {number | null} index
   */
  #onKey(event, index) {
    if (index === null || !(event.target instanceof HTMLInputElement)) return;
    const step = { ArrowUp: -this.columns, ArrowDown: this.columns, Enter: this.columns }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.altKey && event.key !== "Enter") {
      const value = readNumber(event.target.value) ?? 0;
      const changed = Number(
        (value + (event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? 0.1 : 1)).toFixed(6),
      );
      event.target.value = String(changed);
      emit(this.element, "cs-weight", { index, value: changed });
      return;
    }
    (this.inputs[index + step] ?? event.target).focus();
    if (!this.inputs[index + step]) event.target.blur();
  }
}

/**
 * A number as people type it: comma or point, any minus.
 * @param {string} text
 * @returns {number | null}
 */
function readNumber(text) {
  const plain = text
    .trim()
    .replace(/[\u2212\uFF0D\u30FC]/g, "-")
    .replace(",", ".")
    .normalize("NFKC");
  const value = Number(plain);
  return plain !== "" && Number.isFinite(value) && Math.abs(value) <= 1e6 ? value : null;
}
