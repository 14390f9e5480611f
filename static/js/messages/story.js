/**
 * The whole way of one message, step by step, in words: what is known from its view, and where
 * it has been fetched what every node said of it, each try with its reason too. No DOM.
 *
 * @typedef {import("../model.js").MessageView} MessageView
 * @typedef {(key: number|null) => string|undefined} NameOf
 *
 * @typedef {object} Step
 * @property {number|null} at  milliseconds; null: nobody told when
 * @property {string} what
 * @property {string} who  the node at which it happened, or that told it
 * @property {"queued"|"hop"|"try"|"there"|"known"|"failed"|"gap"} sign
 *
 * @typedef {object} Told  a record of the dashboard's history (docs/api.md)
 * @property {string} type
 * @property {number} time  milliseconds
 * @property {{id: string, name: string}|null} node
 * @property {Record<string, any>} data
 */
import { clockTime, lasting, took } from "../panel/words.js";
import { TEXTS, wordFor } from "../texts.js";

/** Steps that are told one by one; of a broadcast to a thousand the rest is counted. */
export const MOST_STEPS = 200;

/**
 * What the view alone says.
 * @param {MessageView} view
 * @param {NameOf} nameOf
 * @returns {Step[]}
 */
export function steps(view, nameOf) {
  const name = (/** @type {number|null} */ key) => nameOf(key) ?? "?";
  if (view.kind === "broadcast") return spread(view, name);
  const sender = view.from === null ? TEXTS.messagesPanel.outside(view.sender) : name(view.from);
  const found = /** @type {Step[]} */ ([]);
  if (view.queued_at !== null) found.push({ at: view.queued_at, who: sender, what: TEXTS.story.keeps(sender), sign: "queued" });
  if (view.attempt > 1) found.push({ at: null, who: sender, what: TEXTS.story.before(view.attempt - 1, view.state === "failed" ? null : view.reason), sign: "try" });
  if (view.path.length === 0) {
    if (view.sent_at !== null) found.push({ at: view.sent_at, who: sender, what: TEXTS.story.calls(sender, name(view.to)), sign: "hop" });
  } else {
    view.path.forEach(([from, to, at], index) => found.push({
      at, who: name(from), sign: at === null ? "gap" : "hop",
      what: at === null ? TEXTS.story.gap(name(from), name(to))
        : view.received_at === null ? TEXTS.story.hands(name(from), name(to), index + 1) : TEXTS.story.handsOf(name(from), name(to), index + 1, view.hops),
    }));
  }
  const there = name(view.to);
  if (view.received_at !== null) found.push({ at: view.received_at, who: there, what: TEXTS.story.there(there, 0), sign: "there" });
  if (view.state === "delivered" && view.done_at !== null) found.push({ at: view.done_at, who: sender, what: TEXTS.story.known(sender), sign: "known" });
  if (view.state === "failed") found.push({ at: view.done_at, who: sender, what: TEXTS.story.givenUp(view.reason), sign: "failed" });
  if (view.state === "waiting") found.push({ at: view.next_at, who: sender, what: TEXTS.story.waits(view.reason, view.next_at !== null), sign: "try" });
  return found;
}

/** @param {MessageView} view @param {(key: number|null) => string} name */
function spread(view, name) {
  const origin = name(view.from);
  const found = /** @type {Step[]} */ ([{ at: view.sent_at, who: origin, what: TEXTS.story.tells(origin), sign: "queued" }]);
  const depths = new Map([[view.from, 0]]);
  const legs = [...view.path].sort((a, b) => (a[2] ?? 0) - (b[2] ?? 0));
  for (const [from, to, at] of legs.slice(0, MOST_STEPS)) {
    const hop = (depths.get(from) ?? 0) + 1;
    depths.set(to, hop);
    found.push({ at, who: name(to), what: TEXTS.story.has(name(to), name(from), hop), sign: "there" });
  }
  if (legs.length > MOST_STEPS) found.push({ at: null, who: "", what: TEXTS.story.more(legs.length - MOST_STEPS), sign: "there" });
  if (legs.length === 0 && (view.reached ?? 0) > 0) found.push({ at: null, who: "", what: TEXTS.story.unordered(view.reached ?? 0), sign: "gap" });
  if (view.state === "delivered") found.push({ at: view.done_at, who: origin, what: TEXTS.story.all(view.of ?? ""), sign: "known" });
  else found.push({ at: null, who: "", what: TEXTS.story.soFar(view.reached ?? 0, view.of ?? 0), sign: "gap" });
  return found;
}

/**
 * What all nodes said of it, in the order in which it happened. Each try is told, with what
 * became of it.
 * @param {Told[]} records
 * @returns {Step[]}
 */
export function told(records) {
  const name = (/** @type {any} */ node) => node?.name || node?.id || "?";
  return [...records].sort((a, b) => a.time - b.time).flatMap(({ type, time, node, data }) => {
    const who = name(node);
    const step = (/** @type {string} */ what, /** @type {Step["sign"]} */ sign) => [{ at: time, who, what, sign }];
    switch (type) {
      case "message.queued": return step(TEXTS.story.queued(who, name(data.to)), "queued");
      case "message.sent": return step(data.attempt > 1
        ? data.via === null ? TEXTS.story.callsAgain(who, name(data.to), data.attempt) : TEXTS.story.handsAgain(who, name(data.via), data.attempt)
        : data.via === null ? TEXTS.story.calls(who, name(data.to)) : TEXTS.story.hands(who, name(data.via), 1), "hop");
      case "message.forwarded": return step(TEXTS.story.hands(who, name(data.via ?? data.to), data.hop), "hop");
      case "message.received": return step(TEXTS.story.there(who, data.hop), "there");
      case "message.delivered": return step(TEXTS.story.known(who), "known");
      case "message.retried": return step(TEXTS.story.retried(data.attempt, data.reason), "try");
      case "message.failed": return step(TEXTS.story.givenUp(data.reason), "failed");
      case "message.discarded": return step(TEXTS.story.discarded, "failed");
      case "broadcast.sent": return step(TEXTS.story.tells(who), "queued");
      case "broadcast.received": return step(TEXTS.story.has(who, name(data.via ?? data.from), data.hop), "there");
      default: return step(type, "gap");
    }
  });
}

/**
 * Steps as a text to copy, with how long after the first each was.
 * @param {import("./row.js").Row} row
 * @param {Step[]} list
 */
export function asText(row, list) {
  const first = list.find((step) => step.at !== null)?.at ?? null;
  const lines = list.map(({ at, what }) => `${at === null ? "            " : clockTime(at)}  ${at === null || first === null ? "        " : `+${took(at - first)}`.padStart(8)}  ${what}`);
  const time = row.ms === null ? "" : row.ms < 60_000 ? took(row.ms) : lasting(row.ms);
  return [TEXTS.story.head(wordFor(TEXTS.kinds, row.kind), row.id, row.from, row.to, wordFor(TEXTS.fates, row.state), time, row.detour), row.view.text, "", ...lines].join("\n");
}
