/**
 * What the page knows about the network: a mirror of the dashboard's live stream.
 *
 * The stream is one `snapshot` and then numbered `delta`s (docs/api.md). The rule that keeps
 * the mirror true: a delta is applied only when its number is the last one plus one. After
 * a hole, nothing is applied until the next snapshot, and `applyDelta` says so by `false`.
 *
 * The model has no DOM and no clock, so `node --test` runs it as it is. Whoever shows
 * something follows it: one `change` a packet, which names the parts that are different, and
 * for whoever comes late a first one that has all.
 *
 * The past comes in the same packets and by the same two calls (time/): then each has the time
 * at which it was told, several may be gathered into one `change`, and a snapshot may be a
 * jump in time, after which nothing of what was before counts.
 *
 * What comes over the wire is described in types.d.ts.
 *
 * @typedef {import("./types.d.ts").Key} Key
 * @typedef {import("./types.d.ts").NodeView} NodeView
 * @typedef {import("./types.d.ts").FaultView} FaultView
 * @typedef {import("./types.d.ts").Leg} Leg
 * @typedef {import("./types.d.ts").MessageView} MessageView
 * @typedef {import("./types.d.ts").Summary} Summary
 *
 * @typedef {{a: Key, b: Key, mutual: boolean}} Link  a < b; mutual: both ends report it
 *
 * @typedef {object} Change  the detail of a `change` event
 * @property {boolean} nodes
 * @property {boolean} links  links, or who knows whom
 * @property {boolean} messages
 * @property {boolean} faults
 * @property {boolean} summary
 * @property {boolean} snapshot  everything was replaced: a start, or a new start
 * @property {boolean} jump  another moment is shown: what was seen before is no past of this
 * @property {string[]} changedMessages  ids of the messages that are new or different
 * @property {Learnt[]} learnt  the same, each as it was when it was told, and when that was
 *
 * @typedef {{message: MessageView, at: number|null}} Learnt  at: milliseconds; null: just now
 */

/** Messages kept, so that a page left open for days does not grow [guess: ten screens of
 * the list at least, and ten times what a snapshot brings]. */
export const MESSAGES_KEPT = 2000;

/** @param {Key} a @param {Key} b */
export function linkKey(a, b) {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}

export class Model extends EventTarget {
  /** @type {Map<Key, NodeView>} */
  nodes = new Map();
  /** Undirected, by `linkKey`. @type {Map<string, Link>} */
  links = new Map();
  /** Whom each node knows. @type {Map<Key, Set<Key>>} */
  knows = new Map();
  /** What is done to nodes on purpose; who has none is not there. @type {Map<Key, FaultView[]>} */
  faults = new Map();
  /** Oldest first. @type {Map<string, MessageView>} */
  messages = new Map();
  /** @type {Summary|null} */
  summary = null;
  /** How many nodes were started, where the dashboard was told. @type {number|null} */
  expected = null;
  /** The dashboard's name for this run. @type {string|null} */
  run = null;
  /** The number of the last packet; null until a snapshot came. @type {number|null} */
  number = null;

  nodesVersion = 0;
  linksVersion = 0;
  messagesVersion = 0;
  faultsVersion = 0;

  /** Which ends report each link, as `"a>b"`. @type {Set<string>} */
  #reported = new Set();
  /** @type {Map<Key, Set<Key>>|null} made when it is asked for */
  #neighbours = null;
  /** @type {Map<string, NodeView>|null} made when it is asked for */
  #names = null;
  /** What has changed and is told later, all at once. @type {Change|null} */
  #gathered = null;

  /**
   * Be told what changes, beginning with all that is here, if anything is.
   * @param {(change: Change) => void} listener
   */
  follow(listener) {
    this.addEventListener("change", (event) => listener(/** @type {CustomEvent<Change>} */ (event).detail));
    if (this.number !== null) listener(everything(false, this.#allLearnt()));
  }

  /**
   * Replace everything.
   * @param {import("./types.d.ts").Snapshot} data
   * @param {{at?: number|null, jump?: boolean}} [how]  at: when it was told, in milliseconds;
   *   jump: it is another moment
   */
  applySnapshot(data, { at = null, jump = false } = {}) {
    const again = !jump && this.run === (data.run ?? null);
    this.number = data.number;
    this.run = data.run ?? null;
    this.expected = data.expected ?? null;
    this.summary = data.summary ?? null;
    this.nodes = new Map((data.nodes ?? []).map((n) => [n.key, n]));
    this.knows = new Map();
    this.#setKnows(data.knows ?? {});
    this.faults = new Map();
    this.#setFaults(data.faults ?? {});
    this.links = new Map();
    this.#reported = new Set();
    for (const [a, b] of data.links ?? []) this.#addLink(a, b);

    const before = again ? this.messages : new Map();
    this.messages = new Map();
    const learnt = [];
    for (const told of data.messages ?? []) {
      const message = whole(before.get(told.id), told);
      this.messages.set(message.id, message);
      if (!same(before.get(message.id), message)) learnt.push({ message, at });
    }
    this.#trim();
    this.#changed(everything(jump, learnt));
  }

  /**
   * Apply one delta.
   * @param {import("./types.d.ts").Delta} data
   * @param {number|null} [at]  when it was told, in milliseconds; null: just now
   * @returns {boolean} false: a number was missed, nothing was applied, ask for a resync
   */
  applyDelta(data, at = null) {
    if (this.number === null || data.number !== this.number + 1) return false;
    this.number = data.number;
    const change = nothing();
    if (data.summary) {
      this.summary = data.summary;
      this.expected = data.summary.expected ?? this.expected;
      change.summary = true;
    }
    for (const node of data.nodes ?? []) {
      this.nodes.set(node.key, node);
      change.nodes = true;
    }
    if (data.knows) {
      this.#setKnows(data.knows);
      change.links = true;
    }
    if (data.faults) {
      this.#setFaults(data.faults);
      change.faults = true;
    }
    if (data.links) {
      for (const [a, b] of data.links.remove ?? []) this.#removeLink(a, b);
      for (const [a, b] of data.links.add ?? []) this.#addLink(a, b);
      change.links = true;
    }
    for (const key of data.gone ?? []) {
      this.#forget(key);
      change.nodes = true;
      change.links = true;
    }
    for (const message of data.messages ?? []) {
      const known = grown(this.messages.get(message.id), message);
      this.messages.set(message.id, known);
      change.changedMessages.push(message.id);
      change.learnt.push({ message: known, at });
      change.messages = true;
    }
    this.#trim();
    this.#changed(change);
    return true;
  }

  /**
   * What packets change meanwhile is told as one `change` at the end: a second of the past that
   * is gone through at once is drawn once.
   * @param {() => void} run
   */
  gather(run) {
    if (this.#gathered !== null) return run();
    const gathered = this.#gathered = nothing();
    try {
      run();
    } finally {
      this.#gathered = null;
      gathered.changedMessages = [...new Set(gathered.learnt.map(({ message }) => message.id))];
      if (gathered.nodes || gathered.links || gathered.messages || gathered.summary) this.#changed(gathered);
    }
  }

  /** Another one that knows the same from here on goes its own way. @returns {Model} */
  copy() {
    const other = new Model();
    other.#be(this);
    return other;
  }

  /** Show what another one knows: a jump. @param {Model} other */
  become(other) {
    this.#be(other);
    this.#changed(everything(true, this.#allLearnt()));
  }

  /** @returns {Learnt[]} */
  #allLearnt() {
    return [...this.messages.values()].map((message) => ({ message, at: null }));
  }

  /** @param {Model} other */
  #be(other) {
    this.nodes = new Map(other.nodes);
    this.links = new Map(other.links);
    this.knows = new Map([...other.knows].map(([key, known]) => [key, new Set(known)]));
    this.messages = new Map(other.messages);
    this.summary = other.summary;
    this.expected = other.expected;
    this.run = other.run;
    this.number = other.number;
    this.#reported = new Set(other.#reported);
  }

  /**
   * The node of that name. Where two have it (one came back with a new id), the living one.
   * @param {string} name
   * @returns {NodeView|undefined}
   */
  byName(name) {
    if (!this.#names) {
      this.#names = new Map();
      for (const node of this.nodes.values()) {
        const other = this.#names.get(node.name);
        if (!other || (other.state !== "alive" && node.state === "alive")) {
          this.#names.set(node.name, node);
        }
      }
    }
    return this.#names.get(name);
  }

  /**
   * The other ends of a node's links, whichever end reports them.
   * @param {Key} key
   * @returns {ReadonlySet<Key>}
   */
  neighbours(key) {
    if (!this.#neighbours) {
      this.#neighbours = new Map();
      for (const { a, b } of this.links.values()) {
        entry(this.#neighbours, a).add(b);
        entry(this.#neighbours, b).add(a);
      }
    }
    return this.#neighbours.get(key) ?? NOBODY;
  }

  /** @param {Record<string, Key[]>} lists  JSON objects have texts as keys */
  #setKnows(lists) {
    for (const [key, known] of Object.entries(lists)) this.knows.set(Number(key), new Set(known));
  }

  /** @param {Record<string, FaultView[]>} lists */
  #setFaults(lists) {
    for (const [key, faults] of Object.entries(lists)) {
      if (faults.length > 0) this.faults.set(Number(key), faults);
      else this.faults.delete(Number(key));
    }
  }

  /** @param {Key} a @param {Key} b */
  #addLink(a, b) {
    if (a === b) return;
    this.#reported.add(`${a}>${b}`);
    this.links.set(linkKey(a, b), {
      a: Math.min(a, b), b: Math.max(a, b), mutual: this.#reported.has(`${b}>${a}`),
    });
  }

  /** @param {Key} a @param {Key} b */
  #removeLink(a, b) {
    this.#reported.delete(`${a}>${b}`);
    if (this.#reported.has(`${b}>${a}`)) this.#addLink(b, a);
    else this.links.delete(linkKey(a, b));
  }

  /** @param {Key} key */
  #forget(key) {
    this.nodes.delete(key);
    this.knows.delete(key);
    if (this.faults.delete(key)) this.faultsVersion += 1;
    for (const known of this.knows.values()) known.delete(key);
    for (const [name, { a, b }] of this.links) {
      if (a !== key && b !== key) continue;
      this.links.delete(name);
      this.#reported.delete(`${a}>${b}`);
      this.#reported.delete(`${b}>${a}`);
    }
  }

  #trim() {
    for (const id of this.messages.keys()) {
      if (this.messages.size <= MESSAGES_KEPT) return;
      this.messages.delete(id);
    }
  }

  /** @param {Change} change */
  #changed(change) {
    if (change.nodes) {
      this.nodesVersion += 1;
      this.#names = null;
    }
    if (change.links) {
      this.linksVersion += 1;
      this.#neighbours = null;
    }
    if (change.messages) this.messagesVersion += 1;
    if (change.faults) this.faultsVersion += 1;
    if (this.#gathered !== null) join(this.#gathered, change);
    else this.dispatchEvent(new CustomEvent("change", { detail: change }));
  }
}

/** @returns {Change} */
function nothing() {
  return {
    nodes: false, links: false, messages: false, faults: false, summary: false, snapshot: false, jump: false,
    changedMessages: [], learnt: [],
  };
}

/** @param {boolean} jump @param {Learnt[]} learnt @returns {Change} */
function everything(jump, learnt) {
  const changedMessages = learnt.map(({ message }) => message.id);
  return { nodes: true, links: true, messages: true, faults: true, summary: true, snapshot: true, jump, changedMessages, learnt };
}

/** What changed first, and then. @param {Change} all @param {Change} change */
function join(all, change) {
  if (change.jump) all.learnt = []; // what was learnt of another moment is no news here
  for (const part of /** @type {const} */ (["nodes", "links", "messages", "faults", "summary", "snapshot", "jump"])) {
    all[part] ||= change[part];
  }
  for (const one of change.learnt) all.learnt.push(one);
}

/** @type {ReadonlySet<Key>} */
const NOBODY = new Set();

/** @param {Map<Key, Set<Key>>} map @param {Key} key */
function entry(map, key) {
  let set = map.get(key);
  if (!set) map.set(key, (set = new Set()));
  return set;
}

/**
 * A view with its whole path: of a broadcast only what is new comes.
 * @param {MessageView|undefined} before
 * @param {MessageView} message
 */
function grown(before, message) {
  if (message.path_at === 0) return message;
  const path = [...(before?.path ?? []).slice(0, message.path_at), ...message.path];
  return { ...message, path, path_at: 0 };
}

/**
 * Of older broadcasts a snapshot has no path; what the page knows of it stays.
 * @param {MessageView|undefined} before
 * @param {MessageView} message
 */
function whole(before, message) {
  const left = message.path.length === 0 && before?.kind === "broadcast";
  return left ? { ...message, path: before.path } : message;
}

/** @param {MessageView|undefined} a @param {MessageView} b */
function same(a, b) {
  return a !== undefined && a.state === b.state && a.attempt === b.attempt
    && a.reason === b.reason && a.next_at === b.next_at && a.sent_at === b.sent_at && a.received_at === b.received_at
    && a.done_at === b.done_at && a.reached === b.reached && a.hops === b.hops
    && a.path.length === b.path.length;
}
