/**
 * What can be done to a node or a link with one press, as commands. The dashboard sends the table
 * (dashboard/fault_actions.py): a fault that it learns has its place here without a line of ours.
 *
 * @typedef {object} Action
 * @property {string} id
 * @property {string} name
 * @property {string} title
 * @property {"node"|"link"} on
 * @property {boolean} destroys
 * @property {Record<string, unknown>} wish
 */

import { get, post, remove } from "../api.js";

/** Characters of a word of the table: what is longer is not ours. */
const LONGEST = 300;

/** The dashboard's answer as what is used of it. @param {any} said @returns {Action[]} */
export function actionsOf(said) {
  const actions = Array.isArray(said?.actions) ? said.actions : [];
  const word = (/** @type {unknown} */ text) => typeof text === "string" && text !== "" && text.length <= LONGEST;
  return actions.filter((/** @type {any} */ one) => word(one?.id) && word(one.name) && word(one.title)
    && (one.on === "node" || one.on === "link") && one.wish !== null && typeof one.wish === "object");
}

/** The table, asked for once. @returns {Promise<Action[]>} */
export async function faultActions() {
  return actionsOf(await get("/api/faults/actions"));
}

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
 * Acts that another part of the page brings, as commands: of the same ids, they take the place of
 * the dashboard's.
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
  const views = (/** @type {import("./commands.js").Target|null} */ target) => {
    const of = (/** @type {number} */ key) => model.nodes.get(key);
    if (target?.link !== undefined) return { link: { a: of(target.link.a), b: of(target.link.b) } };
    const keys = target?.nodes ?? (target?.node === undefined ? [] : [target.node]);
    return { nodes: keys.flatMap((key) => of(key) ?? []) };
  };
  const name = (/** @type {import("./commands.js").Target|null} */ target) => {
    const { nodes = [], link } = views(target);
    if (link !== undefined) return ` ${link.a?.name ?? "?"} – ${link.b?.name ?? "?"}`;
    return nodes.length === 0 ? "" : nodes.length === 1 ? ` ${nodes[0].name}` : ` ${nodes.length} nodes`;
  };
  return acts.map(({ id, title, what, on, confirm, refuses, run }) => ({
    id: `fault:${id}`, acts: true, group: "Break it", on, short: title, words: `${what} fault break chaos`,
    title: (target) => `${title}${name(target)}`,
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
      return names.length === 0 ? (action.on === "node" ? "a node" : "a link") : names.join({ out: " → ", in: " ← " }[String(action.wish.direction)] ?? " – ");
    };
    return {
      id: `fault:${action.id}`, acts: true, group: "Break it", on: action.on, short: action.name, words: `${action.title} fault break chaos kill`,
      title: (target) => `${action.name} ${whom(target)}`,
      cannot: (target) => {
        const away = ends(target).find((node) => node.kind === "plain" || (node.state !== "alive" && node.state !== "suspect"));
        if (away === undefined) return "";
        return away.kind === "plain" ? `${away.name} is a plain node, which knows no faults` : `${away.name} does not live just now`;
      },
      ...(action.destroys ? { asks: (target) => `${action.name} ${whom(target)}? ${action.title}.` } : {}),
      run: async (target) => {
        await doAction(action, ends(target));
        done(`${action.name}: ${whom(target)}. ${action.title}.`);
      },
    };
  });
}
