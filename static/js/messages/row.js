/**
 * One message as the table, the filter and the diagram see it: what the dashboard told, and
 * what follows from it, worked out once. No DOM.
 *
 * @typedef {import("../model.js").MessageView} MessageView
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {number} n  in which order the dashboard heard of it, as far as it shows; breaks ties
 * @property {MessageView} view
 * @property {"message"|"broadcast"} kind
 * @property {string} state  as it is shown: what came from outside is delivered once it is received
 * @property {"direct"|"overlay"|"tree"|"outside"} route
 * @property {number} at  milliseconds: when its sender had it, or the first that is known of it
 * @property {number|null} ms  from when it left until it was there, or was given up; null: not yet
 * @property {number} hops
 * @property {number} tries
 * @property {number|null} shortest  how many hops the links that there were would have needed;
 *   null: nobody knows
 * @property {number} detour  hops more than that; 0: none, or not known
 * @property {string} from  a name
 * @property {string} to  a name
 * @property {string} fromLow  the same in small letters, for the filter
 * @property {string} toLow
 * @property {string} textLow
 */
import { messageShape } from "../panel/words.js";
import { TEXTS } from "../texts.js";

/** To whom a broadcast goes: a word of the filter too (`to:everybody`), so it is no text to translate. */
export const EVERYBODY = "everybody";

/**
 * @param {MessageView} view
 * @param {number} n
 * @param {(key: number|null) => string|undefined} nameOf
 * @param {number|null} shortest
 * @returns {Row}
 */
export function rowOf(view, n, nameOf, shortest) {
  const { id, kind, from, to, hops, attempt } = view;
  const state = messageShape(view);
  const sender = from === null ? TEXTS.messagesPanel.outside(view.sender) : nameOf(from) ?? view.sender ?? "?";
  const receiver = kind === "broadcast" ? EVERYBODY : nameOf(to) ?? "?";
  return {
    id, n, view, kind, state,
    route: kind === "broadcast" ? "tree" : from === null ? "outside" : view.path.length > 0 ? "overlay" : "direct",
    at: startOf(view), ms: tookOf(view), hops, tries: attempt, shortest,
    detour: detourOf(view, shortest),
    from: sender, to: receiver,
    fromLow: from === null ? view.sender.toLowerCase() : sender.toLowerCase(),
    toLow: receiver.toLowerCase(), textLow: view.text.toLowerCase(),
  };
}

/** When it began. @param {MessageView} view */
export function startOf(view) {
  return view.queued_at ?? view.sent_at ?? view.received_at ?? view.done_at ?? 0;
}

/** When it ended, as its sender or its receiver says; null: it has not. @param {MessageView} view */
export function endOf(view) {
  if (view.state === "waiting" || view.state === "sent") return null;
  return view.state === "received" ? view.received_at : view.done_at ?? view.received_at;
}

/** @param {MessageView} view */
function tookOf(view) {
  const [start, end] = [view.sent_at ?? view.queued_at, endOf(view)];
  return start === null || end === null ? null : Math.max(0, end - start);
}

/**
 * Only what arrived over links can have gone a longer way than it had to: one that is under way
 * may still be on the shortest.
 * @param {MessageView} view @param {number|null} shortest
 */
export function detourOf(view, shortest) {
  const there = view.state === "received" || view.state === "delivered";
  if (view.kind !== "message" || !there || shortest === null || view.path.length === 0) return 0;
  return Math.max(0, view.hops - shortest);
}
