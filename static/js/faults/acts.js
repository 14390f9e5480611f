/**
 * What can be done to several nodes at once, and to the whole network: one table of plain objects,
 * which the bar of the chosen nodes, the context menu and the palette read. What the dashboard's
 * own table (`actions.js`) has for one node is here for several.
 *
 * @typedef {import("../model.js").NodeView} NodeView
 *
 * @typedef {object} Target
 * @property {NodeView[]} [nodes]
 * @property {number} [seconds]  for how long; without it as long as the act itself thinks fit
 *
 * @typedef {object} Command
 * @property {string} id
 * @property {string} title
 * @property {string} what  what it does, in a sentence
 * @property {string} sign  a picture of `signs.js`
 * @property {"picture"|"selection"} on
 * @property {((target: Target) => string)|null} confirm  what to ask before it; null: nothing
 * @property {(target: Target) => string|null} refuses  why it cannot be; null: it can
 * @property {(target: Target) => Promise<string>} run  does it; what to say then
 */

import { counted, lasting } from "../panel/words.js";
import { during } from "./actions.js";
import { signOf } from "./kinds.js";

/** Seconds that a partition lasts which is set with one press: long enough to see what it does. */
const A_MINUTE = 60;

/** Who asks, in the nodes' logs. */
const BY = "the page";

/** @typedef {(path: string, body: object) => Promise<any>} Post */

/** @param {Post} post */
function asker(post) {
  return async (/** @type {object} */ body) => (await post("/api/faults", { ...body, by: BY })).act;
}

/**
 * What can be done to one node, for several.
 * @param {readonly import("./actions.js").Action[]} actions  the dashboard's table
 * @param {Post} post
 * @returns {Command[]}
 */
export function atSeveral(actions, post) {
  const act = asker(post);
  return actions.filter(({ on }) => on === "node").map((action) => ({
    id: `${action.id}-all`, title: action.name, what: action.title, on: "selection",
    sign: signOf({ probability: 1, peers: null, ...action.wish, kind: String(action.wish.kind) }),
    confirm: action.destroys ? ({ nodes = [] }) => `${action.name} ${who(nodes)}? ${action.title}. What is not on disk is lost.` : null,
    refuses: refusesNodes,
    run: async ({ nodes = [], seconds: wanted }) => {
      const { wish, seconds } = during(action, wanted);
      const done = await act({ ...wish, nodes: able(nodes).map((node) => node.id) });
      return `${action.name}: ${counted(done.nodes.length, "node")}, for ${lasting(1000 * seconds)}.${leftOut(done)}`;
    },
  }));
}

/**
 * What is done to a network as a whole, and to a part of it and the rest.
 * @param {Post} post
 * @param {(path: string) => Promise<any>} remove
 * @returns {Command[]}
 */
export function commands(post, remove) {
  const act = asker(post);

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

  return [partition, ...ofPicture, heal];
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
