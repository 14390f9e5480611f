/**
 * The picture of the network: nodes, links, and every message as a dot that travels.
 *
 * This file puts the parts together and is all that the rest of the page knows of them:
 * the layout (where nodes are), the view (which part is seen), the flights (what moves),
 * the painters (two canvases) and the input (pointer, wheel, touch).
 *
 * Events: `select` {key|null}, `hover` {key|null, x, y}, `picked` {from, to},
 * `pickcancelled`, `fieldclick`, `view`.
 */

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Key} Key */
/** @typedef {import("./clock.js").Clock} Clock */

export class Picture extends EventTarget {
  /** @param {{stage: HTMLElement, model: Model, clock: Clock}} parts */
  constructor({ stage, model, clock }) {
    super();
    this.stage = stage;
    this.model = model;
    this.clock = clock;
  }

  /** Mark a node as the chosen one; null: none. @param {Key|null} key */
  select(key) { this.selected = key; }

  /** Show everything, and keep showing it while the network grows. */
  fit() {}

  /** Compute all positions anew, from where every viewer starts. */
  relayout() {}

  /**
   * @param {{knows?: "none"|"selected"|"all", colour?: "state"|"degree"|"known",
   *          flight?: number}} options  flight: milliseconds a dot takes
   */
  setOptions(options) { this.options = options; }

  /** Pan so that a node can be seen. @param {Key} key */
  focusNode(key) { return key; }

  /** Let the person choose a target for a message from this node. @param {Key} fromKey */
  startPick(fromKey) { this.picking = fromKey; }

  cancelPick() { this.picking = null; }

  /** The colours of the page have changed. */
  refreshTheme() {}

  /** Show the path of one message; null: of none. @param {string|null} id */
  showMessage(id) { this.shown = id; }

  /**
   * Where a node is, in CSS pixels from the stage's top left corner.
   * @param {Key} key
   * @returns {{x: number, y: number}|null}
   */
  screenPosition(key) { return this.model.nodes.has(key) ? { x: 0, y: 0 } : null; }

  /** @returns {{fps: number, dots: number, frames: number, drawMs: number}} */
  stats() { return { fps: 0, dots: 0, frames: 0, drawMs: 0 }; }
}
