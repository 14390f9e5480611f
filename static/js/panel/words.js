/**
 * Numbers, times and states in words. Pure functions, the same for every panel.
 */

const WHOLE = new Intl.NumberFormat("en");
const BY_NAME = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** @param {number} n */
export function count(n) {
  return WHOLE.format(n);
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export function counted(n, one, many = `${one}s`) {
  return `${WHOLE.format(n)} ${n === 1 ? one : many}`;
}

/** node2 before node10. @param {{name: string}} a @param {{name: string}} b */
export function byName(a, b) {
  return BY_NAME.compare(a.name, b.name);
}

/** A moment as people in one room compare it: 14:03:07.042. @param {number} ms */
export function clockTime(ms) {
  const at = new Date(ms);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** A moment that is waited for, or that something waits since: 14:03:07. @param {number} ms */
export function timeOfDay(ms) {
  return clockTime(ms).slice(0, 8);
}

/** How long something took. @param {number} ms */
export function took(ms) {
  const positive = Math.max(0, ms);
  if (positive < 1) return "under 1 ms";
  if (positive < 1000) return `${Math.round(positive)} ms`;
  if (positive < 60_000) return `${(positive / 1000).toFixed(1)} s`;
  return lasting(positive);
}

/** How long something has been so, in its two largest units. @param {number} ms */
export function lasting(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days ${hours % 24} h`;
}

/** What a node's state means. @param {{state: string, kind: string}} node */
export function nodeState(node) {
  const words = {
    alive: node.kind === "plain" ? "plain node, alive" : "alive",
    suspect: "suspect: it does not answer, perhaps only for a moment",
    dead: "dead: it does not answer any more",
    left: "left: it said goodbye",
  };
  return words[/** @type {keyof typeof words} */ (node.state)] ?? node.state;
}

/**
 * How far a message is.
 * @param {import("../model.js").MessageView} message
 * @param {string} [sender] the state of the node that sends it
 */
export function messageState(message, sender = "alive") {
  if (message.kind === "broadcast") return broadcastState(message);
  switch (message.state) {
    case "waiting":
      return waits({ since: message.queued_at, reason: message.reason, next: message.next_at }, sender);
    case "sent": {
      const hop = message.path.length > 0 ? `, hop ${message.path.length}` : "";
      return message.attempt > 1
        ? `trying again (attempt ${message.attempt}${hop})${message.reason ? `: ${message.reason}` : ""}`
        : `on its way${hop}`;
    }
    case "received":
      return arrival("arrived", "arrived after", message, message.received_at);
    case "delivered":
      return arrival("delivered", "delivered in", message, message.done_at ?? message.received_at);
    case "failed": {
      if (message.reason === "discarded") return "discarded";
      const hops = message.path.length > 1 ? ` after ${counted(message.path.length, "hop")}` : "";
      return message.reason ? `failed${hops}: ${message.reason}` : `failed${hops}`;
    }
    default:
      return message.state;
  }
}

/** @param {import("../model.js").MessageView} message */
function broadcastState(message) {
  const { reached, of } = message;
  if (message.state !== "delivered") return `reached ${count(reached ?? 0)} of ${count(of ?? 0)}`;
  return of === 0 ? "nobody else is there"
    : arrival(`reached all ${count(of ?? 0)}`, `reached all ${count(of ?? 0)} in`, message, message.done_at);
}

/**
 * @param {string} bare what to say where the time is not known
 * @param {string} timed
 * @param {import("../model.js").MessageView} message
 * @param {number|null} end
 */
function arrival(bare, timed, message, end) {
  const time = duration(message, end);
  const hops = message.hops > 1 ? `, ${counted(message.hops, "hop")}` : "";
  const waited = message.sent_at !== null && message.queued_at ? message.sent_at - message.queued_at : 0;
  const after = waited >= 1000 ? `, had waited ${lasting(waited)}` : "";
  return `${time === null ? bare : `${timed} ${time}`}${hops}${after}`;
}

/**
 * Since when a message waits, why, and when it is tried again.
 * @param {{since: number|null, reason: string|null, next: number|null}} message
 *   next: null where nobody can say, and without a reason: it is not its turn
 * @param {string} [sender] the state of the node at which it waits
 */
export function waits({ since, reason, next }, sender = "alive") {
  const words = since === null ? "waiting" : `waiting since ${timeOfDay(since)}`;
  if (sender === "dead" || sender === "left") return `${words}: its sender is down, and keeps it on disk`;
  if (reason === null) return next === null ? `${words} for its turn` : `${words}; next try ${timeOfDay(next)}`;
  return next === null ? `${words}: ${reason}` : `${words}: ${reason}; next try ${timeOfDay(next)}`;
}

/**
 * What its sender promises a message's receiver.
 * @param {"exactly-once"|"at-least-once"|null} promise null: it is not known
 */
export function promised(promise) {
  return promise === "at-least-once" ? "at least once: a plain node is told no id, and may get it again where its answer was lost"
    : promise === "exactly-once" ? "exactly once: the receiver knows its id, and stores it once" : "";
}

/**
 * The way of a message in names: node1 → node4 → node9. Empty where it went straight, and
 * for a broadcast, whose way is a tree.
 * @param {import("../model.js").MessageView} message
 * @param {(key: number|null) => string} nameOf
 */
export function wayInWords(message, nameOf) {
  if (message.kind === "broadcast" || message.path.length === 0) return "";
  const [[start]] = message.path;
  return message.path.reduce((way, [, to, at]) => `${way} ${at === null ? "⇢" : "→"} ${nameOf(to)}`, nameOf(start));
}

/**
 * Which shape a message has: one that came from outside is at its goal once it is received.
 * @param {{state: string, from: number|null}} message
 */
export function messageShape(message) {
  return message.state === "received" && message.from === null ? "delivered" : message.state;
}

/** @param {{sent_at: number|null}} message @param {number|null} end */
function duration(message, end) {
  return message.sent_at === null || end === null ? null : took(end - message.sent_at);
}
