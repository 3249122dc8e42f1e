/**
 * Dialogs of a page, fetched and made when they are first opened.
 */

import { lazily } from "./lazy.js";

/**
 * @typedef {object} Part of a page that a dialog is
 * @property {() => Promise<any>} load its module, or modules
 * @property {(module: any) => HTMLElement} make
 */

export class Dialogs {
  /** @type {Map<string, any>} */
  #made = new Map();
  /** @type {Record<string, { part: (ready: () => void) => any, make: Part["make"] }>} */
  #parts;

  /**
   * @param {Readonly<Record<string, Part>>} parts by the names under which they are opened
   * @param {() => void} ready called when a part has come that was not there yet
   */
  constructor(parts, ready) {
    this.ready = ready;
    this.#parts = Object.fromEntries(
      Object.entries(parts).map(([name, { load, make }]) => [name, { part: lazily(load), make }]),
    );
  }

  /** How many there are by now. */
  get count() {
    return this.#made.size;
  }

  /**
   * @param {string} name
   * @param {string | null} open name of the one that is open
   * @returns {any} null before it was first opened, and until its part has come
   */
  get(name, open) {
    const known = this.#made.get(name);
    if (known || open !== name) return known ?? null;
    const { part, make } = this.#parts[name];
    const module = part(this.ready);
    if (!module) return null;
    const made = make(module);
    document.body.append(made);
    this.#made.set(name, made);
    return made;
  }
}
