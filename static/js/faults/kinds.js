/**
 * The faults in words, and as what each is shown. No DOM.
 *
 * `sign` is a picture of `signs.js`; a *mark* stands at the node, what has none shows at the
 * node's links only.
 *
 * @typedef {import("../model.js").FaultView} FaultView
 */

import { counted } from "../panel/words.js";

/**
 * What stands in the legend while it is to be seen in the picture, in this order.
 * @type {Readonly<Record<string, {word: string, means: string}>>}
 */
export const SIGNS = Object.freeze({
  partition: { word: "partition", means: "Nodes on one side hear nothing of the other" },
  cut: { word: "cut", means: "Nothing gets through, in neither direction" },
  oneway: { word: "one way", means: "Messages get through in the direction of the arrow only" },
  slow: { word: "slow", means: "Everything comes later" },
  lossy: { word: "lossy", means: "Some requests and answers are lost" },
  isolated: { word: "isolated", means: "Nothing gets to the node or from it" },
  frozen: { word: "frozen", means: "The node answers nothing and does nothing" },
  down: { word: "crashed", means: "Its process has ended; it comes back by itself" },
  disk: { word: "disk full", means: "The node can store nothing" },
  clock: { word: "clock wrong", means: "The node's clock is wrong" },
  narrow: { word: "narrow", means: "Only so many bytes a second get through" },
  twice: { word: "doubled", means: "Requests arrive twice" },
  mixed: { word: "out of order", means: "Some requests are overtaken by later ones" },
});

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
  const whom = peers === null ? "" : peers.length > 3 ? `, towards ${peers.slice(0, 3).join(", ")} and ${counted(peers.length - 3, "other")}` : `, towards ${peers.join(", ")}`;
  const way = fault.direction === "in" ? ", what comes in" : fault.direction === "out" ? ", what goes out" : "";
  return `${bare(fault)}${whom}${way}`;
}

/** A fault without whom it concerns. @param {any} fault */
export function bare(fault) {
  switch (fault.kind) {
    case "drop": return fault.probability >= 1 || fault.probability === undefined ? "cut off" : `loses ${Math.round(100 * Number(fault.probability))} %`;
    case "delay": return `late by ${Number(fault.mean_ms)} ms`;
    case "throttle": return `${counted(Number(fault.bytes_per_second), "byte")} a second`;
    case "disk-full": return "disk full";
    case "clock-skew": return fault.offset_seconds ? `clock wrong by ${Number(fault.offset_seconds)} s` : `clock runs ${Number(fault.rate)} times as fast`;
    default: return String(fault.kind);
  }
}
