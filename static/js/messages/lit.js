/**
 * The picture of some messages only: what a filter lets through, lit over everything else.
 *
 * Their ways are added up by pairs of nodes, so that three messages and three thousand are
 * both one picture: a line is the broader, the more messages took it. No DOM but a canvas.
 *
 * @typedef {import("../model.js").Key} Key
 * @typedef {{from: Key|null, to: Key|null, count: number, kind: "message"|"broadcast", failed: boolean, id: string}} LitWay
 *   id: of the newest message on it
 * @typedef {{ways: LitWay[], nodes: Set<Key>, messages: number, left: number}} Lit
 *   left: messages that fit too and are not drawn
 */
import { drawCross, drawNode } from "../glyph.js";
import { along, heading, trace } from "../path.js";

/** Messages whose ways are drawn, the newest ones: adding up takes a few milliseconds. */
export const LIT_MOST = 2000;

/**
 * @param {Iterable<import("./row.js").Row>} rows the newest first
 * @param {number} size how many there are
 * @returns {Lit}
 */
export function litBy(rows, size) {
  /** @type {Map<string, LitWay>} */
  const ways = new Map();
  /** @type {Set<Key>} */
  const nodes = new Set();
  let messages = 0;
  for (const { id, kind, state, view } of rows) {
    if (messages >= LIT_MOST) break;
    messages += 1;
    const legs = view.path.length > 0 || kind === "broadcast" ? view.path
      : /** @type {import("../model.js").Leg[]} */ ([[view.from, view.to, null]]);
    if (view.from !== null) nodes.add(view.from);
    if (view.to !== null) nodes.add(view.to);
    legs.forEach(([from, to], index) => {
      if (from !== null) nodes.add(from);
      if (to !== null) nodes.add(to);
      const failed = state === "failed" && index === legs.length - 1;
      const key = `${kind} ${from} ${to} ${failed}`;
      const way = ways.get(key);
      if (way === undefined) ways.set(key, { id, kind, from, to, failed, count: 1 });
      else way.count += 1;
    });
  }
  return { ways: [...ways.values()], nodes, messages, left: Math.max(0, size - messages) };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("../render.js").Scene} scene
 * @param {Lit} lit
 * @param {(from: Key|null, to: Key|null) => import("../path.js").Arc|undefined} arcOf
 */
export function paintLit(context, scene, lit, arcOf) {
  const { palette, spots, model, labelSize, sides } = scene;
  const most = Math.max(1, ...lit.ways.map((way) => way.count));
  for (const { from, to, count, kind, failed } of lit.ways) {
    const arc = arcOf(from, to);
    if (arc === undefined) continue;
    context.strokeStyle = failed ? palette.failed : palette[kind];
    context.globalAlpha = 0.75;
    context.lineWidth = 1.5 + (most > 1 ? 3 * (Math.log2(count + 1) / Math.log2(most + 1)) : 0.5);
    context.beginPath();
    trace(context, arc, 0, failed ? 0.86 : 1);
    context.stroke();
    if (failed) {
      const { x, y } = along(arc, 0.92);
      drawCross(context, x, y, 5);
      continue;
    }
    const angle = heading(arc);
    const reach = 6 + context.lineWidth;
    context.beginPath();
    for (const turn of [2.6, -2.6]) {
      context.moveTo(arc.bx, arc.by);
      context.lineTo(arc.bx + reach * Math.cos(angle + turn), arc.by + reach * Math.sin(angle + turn));
    }
    context.stroke();
  }
  context.globalAlpha = 1;
  for (const key of lit.nodes) {
    const spot = spots.get(key);
    const node = model.nodes.get(key);
    if (!spot || !node) continue;
    drawNode(context, spot, node, palette, null);
    if (!sides.has(key)) continue;
    context.font = `600 ${labelSize}px ${palette.font}`;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = palette["label-halo"];
    context.fillStyle = palette.label;
    const under = spot.y + spot.radius + labelSize + 2;
    context.strokeText(node.name.slice(0, 22), spot.x, under);
    context.fillText(node.name.slice(0, 22), spot.x, under);
  }
}
