/**
 * Times and what happened, in words. No DOM.
 */

import { faultWords } from "../faults/kinds.js";
import { counted } from "../panel/words.js";

/** @typedef {import("./tape.js").Fact} Fact */

/** @param {number} value @param {number} [digits] */
const two = (value, digits = 2) => String(value).padStart(digits, "0");

/**
 * The time of day: 14:03:07, or to the tenth or the millisecond where that can be seen.
 * @param {number} at milliseconds
 * @param {0|1|3} [digits] behind the second
 */
export function clock(at, digits = 0) {
  const date = new Date(at);
  const whole = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const rest = two(date.getMilliseconds(), 3);
  return digits === 0 ? whole : `${whole}.${rest.slice(0, digits)}`;
}

/** The day, where it is not today. @param {number} at @param {number} now */
export function day(at, now) {
  const date = new Date(at);
  if (date.toDateString() === new Date(now).toDateString()) return "";
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A span as people say it: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min. @param {number} span milliseconds */
export function spanned(span) {
  const seconds = Math.max(0, span) / 1000;
  if (seconds < 1) return `${(Math.round(seconds * 10) / 10).toString()} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 && Math.floor(seconds % 60) > 0 ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 > 0 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** A speed as it stands on the button. @param {number} speed */
export function times(speed) {
  return `${speed}×`;
}

/** What a mark of the timeline says. @type {Record<string, [one: string, several: string]>} */
const MARKS = {
  joined: ["joined", "joined"],
  back: ["is back", "are back"],
  left: ["left", "left"],
  dead: ["died", "died"],
  fault: ["got a fault", "got faults"],
  healed: ["was healed of a fault", "were healed of faults"],
  started: ["began to record", "began to record"],
  stopped: ["stopped recording", "stopped recording"],
};

/** @typedef {{at: number, kind: string, names: string[], count: number}} Mark */

/** @param {Mark} mark */
export function marked({ kind, names, count }) {
  const [one, several] = MARKS[kind] ?? [kind, kind];
  if (count === 1 || names.length === 1) return `${names[0]} ${one}`;
  const more = count - names.length;
  const who = more > 0 ? `${names.slice(0, 3).join(", ")} and ${count - Math.min(3, names.length)} more`
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return `${who} ${several}`;
}

/** Events in words: `A` is who told it, `B` whom it is about, `T` the message's text. @type {Record<string, string>} */
const FACTS = {
  "message.queued": "A keeps T for B",
  "message.sent": "A sends T to B",
  "message.forwarded": "A hands T on, for B",
  "message.received": "A receives T from B",
  "message.delivered": "A knows that B has T",
  "message.retried": "A tries T to B again",
  "message.failed": "A gives up T to B",
  "message.discarded": "A drops T to B",
  "broadcast.sent": "A broadcasts T",
  "broadcast.received": "A receives B’s broadcast T",
  "broadcast.missed": "A knows that it missed broadcasts of B",
  "link.up": "A and B are linked",
  "link.down": "A has lost its link to B",
  "peer.learned": "A hears of B",
  "peer.forgotten": "A forgets B",
  "member.alive": "A finds B alive",
  "member.suspect": "A suspects B",
  "member.dead": "A takes B for dead",
  "member.left": "A hears that B left",
  "node.started": "A starts",
  "node.stopping": "A says goodbye",
  "node.gone": "A is gone",
  "node.back": "A is back",
  "fault.set": "A gets a fault",
  "fault.cleared": "A is healed of a fault",
  "dashboard.snapshot": "A says all that it knows",
  "dashboard.resumed": "the panel hears A again",
  "dashboard.answered": "A answers the panel",
  "dashboard.contact": "the panel’s line to A comes or goes",
  "dashboard.passed": "A is forgotten",
  "dashboard.started": "the panel begins to record",
  "dashboard.stopped": "the panel stops recording",
};

/** What is said first, where much happened at once: the rarer it is, the sooner. */
const FIRST = ["node.", "fault.", "dashboard.", "message.failed", "broadcast.sent", "message.sent", "message.", "broadcast.", "member.dead", "member.", "link."];

/**
 * What happened in one step.
 * @param {Fact[]} facts
 * @param {(key: number|null) => string} nameOf
 * @param {(id: string) => string|undefined} textOf
 */
export function happened(facts, nameOf, textOf) {
  if (facts.length === 0) return "";
  const rank = (/** @type {Fact} */ [type]) => {
    const place = FIRST.findIndex((start) => type.startsWith(start));
    return place < 0 ? FIRST.length : place;
  };
  const [first, ...others] = [...facts].sort((a, b) => rank(a) - rank(b));
  const [type, node, other, message] = first;
  const text = message === null ? undefined : textOf(message);
  const sentence = inWords(type, nameOf(node), nameOf(other), text);
  return others.length === 0 ? sentence : `${sentence}, and ${counted(others.length, "thing")} more`;
}

/**
 * One event in words.
 * @param {string} type
 * @param {string} who  told it
 * @param {string} other  whom it is about
 * @param {string|undefined} text  of the message
 */
function inWords(type, who, other, text) {
  const said = text === undefined ? "a message" : `“${text.length > 40 ? `${text.slice(0, 39)}…` : text}”`;
  const words = { A: who, B: other, T: said };
  return (FACTS[type] ?? type).replace(/\b[ABT]\b/g, (letter) => words[/** @type {"A"|"B"|"T"} */ (letter)]);
}

/** A record of the recording in words. @param {import("../answers.js").Told} record */
export function recorded({ type, who, other, text, fault }) {
  const sentence = inWords(type, who, other === "" ? "somebody" : other, text ?? undefined);
  return fault === null ? sentence : `${sentence}: ${faultWords(fault)}`;
}
