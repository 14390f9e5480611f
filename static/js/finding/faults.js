/**
 * What can be done to a node or a link with one press, as commands of the page. The table is the
 * dashboard's (faults/actions.js).
 *
 * @typedef {import("../faults/actions.js").Action} Action
 */

import { get, post, remove } from "../api.js";
import { inFull } from "../faults/actions.js";
import { TEXTS } from "../texts.js";

/** @param {Action} action @param {{id: string}[]} ends  the node, or the two ends of the link */
export async function doAction(action, [first, second]) {
  const peers = second === undefined ? {} : { peers: [second.id] };
  await post("/api/faults", { ...action.wish, ...peers, nodes: [first.id], by: "the page" });
}

/** End every fault of one node. @param {{id: string}} node @returns {Promise<number>} how many there were */
export async function healNode(node) {
  const path = `/api/nodes/${encodeURIComponent(node.id)}/faults`;
  const said = await get(path);
  const ids = (Array.isArray(said?.faults) ? said.faults : []).flatMap((/** @type {any} */ fault) => (typeof fault?.id === "string" ? [fault.id] : []));
  for (const id of ids) await remove(`${path}/${encodeURIComponent(id)}`);
  return ids.length;
}

/**
 * Acts at several nodes or at the whole network (faults/acts.js), as commands.
 * @typedef {import("../model.js").NodeView} NodeView
 * @typedef {object} Act
 * @property {string} id
 * @property {string} title
 * @property {string} what  what it does, in a sentence
 * @property {import("./commands.js").On} on
 * @property {((target: any) => string)|null} confirm
 * @property {(target: any) => string|null} refuses
 * @property {(target: any) => Promise<string>} run  what to say then
 *
 * @param {readonly Act[]} acts
 * @param {{model: import("../model.js").Model, done: (sentence: string) => void}} parts
 * @returns {import("./commands.js").Command[]}
 */
export function actCommands(acts, { model, done }) {
  const views = (/** @type {import("./commands.js").Target|null} */ target) =>
    ({ nodes: (target?.nodes ?? []).flatMap((key) => model.nodes.get(key) ?? []) });
  const titled = (/** @type {string} */ title, /** @type {import("./commands.js").Target|null} */ target) => {
    const { nodes } = views(target);
    return nodes.length === 0 ? title : nodes.length === 1 ? TEXTS.commands.actAt(title, nodes[0].name) : TEXTS.commands.actAtMany(title, nodes.length);
  };
  return acts.map(({ id, title, what, on, confirm, refuses, run }) => ({
    id: `fault:${id}`, acts: true, group: TEXTS.groups.breaking, on, short: title, words: TEXTS.commands.actWords(what),
    title: (target) => titled(title, target),
    cannot: (target) => refuses(views(target)) ?? "",
    ...(confirm === null ? {} : { asks: (target) => confirm(views(target)) }),
    run: async (target) => done(await run(views(target))),
  }));
}

/**
 * @param {Action[]} actions
 * @param {{model: import("../model.js").Model, done: (sentence: string) => void}} parts
 * @returns {import("./commands.js").Command[]}
 */
export function faultCommands(actions, { model, done }) {
  const ends = (/** @type {import("./commands.js").Target|null} */ target) =>
    (target?.link === undefined ? [target?.node ?? -1] : [target.link.a, target.link.b]).flatMap((key) => model.nodes.get(key) ?? []);
  return actions.map((action) => {
    const whom = (/** @type {import("./commands.js").Target|null} */ target) => {
      const names = ends(target).map(({ name }) => name);
      return names.length === 0 ? (action.on === "node" ? TEXTS.commands.aNode : TEXTS.commands.aLink) : names.join({ out: " → ", in: " ← " }[String(action.wish.direction)] ?? " – ");
    };
    return {
      id: `fault:${action.id}`, acts: true, group: TEXTS.groups.breaking, on: action.on, short: action.name, words: TEXTS.commands.faultWords(action.title),
      title: (target) => TEXTS.commands.fault(action.name, whom(target)),
      cannot: (target) => {
        const away = ends(target).find((node) => node.kind === "plain" || (node.state !== "alive" && node.state !== "suspect"));
        if (away === undefined) return "";
        return away.kind === "plain" ? TEXTS.commands.faultPlain(away.name) : TEXTS.commands.faultGone(away.name);
      },
      ...(action.destroys ? { asks: (target) => TEXTS.commands.faultAsks(action.name, whom(target), inFull(action)) } : {}),
      run: async (target) => {
        await doAction(action, ends(target));
        done(TEXTS.commands.faultDone(action.name, whom(target), inFull(action)));
      },
    };
  });
}
