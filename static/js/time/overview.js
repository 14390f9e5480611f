/**
 * The recording at a glance, as the dashboard counts it (`GET /api/timeline`): asked for when
 * another part is looked at, and, where it grows, when something has happened, now and then.
 */

import { ApiFailure, get } from "../api.js";
import { paced } from "../panel/dom.js";

/** Real milliseconds between two questions while the recording grows [guess: bars that come a
 * little late are still bars; the dashboard counts only what is new]. */
const EVERY = 3000;

/**
 * @typedef {object} Glance
 * @property {number} since @property {number} until @property {boolean} growing
 * @property {number} from @property {number} to @property {number} step milliseconds of a bar
 * @property {number[]} sent @property {number[]} failed
 * @property {import("./words.js").Mark[]} marks
 * @property {import("./tape.js").Hole[]} holes
 */

export class Overview extends EventTarget {
  #time;
  #scale;
  #width = 400;
  #asking = new AbortController();
  #asked = "";
  /** Nothing is recorded here, so nothing is asked for again. */
  #none = false;
  /** @type {Glance|null} */
  glance = null;
  /** Why there is none, for people. */
  problem = "";
  #soon;

  /** @param {{time: import("./time.js").Time, scale: import("./scale.js").Scale}} parts */
  constructor({ time, scale }) {
    super();
    this.#time = time;
    this.#scale = scale;
    this.#soon = paced(() => void this.#ask(), EVERY);
  }

  /** Another part is looked at, or another recording. @param {number} width */
  look(width) {
    this.#width = width;
    const { from, to, points } = this.#scale.bars(width);
    const wish = `${this.#time.run} ${from} ${to} ${points}`;
    if (wish !== this.#asked && !this.#none) void this.#ask();
  }

  /** Something has happened. */
  grow() {
    if (!this.#none) this.#soon();
  }

  async #ask() {
    const run = this.#time.run;
    const first = this.glance === null || this.#asked.split(" ")[0] !== String(run);
    const { from, to, points } = this.#scale.bars(this.#width);
    const query = new URLSearchParams();
    if (!first) for (const [name, value] of Object.entries({ from, to, points })) query.set(name, String(Math.max(0, value)));
    if (run !== null) query.set("run", run);
    this.#asked = first ? `${run}` : `${run} ${from} ${to} ${points}`;
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    try {
      const glance = await get(`/api/timeline?${query}`, signal);
      if (signal.aborted) return;
      this.glance = glance;
      this.#scale.since = glance.since;
      this.#scale.until = Math.max(glance.until, glance.since + 1);
      this.problem = "";
      if (first) {
        this.look(this.#width); // now that its ends are known
      }
    } catch (error) {
      if (signal.aborted) return;
      this.problem = error instanceof Error ? error.message : String(error);
      if (first) this.glance = null;
      this.#asked = "";
      this.#none = run === null && error instanceof ApiFailure && error.status === 404;
    }
    this.dispatchEvent(new CustomEvent("change", { detail: { first } }));
  }
}
