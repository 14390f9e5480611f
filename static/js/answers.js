/**
 * What a node itself answers, made safe to show. The dashboard passes these answers on as
 * they came, and a node may be anybody's program: every list is bounded, every field has
 * the type that it should have, and what makes no sense is left out.
 *
 * @typedef {{id: string, from: string|null, sender: string, text: string, at: number,
 *            broadcast: boolean, sentAt: number|null, hops: number, path: string[]}} Received
 *   times in milliseconds; hops: 0 where they are not known; path: names, both ends too
 * @typedef {{id: string, to: string, name: string, text: string, at: number,
 *            status: "queued"|"delivered"|"failed", attempts: number, reason: string|null,
 *            underWay: boolean, nextIn: number|null, promise: "exactly-once"|"at-least-once"|null,
 *            doneAt: number|null, hops: number, path: string[]}} Sent
 * @typedef {{name: string, state: "alive"|"suspect"|"dead"|"left"}} Member
 * @typedef {{type: string, place: string, at: number, who: string, other: string, text: string|null,
 *            fault: Record<string, unknown>|null}} Told
 *   of the recording; place: what tells it from any other; who told it, and whom it is about; text:
 *   of the message; at: milliseconds
 */

/** Messages and members shown at most: contract/limits.py, MAX_MEMBERS. */
const MESSAGES = 200;
const MEMBERS = 1000;
/** Characters: contract/limits.py, MAX_TEXT and MAX_URL (a name may be an address). */
const TEXT = 10_000;
const NAME = 256;
/** Records of one page that are shown at most: docs/api.md. */
const RECORDS = 2000;
/** Characters of a reason: dashboard/reports.py. */
const REASON = 1000;
/** Nodes of a path: contract/limits.py, MAX_ROUTE, and the receiver. */
const PATH = 17;

const STATUSES = /** @type {const} */ (["queued", "delivered", "failed"]);
const PROMISES = /** @type {const} */ (["exactly-once", "at-least-once"]);
const STATES = /** @type {const} */ (["alive", "suspect", "dead", "left"]);

/** @param {unknown} answer @returns {Received[]} newest first */
export function inboxOf(answer) {
  return entries(answer, "messages", MESSAGES).map((entry) => ({
    id: text(entry.id, NAME),
    from: typeof entry.from === "string" ? text(entry.from, NAME) : null,
    sender: text(entry.sender, NAME),
    text: text(entry.msg, TEXT),
    at: number(entry.at) * 1000,
    broadcast: entry.broadcast === true,
    sentAt: moment(entry.sent_at),
    hops: number(entry.hops),
    path: way(entry.path),
  }));
}

/** @param {unknown} answer @returns {Sent[]} newest first */
export function outboxOf(answer) {
  return entries(answer, "messages", MESSAGES).map((entry) => ({
    id: text(entry.id, NAME),
    to: text(entry.to, NAME),
    name: text(entry.to_name ?? entry.to, NAME),
    text: text(entry.msg, TEXT),
    at: number(entry.at) * 1000,
    status: STATUSES.find((status) => status === entry.status) ?? "queued",
    attempts: number(entry.attempts),
    reason: typeof entry.reason === "string" ? text(entry.reason, REASON) : null,
    underWay: entry.under_way === true,
    nextIn: moment(entry.next_in),
    promise: PROMISES.find((promise) => promise === entry.promise) ?? null,
    doneAt: moment(entry.done_at),
    hops: number(entry.hops),
    path: way(entry.path),
  }));
}

/** @param {unknown} answer @returns {Member[]} */
export function membersOf(answer) {
  return entries(answer, "members", MEMBERS).flatMap((entry) => {
    const state = STATES.find((known) => known === entry.state);
    return state === undefined ? [] : [{ name: text(entry.name, NAME), state }];
  });
}

/** @param {unknown} answer a page of `/api/history` @returns {Told[]} the oldest first */
export function recordsOf(answer) {
  return entries(answer, "records", RECORDS).map((entry) => {
    const data = thing(entry.data);
    const peer = entry.type === "message.received" || String(entry.type).startsWith("broadcast.") ? data.from : data.to;
    const other = thing(data.peer ?? data.member ?? peer);
    return {
      type: text(entry.type, NAME),
      place: `${number(entry.epoch)}/${number(entry.seq)}/${number(entry.at)}/${text(entry.type, NAME)}`,
      at: number(entry.time ?? entry.at),
      who: text(thing(entry.node).name, NAME),
      other: text(other.name ?? data.sender, NAME),
      text: typeof data.text === "string" ? text(data.text, TEXT) : null,
      fault: data.fault === undefined ? null : thing(data.fault),
    };
  });
}

/**
 * The inbox and the outbox that a node had at a moment, as the recording knows them. Broadcasts
 * stand in the inboxes of those who got them and in their origin's, as they do in the nodes' own.
 * @param {unknown} answer  of `/api/history/messages`
 * @param {string} id  the node's
 * @param {number} at  milliseconds: what came later has not happened
 * @returns {{inbox: Received[], outbox: Sent[]}} newest first
 */
export function boxesOf(answer, id, at) {
  const nodes = entries(answer, "nodes", MEMBERS).map((entry) => ({ id: text(entry.id, NAME), name: text(entry.name, NAME) }));
  const nodeOf = (/** @type {unknown} */ place) => nodes[typeof place === "number" ? place : -1];
  const by = (/** @type {unknown} */ when) => typeof when === "number" && when <= at;
  /** @type {{inbox: Received[], outbox: Sent[]}} */
  const boxes = { inbox: [], outbox: [] };
  for (const entry of entries(answer, "messages", MESSAGES)) {
    const [from, to] = [nodeOf(entry.from), nodeOf(entry.to)];
    const said = { id: text(entry.id, NAME), text: text(entry.text, TEXT), hops: number(entry.hops), path: [] };
    if (to?.id === id && by(entry.received_at)) {
      boxes.inbox.push({ ...said, from: from?.id ?? null, sender: text(entry.sender, NAME), at: number(entry.received_at),
        broadcast: false, sentAt: typeof entry.sent_at === "number" ? entry.sent_at : null });
    }
    const got = entry.kind === "broadcast" ? gotAt(entry, from?.id === id, nodes.findIndex((node) => node.id === id)) : null;
    if (by(got)) {
      boxes.inbox.push({ ...said, from: from?.id ?? null, sender: text(entry.sender, NAME), at: number(got),
        broadcast: true, sentAt: typeof entry.sent_at === "number" ? entry.sent_at : null });
    }
    const began = entry.queued_at ?? entry.sent_at;
    if (from?.id !== id || entry.kind !== "message" || !by(began)) continue;
    const ended = by(entry.done_at);
    boxes.outbox.push({ ...said, to: to?.id ?? "", name: to?.name ?? "", at: number(began),
      status: !ended ? "queued" : entry.state === "failed" ? "failed" : "delivered", attempts: number(entry.attempt),
      reason: ended && typeof entry.reason === "string" ? text(entry.reason, REASON) : null,
      underWay: !ended && by(entry.sent_at), nextIn: null, promise: null, doneAt: ended ? number(entry.done_at) : null });
  }
  return boxes;
}

/**
 * When a node got a broadcast: its origin when it sent it, another as its leg says.
 * @param {Record<string, unknown>} entry
 * @param {boolean} own  whether the node is its origin
 * @param {number} place  of the node in the answer's table
 * @returns {unknown}
 */
function gotAt(entry, own, place) {
  if (own) return entry.sent_at;
  const legs = Array.isArray(entry.path) ? entry.path.filter(Array.isArray) : [];
  return legs.find((leg) => leg[1] === place)?.[2];
}

/** @param {unknown} value @returns {Record<string, unknown>} */
function thing(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? /** @type {Record<string, unknown>} */ (value) : {};
}

/**
 * @param {unknown} answer
 * @param {string} field
 * @param {number} most
 * @returns {Record<string, unknown>[]}
 */
function entries(answer, field, most) {
  const list = answer !== null && typeof answer === "object" && Object.hasOwn(answer, field)
    ? /** @type {Record<string, unknown>} */ (answer)[field] : null;
  if (!Array.isArray(list)) return [];
  return list.slice(0, most).filter((entry) => entry !== null && typeof entry === "object" && !Array.isArray(entry));
}

/** @param {unknown} value @param {number} longest */
function text(value, longest) {
  return typeof value === "string" ? value.slice(0, longest) : "";
}

/** The names of a path's nodes. @param {unknown} value */
function way(value) {
  return entries({ path: value }, "path", PATH).map((step) => text(step.name, NAME));
}

/** Seconds as milliseconds. @param {unknown} value */
function moment(value) {
  return typeof value === "number" && Number.isFinite(value) ? value * 1000 : null;
}

/** @param {unknown} value */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
