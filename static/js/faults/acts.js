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

import { lasting } from "../panel/words.js";
import { TEXTS } from "../texts.js";
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
    confirm: action.destroys ? ({ nodes = [] }) => TEXTS.acts.confirm(action.name, who(nodes), action.title) : null,
    refuses: refusesNodes,
    run: async ({ nodes = [], seconds: wanted }) => {
      const { wish, seconds } = during(action, wanted);
      const done = await act({ ...wish, nodes: able(nodes).map((node) => node.id) });
      return withLeftOut(TEXTS.acts.done(action.name, done.nodes.length, lasting(1000 * seconds)), done);
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
    id: "partition", ...TEXTS.acts.partition, sign: "partition", on: "selection",
    confirm: null, refuses: refusesNodes,
    run: async ({ nodes = [], seconds = A_MINUTE }) => {
      const done = await act({ kind: "partition", groups: [able(nodes).map((node) => node.id)], for_seconds: seconds });
      return withLeftOut(TEXTS.acts.partitioned(done.groups[0].length, done.groups[1].length, lasting(1000 * seconds)), done);
    },
  };

  /** @type {Command[]} */
  const ofPicture = /** @type {const} */ (["halves", "bridge", "ring"]).map((shape) => ({
    id: shape, ...TEXTS.acts[shape], sign: "partition", on: /** @type {const} */ ("picture"), confirm: null, refuses: () => null,
    run: async ({ seconds = A_MINUTE }) => {
      const done = await act({ kind: "partition", shape, for_seconds: seconds });
      return TEXTS.acts.done(TEXTS.acts[shape].title, done.nodes.length, lasting(1000 * seconds));
    },
  }));

  /** @type {Command} */
  const heal = {
    id: "heal", ...TEXTS.acts.heal, sign: "heal", on: "picture", confirm: null, refuses: () => null,
    run: async () => {
      const { cleared, not_reached: missed } = await remove("/api/faults");
      return missed.length === 0 ? TEXTS.acts.healed(cleared) : TEXTS.acts.notReached(TEXTS.acts.healed(cleared), missed.join(", "));
    },
  };

  return [partition, ...ofPicture, heal];
}

/** Why a node cannot be broken. @param {NodeView} node @returns {string|null} */
function cannot(node) {
  if (node.kind === "plain") return TEXTS.acts.plain(node.name);
  return node.state === "dead" || node.state === "left" ? TEXTS.acts.gone(node.name) : null;
}

/** @param {NodeView[]} nodes */
export function able(nodes) {
  return nodes.filter((node) => cannot(node) === null);
}

/** @param {Target} target */
function refusesNodes({ nodes = [] }) {
  if (nodes.length === 0) return TEXTS.acts.chooseFirst;
  if (able(nodes).length > 0) return null;
  return nodes.length === 1 ? cannot(nodes[0]) : TEXTS.acts.noneLives;
}

/** @param {NodeView[]} nodes */
function who(nodes) {
  const [one = "", two] = nodes.map((node) => node.name);
  return nodes.length > 2 ? TEXTS.nodes(nodes.length) : two === undefined ? one : TEXTS.and(one, two);
}

/** @param {string} said @param {{left_out: string[]}} done */
function withLeftOut(said, { left_out: names }) {
  return names.length === 0 ? said : TEXTS.acts.leftOut(said, names.join(", "));
}
