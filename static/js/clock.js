/**
 * The dashboard's time, read in the browser.
 *
 * Every packet says `at`, the dashboard's clock when it left. It arrives a little later, so
 * `at - local` is the offset of the clocks minus the time on the way: of many such samples
 * the *largest* is the nearest to the truth (the quickest packet). That is the filter of
 * NTP's "clock filter", RFC 5905 section 10, for one way.
 *
 * Samples of the last half to one minute count, so a clock that drifts or that NTP slews is
 * followed. The shown time never runs backwards for a small correction: it runs up to a
 * tenth faster or slower until it is right. More than a second off (the computer slept,
 * another dashboard answers) and it jumps.
 *
 * All motion on the page is a function of `now()`; who wants to pause or seek does it here.
 */

/** How long samples of one bucket are gathered; two buckets count. Milliseconds [guess]. */
const BUCKET = 30_000;
/** Correction per millisecond of running time [guess: too little to be seen]. */
const SLEW = 0.1;
/** A larger error is jumped over. Milliseconds [guess]. */
const JUMP = 1000;

export class Clock {
  #local;
  /** Largest sample of this bucket and of the one before. @type {number|null} */
  #best = null;
  /** @type {number|null} */
  #bestBefore = null;
  #bucketStart = 0;
  /** The offset in use, which follows the estimate. @type {number|null} */
  #offset = null;
  #readAt = 0;

  /** @param {() => number} local  a clock that never runs backwards, in milliseconds */
  constructor(local = () => performance.now()) {
    this.#local = local;
  }

  /** A packet came that left the dashboard at `at` (milliseconds). @param {number} at */
  observe(at) {
    if (!Number.isFinite(at)) return;
    const local = this.#local();
    const sample = at - local;
    if (this.#best !== null && local - this.#bucketStart > BUCKET) {
      this.#bestBefore = local - this.#bucketStart > 2 * BUCKET ? null : this.#best;
      this.#best = null;
    }
    if (this.#best === null) {
      this.#best = sample;
      this.#bucketStart = local;
    } else {
      this.#best = Math.max(this.#best, sample);
    }
    // Far below the best is no slow packet but another clock: forget the old one.
    if (this.#estimate() - sample > 10 * JUMP) {
      this.#best = sample;
      this.#bestBefore = null;
      this.#bucketStart = local;
    }
  }

  /** The dashboard's time, milliseconds since 1970. Before the first packet: this computer's. */
  now() {
    const local = this.#local();
    if (this.#best === null) return Date.now();
    const target = this.#estimate();
    if (this.#offset === null || Math.abs(target - this.#offset) > JUMP) {
      this.#offset = target;
    } else {
      const most = (local - this.#readAt) * SLEW;
      this.#offset += Math.max(-most, Math.min(most, target - this.#offset));
    }
    this.#readAt = local;
    return local + this.#offset;
  }

  #estimate() {
    return Math.max(this.#best ?? -Infinity, this.#bestBefore ?? -Infinity);
  }
}
