/**
 * All that can be done to nodes and links on purpose: one table of plain objects. The node's panel,
 * the selection's bar, the context menu and the palette all read it; nothing else says what a
 * *freeze* is.
 *
 * @typedef {import("../model.js").NodeView} NodeView
 *
 * @typedef {object} Target
 * @property {NodeView[]} [nodes]
 * @property {{a: NodeView, b: NodeView}} [link]
 * @property {number} [seconds]  for how long; without it as long as the act itself thinks fit
 *
 * @typedef {object} Command
 * @property {string} id
 * @property {string} title
 * @property {string} what  what it does, in a sentence
 * @property {string} sign  a picture of `signs.js`
 * @property {"node"|"link"|"picture"|"selection"} on
 * @property {((target: Target) => string)|null} confirm  what to ask before it; null: nothing
 * @property {(target: Target) => string|null} refuses  why it cannot be; null: it can
 * @property {(target: Target) => Promise<string>} run  does it; what to say then
 */

import { counted, lasting } from "../panel/words.js";

/** Seconds that faults last which are set with one press: those that act on what is said between
 *  nodes a minute, those that take the node away less: long enough to see that it is missed. */
const A_MINUTE = 60;
/** A crashed node stays away for ten minutes at most (node/faults/kinds.py, MOST_DOWN). */
const DOWN_MOST = 600;

/**
 * What one node can be asked for.
 * @type {readonly {id: string, title: string, what: string, sign: string, seconds: number, wish: (seconds: number) => Record<string, unknown>, destroys?: string}[]}
 */
export const AT_NODES = Object.freeze([
  { id: "crash", title: "Kill", what: "The process dies without clean-up, and comes back by itself", sign: "down", seconds: 10,
    wish: (seconds) => ({ kind: "crash", down_seconds: Math.min(DOWN_MOST, seconds) }), destroys: "What is not on disk is lost." },
  { id: "freeze", title: "Freeze", what: "It answers nothing and does nothing", sign: "frozen", seconds: 20, wish: (seconds) => ({ kind: "freeze", for_seconds: seconds }) },
  { id: "isolate", title: "Isolate", what: "Nothing gets to it or from it", sign: "isolated", seconds: 30, wish: (seconds) => ({ kind: "drop", for_seconds: seconds }) },
  { id: "slow", title: "Slow", what: "Everything it hears and says is 300 ms late", sign: "slow", seconds: A_MINUTE,
    wish: (seconds) => ({ kind: "delay", mean_ms: 300, jitter_ms: 50, for_seconds: seconds }) },
  { id: "lossy", title: "Lossy", what: "Three in ten requests and answers are lost", sign: "lossy", seconds: A_MINUTE,
    wish: (seconds) => ({ kind: "drop", probability: 0.3, for_seconds: seconds }) },
  { id: "disk-full", title: "Disk full", what: "It can store nothing", sign: "disk", seconds: 30, wish: (seconds) => ({ kind: "disk-full", for_seconds: seconds }) },
]);

/** Who asks, in the nodes' logs. */
const BY = "the page";

/**
 * @param {(path: string, body: object) => Promise<any>} post
 * @param {(path: string) => Promise<any>} remove
 * @returns {Command[]}
 */
export function commands(post, remove) {
  const act = async (/** @type {object} */ body) => (await post("/api/faults", { ...body, by: BY })).act;

  /** @type {Command[]} */
  const ofNodes = AT_NODES.flatMap(({ id, title, what, sign, seconds, wish, destroys }) =>
    /** @type {const} */ (["node", "selection"]).map((on) => ({
      id: on === "node" ? id : `${id}-all`, title, what, sign, on,
      confirm: destroys === undefined || on === "node" ? null
        : ({ nodes = [] }) => `${title} ${who(nodes)}? ${nodes.length === 1 ? "Its process dies" : "Their processes die"} without clean-up. ${destroys}`,
      refuses: refusesNodes,
      run: async ({ nodes = [], seconds: wanted }) => {
        const lasts = wanted ?? seconds;
        const done = await act({ ...wish(lasts), nodes: able(nodes).map((node) => node.id) });
        return `${title}: ${counted(done.nodes.length, "node")}, for ${lasting(1000 * lasts)}.${leftOut(done)}`;
      },
    })));

  /** @type {Command} */
  const partition = {
    id: "partition", title: "Partition", what: "These hear nothing of all the others, and the others nothing of them", sign: "partition", on: "selection",
    confirm: null, refuses: refusesNodes,
    run: async ({ nodes = [], seconds = A_MINUTE }) => {
      const done = await act({ kind: "partition", groups: [able(nodes).map((node) => node.id)], for_seconds: seconds });
      return `Partition: ${counted(done.groups[0].length, "node")} and ${done.groups[1].length} hear nothing of each other, for ${lasting(1000 * seconds)}.${leftOut(done)}`;
    },
  };

  /** @type {Command[]} */
  const ofLinks = [
    { id: "cut", title: "Cut", sign: "cut", what: "Nothing gets through, in neither direction", wish: { kind: "drop" }, from: "a", way: "both" },
    { id: "cut-there", title: "Cut one way, there", sign: "oneway", what: "Nothing gets from the first to the second", wish: { kind: "drop" }, from: "a", way: "out" },
    { id: "cut-back", title: "Cut one way, back", sign: "oneway", what: "Nothing gets from the second to the first", wish: { kind: "drop" }, from: "b", way: "out" },
    { id: "slow-link", title: "Slow", sign: "slow", what: "Everything between them is 300 ms late", wish: { kind: "delay", mean_ms: 300, jitter_ms: 50 }, from: "a", way: "both" },
    { id: "lossy-link", title: "Lossy", sign: "lossy", what: "Three in ten requests and answers between them are lost", wish: { kind: "drop", probability: 0.3 }, from: "a", way: "both" },
  ].map(({ id, title, sign, what, wish, from, way }) => ({
    id, title, sign, what, on: /** @type {const} */ ("link"), confirm: null,
    refuses: ({ link }) => (link === undefined ? "Choose a link." : cannot(link.a) ?? cannot(link.b)),
    run: async ({ link, seconds = A_MINUTE }) => {
      const { a, b } = /** @type {{a: NodeView, b: NodeView}} */ (link);
      const [one, other] = from === "a" ? [a, b] : [b, a];
      await act({ ...wish, nodes: [one.id], peers: [other.id], direction: way, for_seconds: seconds });
      return `${title}: ${one.name} ${way === "out" ? "→" : "↔"} ${other.name}, for ${lasting(1000 * seconds)}.`;
    },
  }));

  /** @type {Command[]} */
  const ofPicture = /** @type {const} */ ([
    ["halves", "Partition in halves", "Two halves that hear nothing of each other", "partition"],
    ["bridge", "Two halves and a bridge", "Two halves, and one node between them that hears both", "partition"],
    ["ring", "Ring", "Each node hears only the one before and the one after it", "partition"],
  ]).map(([shape, title, what, sign]) => ({
    id: shape, title, what, sign, on: /** @type {const} */ ("picture"), confirm: null, refuses: () => null,
    run: async ({ seconds = A_MINUTE }) => {
      const done = await act({ kind: "partition", shape, for_seconds: seconds });
      return `${title}: ${counted(done.nodes.length, "node")}, for ${lasting(1000 * seconds)}.`;
    },
  }));

  /** @type {Command} */
  const heal = {
    id: "heal", title: "Heal everything", what: "Ends every fault at every node", sign: "heal", on: "picture", confirm: null, refuses: () => null,
    run: async () => {
      const { cleared, not_reached: missed } = await remove("/api/faults");
      return `Healed: ${counted(cleared, "fault")} ended.${missed.length > 0 ? ` Not reached: ${missed.join(", ")}.` : ""}`;
    },
  };

  return [partition, ...ofNodes, ...ofLinks, ...ofPicture, heal];
}

/** Why a node cannot be broken. @param {NodeView} node @returns {string|null} */
function cannot(node) {
  if (node.kind === "plain") return `${node.name} is a plain node: it cannot break itself.`;
  return node.state === "dead" || node.state === "left" ? `${node.name} is not there.` : null;
}

/** @param {NodeView[]} nodes */
export function able(nodes) {
  return nodes.filter((node) => cannot(node) === null);
}

/** @param {Target} target */
function refusesNodes({ nodes = [] }) {
  if (nodes.length === 0) return "Choose some nodes first.";
  if (able(nodes).length > 0) return null;
  return nodes.length === 1 ? cannot(nodes[0]) : "None of these nodes lives, or they are plain nodes.";
}

/** @param {NodeView[]} nodes */
function who(nodes) {
  return nodes.length <= 2 ? nodes.map((node) => node.name).join(" and ") : counted(nodes.length, "node");
}

/** @param {{left_out: string[]}} done */
function leftOut({ left_out: names }) {
  return names.length === 0 ? "" : ` Left out, as they do not live: ${names.join(", ")}.`;
}
