/**
 * What is chosen: one node, one message, or nothing. Every panel shows the same choice.
 */

export class Selection extends EventTarget {
  /** @type {number|null} key of the chosen node */
  node = null;
  /** @type {string|null} id of the chosen message */
  message = null;

  /** @param {number|null} key */
  chooseNode(key) {
    if (this.node === key) return;
    this.node = key;
    this.dispatchEvent(new CustomEvent("node", { detail: { key } }));
  }

  /** @param {string|null} id */
  chooseMessage(id) {
    if (this.message === id) return;
    this.message = id;
    this.dispatchEvent(new CustomEvent("message", { detail: { id } }));
  }
}
