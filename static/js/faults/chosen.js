/**
 * Several nodes, chosen together for an act. Beside the one node that is open (`selection.js`): a
 * person can look at one of them without losing the others. No DOM.
 */

export class Chosen extends EventTarget {
  /** @type {Set<number>} */
  #keys = new Set();

  /** @returns {ReadonlySet<number>} */
  get keys() {
    return this.#keys;
  }

  get size() {
    return this.#keys.size;
  }

  /** @param {number} key */
  has(key) {
    return this.#keys.has(key);
  }

  /** @param {Iterable<number>} keys */
  set(keys) {
    const next = new Set(keys);
    if (next.size === this.#keys.size && [...next].every((key) => this.#keys.has(key))) return;
    this.#keys = next;
    this.dispatchEvent(new CustomEvent("change"));
  }

  /** @param {Iterable<number>} keys */
  add(keys) {
    this.set([...this.#keys, ...keys]);
  }

  /** @param {number} key */
  toggle(key) {
    const next = new Set(this.#keys);
    if (!next.delete(key)) next.add(key);
    this.set(next);
  }

  clear() {
    this.set([]);
  }

  /** Only those that are still there. @param {(key: number) => boolean} there */
  keep(there) {
    this.set([...this.#keys].filter(there));
  }
}
