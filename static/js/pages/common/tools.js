/**
 * What stands around the stage of every page: the choice of a picture, a drawing of one's own, help. A page's
 * tools add theirs; they turn the state into properties of views, and what these ask for into actions.
 */

import { keyOf } from "../../actions/pictures.js";
import { isShallowEqual } from "../../core/store.js";
import { currentLanguage, t } from "../../i18n/i18n.js";
import { on } from "../../views/dom.js";
import { Dialogs } from "./dialogs.js";
import { listenForDrawing } from "./drawing.js";
import { addedBindings } from "./keys.js";
import { lazily, styled } from "./lazy.js";
import { picturesOf } from "./pictures.js";

/** @typedef {import("./dialogs.js").Part} Part */
/** @typedef {import("../../actions/live-gate.js").LiveState} LiveState */
/** @typedef {import("./pictures.js").State & { open: string | null, live: LiveState }} AnyState of any page */

/** @type {Readonly<Record<string, Part>>} */
const PARTS = {
  picture: {
    load: () => import("../../views/picture-chooser.js"),
    make: ({ PictureChooser }) => new PictureChooser(),
  },
  help: { load: () => import("../../views/help-dialog.js"), make: ({ HelpDialog }) => new HelpDialog() },
};

/**
 * @typedef {object} Own what only this page has
 * @property {Readonly<Record<string, Part>>} parts dialogs
 * @property {readonly import("./keys.js").Binding<any, any>[]} bindings
 * @property {readonly string[]} gestures names, for the help
 */

/**
 * @template {AnyState} State
 * @template {any} Actions
 */
export class PageTools {
  #livePart = lazily(styled(["live"], () => import("./live.js")));
  /** @type {((live: LiveState) => void) | null} */
  #showLive = null;
  /** What was shown last: nothing here changes while the window moves. */
  #shown = /** @type {unknown[]} */ ([]);

  /**
   * @param {Document} root
   * @param {import("../../core/store.js").Store<State>} store
   * @param {Actions} actions
   * @param {Own} own
   */
  constructor(root, store, actions, own) {
    this.store = store;
    this.actions = actions;
    this.own = own;
    this.dialogs = new Dialogs({ ...PARTS, ...own.parts }, () => {
      this.#shown = [];
      this.update(store.get());
    });
    this.#listen(root, actions);
  }

  /**
   * @param {Document} root
   * @param {any} actions
   */
  #listen(root, actions) {
    on(root, "cs-open", ({ name }) => actions.toggle(name));
    on(root, "cs-close", () => actions.close());
    on(root, "cs-cancel", () => actions.cancel());
    on(root, "cs-file", ({ file }) => void actions.upload(file));
    on(root, "cs-live", ({ choice }) => {
      actions.close();
      void actions.live.start(choice, t(`live.source.${choice.kind}`));
    });
    on(root, "cs-picture", ({ key }) => {
      const image = picturesOf(this.store.get()).find((record) => keyOf(record) === key);
      if (image) actions.choosePicture(image);
      actions.close();
    });
    listenForDrawing(root, actions);
  }

  /** @param {Readonly<State>} state */
  update({ open, live }) {
    const { bindings, gestures } = this.own;
    this.#updateLive(live);
    this.dialogs.get("help", open)?.update({
      open: open === "help",
      bindings: [...bindings, ...addedBindings()],
      gestures,
    });
  }

  /** @param {LiveState} live */
  #updateLive(live) {
    if (!this.#showLive && live.state === "off" && !live.waiting && !live.problem) return;
    const part = this.#livePart(() => this.update(this.store.get()));
    if (part) this.#showLive ??= part.makeLiveBar(document, this.actions);
    this.#showLive?.(live);
  }

  /**
   * Whether anything here has changed since it was last asked.
   * @param {readonly unknown[]} parts of the state that these tools show
   */
  isStale(parts) {
    const now = [...parts, currentLanguage(), this.dialogs.count];
    const stale = !isShallowEqual(now, this.#shown);
    this.#shown = now;
    return stale;
  }
}
