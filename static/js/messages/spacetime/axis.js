/**
 * Time along the diagram: milliseconds of the day to places, with the idle times folded.
 *
 * Three messages of some milliseconds in ten minutes would be three dots on a straight axis.
 * So where nothing happens for long, compared with all in which something does, the time
 * between is folded to a narrow strip, which says how long it was. Between two folds time is
 * straight; a place is in *units*, which are milliseconds but for the folds. No DOM.
 *
 * @typedef {{from: number, to: number, at: number, length: number, folded: boolean}} Stretch
 *   from, to: milliseconds; at, length: units
 */

/** An idle time longer than this part of all busy times is folded [chosen by eye]. */
const IDLE = 0.25;
/** All folds together take this part of what is not folded [chosen by eye]. */
const STRIPS = 0.35;
/** Free room before the first arrow and behind the last, as a part of all. */
const ROOM = 0.04;
/** Nothing is shorter than this: times are whole milliseconds. */
const LEAST = 2;

export class Axis {
  /** @type {Stretch[]} */
  stretches = [];
  length = 1;

  /**
   * @param {Iterable<[number, number]>} spans  when something happens, in milliseconds
   * @param {boolean} fold
   */
  constructor(spans, fold) {
    const busy = merged(spans);
    if (busy.length === 0) busy.push([0, LEAST]);
    const sum = busy.reduce((all, [from, to]) => all + to - from, 0);
    const gaps = busy.slice(1).map(([from], index) => from - busy[index][1]);
    // Short idle times count as busy, one after the other, the shortest first: with steady
    // traffic nothing is folded at all.
    let real = sum;
    let least = Infinity;
    for (const gap of [...gaps].sort((a, b) => a - b)) {
      if (gap > IDLE * real) {
        least = gap;
        break;
      }
      real += gap;
    }
    const folds = fold ? gaps.filter((gap) => gap >= least).length : 0;
    const strip = folds === 0 ? 0 : (STRIPS * real) / (folds + 1);
    const room = ROOM * (fold ? real * (1 + (folds === 0 ? 0 : STRIPS)) : busy[busy.length - 1][1] - busy[0][0]);
    let at = 0;
    let begin = busy[0][0] - room;
    const close = (/** @type {number} */ to) => {
      this.stretches.push({ from: begin, to, at, length: to - begin, folded: false });
      at += to - begin;
    };
    gaps.forEach((gap, index) => {
      if (folds === 0 || gap < least) return;
      const [before, after] = [busy[index][1], busy[index + 1][0]];
      // A little of the idle time stays on both sides, so that arrows do not touch the strip.
      const rim = Math.min(gap / 4, strip / 4);
      close(before + rim);
      this.stretches.push({ from: before + rim, to: after - rim, at, length: strip, folded: true });
      at += strip;
      begin = after - rim;
    });
    close(busy[busy.length - 1][1] + room);
    this.length = at;
  }

  get from() { return this.stretches[0].from; }
  get to() { return this.stretches[this.stretches.length - 1].to; }

  /** @param {number} time milliseconds @returns {number} units */
  place(time) {
    const { from, to, at, length } = this.#stretch((one) => one.to >= time);
    return at + ((time - from) / (to - from || 1)) * length;
  }

  /** @param {number} place units @returns {number} milliseconds */
  time(place) {
    const { from, to, at, length } = this.#stretch((one) => one.at + one.length >= place);
    return from + ((place - at) / (length || 1)) * (to - from);
  }

  /** The first stretch of which something is so, else the last. @param {(one: Stretch) => boolean} test */
  #stretch(test) {
    let [low, high] = [0, this.stretches.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (test(this.stretches[middle])) high = middle;
      else low = middle + 1;
    }
    return this.stretches[low];
  }
}

/** @param {Iterable<[number, number]>} spans */
function merged(spans) {
  const sorted = [...spans].map(([from, to]) => /** @type {[number, number]} */ ([from - LEAST / 2, Math.max(to, from) + LEAST / 2])).sort((a, b) => a[0] - b[0]);
  const found = /** @type {[number, number][]} */ ([]);
  for (const [from, to] of sorted) {
    const last = found[found.length - 1];
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else found.push([from, to]);
  }
  return found;
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 21_600_000, 86_400_000];

/** The round step whose ticks are at least so far apart. @param {number} least milliseconds */
export function stepOf(least) {
  return STEPS.find((step) => step >= least) ?? STEPS[STEPS.length - 1] * Math.ceil(least / STEPS[STEPS.length - 1]);
}

/**
 * Which part of the axis is seen, in units, and how it changes.
 */
export class Window {
  from = 0;
  length = 1;
  /** Whether it shows everything by itself, until the person zooms or pans. */
  whole = true;
  #axis = /** @type {Axis|null} */ (null);

  /** @param {Axis} axis another one: what is looked at stays where it is */
  on(axis) {
    const before = this.#axis;
    this.#axis = axis;
    if (this.whole || before === null) return this.fit();
    const [from, to] = [before.time(this.from), before.time(this.from + this.length)].map((time) => axis.place(time));
    if (to > from) [this.from, this.length] = [from, to - from];
    this.#bound();
    return undefined;
  }

  fit() {
    this.whole = true;
    this.from = 0;
    this.length = this.#axis?.length ?? 1;
  }

  /** @param {number} factor below 1: nearer @param {number} at 0 … 1, from the left: what stays in place */
  zoom(factor, at) {
    const whole = this.#axis?.length ?? 1;
    const length = Math.min(whole, Math.max(Math.min(0.5, whole), this.length * factor));
    this.from += (this.length - length) * at;
    this.length = length;
    this.whole = length >= whole;
    this.#bound();
  }

  /** @param {number} part of what is seen */
  pan(part) {
    this.from += part * this.length;
    if (this.length < (this.#axis?.length ?? 1)) this.whole = false;
    this.#bound();
  }

  /** Bring a stretch into sight. @param {number} from units @param {number} to */
  reveal(from, to) {
    if (from >= this.from && to <= this.from + this.length) return;
    const middle = (from + to) / 2;
    this.length = Math.max(this.length, Math.min(this.#axis?.length ?? 1, (to - from) * 1.5));
    this.from = middle - this.length / 2;
    this.#bound();
  }

  #bound() {
    const whole = this.#axis?.length ?? 1;
    this.from = Math.min(Math.max(0, this.from), Math.max(0, whole - this.length));
  }
}
