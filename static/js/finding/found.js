/**
 * What the command palette lists for what was typed: commands, and nodes to open.
 *
 * With nothing typed: what was used last, then everything by its headings. With a word that is a
 * node's whole name among others ("freeze node7") the commands are meant for that node. A second
 * step asks what a command is to be done to, where that is not chosen. No DOM.
 *
 * @typedef {import("./commands.js").Command} Command
 * @typedef {import("./commands.js").Target} Target
 * @typedef {import("../model.js").NodeView} NodeView
 *
 * @typedef {object} Row
 * @property {string} id  by which it is remembered
 * @property {string} title
 * @property {number[]} marks  places of the title's letters that fit
 * @property {string} group
 * @property {string} [hint]  what stands at its end
 * @property {readonly string[]} [keys]
 * @property {string} [cannot]  why not now
 * @property {NodeView} [node]  the one that it opens, or is done to
 * @property {Command} [command]
 * @property {Target|null} [target]
 */
import { byName } from "../panel/words.js";
import { TEXTS, wordFor } from "../texts.js";
import { fit } from "./fuzzy.js";

/** Rows shown at most; the rest is found by typing more. */
export const MOST = 60;
/** Of what was used last, at the head. */
const RECENT = 5;
/** What was used is worth this much more, the newest most [by trying]. */
const USED = 4;

/**
 * @param {string} query
 * @param {{commands: import("./commands.js").Commands, nodes: NodeView[],
 *          recent: import("./recent.js").Recent}} parts
 * @returns {Row[]}
 */
export function everything(query, { commands, nodes, recent }) {
  const named = namedIn(query, nodes);
  const listed = commands.all().filter((command) => !command.unlisted);
  const rows = listed.map((command) => commandRow(command, commands, named));
  const places = nodes.slice().sort(byName).map(nodeRow);
  if (query.trim() === "") {
    const all = [...rows.filter((row) => !row.cannot), ...places]; // what cannot be now is found by its name
    const used = recent.ids.slice(0, RECENT).flatMap((id) => all.filter((row) => row.id === id))
      .map((row) => ({ ...row, group: TEXTS.palette.used }));
    const ids = new Set(used.map((row) => row.id));
    return [...used, ...all.filter((row) => !ids.has(row.id))].slice(0, MOST);
  }
  const bonus = (/** @type {Row} */ row) => {
    const rank = recent.rank(row.id);
    return rank < 0 ? 0 : USED / (1 + rank);
  };
  const found = rows.flatMap((row) => {
    if (named !== null && row.command?.on !== "node") return [];
    const by = `${row.title} ${row.command?.words ?? ""} ${row.group}`;
    const whole = fit(query, by);
    if (whole === null) return [];
    const own = fit(query, row.title);
    const marks = whole.marks.filter((at) => at < row.title.length);
    // What fits in the title itself comes before what fits only with its words.
    return [{ ...row, marks, score: (own?.score ?? whole.score - 10) + bonus(row) }];
  });
  const there = places.flatMap((row) => {
    const own = fit(query, row.title);
    const whole = own ?? byFacts(query, /** @type {NodeView} */ (row.node));
    return whole === null ? [] : [{ ...row, marks: own?.marks ?? [], score: whole.score + bonus(row) }];
  });
  return [...found, ...there].sort((a, b) => b.score - a.score).slice(0, MOST);
}

/**
 * What a command may be done to.
 * @param {string} query
 * @param {Command} command
 * @param {{commands: import("./commands.js").Commands, nodes: NodeView[], links: {a: NodeView, b: NodeView}[]}} parts
 * @returns {Row[]}
 */
export function targets(query, command, { commands, nodes, links }) {
  /** @type {Row[]} */
  const rows = command.on === "link"
    ? links.map(({ a, b }) => ({
      id: `link:${a.key}|${b.key}`, title: TEXTS.palette.link(a.name, b.name), marks: [], group: TEXTS.palette.whichLink, command,
      target: { on: /** @type {const} */ ("link"), link: { a: a.key, b: b.key } },
    }))
    : nodes.slice().sort(byName).map((node) => ({ ...nodeRow(node), group: TEXTS.palette.whichNode, command,
      target: { on: /** @type {const} */ ("node"), node: node.key } }));
  for (const row of rows) row.cannot = commands.cannot(command, row.target ?? null) || undefined;
  if (query.trim() === "") return rows.slice(0, MOST);
  return rows.flatMap((row) => {
    const found = fit(query, row.title);
    return found === null ? [] : [{ ...row, marks: found.marks, score: found.score }];
  }).sort((a, b) => b.score - a.score).slice(0, MOST);
}

/**
 * The node whose whole name is a word among others.
 * @param {string} query
 * @param {NodeView[]} nodes
 * @returns {NodeView|null}
 */
function namedIn(query, nodes) {
  const words = query.trim().split(/\s+/);
  if (words.length < 2) return null;
  const names = new Map(nodes.map((node) => [node.name.toLowerCase(), node]));
  const word = words.find((one) => names.has(one.toLowerCase()));
  return names.get(word?.toLowerCase() ?? "") ?? null;
}

/** @param {Command} command @param {import("./commands.js").Commands} commands @param {NodeView|null} named @returns {Row} */
function commandRow(command, commands, named) {
  const target = command.on === "node" && named !== null ? { on: /** @type {const} */ ("node"), node: named.key } : commands.target(command);
  return {
    id: command.id, title: commands.title(command, target), marks: [], group: command.group, keys: command.keys,
    command, target, cannot: target === null && command.on !== undefined ? undefined : commands.cannot(command, target) || undefined,
    hint: target === null && (command.on === "node" || command.on === "link") ? TEXTS.palette.which[command.on] : undefined,
  };
}

/** @param {NodeView} node @returns {Row} */
function nodeRow(node) {
  const state = node.state === "alive" ? (node.kind === "plain" ? TEXTS.states.plain : TEXTS.links(node.links)) : wordFor(TEXTS.states, node.state);
  return { id: `node:${node.name}`, title: node.name, marks: [], group: TEXTS.palette.nodes, hint: state, node };
}

/** By its address, its id or its state. @param {string} query @param {NodeView} node */
function byFacts(query, node) {
  const wanted = query.trim().toLowerCase();
  const fits = node.state === wanted || node.kind === wanted || node.id.startsWith(wanted)
    || node.url.toLowerCase().includes(wanted) || (node.public_url ?? "").toLowerCase().includes(wanted);
  return fits ? { score: 0, marks: [] } : null;
}
