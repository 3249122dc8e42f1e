/**
 * One picture from the camera. Browsers give no camera to a page that came over plain http, except from the
 * machine itself: then this says so, and what to do.
 */

import { t } from "../i18n/i18n.js";
import { element, emit, setText } from "./dom.js";

const LONGEST = 1280;

export class CameraStill extends HTMLElement {
  #video = element("video", { playsinline: true, muted: true });
  #take = element("button", { type: "button", class: "button primary" });
  #status = element("p", { class: "note", role: "status" });
  /** @type {MediaStream | null} */
  #stream = null;

  connectedCallback() {
    if (this.#video.isConnected) return;
    this.append(this.#video, this.#status, this.#take);
    this.#take.addEventListener("click", () => this.#shoot());
  }

  disconnectedCallback() {
    this.stop();
  }

  async start() {
    setText(this.#take, t("camera.take"));
    this.#take.hidden = true;
    this.#video.hidden = true;
    if (!navigator.mediaDevices?.getUserMedia) {
      setText(this.#status, t("camera.insecure"));
      return;
    }
    setText(this.#status, t("camera.asking"));
    try {
      const video = { width: { ideal: LONGEST }, facingMode: "environment" };
      this.#stream = await navigator.mediaDevices.getUserMedia({ video });
      this.#video.srcObject = this.#stream;
      await this.#video.play();
      setText(this.#status, "");
      this.#video.hidden = false;
      this.#take.hidden = false;
    } catch (failure) {
      const name = failure instanceof DOMException ? failure.name : "";
      setText(this.#status, t(REASONS[name] ?? "camera.failed"));
    }
  }

  /** The light beside the camera goes out. */
  stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  #shoot() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const canvas = element("canvas", { width, height });
    canvas.getContext("2d")?.drawImage(this.#video, 0, 0);
    canvas.toBlob((blob) => {
      if (!blob) return;
      this.stop();
      emit(this, "cs-file", { file: new File([blob], t("camera.name"), { type: "image/jpeg" }) });
    }, "image/jpeg");
  }
}

/** @type {Record<string, string>} */
const REASONS = {
  NotAllowedError: "camera.refused",
  NotFoundError: "camera.none",
  NotReadableError: "camera.inUse",
};

customElements.define("cs-camera-still", CameraStill);
