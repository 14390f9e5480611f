/**
 * Who is who, also among those who are gone.
 *
 * The dashboard gives each node a key, a small number that another life of the dashboard gives
 * to somebody else; what it tells of the past names nodes by their ids. So whoever was once
 * seen is remembered here with its name, and who is known from the past only gets a key of the
 * page's own, below zero. No DOM.
 *
 * @typedef {import("../model.js").Key} Key
 */

/** Nodes remembered: a thousand, twenty times renamed [as the dashboard's own book]. */
const MOST = 20_000;

export class Names {
  /** @type {Map<Key, {id: string, name: string}>} */
  #known = new Map();
  /** @type {Map<string, Key>} */
  #keys = new Map();
  #next = -1;

  /** @param {Iterable<{key: Key, id: string, name: string}>} nodes */
  learn(nodes) {
    for (const { key, id, name } of nodes) {
      if (this.#known.get(key)?.name === name) continue;
      if (this.#known.size >= MOST && !this.#known.has(key)) return;
      this.#known.set(key, { id, name });
      this.#keys.set(id, key);
    }
  }

  /** Keys mean other nodes from now on. */
  clear() {
    this.#known.clear();
    this.#keys.clear();
    this.#next = -1;
  }

  /** @param {Key|null} key */
  of(key) {
    return key === null ? undefined : this.#known.get(key)?.name;
  }

  /** @param {Key|null} key */
  idOf(key) {
    return key === null ? undefined : this.#known.get(key)?.id;
  }

  /** The key of a node that the past tells of. @param {{id: string, name: string}} node @returns {Key|null} */
  keyFor({ id, name }) {
    const key = this.#keys.get(id);
    if (key !== undefined) return key;
    if (this.#known.size >= MOST) return null;
    const made = this.#next--;
    this.#known.set(made, { id, name });
    this.#keys.set(id, made);
    return made;
  }

  /** All names, each once. */
  all() {
    return [...new Set([...this.#known.values()].map(({ name }) => name))];
  }
}
