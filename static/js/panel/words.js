/**
 * Numbers, times and states in words. Pure functions, the same for every panel.
 */

import { LANGUAGE, TEXTS, count, wordFor } from "../texts.js";

const BY_NAME = new Intl.Collator(LANGUAGE, { numeric: true, sensitivity: "base" });

export { count };

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
  if (positive < 1) return TEXTS.span.under;
  if (positive < 1000) return TEXTS.span.ms(Math.round(positive));
  if (positive < 60_000) return TEXTS.span.s((positive / 1000).toFixed(1));
  return lasting(positive);
}

/** How long something has been so, in its two largest units. @param {number} ms */
export function lasting(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return TEXTS.span.s(seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return TEXTS.span.minS(minutes, seconds % 60);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return TEXTS.span.hMin(hours, minutes % 60);
  return TEXTS.span.daysH(Math.floor(hours / 24), hours % 24);
}

/** What a node's state means. @param {{state: string, kind: string}} node */
export function nodeState(node) {
  return wordFor(TEXTS.meanings, node.kind === "plain" && node.state === "alive" ? "plain" : node.state);
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
    case "sent":
      return message.attempt > 1 ? TEXTS.message.again(message.attempt, message.path.length, message.reason)
        : TEXTS.message.sent(message.path.length);
    case "received":
      return TEXTS.message.arrived(...arrival(message, message.received_at));
    case "delivered":
      return TEXTS.message.delivered(...arrival(message, message.done_at ?? message.received_at));
    case "failed":
      return message.reason === "discarded" ? TEXTS.message.discarded : TEXTS.message.failed(message.path.length, message.reason);
    default:
      return message.state;
  }
}

/** @param {import("../model.js").MessageView} message */
function broadcastState(message) {
  const { reached, of } = message;
  if (message.state !== "delivered") return TEXTS.message.reached(reached ?? 0, of ?? 0);
  return of === 0 ? TEXTS.message.nobody : TEXTS.message.reachedAll(of ?? 0, ...arrival(message, message.done_at));
}

/**
 * How long it took ("": that is not known), over how many hops, and how long it had waited before.
 * @param {import("../model.js").MessageView} message
 * @param {number|null} end
 * @returns {[took: string, hops: number, waited: string]}
 */
function arrival(message, end) {
  const waited = message.sent_at !== null && message.queued_at ? message.sent_at - message.queued_at : 0;
  return [message.sent_at === null || end === null ? "" : took(end - message.sent_at), message.hops, waited >= 1000 ? lasting(waited) : ""];
}

/**
 * Since when a message waits, why, and when it is tried again.
 * @param {{since: number|null, reason: string|null, next: number|null}} message
 *   next: null where nobody can say, and without a reason: it is not its turn
 * @param {string} [sender] the state of the node at which it waits
 */
export function waits({ since, reason, next }, sender = "alive") {
  const words = TEXTS.message.waits(since === null ? "" : timeOfDay(since));
  if (sender === "dead" || sender === "left") return TEXTS.message.waitsForSender(words);
  if (reason === null && next === null) return TEXTS.message.waitsForTurn(words);
  return TEXTS.message.waitsBecause(words, reason, next === null ? "" : timeOfDay(next));
}

/**
 * What its sender promises a message's receiver.
 * @param {"exactly-once"|"at-least-once"|null} promise null: it is not known
 */
export function promised(promise) {
  return promise === "at-least-once" ? TEXTS.message.atLeastOnce : promise === "exactly-once" ? TEXTS.message.exactlyOnce : "";
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
