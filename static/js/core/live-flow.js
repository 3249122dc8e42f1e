/**
 * The flow of pictures from a camera to the server and back: at most two are under way, the newest waits, and
 * there is never a queue. So the delay stays bounded, however slow the network or the machine.
 */

/** Frames between here and the server and back: one that travels while the other is computed. */
export const MOST_UNDER_WAY = 2;
/** Without an answer for so long the connection counts as lost. */
const STALLED_MS = 10_000;
/** What is called the present: frames a second and the delay are those of this time. */
const PRESENT_MS = 2000;

/**
 * @typedef {object} Figures
 * @property {number} rate frames drawn per second, at present
 * @property {number | null} delay_ms from the camera to the screen, the median at present
 * @property {number} dropped pictures that found no room here and were overtaken by newer ones
 * @property {number} skipped pictures that were overtaken at the server
 */

export class LiveFlow {
  #last = 0;
  #dropped = 0;
  #skipped = 0;
  /** Frames under way: when they were seen by the camera, and when they were taken. @type {Map<number, { seen: number, taken: number }>} */
  #underWay = new Map();
  /** When the picture that waits was seen by the camera. @type {number | null} */
  #waiting = null;
  /** @type {{ at: number, delay: number }[]} */
  #drawn = [];

  get underWay() {
    return this.#underWay.size;
  }

  /**
   * A new picture stands before the camera: it takes the place of any that still waits.
   * @param {number} seen when, ms
   */
  offer(seen) {
    if (this.#waiting !== null) this.#dropped += 1;
    this.#waiting = seen;
  }

  /**
   * The picture that waits, if there is one and room for it.
   * @param {number} now
   * @returns {number | null} its number
   */
  next(now) {
    if (this.#waiting === null || this.#underWay.size >= MOST_UNDER_WAY) return null;
    this.#last += 1;
    this.#underWay.set(this.#last, { seen: this.#waiting, taken: now });
    this.#waiting = null;
    return this.#last;
  }

  /**
   * An answer, or a problem instead of one: no older frame will be answered any more.
   * @param {number} frame
   * @param {number} [skipped] how many the server left out since its last answer
   * @returns {number | null} when the camera saw it; null for one that is not waited for
   */
  answered(frame, skipped = 0) {
    const seen = this.#underWay.get(frame)?.seen ?? null;
    for (const number of this.#underWay.keys()) if (number <= frame) this.#underWay.delete(number);
    this.#skipped += skipped;
    return seen;
  }

  /**
   * A frame that could not be sent after all.
   * @param {number} frame
   */
  giveUp(frame) {
    if (this.#underWay.delete(frame)) this.#dropped += 1;
  }

  /**
   * @param {number} seen by the camera
   * @param {number} now
   */
  drawn(seen, now) {
    this.#drawn.push({ at: now, delay: now - seen });
    this.#forget(now);
  }

  /**
   * @param {number} now
   * @returns {boolean} the oldest frame under way has waited too long
   */
  isStalled(now) {
    for (const { taken } of this.#underWay.values()) return now - taken > STALLED_MS;
    return false;
  }

  /** Nothing is under way any more: the connection was lost, or the camera rests. The counts go on. */
  rest() {
    this.#underWay.clear();
    this.#waiting = null;
    this.#drawn = [];
  }

  /**
   * @param {number} now
   * @returns {Figures}
   */
  figures(now) {
    this.#forget(now);
    const delays = this.#drawn.map(({ delay }) => delay).sort((a, b) => a - b);
    const since = this.#drawn.length > 1 ? now - this.#drawn[0].at : 0;
    return {
      rate: since > 0 ? ((this.#drawn.length - 1) * 1000) / since : 0,
      delay_ms: delays.length > 0 ? delays[delays.length >> 1] : null,
      dropped: this.#dropped,
      skipped: this.#skipped,
    };
  }

  /** @param {number} now */
  #forget(now) {
    const first = this.#drawn.findIndex(({ at }) => now - at <= PRESENT_MS);
    this.#drawn.splice(0, first < 0 ? this.#drawn.length : first);
  }
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * How long to wait before a lost connection is tried again: twice as long every time, and never all at once.
 * @param {number} attempt from 0
 * @param {number} chance 0 … 1
 * @returns {number} ms
 */
export function backoff_ms(attempt, chance) {
  const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  return whole * (0.8 + 0.4 * chance);
}
