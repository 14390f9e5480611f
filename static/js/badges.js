/**
 * The small numbers beside nodes at which messages wait: where they stand.
 *
 * A badge hangs at a corner of its node, the one that it had before first. It takes the first
 * corner where it touches no other node, no name and no other badge. Who finds no corner has a
 * *pip* instead, a mark without a number on the node's own rim: that something waits is always
 * said, how much only where there is room (zoom in, or point at the node). No DOM.
 *
 * @typedef {import("./labels.js").Box} Box
 * @typedef {"ne"|"nw"|"se"|"sw"} Corner
 * @typedef {{key: number, x: number, y: number, radius: number}} Disc
 */
import { Cells } from "./labels.js";

/** @type {Corner[]} */
const CORNERS = ["ne", "nw", "se", "sw"];
/** Height of a badge, and its least width: a pill around one digit. CSS pixels. */
export const HEIGHT = 15;
/** Left and right of the number. CSS pixels. */
const PAD = 4.5;
/** A badge lies on its own node's rim by so much: it belongs to that one. CSS pixels. */
const OVER = 4;

/** How a number is written where there is little room. @param {number} count */
export function badgeText(count) {
  return count < 1000 ? String(count) : "999+";
}

/** @param {number} textWidth */
export function badgeWidth(textWidth) {
  return Math.max(HEIGHT, Math.ceil(textWidth) + 2 * PAD);
}

/**
 * @param {Pick<Disc, "x"|"y"|"radius">} node
 * @param {number} width
 * @param {Corner} corner
 */
export function badgeBox({ x, y, radius }, width, corner) {
  const reach = radius * Math.SQRT1_2 - OVER;
  const left = corner.endsWith("e") ? x + reach : x - reach - width;
  const top = corner.startsWith("n") ? y - reach - HEIGHT : y + reach;
  return { left, top, right: left + width, bottom: top + HEIGHT };
}

/**
 * @param {(Disc & {width: number})[]} badges
 * @param {Disc[]} nodes
 * @param {Box[]} labels with their nodes' keys
 * @param {ReadonlyMap<number, Corner|null>} [before]
 * @returns {Map<number, Corner|null>} null: a pip
 */
export function placeBadges(badges, nodes, labels, before = new Map()) {
  const taken = new Cells();
  for (const { key, x, y, radius } of nodes) {
    taken.add({ key, left: x - radius, top: y - radius, right: x + radius, bottom: y + radius });
  }
  // A node's own name is in its way as well, so it is nobody's.
  for (const label of labels) taken.add({ ...label, key: -1 });
  /** @type {Map<number, Corner|null>} */
  const corners = new Map();
  for (const badge of [...badges].sort((a, b) => a.key - b.key)) {
    const had = before.get(badge.key);
    const order = had ? [had, ...CORNERS.filter((corner) => corner !== had)] : CORNERS;
    const free = order.find((corner) => !taken.hit({ key: badge.key, ...badgeBox(badge, badge.width, corner) }));
    corners.set(badge.key, free ?? null);
    if (free !== undefined) taken.add({ ...badgeBox(badge, badge.width, free), key: -1 });
  }
  return corners;
}
