/**
 * All messages that the page knows: what it saw live, and what it fetched of before.
 *
 * The model keeps what the picture needs, the newest two thousand. The table wants more, so
 * they are kept here, as rows, up to a bound: by number, and by the legs of their ways, as one
 * broadcast among a thousand nodes has a thousand. Beyond it the oldest go, and are counted:
 * nothing vanishes silently. No DOM.
 *
 * @typedef {import("./row.js").Row} Row
 * @typedef {import("../model.js").MessageView} MessageView
 * @typedef {{gone: Row[], come: Row[]}} Difference  rows that are no longer, and new ones
 */
import { rowOf } from "./row.js";
import { COLUMNS, Sorted } from "./sorted.js";

/** Messages kept: what an hour at thirty a second makes; some 60 to 90 MB with their ways
 * [measured: 0.6 to 0.9 KB each]. */
export const KEPT = 100_000;
/** Legs of all ways together; some 100 bytes each [guess]. */
export const LEGS_KEPT = 400_000;

export class Store {
  /** @type {Map<string, Row>} */
  rows = new Map();
  /** How many were let go since the page was opened, the oldest first. */
  letGo = 0;
  #byTime = new Sorted(COLUMNS.time);
  #count = 0;
  #past = 0;
  #legs = 0;
  #nameOf;
  #most;
  #mostLegs;

  /**
   * @param {(key: number|null) => string|undefined} nameOf
   * @param {{most?: number, legs?: number}} [bounds]
   */
  constructor(nameOf, { most = KEPT, legs = LEGS_KEPT } = {}) {
    this.#nameOf = nameOf;
    this.#most = most;
    this.#mostLegs = legs;
  }

  get size() { return this.rows.size; }

  /** How many more find room. */
  get room() { return this.#legs >= this.#mostLegs ? 0 : Math.max(0, this.#most - this.size); }

  /** The oldest first. */
  get byTime() { return this.#byTime.rows; }

  /** When the oldest that is here began; null: there is none. */
  get since() { return this.byTime[0]?.at ?? null; }

  /** Another run: nothing of before is meant by these keys. */
  clear() {
    this.rows.clear();
    this.#byTime = new Sorted(COLUMNS.time);
    this.#legs = this.letGo = 0;
  }

  /**
   * Take messages in, new ones and changed ones.
   * @param {Iterable<MessageView>} views
   * @param {{shortest?: (view: MessageView) => number|null, older?: boolean}} [how]
   *   older: told of the past, and what is known already is newer
   * @returns {Difference}
   */
  take(views, { shortest = () => null, older = false } = {}) {
    const gone = /** @type {Row[]} */ ([]);
    /** @type {Map<string, Row>} */
    const come = new Map();
    for (const told of views) {
      const before = this.rows.get(told.id);
      const view = before === undefined ? told : older ? joined(told, before.view) : joined(before.view, told);
      if (before !== undefined && view === before.view) continue;
      // A way is judged by the links of the time in which it ended, and not again later.
      const far = before !== undefined && judged(before) ? before.shortest : shortest(view) ?? before?.shortest ?? null;
      // Of the past the newest come first: of two of one moment the earlier told one is later.
      const row = rowOf(view, before?.n ?? (older ? (this.#past -= 1) : (this.#count += 1)), this.#nameOf, far);
      this.#legs += view.path.length - (before?.view.path.length ?? 0);
      if (before !== undefined && !come.has(row.id)) gone.push(before);
      this.rows.set(row.id, row);
      come.set(row.id, row);
    }
    const change = { gone, come: [...come.values()] };
    this.#byTime.change(change.gone, change.come);
    this.#bound(change);
    return change;
  }

  /**
   * Names have become known: rows that had none for an end get one.
   * @returns {Difference}
   */
  named() {
    const change = /** @type {Difference} */ ({ gone: [], come: [] });
    for (const row of this.rows.values()) {
      if (row.from !== "?" && row.to !== "?") continue;
      const again = rowOf(row.view, row.n, this.#nameOf, row.shortest);
      if (again.from === row.from && again.to === row.to) continue;
      this.rows.set(row.id, again);
      change.gone.push(row);
      change.come.push(again);
    }
    this.#byTime.change(change.gone, change.come);
    return change;
  }

  /** @param {Difference} change */
  #bound(change) {
    let [over, legs] = [Math.max(0, this.size - this.#most), this.#legs];
    for (let at = 0; at < over; at += 1) legs -= this.byTime[at].view.path.length;
    while (legs > this.#mostLegs && over < this.size - 1) {
      legs -= this.byTime[over].view.path.length;
      over += 1;
    }
    if (over === 0) return;
    this.#legs = legs;
    this.letGo += over;
    const dropped = new Set(this.#byTime.shift(over));
    for (const row of dropped) this.rows.delete(row.id);
    const fresh = new Set(change.come);
    change.come = change.come.filter((row) => !dropped.has(row));
    const before = new Set(change.gone.map((row) => row.id));
    // Who came and went in one step was never seen; who was here before has gone.
    for (const row of dropped) if (!fresh.has(row) && !before.has(row.id)) change.gone.push(row);
  }
}

/** @param {Row} row */
function judged(row) {
  return row.shortest !== null && (row.state === "received" || row.state === "delivered");
}

/** How far a message is, for comparison. */
const STEPS = { waiting: 0, sent: 0, failed: 1, received: 2, delivered: 3 };

/**
 * What is known of a message from two tellings, an old one and a new one. The new one counts;
 * but it may have less: a snapshot leaves out the ways of older broadcasts, and who hears of a
 * message only when it arrives, long after it was sent, knows nothing of its beginning.
 * @param {MessageView} before
 * @param {MessageView} after
 * @returns {MessageView} `before` or `after` themselves where they say all
 */
function joined(before, after) {
  const pathless = after.path.length === 0 && before.path.length > 0 && (after.kind === "broadcast" || after.sent_at === null);
  const beheaded = after.sent_at === null && before.sent_at !== null;
  const behind = STEPS[after.state] < STEPS[before.state] && after.attempt <= before.attempt && after.queued_at === before.queued_at;
  if (behind) return pathless || before.path.length >= after.path.length ? before : { ...before, path: after.path };
  if (!pathless && !beheaded) return after;
  return {
    ...after,
    path: pathless ? before.path : after.path,
    text: after.text === "" ? before.text : after.text,
    sender: after.sender === "" ? before.sender : after.sender,
    from: after.from ?? before.from,
    attempt: Math.max(after.attempt, before.attempt),
    queued_at: after.queued_at ?? before.queued_at,
    sent_at: after.sent_at ?? before.sent_at,
  };
}
