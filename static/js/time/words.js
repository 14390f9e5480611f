/**
 * Times and what happened, in words. No DOM.
 */

import { faultWords } from "../faults/kinds.js";
import { TEXTS, wordFor } from "../texts.js";

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
  if (seconds < 1) return TEXTS.span.s(Math.round(seconds * 10) / 10);
  if (seconds < 60) return TEXTS.span.s(Math.floor(seconds));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 && Math.floor(seconds % 60) > 0 ? TEXTS.span.minS(minutes, Math.floor(seconds % 60)) : TEXTS.span.min(minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 > 0 ? TEXTS.span.hMin(hours, minutes % 60) : TEXTS.span.h(hours);
  return TEXTS.span.days(Math.floor(hours / 24));
}

/** A speed as it stands on the button. @param {number} speed */
export function times(speed) {
  return TEXTS.time.times(speed);
}

/** @typedef {{at: number, kind: string, names: string[], count: number}} Mark */

/** @param {Mark} mark */
export function marked({ kind, names, count }) {
  const marks = /** @type {Record<string, (who: string, several: boolean) => string>} */ (TEXTS.time.marks);
  const said = Object.hasOwn(marks, kind) ? marks[kind] : (/** @type {string} */ who) => `${who} ${kind}`;
  if (count === 1 || names.length === 1) return said(names[0], false);
  return said(count > names.length ? TEXTS.time.namesAndMore(names.slice(0, 3).join(", "), count - Math.min(3, names.length))
    : TEXTS.and(names.slice(0, -1).join(", "), names.at(-1) ?? ""), true);
}

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
  return others.length === 0 ? sentence : TEXTS.time.factsAndMore(sentence, others.length);
}

/**
 * One event in words: in its sentence `A` is who told it, `B` whom it is about, `T` the text.
 * @param {string} type
 * @param {string} who  told it
 * @param {string} other  whom it is about
 * @param {string|undefined} text  of the message
 */
function inWords(type, who, other, text) {
  const said = text === undefined ? TEXTS.time.aMessage : TEXTS.time.quoted(text.length > 40 ? `${text.slice(0, 39)}…` : text);
  const words = { A: who, B: other, T: said };
  return wordFor(TEXTS.time.facts, type).replace(/\b[ABT]\b/g, (letter) => words[/** @type {"A"|"B"|"T"} */ (letter)]);
}

/** A record of the recording in words. @param {import("../answers.js").Told} record */
export function recorded({ type, who, other, text, fault }) {
  const sentence = inWords(type, who, other === "" ? TEXTS.time.somebody : other, text ?? undefined);
  return fault === null ? sentence : TEXTS.time.factOfFault(sentence, faultWords(fault));
}
