/**
 * Which names are written, and where: never two on top of each other.
 *
 * Each label tries the sides of its node, the side it had before first, so that it does not
 * hop about. It takes the first where it touches no other node and no other label, and is not
 * cut by the picture's edge. Who finds no place is not named until there is room (zoom in, or
 * point at it).
 *
 * Some nodes say who they are already, by the number inside. Their names are a convenience,
 * and a convenience that half of them have looks like a mistake: where not nearly all of
 * them find a place, none is written.
 *
 * The screen is divided into cells, so that each label is compared with its surroundings
 * only. No DOM.
 *
 * @typedef {"below"|"right"|"above"|"left"} Side
 * @typedef {object} Named
 * @property {number} key
 * @property {number} x  the node's middle, CSS pixels
 * @property {number} y
 * @property {number} radius
 * @property {number} width  of the text
 * @property {number} height
 * @property {boolean} numbered  says who it is by the number inside
 * @property {number} weight  who is more important is placed first
 * @typedef {{width: number, height: number}} Room  of the picture, CSS pixels
 */

/** @type {Side[]} */
const SIDES = ["below", "above", "right", "left"];
/** Between a node's ring and its label, and around a label. CSS pixels. */
const GAP = 4;
const CELL = 48;
/** Of the numbered nodes, so many must find a place [by eye]. */
const NEARLY_ALL = 0.9;

/**
 * @param {Named[]} nodes
 * @param {ReadonlyMap<number, Side>} [before]
 * @param {Room} [room]  where they should be in sight
 * @returns {Map<number, Side>}
 */
export function placeLabels(nodes, before = new Map(), room = { width: Infinity, height: Infinity }) {
  const sides = place(nodes, nodes, before, room);
  const numbered = nodes.filter((node) => node.numbered);
  const placed = numbered.filter((node) => sides.has(node.key));
  if (placed.length >= NEARLY_ALL * numbered.length) return sides;
  return place(nodes.filter((node) => !node.numbered), nodes, before, room);
}

/**
 * @param {Named[]} named  who wants a label
 * @param {Named[]} nodes  what no label may touch
 * @param {ReadonlyMap<number, Side>} before
 * @param {Room} room
 */
function place(named, nodes, before, room) {
  const taken = new Cells();
  for (const { key, x, y, radius } of nodes) {
    const reach = radius + 1;
    taken.add({ key, left: x - reach, top: y - reach, right: x + reach, bottom: y + reach });
  }
  /** @type {Map<number, Side>} */
  const sides = new Map();
  for (const node of [...named].sort((a, b) => b.weight - a.weight || a.key - b.key)) {
    const had = before.get(node.key);
    const order = had ? [had, ...SIDES.filter((side) => side !== had)] : SIDES;
    for (const side of order) {
      const box = { key: node.key, ...labelBox(node, side) };
      if (taken.hit(box) || cut(box, node, room)) continue;
      taken.add(box);
      sides.set(node.key, side);
      break;
    }
  }
  return sides;
}

/**
 * Whether the edge of the picture would cut a name whose node is in sight.
 * @param {Box} box @param {Named} node @param {Room} room
 */
function cut({ left, top, right, bottom }, { x, y }, { width, height }) {
  const seen = x > 0 && x < width && y > 0 && y < height;
  return seen && (left < 0 || top < 0 || right > width || bottom > height);
}

/**
 * Where a label stands on a side of its node.
 * @param {Pick<Named, "x"|"y"|"radius"|"width"|"height">} node
 * @param {Side} side
 */
export function labelBox({ x, y, radius, width, height }, side) {
  const reach = radius + GAP;
  const left = side === "right" ? x + reach : side === "left" ? x - reach - width : x - width / 2;
  const top = side === "below" ? y + reach - 1
    : side === "above" ? y - reach - height + 1 : y - height / 2;
  return { left, top, right: left + width, bottom: top + height };
}

/** @typedef {{key: number, left: number, top: number, right: number, bottom: number}} Box */

/** Boxes, found by where they are. */
export class Cells {
  /** @type {Map<number, Box[]>} */
  #cells = new Map();

  /** @param {Box} box */
  add(box) {
    this.#each(box, (cell) => {
      const boxes = this.#cells.get(cell);
      if (boxes) boxes.push(box);
      else this.#cells.set(cell, [box]);
      return false;
    });
  }

  /** Whether it touches anybody else's. @param {Box} box */
  hit(box) {
    return this.#each(box, (cell) => (this.#cells.get(cell) ?? []).some((other) =>
      other.key !== box.key && other.left < box.right + 2 && other.right > box.left - 2
      && other.top < box.bottom && other.bottom > box.top));
  }

  /** @param {Box} box @param {(cell: number) => boolean} visit */
  #each(box, visit) {
    for (let i = Math.floor((box.left - 2) / CELL); i <= (box.right + 2) / CELL; i += 1) {
      for (let j = Math.floor(box.top / CELL); j <= box.bottom / CELL; j += 1) {
        if (visit(i * 100_003 + j)) return true;
      }
    }
    return false;
  }
}
