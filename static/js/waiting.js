/**
 * How many messages wait at each node, as a calm eye wants it.
 *
 * A node says how many messages it has accepted and not brought to their end. Each message that
 * is sent counts there for the few milliseconds that it takes, so on a busy network the number
 * jumps between nought and one all the time. What a person wants to know is what *stays*. So
 * what is told here is the least of all that the node has said within the last second: it never
 * is more than there are, it rises a second late and falls at once.
 *
 * The numbers are the nodes' own (NODE_VIEW of docs/api.md); nothing is added up here.
 *
 * @typedef {import("./model.js").Key} Key
 */

/** What has stayed for this long is told. Milliseconds [guess: ten times what a message takes on
 * a busy machine, and soon enough for who has just sent one]. */
export const STAYS = 1000;

/** The least of a number within the last second: a minimum over a sliding window. */
export class Lasting {
  /** Rising counts, each with the time from which on none was lower until the next.
   * @type {{from: number, count: number}[]} */
  #steps = [{ from: -Infinity, count: 0 }];

  /** @param {number} count what is so from now on @param {number} now milliseconds */
  take(count, now) {
    const steps = this.#steps;
    if (steps.at(-1)?.count === count) return;
    let from = now;
    for (let last = steps.at(-1); last !== undefined && last.count >= count; last = steps.at(-1)) {
      from = last.from; // since then it has never been lower than this
      steps.pop();
    }
    steps.push({ from, count });
    this.at(now); // lets go of what is over
  }

  /** @param {number} now */
  at(now) {
    const steps = this.#steps;
    while (steps.length > 1 && steps[1].from <= now - STAYS) steps.shift();
    return steps[0].count;
  }

  /** When it changes, if nothing else happens; Infinity: never. */
  get changesAt() {
    return this.#steps.length > 1 ? this.#steps[1].from + STAYS : Infinity;
  }
}

/** Of all nodes. Tells `change` when what is to be shown is different. */
export class Waiting extends EventTarget {
  #now;
  /** @type {Map<Key, Lasting>} */
  #nodes = new Map();
  /** What was last told of them. @type {WeakMap<Lasting, object>} */
  #told = new WeakMap();
  /** @type {Map<Key, number>} those above nought */
  #counts = new Map();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #alarm;
  #run = /** @type {string|null} */ (null);

  /** @param {{model: import("./model.js").Model, now?: () => number}} parts
   *   now: milliseconds of a clock that never jumps */
  constructor({ model, now = () => performance.now() }) {
    super();
    this.#now = now;
    model.follow(({ nodes, jump }) => {
      if (jump) this.#nodes.clear();
      if (nodes) this.#take(model, jump);
    });
  }

  /** @param {Key} key */
  of(key) {
    return this.#counts.get(key) ?? 0;
  }

  /** Nodes at which messages wait, with their number. @returns {ReadonlyMap<Key, number>} */
  get counts() {
    return this.#counts;
  }

  /** @param {import("./model.js").Model} model @param {boolean} jump */
  #take(model, jump) {
    if (model.run !== this.#run) this.#nodes.clear(); // keys mean other nodes now
    this.#run = model.run;
    // What waits at another moment is there at once: it has not come just now.
    const now = this.#now() - (jump ? STAYS : 0);
    for (const node of model.nodes.values()) {
      const { key, waiting, least } = node;
      let lasting = this.#nodes.get(key);
      if (lasting === undefined) {
        if (waiting === 0) continue;
        this.#nodes.set(key, lasting = new Lasting());
      }
      // Between two packets there may have been none. It is told once, with the packet.
      if (this.#told.get(lasting) !== node) lasting.take(Math.min(least, waiting), now);
      this.#told.set(lasting, node);
      lasting.take(waiting, now);
    }
    for (const key of this.#nodes.keys()) if (!model.nodes.has(key)) this.#nodes.delete(key);
    this.#look();
  }

  #look() {
    clearTimeout(this.#alarm);
    const now = this.#now();
    const counts = new Map();
    let next = Infinity;
    for (const [key, lasting] of this.#nodes) {
      const count = lasting.at(now);
      if (count > 0) counts.set(key, count);
      if (lasting.changesAt < next) next = lasting.changesAt;
      if (count === 0 && lasting.changesAt === Infinity) this.#nodes.delete(key);
    }
    if (next < Infinity) this.#alarm = setTimeout(() => this.#look(), Math.max(0, next - now) + 1);
    const before = this.#counts;
    this.#counts = counts;
    if (counts.size !== before.size || [...counts].some(([key, count]) => before.get(key) !== count)) {
      this.dispatchEvent(new Event("change"));
    }
  }
}
