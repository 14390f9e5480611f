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
import { clockTime, counted, lasting, took } from "../panel/words.js";

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
  const sender = view.from === null ? `${view.sender} (outside)` : name(view.from);
  const found = /** @type {Step[]} */ ([]);
  if (view.queued_at !== null) found.push({ at: view.queued_at, who: sender, what: `${sender} has it, and keeps it until it is there`, sign: "queued" });
  if (view.attempt > 1) {
    const before = counted(view.attempt - 1, "try", "tries");
    found.push({ at: null, who: sender, what: `${before} before this one came to nothing${view.state !== "failed" && view.reason !== null ? `: ${view.reason}` : ""}`, sign: "try" });
  }
  if (view.path.length === 0) {
    if (view.sent_at !== null) found.push({ at: view.sent_at, who: sender, what: `${sender} calls ${name(view.to)} directly`, sign: "hop" });
  } else {
    view.path.forEach(([from, to, at], index) => found.push({
      at, who: name(from), sign: at === null ? "gap" : "hop",
      what: at === null ? `somehow from ${name(from)} to ${name(to)}: nobody told` : `${name(from)} hands it to ${name(to)} (hop ${index + 1}${view.received_at === null ? "" : ` of ${view.hops}`})`,
    }));
  }
  const there = name(view.to);
  if (view.received_at !== null) found.push({ at: view.received_at, who: there, what: `${there} has it on disk`, sign: "there" });
  if (view.state === "delivered" && view.done_at !== null) found.push({ at: view.done_at, who: sender, what: `${sender} knows that it is there`, sign: "known" });
  if (view.state === "failed") found.push({ at: view.done_at, who: sender, what: `given up${view.reason === null ? "" : `: ${view.reason}`}`, sign: "failed" });
  if (view.state === "waiting") {
    found.push({ at: view.next_at, who: sender, sign: "try",
      what: `waits${view.reason === null ? " for its turn" : `: ${view.reason}`}${view.next_at === null ? "" : "; this is when it is tried again"}` });
  }
  return found;
}

/** @param {MessageView} view @param {(key: number|null) => string} name */
function spread(view, name) {
  const origin = name(view.from);
  const found = /** @type {Step[]} */ ([{ at: view.sent_at, who: origin, what: `${origin} tells everybody`, sign: "queued" }]);
  const depths = new Map([[view.from, 0]]);
  const legs = [...view.path].sort((a, b) => (a[2] ?? 0) - (b[2] ?? 0));
  for (const [from, to, at] of legs.slice(0, MOST_STEPS)) {
    const hop = (depths.get(from) ?? 0) + 1;
    depths.set(to, hop);
    found.push({ at, who: name(to), what: `${name(to)} has it from ${name(from)} (hop ${hop})`, sign: "there" });
  }
  if (legs.length > MOST_STEPS) found.push({ at: null, who: "", what: `and ${counted(legs.length - MOST_STEPS, "more", "more")}`, sign: "there" });
  if (legs.length === 0 && (view.reached ?? 0) > 0) found.push({ at: null, who: "", what: `${counted(view.reached ?? 0, "node")} had it; their order is not at hand any more`, sign: "gap" });
  if (view.state === "delivered") found.push({ at: view.done_at, who: origin, what: `all ${view.of ?? ""} have it`, sign: "known" });
  else found.push({ at: null, who: "", what: `${view.reached ?? 0} of ${view.of ?? 0} have it so far`, sign: "gap" });
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
      case "message.queued": return step(`${who} has it, behind others for ${name(data.to)}`, "queued");
      case "message.sent": return step(`${who} ${data.attempt > 1 ? `tries again (attempt ${data.attempt}): ` : ""}${data.via === null ? `calls ${name(data.to)} directly` : `hands it to ${name(data.via)} (hop 1)`}`, "hop");
      case "message.forwarded": return step(`${who} hands it to ${name(data.via ?? data.to)} (hop ${data.hop})`, "hop");
      case "message.received": return step(`${who} has it on disk${data.hop > 1 ? `, after ${counted(data.hop, "hop")}` : ""}`, "there");
      case "message.delivered": return step(`${who} knows that it is there`, "known");
      case "message.retried": return step(`attempt ${data.attempt} came to nothing${data.reason ? `: ${data.reason}` : ""}`, "try");
      case "message.failed": return step(`given up${data.reason ? `: ${data.reason}` : ""}`, "failed");
      case "message.discarded": return step("discarded by a person", "failed");
      case "broadcast.sent": return step(`${who} tells everybody`, "queued");
      case "broadcast.received": return step(`${who} has it from ${name(data.via ?? data.from)} (hop ${data.hop})`, "there");
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
  const detour = row.detour > 0 ? `, ${counted(row.detour, "hop")} more than the shortest way` : "";
  return [`${row.kind} ${row.id}: ${row.from} → ${row.to}, ${row.state}${row.ms === null ? "" : ` after ${row.ms < 60_000 ? took(row.ms) : lasting(row.ms)}`}${detour}`, row.view.text, "", ...lines].join("\n");
}
