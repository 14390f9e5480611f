/**
 * The page's time: which moment is shown, and how it runs.
 *
 * This is what the rest of the page uses, and all that it needs to know of time:
 *
 *     time.now()        the moment that is shown, in milliseconds since 1970 by the dashboard's
 *                       clock. Whatever moves or says "since" is a function of this
 *     time.mode         "live" or "past"
 *     time.run          the recording that is shown, by its id; null: the present one
 *     time.rate         how fast now() runs: 1 live, 0 when it stands, 0.1 in slow motion
 *     time.until(t)     real milliseconds until now() is t; Infinity where it will not be
 *     time.seek(t)      show another moment (a promise; what goes wrong is told, not thrown)
 *     time.follow(id)   go to where a message was sent and play it in slow motion
 *     time.live()       back to the present
 *     "change"          an event, when any of these has changed other than by running on;
 *                       detail {jump}: whether another moment is shown than would have come
 *
 * There is one code path. Live, packets come from the stream and the clock is the dashboard's.
 * In the past, the same packets come from the recording (tape.js) and the clock is this one,
 * which can stand, be slow, or jump; the model takes them as ever, and what flies is a function
 * of the time, as ever. The stream goes on meanwhile into a copy (feed.js).
 *
 * No DOM and no network of its own: clocks, tape and timers are handed in.
 */

import { TEXTS } from "../texts.js";
import { AHEAD } from "./tape.js";

/** @typedef {import("./tape.js").Piece} Piece */
/** @typedef {import("./tape.js").Packet} Packet */

/** How fast the past can run. */
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10];
/** What follows a message runs so fast: a hop takes seconds then [chosen by eye]. */
export const SLOW = 0.1;
/** Milliseconds of lead before a message that is followed sets out: at SLOW a second and a half. */
const LEAD = 150;
/** Real milliseconds between two steps of the past at least: a frame. */
const FRAME = 16;
/** Real milliseconds that must lie ahead, or more is asked for [guess: ten answers' time]. */
const AHEAD_LEAST = 1500;
/** Real milliseconds between two questions for what is being written only now. */
const AGAIN = 1000;
/** Nearer than this to the present, the past that is played is the present. Milliseconds. */
const CAUGHT_UP = 400;
/** What is being written is here a moment later; who has played all of it has caught up. */
const CAUGHT_UP_AT_END = 2000;
/** A hole longer than this is not played through. Milliseconds. */
const HOLE_SKIPPED = 3000;
/** Above this speed deltas are joined, so that one real frame has about one [a frame]. */
const JOINED_ABOVE = 2;
/** Pieces without a step that are looked through before a step is given up; each may be
 * an hour, or all that the dashboard looks at for one. */
const LOOKED_THROUGH = 12;

export class Time extends EventTarget {
  #clock;
  #model;
  #feed;
  #tape;
  #local;
  #timer;
  /** @type {"live"|"past"} */
  #mode = "live";
  #playing = true;
  #speed = 1;
  /** The moment that was shown at `#since`, by this computer's clock. */
  #at = 0;
  #since = 0;
  /** What is played now, and how many of its deltas have been. @type {Piece|null} */
  #piece = null;
  #index = 0;
  /** What comes then. @type {Piece|null} */
  #next = null;
  #fetching = false;
  #askedAt = -Infinity;
  /** What is wanted next: a moment, while another one is being fetched. @type {number|null} */
  #wanted = null;
  /** Counts questions, so that an old answer does not overrule a newer wish. */
  #wish = 0;
  #loading = false;
  /** @type {string|null} */
  #problem = null;
  /** @type {{id: string, until: number}|null} */
  #followed = null;
  /** @type {Packet|null} */
  #step = null;
  /** @type {any} */
  #alarm;
  /** When the last moment was asked for, by this computer's clock: for who measures. */
  wishedAt = 0;
  /** Whether there is a present to go back to; a dashboard that shows a file has none. */
  hasPresent = true;

  /**
   * @param {object} parts
   * @param {{now: () => number}} parts.clock  the dashboard's
   * @param {import("../model.js").Model} parts.model
   * @param {import("./feed.js").Feed} parts.feed
   * @param {import("./tape.js").Tape} parts.tape
   * @param {() => number} [parts.local]  milliseconds, never backwards
   * @param {{set: (run: () => void, wait: number) => any, clear: (timer: any) => void}} [parts.timer]
   */
  constructor({ clock, model, feed, tape, local = () => performance.now(), timer = {
    set: (run, wait) => setTimeout(run, wait), clear: (one) => clearTimeout(one),
  } }) {
    super();
    this.#clock = clock;
    this.#model = model;
    this.#feed = feed;
    this.#tape = tape;
    this.#local = local;
    this.#timer = timer;
  }

  // --- what is so -------------------------------------------------------------------------

  get mode() { return this.#mode; }
  get run() { return this.#tape.run; }
  /** Whether it runs, or would if what it needs were here. */
  get playing() { return this.#playing; }
  get speed() { return this.#mode === "live" ? 1 : this.#speed; }
  /** Whether what is to be shown is still being fetched. */
  get loading() { return this.#loading; }
  /** Why what was asked for cannot be shown, for people; null: nothing is wrong. */
  get problem() { return this.#problem; }
  /** The message that is followed. @returns {string|null} */
  get followed() { return this.#followed?.id ?? null; }
  /** The step at which time stands: what happened in it. @returns {Packet|null} */
  get step() { return this.#step; }
  /** What the recording reaches from and to, as far as is known here. */
  get reach() {
    const piece = this.#next ?? this.#piece;
    return piece === null ? null : { since: piece.since, until: piece.until, growing: piece.growing };
  }

  /** The hole in the recording that this moment is in. @returns {import("./tape.js").Hole|null} */
  get hole() {
    if (this.#mode === "live" || this.#piece === null) return null;
    const now = this.now();
    return this.#piece.holes.find(({ since, until }) => since < now && now < until) ?? null;
  }

  get rate() {
    if (this.#mode === "live") return 1;
    return this.#playing && !this.#loading && this.#piece !== null ? this.#speed : 0;
  }

  now() {
    if (this.#mode === "live") return this.#clock.now();
    const rate = this.rate;
    if (rate === 0) return this.#at;
    return Math.min(this.#at + (this.#local() - this.#since) * rate, Math.max(this.#at, this.#limit()));
  }

  /** @param {number} t */
  until(t) {
    const rate = this.rate;
    const left = t - this.now();
    return left <= 0 ? 0 : rate === 0 ? Infinity : left / rate;
  }

  // --- what a person does -----------------------------------------------------------------

  /** Stand still; live, at this very moment. */
  pause() {
    if (this.#mode === "live") this.#enter(this.#clock.now());
    this.#anchor();
    this.#playing = false;
    if (this.#wanted === null) this.#loading = false;
    this.#timer.clear(this.#alarm);
    this.#tell(false);
  }

  /** Go on from here. @returns {Promise<void>} */
  async play() {
    if (this.#mode === "live") return;
    const piece = this.#piece;
    if (piece !== null && this.#next === null && this.#over(piece) && this.#at >= piece.to) return this.seek(piece.since, { play: true });
    return this.seek(this.now(), { play: true });
  }

  /** @returns {Promise<void>} */
  async toggle() {
    if (this.#playing) this.pause();
    else await this.play();
  }

  /** Live, only what is slower makes a difference: the rest has not happened yet.
   * @param {number} speed @returns {Promise<void>} */
  async setSpeed(speed) {
    if (!(speed > 0)) return;
    if (this.#mode === "live") {
      if (speed >= 1) return;
      this.#speed = speed;
      return this.seek(this.#clock.now(), { play: true });
    }
    this.#anchor();
    this.#speed = speed;
    this.#schedule();
    this.#tell(false);
  }

  /** The next speed up or down. @param {1|-1} way @returns {Promise<void>} */
  async faster(way) {
    const place = SPEEDS.indexOf(this.speed);
    return this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, place + way))]);
  }

  /** The present. */
  live() {
    if (this.#mode === "live" || !this.hasPresent) return;
    this.#leave();
    this.#tape.load(null);
    this.#mode = "live";
    this.#playing = true;
    this.#speed = 1;
    this.#feed.release();
    this.#tell(true);
  }

  /** Another recording, or null: that of the present. It starts at its beginning.
   * @param {string|null} run @param {{at?: number, play?: boolean}} [how] */
  async open(run, { at = 0, play = true } = {}) {
    this.#enter(at);
    this.#leave();
    this.#tape.load(run);
    this.#speed = 1;
    return this.seek(at, { play });
  }

  /**
   * Show another moment; before the beginning it is the beginning, after the end the end.
   * @param {number} at milliseconds
   * @param {{play?: boolean}} [how]  whether time runs on from there; otherwise as it did
   */
  async seek(at, { play = this.#playing } = {}) {
    if (!Number.isFinite(at)) return;
    this.#enter(at);
    this.#anchor();
    this.#followed = null;
    this.#step = null;
    this.#playing = play;
    this.wishedAt = this.#local();
    return this.#go(at);
  }

  /**
   * To the next or the last thing that happened, and stand there.
   * @param {1|-1} way
   * @param {"event"|"message"} what
   */
  async stepBy(way, what = "event") {
    if (this.#mode === "live") this.pause();
    const from = this.now();
    this.#playing = false;
    this.#followed = null;
    const wish = ++this.#wish;
    this.#wanted = null;
    this.#fetching = false;
    await this.#attempt(wish, async () => {
      const piece = this.#piece ?? await this.#tape.around(from);
      const found = await this.#find(piece, from, way, what, wish);
      if (wish !== this.#wish) return;
      if (found === null) {
        this.#anchor(from);
        this.#problem = way > 0 ? TEXTS.time.nothingMore : TEXTS.time.nothingBefore;
        return;
      }
      // As `seek` does: what was on its way then has to be on its way.
      const around = this.#tape.at(found.at) ?? await this.#tape.around(found.at);
      if (wish !== this.#wish) return;
      this.#show(around, found.at);
      this.#step = found;
    });
  }

  /**
   * Go to where a message set out and play it in slow motion.
   * @param {{id: string, sent_at: number|null, queued_at: number|null, received_at: number|null}} message
   */
  async follow(message) {
    const sent = message.sent_at ?? message.queued_at ?? message.received_at;
    if (sent === null) return;
    this.#enter(sent - LEAD);
    this.#speed = SLOW;
    this.#playing = true;
    this.#step = null;
    this.#followed = { id: message.id, until: Infinity };
    return this.#go(sent - LEAD);
  }

  /** Follow nothing any more, wherever this is. */
  unfollow() {
    if (this.#followed === null) return;
    this.#followed = null;
    this.#tell(false);
  }

  /** What was wrong is tried again. */
  async retry() {
    if (this.#mode === "past") return this.#go(this.#at);
  }

  // --- how it is done ---------------------------------------------------------------------

  /** @param {number} at */
  #enter(at) {
    if (this.#mode === "past") return;
    this.#feed.hold();
    this.#mode = "past";
    this.#at = at;
    this.#since = this.#local();
  }

  #leave() {
    this.#timer.clear(this.#alarm);
    this.#wish += 1;
    this.#piece = this.#next = null;
    this.#followed = this.#step = this.#problem = null;
    this.#loading = this.#fetching = false;
    this.#wanted = null;
  }

  /** From here on, at the rate that will be. @param {number} [at] */
  #anchor(at = this.now()) {
    this.#at = at;
    this.#since = this.#local();
  }

  /** What is here reaches until this moment. */
  #limit() {
    return (this.#next ?? this.#piece)?.to ?? this.#at;
  }

  /** Whether nothing can come after a piece: the end of a recording that is not being written.
   * @param {Piece} piece */
  #over(piece) {
    return piece.last && !piece.growing;
  }

  /** @param {number} at */
  async #go(at) {
    const here = this.#tape.at(at);
    this.#fetching = false;
    if (here !== null) {
      this.#wish += 1;
      this.#wanted = null;
      this.#problem = null;
      this.#loading = false;
      this.#show(here, at);
      return;
    }
    this.#anchor(at);
    this.#loading = true;
    if (this.#wanted !== null) { // one question at a time: the last wish is answered next
      this.#wanted = at;
      this.#tell(true);
      return;
    }
    this.#wanted = at;
    this.#tell(true);
    const wish = ++this.#wish;
    await this.#attempt(wish, async () => {
      for (;;) {
        const wanted = this.#wanted ?? at;
        const piece = await this.#tape.around(wanted, this.#asked());
        if (wish !== this.#wish) return;
        const settled = this.#wanted === wanted;
        if (settled) this.#wanted = null;
        this.#show(piece, wanted, settled);
        if (settled) return;
        this.#loading = true;
      }
    });
  }

  /** Do something that asks the dashboard, and tell what became of it.
   * @param {number} wish @param {() => Promise<void>} run */
  async #attempt(wish, run) {
    this.#problem = null;
    try {
      await run();
    } catch (error) {
      if (wish !== this.#wish) return;
      this.#anchor(this.#at);
      this.#problem = sentence(error);
      this.#playing = false;
    }
    if (wish !== this.#wish) return;
    this.#wanted = null;
    this.#loading = false;
    this.#anchor(this.#at);
    this.#tell(false);
    this.#schedule();
  }

  /** What a question says besides the times: far enough for this speed, and not finer. */
  #asked() {
    const speed = Math.max(1, this.#speed);
    return { ahead: Math.min(60_000, AHEAD * speed), every: speed > JOINED_ABOVE ? FRAME * speed : 0 };
  }

  /**
   * @param {Piece} piece @param {number} wanted
   * @param {boolean} [settled]  false: another moment is wanted already
   */
  #show(piece, wanted, settled = true) {
    const at = Math.min(Math.max(wanted, piece.from), piece.to);
    this.#piece = piece;
    this.#next = null;
    this.#index = 0;
    this.#step = null;
    this.#anchor(at);
    this.#model.gather(() => {
      this.#model.applySnapshot(piece.snapshot, { at: piece.from, jump: true });
      this.#apply(at);
    });
    if (settled) this.#loading = false;
    this.#anchor(at);
    this.#tell(true);
    this.#schedule();
  }

  /** The packets until a moment. @param {number} at */
  #apply(at) {
    for (;;) {
      const piece = this.#piece;
      if (piece === null) return;
      const { deltas } = piece;
      for (; this.#index < deltas.length && deltas[this.#index].at <= at; this.#index += 1) {
        const packet = deltas[this.#index];
        this.#model.number = packet.number - 1; // pieces follow each other without a gap
        this.#model.applyDelta(packet, packet.at);
      }
      const next = this.#next;
      if (this.#index < deltas.length || next === null || at < piece.to) return;
      // After a hole, and in another life of the dashboard, nothing follows from what was.
      if (piece.cut) this.#model.applySnapshot(next.snapshot, { at: next.from });
      this.#piece = next;
      this.#next = null;
      this.#index = 0;
    }
  }

  #schedule() {
    this.#timer.clear(this.#alarm);
    if (this.rate === 0 || this.#piece === null) return;
    const due = this.#piece.deltas[this.#index]?.at ?? this.#limit();
    const wait = Math.min(250, Math.max(FRAME, this.until(due)));
    this.#alarm = this.#timer.set(() => this.#advance(), wait);
  }

  /** Time has passed. */
  #advance() {
    const now = this.now();
    this.#model.gather(() => this.#apply(now));
    const piece = this.#piece;
    if (piece === null) return;
    const end = this.#next ?? piece;
    const hole = this.hole;
    if (hole !== null && hole.until - now > HOLE_SKIPPED) {
      void this.#go(hole.until + 1);
      return;
    }
    if (this.#followed !== null && now >= this.#followed.until) {
      this.#followed = null;
      return this.pause();
    }
    const behind = this.#clock.now() - now;
    const ended = now >= end.to && end.last;
    if (end.growing && this.#speed >= 1 && this.#feed.present.number !== null
      && behind < (ended ? CAUGHT_UP_AT_END : CAUGHT_UP)) return this.live();
    if (this.#over(end)) {
      if (now >= end.to) return this.pause();
    } else {
      if (now >= end.to) {
        this.#anchor(now);
        this.#loading = true;
        this.#tell(false);
        void this.#more(end);
        return; // what comes then wakes it
      }
      if (end.to - now < AHEAD_LEAST * this.#speed) void this.#more(end);
    }
    this.#schedule();
  }

  /** What comes after a piece. @param {Piece} end */
  async #more(end) {
    if (this.#fetching || this.#next !== null) return;
    const early = this.#askedAt + AGAIN - this.#local();
    if (early > 0 && (end.last || this.#problem !== null)) return this.#again(end, early);
    this.#fetching = true;
    this.#askedAt = this.#local();
    const wish = this.#wish;
    let problem = null;
    try {
      const next = await this.#tape.after(end, this.#asked());
      if (wish === this.#wish && next.to > end.to) this.#next = next;
    } catch (error) {
      problem = sentence(error);
    }
    if (wish !== this.#wish) return;
    this.#fetching = false;
    const told = problem !== this.#problem || this.#loading;
    this.#problem = problem;
    if (this.#loading && this.#next !== null) {
      this.#loading = false;
      this.#anchor(this.#at);
    }
    if (told) this.#tell(false);
    if (this.#loading) this.#again(end, AGAIN);
    else this.#schedule();
  }

  /** Time stands because nothing is here to go on with: ask again. @param {Piece} end @param {number} wait */
  #again(end, wait) {
    if (!this.#loading || !this.#playing) return;
    this.#timer.clear(this.#alarm);
    this.#alarm = this.#timer.set(() => void this.#more(end), wait);
  }

  /**
   * The next packet that has what is looked for.
   * @param {Piece} start @param {number} from @param {1|-1} way @param {"event"|"message"} what
   * @param {number} wish
   * @returns {Promise<Packet|null>}
   */
  async #find(start, from, way, what, wish) {
    const fits = (/** @type {Packet} */ { at, told }) => (way > 0 ? at > from : at < from)
      && told.some(([type]) => what === "event" || SENDS.has(type));
    let piece = start;
    let ahead = AHEAD;
    for (let looked = 0; looked < LOOKED_THROUGH; looked += 1) {
      const found = way > 0 ? piece.deltas.find(fits) : piece.deltas.findLast(fits);
      if (found !== undefined) return found;
      if (way > 0 ? piece.last : piece.from <= piece.since) return null;
      if (wish !== this.#wish) return null;
      piece = way > 0 ? await this.#tape.after(piece, { ahead }) : await this.#tape.before(piece, { ahead });
      ahead *= 5;
    }
    return null;
  }

  /** @param {number} until  when the followed message has been seen to arrive */
  followUntil(until) {
    if (this.#followed !== null) this.#followed.until = until;
  }

  /** @param {boolean} jump */
  #tell(jump) {
    this.dispatchEvent(new CustomEvent("change", { detail: { jump } }));
  }
}

/** What counts as a message setting out. */
const SENDS = new Set(["message.sent", "broadcast.sent"]);

/** @param {unknown} error */
function sentence(error) {
  const text = error instanceof Error ? error.message : String(error);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
