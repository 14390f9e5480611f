/**
 * Messages from before the page was opened, and from before the newest that the dashboard
 * keeps at hand: fetched from its history, a page at a time, the newest first.
 *
 * A page names nodes by their place in a table of its own, since their keys belong to a life
 * of the dashboard; they become keys of this page here. No DOM.
 *
 * @typedef {import("../model.js").MessageView} MessageView
 * @typedef {MessageView & {shortest: number|null}} OldView
 */

/** Messages of one page [docs/api.md: at most 2000]. */
export const PAGE = 2000;

export class Older extends EventTarget {
  /** Whether there is nothing before what was fetched. */
  atEnd = false;
  /** Whether a page is on its way. */
  busy = false;
  /** Whether pages are fetched until the end. */
  all = false;
  /** Why the last page did not come; null: it did. @type {string|null} */
  problem = null;
  /** Up to when the past has been fetched, milliseconds; null: not yet. @type {number|null} */
  since = null;
  /** @type {string|null} */
  #next = null;
  #store;
  #names;
  #get;
  #epoch = 0;

  /**
   * @param {{store: import("./store.js").Store, names: import("./names.js").Names,
   *   get: (path: string) => Promise<any>}} parts
   */
  constructor({ store, names, get }) {
    super();
    this.#store = store;
    this.#names = names;
    this.#get = get;
  }

  /** Another run: begin at its end. */
  clear() {
    this.#epoch += 1; // what is on its way is not wanted any more
    this.atEnd = this.busy = this.all = false;
    this.problem = this.since = this.#next = null;
  }

  /** Whether another page can be asked for. */
  get possible() {
    return !this.atEnd && this.#store.room > 0;
  }

  /** Fetch until everything is here, or there is no more room. */
  async fetchAll() {
    this.all = true;
    while (this.all && this.possible) {
      if (!(await this.fetch())) break;
    }
    this.all = false;
    this.#tell(null);
  }

  /** Fetch no further. */
  stop() {
    this.all = false;
    this.#tell(null);
  }

  /** Fetch one page. @returns {Promise<boolean>} whether it came */
  async fetch() {
    if (this.busy || !this.possible) return false;
    const epoch = this.#epoch;
    this.busy = true;
    this.problem = null;
    this.#tell(null);
    try {
      const place = this.#next === null ? "" : `&before=${encodeURIComponent(this.#next)}`;
      const page = await this.#get(`/api/history/messages?limit=${Math.min(PAGE, Math.max(1, this.#store.room))}${place}`);
      if (epoch !== this.#epoch) return false;
      this.#next = page.next;
      this.atEnd = page.next === null;
      this.since = page.since ?? this.since;
      this.busy = false;
      this.#tell(this.#store.take(this.#translated(page), { older: true, shortest: (view) => /** @type {OldView} */ (view).shortest ?? null }));
      return true;
    } catch (error) {
      if (epoch !== this.#epoch) return false;
      this.busy = false;
      this.problem = error instanceof Error ? error.message : String(error);
      if (/** @type {{status?: number}} */ (error).status === 404) {
        // A dashboard that keeps no history, or a run that has nothing yet.
        this.atEnd = true;
      }
      this.#tell(null);
      return false;
    }
  }

  /** @param {{nodes: {id: string, name: string}[], messages: any[]}} page @returns {OldView[]} */
  #translated({ nodes, messages }) {
    const keys = nodes.map((node) => this.#names.keyFor(node));
    const key = (/** @type {number|null} */ index) => (index === null ? null : keys[index] ?? null);
    return messages.map((told) => ({
      ...told, from: key(told.from), to: key(told.to), path_at: 0,
      path: told.path.map((/** @type {import("../model.js").Leg} */ [from, to, at]) => [key(from), key(to), at]),
    }));
  }

  /** @param {import("./store.js").Difference|null} difference */
  #tell(difference) {
    this.dispatchEvent(new CustomEvent("change", { detail: { difference } }));
  }
}
