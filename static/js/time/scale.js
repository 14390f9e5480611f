/**
 * Which part of a recording the timeline shows, where a moment stands on it, and where its
 * marks of time are. No DOM.
 */

/** Steps of the marks of time, in milliseconds. */
const STEPS = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000,
];
/** The shortest part that can be shown. Milliseconds. */
export const LEAST = 5000;
/** Milliseconds of bars: the nicest step above this many pixels a bar. */
const BAR = 3;
/** Bars of one answer [docs/api.md]. */
const MOST = 600;

export class Scale {
  /** Milliseconds that are shown; Infinity: all of it. */
  span = 600_000;
  /** Where the shown part ends; null: at the end, wherever that is by now. @type {number|null} */
  end = null;
  /** The recording. */
  since = 0;
  until = 1;

  get to() {
    return this.end ?? this.until;
  }

  get from() {
    return this.to - Math.max(LEAST, Math.min(this.span, this.to - this.since));
  }

  /** @param {number} at @param {number} width */
  x(at, width) {
    return ((at - this.from) / (this.to - this.from)) * width;
  }

  /** @param {number} x @param {number} width */
  at(x, width) {
    return this.from + (x / Math.max(1, width)) * (this.to - this.from);
  }

  /** What is in sight stays where it is, whatever comes. */
  hold() {
    this.end = this.to;
  }

  /** Show so much, to the end. @param {number} span */
  choose(span) {
    this.span = span;
    this.end = null;
  }

  /** @param {number} at what stays where it is @param {number} factor above 1: less is shown */
  zoom(at, factor) {
    const { from, to } = this;
    const whole = Math.max(LEAST, this.until - this.since);
    const span = Math.min(whole, Math.max(LEAST, (to - from) / factor));
    const followed = this.end === null;
    const part = (to - at) / (to - from);
    this.span = span >= whole ? Infinity : span;
    // Who looks at the end goes on looking at the end.
    this.end = followed && part < 0.15 ? null : this.#inside(at + part * span, span);
  }

  /** @param {number} by milliseconds */
  pan(by) {
    const span = this.to - this.from;
    this.end = this.#inside(this.to + by, span);
  }

  /** Bring a moment into sight, if it is not. @param {number} at @returns {boolean} whether it moved */
  reveal(at) {
    const { from, to } = this;
    if (at >= from && at <= to) return false;
    const span = to - from;
    this.end = this.#inside(at < from ? at + span * 0.8 : at + span * 0.2, span);
    return true;
  }

  /** @param {number} end @param {number} span */
  #inside(end, span) {
    const held = Math.max(this.since + span, Math.min(this.until, end));
    return held >= this.until ? (this.end === null ? null : this.until) : held;
  }

  /**
   * Where the time is written.
   * @param {number} width @param {number} room pixels that one needs
   * @returns {number[]}
   */
  marks(width, room) {
    const { from, to } = this;
    const least = ((to - from) / Math.max(1, width)) * room;
    const step = STEPS.find((one) => one >= least) ?? STEPS[STEPS.length - 1];
    // By the wall clock of whoever looks: midnight is a mark, wherever he is.
    const shift = new Date(from).getTimezoneOffset() * 60_000;
    const found = [];
    for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to && found.length < 100; at += step) found.push(at);
    return found;
  }

  /** The bars to ask for, at places that do not move while time goes on. @param {number} width */
  bars(width) {
    const { from, to } = this;
    const least = Math.max(((to - from) / Math.max(1, width)) * BAR, (to - from) / (MOST - 1));
    const step = STEPS.find((one) => one >= least) ?? Math.ceil(least / 86_400_000) * 86_400_000;
    const start = Math.floor(from / step) * step;
    const points = Math.max(1, Math.ceil((to - start) / step));
    return { from: start, to: start + points * step, points };
  }
}
