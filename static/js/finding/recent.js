/**
 * What was used last, newest first, remembered by the browser: the palette begins with it.
 * What is read back may be anything, and what does not fit is as good as not there. No DOM.
 */

const ITEM = "p2p.recent";
/** So many are remembered [guess: more than anybody looks through]. */
const MOST = 12;
const LONGEST = 100;

export class Recent {
  #storage;
  /** @type {string[]} */
  #ids;

  /** @param {Pick<Storage, "getItem"|"setItem">} storage */
  constructor(storage) {
    this.#storage = storage;
    let stored = null;
    try {
      stored = JSON.parse(storage.getItem(ITEM) ?? "[]");
    } catch {
      stored = null; // not ours, or no storage: it begins empty
    }
    this.#ids = Array.isArray(stored)
      ? stored.filter((id) => typeof id === "string" && id.length <= LONGEST).slice(0, MOST) : [];
  }

  /** Newest first. @returns {readonly string[]} */
  get ids() {
    return this.#ids;
  }

  /** How recently: 0 is the newest; -1: not at all. @param {string} id */
  rank(id) {
    return this.#ids.indexOf(id);
  }

  /** @param {string} id */
  use(id) {
    if (id.length > LONGEST) return;
    this.#ids = [id, ...this.#ids.filter((other) => other !== id)].slice(0, MOST);
    try {
      this.#storage.setItem(ITEM, JSON.stringify(this.#ids));
    } catch (error) {
      console.info("what was used last is not remembered:", error); // full, or a private window
    }
  }
}
