/**
 * How many hops the links would need from one node to another: what a way is measured by.
 * Breadth first, remembered for each start until the links change. No DOM.
 *
 * @typedef {import("../model.js").Key} Key
 * @typedef {Pick<import("../model.js").Model, "linksVersion"|"neighbours">} Links
 */

export class Ways {
  #links;
  #version = -1;
  /** @type {Map<Key, Map<Key, number>>} */
  #from = new Map();

  /** @param {Links} links */
  constructor(links) {
    this.#links = links;
  }

  /** Null: there is no way, or one end is not there. @param {Key|null} from @param {Key|null} to @returns {number|null} */
  shortest(from, to) {
    if (from === null || to === null) return null;
    if (this.#version !== this.#links.linksVersion) {
      this.#version = this.#links.linksVersion;
      this.#from.clear();
    }
    let far = this.#from.get(from);
    if (far === undefined) this.#from.set(from, far = this.#spread(from));
    return far.get(to) ?? null;
  }

  /** @param {Key} from */
  #spread(from) {
    const far = new Map([[from, 0]]);
    let rim = [from];
    for (let step = 1; rim.length > 0; step += 1) {
      const next = [];
      for (const here of rim) {
        for (const other of this.#links.neighbours(here)) {
          if (far.has(other)) continue;
          far.set(other, step);
          next.push(other);
        }
      }
      rim = next;
    }
    return far;
  }
}
