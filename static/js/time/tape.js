/**
 * The recording, piece by piece: `GET /api/playback` (docs/api.md, "The past").
 *
 * A piece is a snapshot and the deltas after it, the very packets of the live stream, so the
 * model that shows the present shows the past as well. Pieces are asked for around the moment
 * that is wanted, and the last few are kept: a step back costs nothing. No DOM, no clock.
 *
 * @typedef {{at: number, number: number, told: Fact[]} & Record<string, any>} Packet  a delta,
 *   with what happened in it
 * @typedef {[type: string, node: number|null, other: number|null, message: string|null]} Fact
 * @typedef {{since: number, until: number, node: string|null, lost: number|null, why: string}} Hole
 *
 * @typedef {object} Piece
 * @property {number} from  its snapshot is of this moment, milliseconds
 * @property {number} to  and its deltas reach until here
 * @property {import("../types.d.ts").Snapshot} snapshot
 * @property {Packet[]} deltas
 * @property {Hole[]} holes  those of the whole recording, that touch this time
 * @property {number} since  the recording's beginning
 * @property {number} until  its end, as far as it was written when this was asked
 * @property {boolean} last  there is nothing after `to`, so far
 * @property {boolean} cut  what comes then does not follow from this: its snapshot counts
 * @property {boolean} growing  it is being written now, so there may be more later
 */

import { get as ask } from "../api.js";

/** Before the moment that is wanted, so that what was on its way then is on its way: a flight, its
 * trail and the cross of a failed one last no longer. Milliseconds. */
export const RUN_UP = 4000;
/** After it. Milliseconds [guess: two answers' time at any speed but the highest]. */
export const AHEAD = 6000;
/** Where nothing happens one looks further, at most so far at once. Milliseconds: an hour. */
const FARTHEST = 3_600_000;
/** Pieces that are kept [guess: some minutes]. */
const KEPT = 16;
/** ... and together no more deltas than these, but for one piece: some ten megabytes [guess]. */
const KEPT_DELTAS = 12_000;

export class Tape {
  #ask;
  /** Newest use first. @type {Piece[]} */
  #pieces = [];
  /** @type {string|null} the recording's id; null: what is being recorded now */
  run = null;

  /** @param {(path: string) => Promise<any>} [get] */
  constructor(get = ask) {
    this.#ask = get;
  }

  /** Another recording. @param {string|null} run */
  load(run) {
    if (run === this.run) return;
    this.run = run;
    this.forget();
  }

  /** What was asked for is asked for again. */
  forget() {
    this.#pieces = [];
  }

  /** The piece at hand that shows a moment with all that is on its way.
   * @param {number} at @returns {Piece|null} */
  at(at) {
    const found = this.#pieces.find(({ from, to, since }) =>
      (at >= from + RUN_UP || (from <= since && at >= from)) && at <= to);
    if (found === undefined) return null;
    this.#keep(found);
    return found;
  }

  /** A piece around a moment, or the nearest that there is.
   * @param {number} at @param {{ahead?: number, every?: number}} [wish] */
  async around(at, wish = {}) {
    const found = this.at(at) ?? await this.#fetch(at - RUN_UP, at + (wish.ahead ?? AHEAD), wish);
    // So much happened that the run-up alone was a whole answer: without it, then.
    return found.to < at && !found.last ? this.#fetch(at - 200, at + (wish.ahead ?? AHEAD), wish) : found;
  }

  /** The piece after another. @param {Piece} piece @param {{ahead?: number, every?: number}} [wish] */
  async after(piece, wish = {}) {
    const found = this.#pieces.find(({ from, to }) => from === piece.to && to > from);
    if (found !== undefined) {
      this.#keep(found);
      return found;
    }
    return this.#fetch(piece.to, piece.to + Math.min(FARTHEST, wish.ahead ?? AHEAD), wish);
  }

  /** The piece before another. @param {Piece} piece @param {{ahead?: number}} [wish] */
  async before(piece, wish = {}) {
    return this.#fetch(piece.from - Math.min(FARTHEST, wish.ahead ?? AHEAD), piece.from, {});
  }

  /** @param {number} from @param {number} to @param {{every?: number}} wish @returns {Promise<Piece>} */
  async #fetch(from, to, { every = 0 }) {
    const query = new URLSearchParams({ from: String(Math.max(0, Math.floor(from))), to: String(Math.max(0, Math.ceil(to))) });
    if (every >= 1) query.set("every", String(Math.min(1000, Math.round(every))));
    const run = this.run;
    if (run !== null) query.set("run", run);
    const piece = /** @type {Piece} */ (await this.#ask(`/api/playback?${query}`));
    if (run === this.run) this.#keep(piece);
    return piece;
  }

  /** @param {Piece} piece */
  #keep(piece) {
    // The end of what is being recorded grows: such a piece is asked for anew, not kept for ever.
    const others = this.#pieces.filter((other) => other !== piece && !(other.last && other.from === piece.from));
    this.#pieces = [piece, ...others].slice(0, KEPT);
    let weight = 0;
    const fit = this.#pieces.findIndex(({ deltas }, place) => (weight += deltas.length) > KEPT_DELTAS && place > 0);
    if (fit > 0) this.#pieces.length = fit;
  }
}
