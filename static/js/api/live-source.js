/**
 * Where pictures come from, one after the other: a camera, a video file, the screen. Browsers give the first
 * and the last only to pages of the machine itself or over https, and ask the reader.
 */

import { Problem } from "./client.js";

/**
 * @typedef {object} Choice of a source
 * @property {"camera" | "file" | "screen"} kind
 * @property {string} [device] id of a camera, where there are several
 * @property {File} [file]
 */

/** @typedef {{ id: string, label: string }} Device */

/** What browsers call the ways in which a camera is not to be had. @type {Readonly<Record<string, string>>} */
const REASONS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "inUse",
  AbortError: "inUse",
};

const FRAME_RATE = { ideal: 30 };
/** A camera's picture: small where the net is, since every pixel of it is painted and sent. */
const SMALL = { width: { ideal: 320 }, height: { ideal: 240 } };
const LARGE = { width: { ideal: 640 }, height: { ideal: 480 } };
/** Where browsers do not tell of new pictures, so often is looked for one. */
const LOOK_MS = 40;
const QUALITY = 0.85;
/** From one picture of a film to the next. */
const STEP_S = 1 / 25;

export class LiveSource {
  #video = document.createElement("video");
  #canvas = document.createElement("canvas");
  /** @type {MediaStream | null} */
  #stream = null;
  #url = "";
  #isOver = false;
  #timer = 0;
  kind;
  /** What the browser calls it. */
  label = "";
  /** Of a camera: which one it is, and which others there are. */
  device = "";
  /** @type {readonly Device[]} */
  devices = [];

  /** @param {Choice["kind"]} kind */
  constructor(kind) {
    this.kind = kind;
    this.#video.muted = true;
    this.#video.playsInline = true;
  }

  /**
   * @param {Choice} choice
   * @param {readonly number[]} needed rows and columns that its pictures are made into
   * @param {() => void} ended called if it ends by itself: unplugged, or no longer shared
   * @returns {Promise<LiveSource>}
   */
  static async open(choice, needed, ended) {
    const source = new LiveSource(choice.kind);
    try {
      if (choice.kind === "file") await source.#openFile(choice.file);
      else await source.#openStream(choice, needed, ended);
      return source;
    } catch (failure) {
      source.stop();
      throw failure instanceof Problem ? failure : new Problem(codeOf(choice.kind, failure), String(failure));
    }
  }

  get size() {
    return { width: this.#video.videoWidth, height: this.#video.videoHeight };
  }

  /**
   * @param {(seen: number) => void} act called for every new picture, with the time at which it was seen
   */
  watch(act) {
    const video = this.#video;
    if (!("requestVideoFrameCallback" in video)) {
      let last = -1;
      this.#timer = window.setInterval(() => {
        const { currentTime } = /** @type {HTMLVideoElement} */ (video);
        if (currentTime !== last && !document.hidden) act(performance.now());
        last = currentTime;
      }, LOOK_MS);
      return;
    }
    const next = () =>
      video.requestVideoFrameCallback((now, { captureTime }) => {
        if (this.#isOver) return;
        next();
        act(captureTime ?? now);
      });
    next();
  }

  /**
   * The picture that is there now, as a file.
   * @param {{ width: number, height: number }} size
   * @returns {Promise<Blob | null>}
   */
  take({ width, height }) {
    const canvas = this.#canvas;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    canvas.getContext("2d")?.drawImage(this.#video, 0, 0, width, height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  }

  /**
   * A film stands still where it is; a camera's light stays on, and nobody looks.
   * @param {boolean} wanted
   */
  rest(wanted) {
    if (this.kind !== "file") return;
    if (wanted) this.#video.pause();
    else void this.#video.play().catch(() => {});
  }

  /** Wait for a newer picture: of a film that rests, the next one. */
  step() {
    const video = this.#video;
    return new Promise((resolve) => {
      if (this.kind !== "file") {
        if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(resolve);
        else setTimeout(resolve, LOOK_MS);
        return;
      }
      video.addEventListener("seeked", resolve, { once: true });
      const later = video.currentTime + STEP_S;
      video.currentTime = later < video.duration ? later : 0;
    });
  }

  /** The light beside the camera goes out. */
  stop() {
    this.#isOver = true;
    clearInterval(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#video.pause();
    this.#video.srcObject = null;
    this.#video.removeAttribute("src");
    if (this.#url) URL.revokeObjectURL(this.#url);
  }

  /** @param {File} [file] */
  async #openFile(file) {
    if (!file) throw new Problem("live-file", "");
    this.label = file.name;
    this.#url = URL.createObjectURL(file);
    this.#video.loop = true;
    this.#video.src = this.#url;
    await this.#video.play();
    if (this.size.width === 0) throw new Problem("live-file", "");
  }

  /**
   * @param {Choice} choice
   * @param {readonly number[]} needed
   * @param {() => void} ended
   */
  async #openStream({ kind, device }, needed, ended) {
    const media = /** @type {MediaDevices | undefined} */ (navigator.mediaDevices);
    const isScreen = kind === "screen";
    if (!media?.getUserMedia) throw new Problem("live-insecure", "");
    if (isScreen && !media.getDisplayMedia) throw new Problem("live-noScreen", "");
    // A phone's back camera first: what one points at, rather than oneself.
    const size = Math.max(...needed) > SMALL.height.ideal ? LARGE : SMALL;
    const which = device ? { deviceId: { exact: device } } : { facingMode: "environment" };
    this.#stream = await (isScreen
      ? media.getDisplayMedia({ video: { frameRate: FRAME_RATE } })
      : media.getUserMedia({ video: { ...size, frameRate: FRAME_RATE, ...which } }));
    const [track] = this.#stream.getVideoTracks();
    track.addEventListener("ended", () => {
      if (!this.#isOver) ended();
    });
    this.label = track.label;
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    if (isScreen) return;
    this.device = track.getSettings().deviceId ?? "";
    const devices = await media.enumerateDevices();
    this.devices = devices
      .filter((each) => each.kind === "videoinput" && each.deviceId !== "")
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  }
}

/**
 * @param {Choice["kind"]} kind
 * @param {unknown} failure
 * @returns {string} of the problem
 */
function codeOf(kind, failure) {
  if (kind === "file") return "live-file";
  const reason = REASONS[failure instanceof DOMException ? failure.name : ""] ?? "failed";
  if (kind === "screen") return reason === "refused" ? "live-screenRefused" : "live-screenFailed";
  return `live-${reason}`;
}
