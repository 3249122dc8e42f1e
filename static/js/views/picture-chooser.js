/**
 * Choosing the picture, and how it enters: size, colour, range of values. Emits "cs-picture" with the key of
 * a picture, "cs-file" with a file, "cs-live" with a source of moving pictures, "cs-longest" with a side,
 * "cs-set" and "cs-cancel".
 */

import { t } from "../i18n/i18n.js";
import "./camera-still.js";
import { DialogView } from "./dialog.js";
import { element, emit, setAttributes, setText } from "./dom.js";
import { fillSelect } from "./settings.js";

/**
 * @typedef {object} Thumbnail
 * @property {string} key what the view calls the picture
 * @property {string} name
 * @property {string} url of a small version
 */

/**
 * @typedef {object} PictureForm
 * @property {number} longest side; 0 for the picture's own
 * @property {readonly { value: string, text: string }[]} sides
 * @property {"rgb" | "gray"} color
 * @property {"1" | "255"} range
 */

/**
 * @typedef {object} PictureChooserProps
 * @property {boolean} open
 * @property {readonly Thumbnail[]} pictures
 * @property {string} chosen key
 * @property {PictureForm | null} form how the picture enters; null where the model decides
 * @property {{ text: string, busy: boolean }} status what is under way or went wrong; empty text for nothing
 */

export class PictureChooser extends DialogView {
  #pictures = element("div", { class: "thumbnails", role: "group" });
  #file = element("input", { type: "file", accept: "image/*", hidden: true });
  #upload = element("button", { type: "button", class: "button" });
  #draw = element("button", { type: "button", class: "button" });
  #camera = element("button", { type: "button", class: "button" });
  #still = /** @type {import("./camera-still.js").CameraStill} */ (document.createElement("cs-camera-still"));
  #live = element("button", { type: "button", class: "button" });
  #film = element("button", { type: "button", class: "button" });
  /** Asked by its button alone: it need not stand in the dialog. */
  #filmFile = element("input", { type: "file", accept: "video/*" });
  #screen = element("button", { type: "button", class: "button" });
  #hint = element("p", { class: "note" });
  #status = element("p", { role: "status" });
  #cancel = element("button", { type: "button", class: "button" });
  #message = element("div", { class: "dialog-message" }, this.#status, this.#cancel);
  #size = new Choice((value) => emit(this, "cs-longest", { side: Number(value) }));
  #color = new Choice((color) => emit(this, "cs-set", { patch: { color } }));
  #range = new Choice((range) => emit(this, "cs-set", { patch: { range } }));
  #choices = element(
    "div",
    { class: "choices" },
    this.#size.element,
    this.#color.element,
    this.#range.element,
  );
  #built = "";

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    if (this.#pictures.isConnected) return;
    this.#upload.addEventListener("click", () => this.#file.click());
    this.#file.addEventListener("change", () => {
      const file = this.#file.files?.[0];
      if (file) emit(this, "cs-file", { file });
      // The same file may be chosen again after an error.
      this.#file.value = "";
    });
    this.#cancel.addEventListener("click", () => emit(this, "cs-cancel", {}));
    this.#draw.addEventListener("click", () => emit(this, "cs-draw", {}));
    const live = (/** @type {object} */ choice) => emit(this, "cs-live", { choice });
    this.#live.addEventListener("click", () => live({ kind: "camera" }));
    this.#screen.addEventListener("click", () => live({ kind: "screen" }));
    this.#screen.hidden = !("getDisplayMedia" in (navigator.mediaDevices ?? {}));
    this.#film.addEventListener("click", () => this.#filmFile.click());
    this.#filmFile.addEventListener("change", () => {
      const file = this.#filmFile.files?.[0];
      if (file) live({ kind: "file", file });
      this.#filmFile.value = "";
    });
    this.#still.hidden = true;
    this.#camera.addEventListener("click", () => {
      this.#still.hidden = false;
      void this.#still.start();
    });
    this.dialog.addEventListener("close", () => {
      this.#still.stop();
      this.#still.hidden = true;
    });
    this.body.append(
      this.#pictures,
      element("div", { class: "upload" }, this.#upload, this.#file, this.#draw, this.#camera, this.#hint),
      element("div", { class: "upload" }, this.#live, this.#film, this.#screen),
      this.#still,
      this.#message,
      this.#choices,
    );
  }

  /** @param {PictureChooserProps} props */
  update(props) {
    if (props.open) this.#update(props);
    this.show(props.open, t("picture.choose"));
  }

  /** @param {PictureChooserProps} props */
  #update({ pictures, chosen, form, status }) {
    const key = JSON.stringify(pictures);
    if (key !== this.#built) this.#build(pictures);
    this.#built = key;
    for (const button of this.#pictures.children) {
      setAttributes(button, { "aria-pressed": String(button.getAttribute("data-key") === chosen) });
    }
    setAttributes(this.#pictures, { "aria-label": t("picture.choose") });
    setText(this.#upload, t("picture.upload"));
    setText(this.#draw, t("draw.open"));
    setText(this.#camera, t("camera.open"));
    setText(this.#live, t("live.source.camera"));
    setText(this.#film, t("live.source.file"));
    setText(this.#screen, t("live.source.screen"));
    setText(this.#hint, t("picture.hint"));
    this.#message.hidden = status.text === "";
    setText(this.#status, status.text);
    this.#cancel.hidden = !status.busy;
    setText(this.#cancel, t("message.cancel"));
    this.#choices.hidden = form === null;
    if (!form) return;
    this.#size.update(t("picture.size"), form.sides, String(form.longest));
    this.#color.update(t("picture.color"), optionsOf("color", ["rgb", "gray"]), form.color);
    this.#range.update(t("picture.range"), optionsOf("range", ["1", "255"]), form.range);
  }

  /** @param {readonly Thumbnail[]} pictures */
  #build(pictures) {
    this.#pictures.replaceChildren(
      ...pictures.map(({ key, name, url }) => {
        const image = element("img", { src: url, alt: "", loading: "lazy", draggable: "false" });
        const button = element(
          "button",
          { type: "button", "data-key": key },
          image,
          element("span", {}, name),
        );
        button.addEventListener("click", () => emit(this, "cs-picture", { key }));
        return button;
      }),
    );
  }
}

/** A label and a word that opens a list. */
class Choice {
  #label = element("span", { class: "label" });
  #select = element("select", { class: "word" });
  element = element("label", { class: "choice" }, this.#label, this.#select);

  /** @param {(value: string) => void} choose */
  constructor(choose) {
    this.#select.addEventListener("change", () => choose(this.#select.value));
  }

  /**
   * @param {string} label
   * @param {readonly { value: string, text: string }[]} options
   * @param {string} value
   */
  update(label, options, value) {
    setText(this.#label, label);
    fillSelect(this.#select, options);
    this.#select.value = value;
  }
}

/**
 * @param {string} group
 * @param {readonly string[]} values
 */
function optionsOf(group, values) {
  return values.map((value) => ({ value, text: t(`picture.${group}s.${value}`) }));
}

customElements.define("cs-picture-chooser", PictureChooser);
