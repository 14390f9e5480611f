/**
 * The faults in words, and as what each is shown. No DOM.
 *
 * `sign` is a picture of `signs.js`; a *mark* stands at the node, what has none shows at the
 * node's links only.
 *
 * @typedef {import("../model.js").FaultView} FaultView
 */

import { TEXTS } from "../texts.js";


/**
 * What stands in the legend while it is to be seen in the picture, in this order.
 * @type {Readonly<Record<string, {word: string, means: string}>>}
 */
export const SIGNS = TEXTS.signs;

/** @typedef {keyof typeof SIGNS} Sign */

/** Signs at a node, the one that explains most first: there is room for two. */
const MARKS = ["frozen", "down", "isolated", "disk", "clock", "slow", "lossy", "narrow", "twice", "mixed"];

/** @param {string} a @param {string} b */
export function byWeight(a, b) {
  return MARKS.indexOf(a) - MARKS.indexOf(b);
}

/**
 * What a fault is shown as. @param {Pick<FaultView, "kind"|"probability"|"peers">} fault
 * @returns {string}
 */
export function signOf(fault) {
  switch (fault.kind) {
    case "drop": return (fault.probability ?? 1) < 1 ? "lossy" : fault.peers === null ? "isolated" : "cut";
    case "delay": return "slow";
    case "throttle": return "narrow";
    case "duplicate": return "twice";
    case "reorder": return "mixed";
    case "freeze": return "frozen";
    case "crash": case "leave": return "down";
    case "disk-full": return "disk";
    case "clock-skew": return "clock";
    default: return "mixed";
  }
}

/** Whether it is done to what nodes say to each other. @param {string} kind */
export function onTheWire(kind) {
  return ["drop", "delay", "duplicate", "reorder", "throttle"].includes(kind);
}

/** Whether an act is a partition: its id begins with its kind. @param {string|null|undefined} act */
export function isPartition(act) {
  return typeof act === "string" && act.startsWith("partition-");
}

/**
 * A fault in a few words.
 * @param {any} fault
 * @param {(peer: any) => string} [nameOf] a peer's name, where it is no object with one
 */
export function faultWords(fault, nameOf = (peer) => String(peer?.name ?? "")) {
  const peers = Array.isArray(fault.peers) ? fault.peers.map(nameOf).filter(Boolean) : null;
  const whom = peers === null ? null : peers.length > 3 ? TEXTS.fault.others(peers.slice(0, 3).join(", "), peers.length - 3) : peers.join(", ");
  return TEXTS.fault.whole(bare(fault), whom, fault.direction);
}

/** A fault without whom it concerns. @param {any} fault */
export function bare(fault) {
  switch (fault.kind) {
    case "drop": return fault.probability >= 1 || fault.probability === undefined ? TEXTS.fault.cutOff : TEXTS.fault.loses(Math.round(100 * Number(fault.probability)));
    case "delay": return TEXTS.fault.late(Number(fault.mean_ms));
    case "throttle": return TEXTS.fault.throttle(Number(fault.bytes_per_second));
    case "disk-full": return TEXTS.fault.disk;
    case "clock-skew": return fault.offset_seconds ? TEXTS.fault.clockOff(Number(fault.offset_seconds)) : TEXTS.fault.clockRate(Number(fault.rate));
    default: return String(fault.kind);
  }
}
