/**
 * Where the live stream goes: into the model that is shown, or, while another moment is shown,
 * into a copy that goes on by itself. So the past is not disturbed, nothing is lost, and going
 * live again needs nobody's answer.
 *
 * Meanwhile it counts what is new, for "312 new". No DOM, no clock.
 */

/** @typedef {import("../model.js").Model} Model */

export class Feed extends EventTarget {
  #shown;
  /** What goes on meanwhile; null while the stream is what is shown. @type {Model|null} */
  #aside = null;
  /** New messages since, and nodes that came, died or are back. */
  #messages = 0;
  #nodes = 0;
  #total = 0;
  /** @type {string|null} */
  #run = null;

  /** @param {Model} shown */
  constructor(shown) {
    super();
    this.#shown = shown;
  }

  /** Whether the stream is kept from what is shown. */
  get held() {
    return this.#aside !== null;
  }

  /** The present, whether it is shown or not. */
  get present() {
    return this.#aside ?? this.#shown;
  }

  /** What happened since the stream was held. */
  get missed() {
    return { messages: this.#messages, nodes: this.#nodes };
  }

  /** From now on another moment is shown. */
  hold() {
    if (this.#aside !== null) return;
    this.#aside = this.#shown.copy();
    this.#messages = this.#nodes = 0;
    this.#total = this.#aside.summary?.messages ?? 0;
    this.#run = this.#aside.run;
  }

  /** The present is shown again. */
  release() {
    if (this.#aside === null) return;
    const present = this.#aside;
    this.#aside = null;
    if (present.number !== null) this.#shown.become(present);
  }

  /** As the model's own, for whoever receives the stream. @param {import("../types.d.ts").Snapshot} packet */
  applySnapshot(packet) {
    const model = this.present;
    const before = this.#aside === null ? null : states(model);
    model.applySnapshot(packet);
    this.#count(before, [...model.nodes.values()]);
  }

  /** @param {import("../types.d.ts").Delta} packet @returns {boolean} */
  applyDelta(packet) {
    const model = this.present;
    const before = this.#aside === null || packet.nodes === undefined ? null : states(model);
    const applied = model.applyDelta(packet);
    if (applied) this.#count(before, packet.nodes ?? []);
    return applied;
  }

  /** @param {Map<string, string>|null} before @param {import("../model.js").NodeView[]} told */
  #count(before, told) {
    const model = this.#aside;
    if (model === null) return;
    const total = model.summary?.messages ?? 0;
    // Another dashboard, or the same one started anew, counts from the beginning.
    this.#messages += model.run === this.#run ? Math.max(0, total - this.#total) : total;
    this.#total = total;
    this.#run = model.run;
    for (const { id, state } of before === null ? [] : told) {
      if (before?.get(id) !== state) this.#nodes += 1;
    }
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {Model} model */
function states(model) {
  return new Map([...model.nodes.values()].map(({ id, state }) => [id, state]));
}
