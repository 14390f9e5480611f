/**
 * What is broken just now, as it is to be seen: a pure function of the model.
 *
 *   partitions   who is parted from whom, by sides
 *   wires        pairs between which something is wrong, and what
 *   marks        what is wrong with a node itself
 *   entries      the same as a list for people: one line an act, with its end
 *
 * A link has two directions, and each fault says which of them it touches, as its node sees it.
 * What goes from a to b is touched by what a does to what goes out and by what b does to what
 * comes in. No DOM.
 *
 * @typedef {import("../model.js").Key} Key
 * @typedef {import("../model.js").Model} Model
 * @typedef {import("../model.js").FaultView} FaultView
 *
 * @typedef {object} Partition
 * @property {string} act
 * @property {Key[][]} sides  the largest first
 * @property {boolean} ring  each hears its two neighbours only; then there is one side
 * @property {number} until  milliseconds
 *
 * @typedef {object} Wire
 * @property {Key} a  the smaller one
 * @property {Key} b
 * @property {"cut"|"oneway"|"slow"|"lossy"} kind
 * @property {Key|null} open  of a one-way wire: where messages still arrive
 * @property {boolean} link  whether there is a link just now
 *
 * @typedef {object} Entry
 * @property {string} id  the act, or the fault where it belongs to none
 * @property {boolean} act
 * @property {string} sign
 * @property {string} title
 * @property {Key[]} nodes
 * @property {string} node  the id of the first
 * @property {number} until  milliseconds
 * @property {string} by
 *
 * @typedef {object} Standing
 * @property {Partition[]} partitions
 * @property {Map<string, Wire>} wires  by `linkKey`
 * @property {Map<Key, string[]>} marks  signs, the weightiest first
 * @property {Entry[]} entries  what ends first is first
 * @property {Set<string>} signs  all that is to be seen, for the legend
 */

import { linkKey } from "../model.js";
import { TEXTS } from "../texts.js";
import { bare, byWeight, isPartition, onTheWire, signOf } from "./kinds.js";

/** A fault towards more than these is drawn at links only: else a hundred lines from one node. */
const PAIRS_MOST = 12;

/** @param {Model} model @returns {Standing} */
export function standing(model) {
  const partitions = partitionsOf(model);
  const wires = wiresOf(model);
  const marks = marksOf(model);
  const signs = new Set([...marks.values()].flat());
  for (const { kind } of wires.values()) signs.add(kind);
  if (partitions.length > 0) signs.add("partition");
  return { partitions, wires, marks, entries: entriesOf(model, partitions), signs };
}

/** @param {Model} model @returns {Partition[]} */
function partitionsOf(model) {
  /** @type {Map<string, {sides: Map<string, Key[]>, until: number}>} */
  const acts = new Map();
  for (const [key, faults] of model.faults) {
    for (const { act, peers, until } of faults) {
      if (act === null || !isPartition(act) || peers === null) continue;
      let found = acts.get(act);
      if (!found) acts.set(act, (found = { sides: new Map(), until: 0 }));
      found.until = Math.max(found.until, until);
      // Who must not hear the same others stands on the same side.
      const side = peers.join();
      const there = found.sides.get(side);
      if (there) there.push(key);
      else found.sides.set(side, [key]);
    }
  }
  return [...acts].map(([act, { sides, until }]) => {
    const all = sidesOf([...sides]);
    return { act, sides: all, until, ring: all.length === 1 && sides.size > 2 };
  });
}

/**
 * Who hear each other are on one side. Lists of one side may differ, as a newcomer is not in those
 * that were told before it came; so it is looked who hears whom. In a ring everybody hears somebody.
 * @param {[string, Key[]][]} lists  whom nodes must not hear, and which nodes
 * @returns {Key[][]}
 */
function sidesOf(lists) {
  const parts = lists.map(([list, keys]) => ({ peers: new Set(list.split(",").map(Number)), keys, side: -1 }));
  let side = 0;
  for (const part of parts) {
    if (part.side >= 0) continue;
    part.side = side;
    const reached = [part];
    for (let one = reached.pop(); one !== undefined; one = reached.pop()) {
      for (const other of parts) {
        if (other.side >= 0 || one.peers.has(other.keys[0]) || other.peers.has(one.keys[0])) continue;
        other.side = side;
        reached.push(other);
      }
    }
    side += 1;
  }
  /** @type {Key[][]} */
  const sides = Array.from({ length: side }, () => []);
  for (const part of parts) sides[part.side].push(...part.keys);
  return sides.map((keys) => keys.sort((a, b) => a - b)).sort((a, b) => b.length - a.length || a[0] - b[0]);
}

/** @typedef {{cut: boolean, lossy: boolean, slow: boolean}} Touch  of one direction */

/** @param {Model} model @returns {Map<string, Wire>} */
function wiresOf(model) {
  /** Directions, as `"a>b"`. @type {Map<string, Touch>} */
  const touched = new Map();
  /** @type {Map<string, [Key, Key]>} */
  const pairs = new Map();
  for (const [key, faults] of model.faults) {
    for (const fault of faults) {
      if (!onTheWire(fault.kind) || fault.kind === "duplicate" || fault.kind === "reorder") continue;
      const few = fault.peers !== null && fault.peers.length <= PAIRS_MOST && !isPartition(fault.act);
      const whom = few ? fault.peers ?? []
        : fault.peers === null ? [...model.neighbours(key)]
        : fault.peers.filter((peer) => model.neighbours(key).has(peer));
      for (const other of whom) {
        if (!model.nodes.has(other) || other === key) continue;
        pairs.set(linkKey(key, other), key < other ? [key, other] : [other, key]);
        if (fault.direction !== "in") touch(touched, `${key}>${other}`, fault);
        if (fault.direction !== "out") touch(touched, `${other}>${key}`, fault);
      }
    }
  }
  const wires = new Map();
  for (const [name, [a, b]] of pairs) {
    const [there, back] = [touched.get(`${a}>${b}`), touched.get(`${b}>${a}`)];
    const cut = there?.cut && back?.cut;
    const oneway = !cut && (there?.cut || back?.cut);
    const kind = cut ? "cut" : oneway ? "oneway" : there?.slow || back?.slow ? "slow" : "lossy";
    const open = !oneway ? null : there?.cut ? a : b;
    wires.set(name, { a, b, kind, open, link: model.links.has(name) });
  }
  return wires;
}

/** @param {Map<string, Touch>} touched @param {string} way @param {FaultView} fault */
function touch(touched, way, fault) {
  let found = touched.get(way);
  if (!found) touched.set(way, (found = { cut: false, lossy: false, slow: false }));
  if (fault.kind === "drop") found[(fault.probability ?? 1) >= 1 ? "cut" : "lossy"] = true;
  else found.slow = true;
}

/** @param {Model} model @returns {Map<Key, string[]>} */
function marksOf(model) {
  const marks = new Map();
  for (const [key, faults] of model.faults) {
    const signs = new Set(faults.filter((fault) => fault.peers === null && (fault.kind !== "drop" || fault.direction === "both")).map(signOf));
    if (signs.size > 0) marks.set(key, [...signs].sort(byWeight));
  }
  return marks;
}

/** @param {Model} model @param {Partition[]} partitions @returns {Entry[]} */
function entriesOf(model, partitions) {
  /** @type {Map<string, {entry: Entry, fault: FaultView}>} */
  const found = new Map();
  for (const [key, faults] of model.faults) {
    for (const fault of faults) {
      const id = fault.act ?? fault.id;
      const there = found.get(id);
      if (there) {
        there.entry.nodes.push(key);
        there.entry.until = Math.max(there.entry.until, fault.until);
        continue;
      }
      const entry = { id, act: fault.act !== null, sign: signOf(fault), title: "", nodes: [key], node: model.nodes.get(key)?.id ?? "", until: fault.until, by: fault.by };
      found.set(id, { entry, fault });
    }
  }
  const sides = new Map(partitions.map((partition) => [partition.act, partition]));
  for (const [id, { entry, fault }] of found) {
    const partition = sides.get(id);
    if (partition) entry.sign = "partition";
    entry.title = partition ? partitionWords(partition) : faultTitle(model, entry.nodes, fault);
  }
  return [...found.values()].map(({ entry }) => entry).sort((a, b) => a.until - b.until || (a.id < b.id ? -1 : 1));
}

/** @param {Partition} partition */
export function partitionWords({ sides, ring }) {
  if (ring) return TEXTS.fault.ring(sides[0].length);
  const sizes = sides.map((side) => side.length);
  return sides.length > 4 ? TEXTS.fault.parts(sides.length) : TEXTS.fault.sides(sizes.join(" | "));
}

/** @param {FaultView} fault */
function bareOf(fault) {
  if (fault.kind === "drop" && (fault.probability ?? 1) >= 1) return fault.peers === null && fault.direction === "both" ? TEXTS.fault.isolated : TEXTS.fault.cutOff;
  if (fault.kind === "freeze") return TEXTS.fault.frozen;
  if (fault.kind === "crash") return TEXTS.fault.crashed;
  if (fault.kind === "leave") return TEXTS.fault.left;
  return bare(fault);
}

/** @param {Model} model @param {Key[]} nodes @param {FaultView} fault */
function faultTitle(model, nodes, fault) {
  if (fault.peers === null) return TEXTS.fault.entry(bareOf(fault), whom(model, nodes));
  const arrow = { in: "←", out: "→", both: "↔" }[fault.direction] ?? "↔";
  return TEXTS.fault.entryTowards(bareOf(fault), whom(model, nodes), arrow, whom(model, fault.peers));
}

/** @param {Model} model @param {Key[]} keys */
function whom(model, keys) {
  const names = keys.map((key) => model.nodes.get(key)?.name ?? "?");
  return names.length > 2 ? TEXTS.nodes(names.length) : names.join(", ");
}
