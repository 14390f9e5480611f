/**
 * Messages as a space–time diagram has them (Lamport, "Time, Clocks, and the Ordering of Events
 * in a Distributed System", 1978): one line for each node, one arrow for each hop, from when
 * somebody let go of a message until somebody had it. No DOM.
 *
 * What a hop's end was is told by whoever came next: who forwards says when he did, so that is
 * when the hop before had ended; the last one ended when the receiver had it. Of a broadcast
 * the receivers tell, so there the end is known, and a hop began when its node had it itself.
 *
 * @typedef {import("../row.js").Row} Row
 * @typedef {import("../../model.js").Key} Key
 *
 * @typedef {object} Arrow  one hop
 * @property {Row} row
 * @property {Key|null} from  null: from outside
 * @property {Key|null} to
 * @property {number} start  milliseconds
 * @property {number} end  where it is `open`: the start, as nobody knows more
 * @property {number} hop  the first is 1
 * @property {"there"|"lost"|"open"|"gap"} fate  gap: it must have been, and nobody told when
 *
 * @typedef {{row: Row, key: Key, start: number, end: number|null}} Wait
 *   a message stands at its sender; end: null: still
 *
 * @typedef {object} Diagram
 * @property {Key[]} lanes  the nodes, in order from the top
 * @property {Arrow[]} arrows  in the order of their starts
 * @property {Wait[]} waits
 */

import { LANGUAGE, TEXTS } from "../../texts.js";

/** Milliseconds that a message stands at its sender before it is worth a mark [guess]. */
const WAITED = 20;

/**
 * @param {Iterable<Row>} rows
 * @param {{order: "name"|"first", nameOf: (key: Key|null) => string|undefined}} how
 * @returns {Diagram}
 */
export function diagramOf(rows, { order, nameOf }) {
  const arrows = /** @type {Arrow[]} */ ([]);
  const waits = /** @type {Wait[]} */ ([]);
  for (const row of rows) {
    if (row.kind === "broadcast") spread(row, arrows);
    else travel(row, arrows, waits);
  }
  arrows.sort((a, b) => a.start - b.start || a.end - b.end || a.row.n - b.row.n || a.hop - b.hop);
  const lanes = /** @type {Set<Key>} */ (new Set());
  const firsts = [...arrows.flatMap(({ from, to, start, end }) => [[from, start], [to, end]]), ...waits.map(({ key, start }) => [key, start])];
  firsts.sort((a, b) => /** @type {number} */ (a[1]) - /** @type {number} */ (b[1]));
  for (const [key] of firsts) if (key !== null) lanes.add(/** @type {Key} */ (key));
  const ordered = [...lanes];
  if (order === "name") {
    const by = new Intl.Collator(LANGUAGE, { numeric: true, sensitivity: "base" });
    ordered.sort((a, b) => by.compare(nameOf(a) ?? "?", nameOf(b) ?? "?") || a - b);
  }
  return { lanes: ordered, arrows, waits };
}

/** @param {Row} row @param {Arrow[]} arrows @param {Wait[]} waits */
function travel(row, arrows, waits) {
  const { view } = row;
  const { from, to, sent_at, queued_at, received_at, done_at, path, state } = view;
  if (from !== null && queued_at !== null) {
    if (state === "waiting") waits.push({ row, key: from, start: queued_at, end: null });
    else if (sent_at !== null && sent_at - queued_at >= WAITED) waits.push({ row, key: from, start: queued_at, end: sent_at });
  }
  const end = received_at ?? (state === "delivered" || state === "failed" ? done_at : null);
  const last = state === "failed" ? "lost" : end === null ? "open" : "there";
  const begin = sent_at ?? received_at ?? (state === "waiting" ? null : done_at ?? queued_at);
  if (path.length === 0) {
    if (begin === null || state === "waiting") return;
    arrows.push({ row, from, to, start: begin, end: Math.max(begin, end ?? begin), hop: 1, fate: last });
    return;
  }
  // A try that failed leaves its way in the view while the message waits: it is not under way.
  const fate = state === "waiting" ? "lost" : last;
  let here = path[0][2] ?? begin ?? queued_at ?? 0;
  path.forEach(([a, b, at], index) => {
    const start = at ?? here;
    const next = path[index + 1]?.[2];
    const final = index === path.length - 1;
    const until = final ? end ?? start : next ?? start;
    arrows.push({ row, from: a, to: b, start, end: Math.max(start, until), hop: index + 1, fate: final ? fate : at === null ? "gap" : "there" });
    here = Math.max(start, until);
  });
}

/** @param {Row} row @param {Arrow[]} arrows */
function spread(row, arrows) {
  const { view } = row;
  /** @type {Map<Key|null, number>} */
  const had = new Map([[view.from, view.sent_at ?? -Infinity]]);
  /** @type {Map<Key|null, number>} */
  const depth = new Map([[view.from, 0]]);
  for (const [, to, at] of view.path) if (at !== null) had.set(to, Math.min(at, had.get(to) ?? Infinity));
  // News come in no order: who handed it on may be told of after those who got it from him.
  const legs = [...view.path].sort((a, b) => (a[2] ?? 0) - (b[2] ?? 0));
  for (const [from, to, at] of legs) {
    const known = had.get(from);
    const end = at ?? (known === undefined || known === -Infinity ? view.sent_at ?? 0 : known);
    const start = known === undefined || known === -Infinity ? end : Math.min(known, end);
    const hop = (depth.get(from) ?? 0) + 1;
    depth.set(to, Math.min(hop, depth.get(to) ?? Infinity));
    arrows.push({ row, from, to, start, end, hop, fate: at === null ? "gap" : "there" });
  }
}

/**
 * One hop in words.
 * @param {Arrow} arrow
 * @param {(key: Key|null) => string|undefined} nameOf
 * @param {{clock: (ms: number) => string, took: (ms: number) => string}} words
 */
export function inWords({ row, from, to, start, end, hop, fate }, nameOf, { clock, took }) {
  const name = (/** @type {Key|null} */ key) => (key === null ? TEXTS.spacetime.outside : nameOf(key) ?? "?");
  const of = row.kind === "message" && row.hops >= hop && fate !== "lost" && fate !== "open" ? row.hops : 0;
  const how = fate === "lost" ? TEXTS.spacetime.lost(row.view.reason) : fate === "open" ? TEXTS.spacetime.open : fate === "gap" ? TEXTS.spacetime.gap : took(end - start);
  return TEXTS.spacetime.hop(clock(start), name(from), name(to), row.kind === "broadcast", hop, of, how);
}
