/**
 * Changes of the layout, taken back and done again.
 *
 * Before a change its maker says which nodes it is about (`remember`), and their places are kept.
 * Going back puts them there, and keeps where they are now for the way forward. So it does not
 * matter when a change ends: a new layout takes half a second, and may be taken back before.
 *
 * Places belong to nodes' ids: a node that is gone meanwhile is left out, and one that came is
 * not touched. No DOM.
 *
 * @typedef {import("../remembered.js").Spot} Spot
 * @typedef {{label: string, spots: Map<string, Spot>}} Step
 *
 * @typedef {object} Places  the layout
 * @property {(ids?: Iterable<string>) => Map<string, Spot>} spots  where they are, or are going to
 * @property {(spots: Map<string, Spot>) => void} restore
 */

/** Steps that are kept [guess]. */
const MOST = 50;

export class LayoutUndo {
  #places;
  /** @type {Step[]} */
  #back = [];
  /** @type {Step[]} */
  #forward = [];

  /** @param {Places} places */
  constructor(places) {
    this.#places = places;
  }

  /** What `undo` would take back; null: nothing. */
  get undoes() {
    return this.#back.at(-1)?.label ?? null;
  }

  get redoes() {
    return this.#forward.at(-1)?.label ?? null;
  }

  /**
   * The layout is about to be changed.
   * @param {string} label  what is done, for people
   * @param {Iterable<string>} [ids]  of the nodes that it is about; all
   */
  remember(label, ids) {
    this.#back.push({ label, spots: this.#places.spots(ids) });
    if (this.#back.length > MOST) this.#back.shift();
    this.#forward = [];
  }

  /** @returns {string|null} what was taken back */
  undo() {
    return this.#step(this.#back, this.#forward);
  }

  /** @returns {string|null} what was done again */
  redo() {
    return this.#step(this.#forward, this.#back);
  }

  /** Another run: nothing of the past is there any more. */
  clear() {
    this.#back = [];
    this.#forward = [];
  }

  /** @param {Step[]} from @param {Step[]} to */
  #step(from, to) {
    const step = from.pop();
    if (step === undefined) return null;
    to.push({ label: step.label, spots: this.#places.spots(step.spots.keys()) });
    this.#places.restore(step.spots);
    return step.label;
  }
}
