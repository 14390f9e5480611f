/**
 * Draws what is broken, and what is chosen.
 *
 * On the layer of what stands, under everything: the regions of a partition and its border. Over
 * the links: what is wrong with them. Over the nodes: their signs. On the layer of what moves: the
 * chosen nodes and the lasso.
 *
 * Nothing is told by colour alone: each side has a hatching of its own and a letter, a cut wire
 * a gap with two bars, a one-way wire the valve of a circuit diagram, a slow one waves, a lossy one
 * gaps, and a node a sign.
 *
 * @typedef {import("../render.js").Scene} Scene
 * @typedef {import("../render.js").Spot} Spot
 * @typedef {import("./standing.js").Standing} Standing
 * @typedef {import("./standing.js").Partition} Partition
 * @typedef {import("./standing.js").Wire} Wire
 */

import { outline } from "../glyph.js";
import { TEXTS } from "../texts.js";
import { mixed, regions } from "./regions.js";
import { PATHS } from "./signs.js";

const TURN = 2 * Math.PI;
/** Sides have letters, as long as there are any. */
const LETTERS = "ABCDEFGHIJKLMNOP";
/** Tints; further sides begin again, with the next hatching. */
const TINTS = /** @type {const} */ (["side-a", "side-b", "side-c", "side-d"]);
/** Size of a sign at a node. CSS pixels. */
const SIGN = 17;
/** At smaller nodes a sign would be larger than its node: a ring must do. CSS pixels. */
const SIGN_FROM = 6;

// --- under everything ----------------------------------------------------------------------

/** @param {CanvasRenderingContext2D} context @param {Scene} scene */
export function paintRegions(context, scene) {
  for (const partition of scene.faults?.partitions ?? []) {
    const place = placeOf(partition, scene);
    if (place === null || place.made === null) continue;
    const { regions: made, border } = place.made;
    context.save();
    context.translate(place.dx, place.dy);
    made.forEach(({ cells, outline: lines }, side) => {
      const tint = scene.palette[TINTS[side % TINTS.length]];
      context.beginPath();
      for (const cell of cells) {
        context.moveTo(cell[0], cell[1]);
        for (let at = 2; at < cell.length; at += 2) context.lineTo(cell[at], cell[at + 1]);
        context.closePath();
      }
      context.globalAlpha = 0.13;
      context.fillStyle = tint;
      context.fill();
      context.globalAlpha = 0.3;
      context.fillStyle = hatching(context, tint, side);
      context.fill();
      context.globalAlpha = 0.65;
      context.strokeStyle = tint;
      context.lineWidth = 1.25;
      strokeLines(context, lines, true);
    });
    // The wall between: a light edge, so that it is seen on any ground, and dashes.
    context.globalAlpha = 1;
    context.lineJoin = context.lineCap = "round";
    context.strokeStyle = scene.palette.stage;
    context.lineWidth = 7;
    strokeLines(context, border, false);
    context.lineCap = "butt";
    context.strokeStyle = scene.palette.cut;
    context.lineWidth = 3;
    context.setLineDash([11, 5]);
    strokeLines(context, border, false);
    context.setLineDash([]);
    context.restore();
  }
  context.globalAlpha = 1;
}

/**
 * Where a partition is on the screen. The regions are kept as long as only the view moves: then
 * they are shifted, and panning costs nothing.
 * @typedef {object} Place
 * @property {{x: number, y: number}[][]} sides
 * @property {ReturnType<typeof regions>|null} made  null: the sides lie through each other
 * @property {number} width  of the stage
 * @property {number} dx
 * @property {number} dy
 */

/** By act. @type {Map<string, Place>} */
const places = new Map();

/** @param {Partition} partition @param {Scene} scene @returns {Place|null} null: there is nothing to draw */
function placeOf(partition, scene) {
  if (partition.ring || partition.sides.length < 2) return null;
  const sides = partition.sides.map((keys) => keys.flatMap((key) => scene.spots.get(key) ?? []).map(({ x, y }) => ({ x, y })));
  if (sides.some((side) => side.length === 0)) return null;
  const before = places.get(partition.act);
  if (before && before.width === scene.width && before.sides.length === sides.length) {
    const [dx, dy] = [sides[0][0].x - before.sides[0][0].x, sides[0][0].y - before.sides[0][0].y];
    const shifted = before.sides.every((old, side) => old.length === sides[side].length && old.every((point, index) =>
      Math.abs(sides[side][index].x - point.x - dx) < 0.01 && Math.abs(sides[side][index].y - point.y - dy) < 0.01));
    if (shifted && Math.abs(dx) < scene.width / 2 && Math.abs(dy) < scene.height / 2) return Object.assign(before, { dx, dy });
  }
  const place = { sides, made: mixed(sides) ? null : regions(sides, scene), width: scene.width, dx: 0, dy: 0 };
  if (places.size > 16) places.clear();
  places.set(partition.act, place);
  return place;
}

/** @param {CanvasRenderingContext2D} context @param {{x: number, y: number}[][]} lines @param {boolean} closed */
function strokeLines(context, lines, closed) {
  context.beginPath();
  for (const line of lines) {
    line.forEach(({ x, y }, index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    if (closed) context.closePath();
  }
  context.stroke();
}

/** Hatchings by colour and kind: making one costs a canvas. @type {Map<string, HTMLCanvasElement>} */
const tiles = new Map();

/**
 * Stripes one way, stripes the other way, dots, waves: the sides without their colours.
 * @param {CanvasRenderingContext2D} context @param {string} colour @param {number} side
 */
function hatching(context, colour, side) {
  const kind = side % 4;
  const name = `${colour}/${kind}`;
  let tile = tiles.get(name);
  if (!tile) {
    tile = document.createElement("canvas");
    tile.width = tile.height = 12;
    const pen = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = 1.2;
    pen.beginPath();
    if (kind < 2) {
      // Thrice, so that the stripe goes on at the edges.
      for (const shift of [-12, 0, 12]) {
        const [from, to] = kind === 0 ? [12, 0] : [0, 12];
        pen.moveTo(shift - 1, from + (kind === 0 ? 1 : -1));
        pen.lineTo(shift + 13, to + (kind === 0 ? -1 : 1));
      }
      pen.stroke();
    } else if (kind === 2) {
      pen.arc(3, 3, 1.3, 0, TURN);
      pen.moveTo(10.3, 9);
      pen.arc(9, 9, 1.3, 0, TURN);
      pen.fill();
    } else {
      pen.moveTo(0, 6);
      pen.lineTo(12, 6);
      pen.stroke();
    }
    if (tiles.size > 32) tiles.clear();
    tiles.set(name, tile);
  }
  return /** @type {CanvasPattern} */ (context.createPattern(tile, "repeat"));
}

// --- links -----------------------------------------------------------------------------------

/** @param {CanvasRenderingContext2D} context @param {Scene} scene */
export function paintWires(context, scene) {
  const wires = scene.faults?.wires;
  if (!wires || wires.size === 0) return;
  // Many cut links, as of a partition, make a thicket: then they are fainter.
  const crowd = Math.max(0.55, Math.min(1, 12 / Math.sqrt(wires.size)));
  context.lineCap = "round";
  for (const wire of wires.values()) {
    const [a, b] = [scene.spots.get(wire.a), scene.spots.get(wire.b)];
    if (!a || !b) continue;
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    if (length < a.radius + b.radius + 4) continue;
    context.save();
    context.translate(a.x, a.y);
    context.rotate(Math.atan2(b.y - a.y, b.x - a.x));
    context.globalAlpha = crowd * (wire.link ? 1 : 0.7);
    drawWire(context, wire, { from: a.radius, to: length - b.radius, middle: (a.radius + length - b.radius) / 2 }, scene.palette);
    context.restore();
  }
  context.globalAlpha = 1;
  context.lineCap = "butt";
}

/**
 * Along the x axis, from ring to ring.
 * @param {CanvasRenderingContext2D} context @param {Wire} wire
 * @param {{from: number, to: number, middle: number}} along
 * @param {import("../palette.js").Palette} palette
 */
function drawWire(context, wire, { from, to, middle }, palette) {
  context.strokeStyle = context.fillStyle = wire.kind === "slow" ? palette.slow : palette.cut;
  context.lineWidth = 1.75;
  context.beginPath();
  const short = to - from < 26;
  switch (wire.kind) {
    case "cut": {
      const gap = short ? 2.5 : 4;
      const bar = short ? 4 : 6;
      context.setLineDash(wire.link ? [] : [2, 4]);
      context.moveTo(from, 0);
      context.lineTo(middle - gap, 0);
      context.moveTo(middle + gap, 0);
      context.lineTo(to, 0);
      context.stroke();
      context.setLineDash([]);
      context.lineWidth = 2.25;
      context.beginPath();
      for (const x of [middle - gap, middle + gap]) {
        context.moveTo(x, -bar);
        context.lineTo(x, bar);
      }
      break;
    }
    case "oneway": {
      // Towards b or towards a: the tip of the valve, and the bar behind which nothing comes back.
      const way = wire.open === wire.b ? 1 : -1;
      context.moveTo(from, 0);
      context.lineTo(middle - 6, 0);
      context.moveTo(middle + 6, 0);
      context.lineTo(to, 0);
      context.stroke();
      context.beginPath();
      context.moveTo(middle - 6 * way, -6);
      context.lineTo(middle + 5 * way, 0);
      context.lineTo(middle - 6 * way, 6);
      context.closePath();
      context.fill();
      context.lineWidth = 2.25;
      context.beginPath();
      context.moveTo(middle + 6.5 * way, -6.5);
      context.lineTo(middle + 6.5 * way, 6.5);
      break;
    }
    case "slow": {
      const waves = Math.max(2, Math.round((to - from) / 11));
      const step = (to - from) / waves;
      context.moveTo(from, 0);
      for (let wave = 0; wave < waves; wave += 1) {
        const x = from + wave * step;
        context.quadraticCurveTo(x + step / 4, -5, x + step / 2, 0);
        context.quadraticCurveTo(x + (3 * step) / 4, 5, x + step, 0);
      }
      break;
    }
    default:
      context.lineWidth = 2.25;
      context.setLineDash([1.5, 7]);
      context.moveTo(from, 0);
      context.lineTo(to, 0);
  }
  context.stroke();
  context.setLineDash([]);
}

// --- nodes -----------------------------------------------------------------------------------

/** @param {CanvasRenderingContext2D} context @param {Scene} scene */
export function paintBroken(context, scene) {
  const { faults, spots } = scene;
  if (!faults) return;
  for (const partition of faults.partitions) paintSides(context, scene, partition);
  for (const [key, signs] of faults.marks) {
    const spot = spots.get(key);
    if (!spot || spot.x < -40 || spot.y < -40 || spot.x > scene.width + 40 || spot.y > scene.height + 40) continue;
    const kind = scene.model.nodes.get(key)?.kind ?? "peer";
    if (signs.includes("frozen")) drawIce(context, scene, spot, kind);
    if (signs.includes("isolated")) drawFence(context, scene, spot, kind);
    if (spot.radius < SIGN_FROM) {
      context.strokeStyle = colourOf(signs[0], scene.palette);
      context.lineWidth = 2;
      outline(context, spot.x, spot.y, spot.radius + 2, kind);
      context.stroke();
      continue;
    }
    signs.slice(0, 2).forEach((sign, place) => {
      const { left, top } = signBox(spot, place);
      drawSign(context, sign, left, top, scene.palette);
    });
  }
  for (const partition of faults.partitions) paintLetters(context, scene, partition);
  context.globalAlpha = 1;
}

/** Where the sign of a node stands: at its left shoulder, the second one below it. @param {Spot} spot @param {number} place */
export function signBox({ x, y, radius }, place) {
  const reach = radius * Math.SQRT1_2 - 4;
  const left = x - reach - SIGN;
  const top = place === 0 ? y - reach - SIGN : y + reach;
  return { left, top, right: left + SIGN, bottom: top + SIGN };
}

/** @param {string} sign @param {import("../palette.js").Palette} palette */
function colourOf(sign, palette) {
  if (sign === "frozen") return palette.ice;
  if (sign === "slow" || sign === "narrow" || sign === "mixed" || sign === "twice") return palette.slow;
  return palette.cut;
}

/**
 * A small plate with the sign on it.
 * @param {CanvasRenderingContext2D} context @param {string} name @param {number} left @param {number} top
 * @param {import("../palette.js").Palette} palette
 */
function drawSign(context, name, left, top, palette) {
  context.globalAlpha = 1;
  context.beginPath();
  context.roundRect(left, top, SIGN, SIGN, 4.5);
  context.lineWidth = 1.5;
  context.strokeStyle = palette.stage;
  context.stroke();
  context.fillStyle = colourOf(name, palette);
  context.fill();
  context.save();
  context.translate(left + 2.5, top + 2.5);
  context.scale((SIGN - 5) / 16, (SIGN - 5) / 16);
  context.strokeStyle = context.fillStyle = palette["on-fault"];
  context.lineWidth = 2.2;
  context.lineCap = context.lineJoin = "round";
  for (const { line, fill, fine } of PATHS[name] ?? PATHS.mixed) {
    if (fine) continue;
    const path = Object.assign(new Path2D(line ?? fill), { d: line ?? fill }); // an SVG file needs the words
    if (line === undefined) context.fill(path);
    else context.stroke(path);
  }
  context.restore();
}

/** A block of ice around the node. @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Spot} spot @param {"peer"|"plain"} kind */
function drawIce(context, { palette }, { x, y, radius }, kind) {
  context.globalAlpha = 0.32;
  context.fillStyle = palette.ice;
  outline(context, x, y, radius + 1, kind);
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = palette.ice;
  context.lineWidth = 1.75;
  context.lineJoin = "miter";
  const reach = radius + 6;
  context.beginPath();
  for (let corner = 0; corner < 6; corner += 1) {
    const angle = (corner / 6) * TURN + TURN / 12;
    const [cx, cy] = [x + reach * Math.cos(angle), y + reach * Math.sin(angle)];
    if (corner === 0) context.moveTo(cx, cy);
    else context.lineTo(cx, cy);
  }
  context.closePath();
  context.stroke();
}

/** A fence around a node that hears nobody. @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Spot} spot @param {"peer"|"plain"} kind */
function drawFence(context, { palette }, { x, y, radius }, kind) {
  context.globalAlpha = 1;
  context.strokeStyle = palette.cut;
  context.lineWidth = 2;
  const around = ((radius + 5) * TURN) / 10;
  context.setLineDash([around * 0.62, around * 0.38]);
  outline(context, x, y, radius + 5, kind);
  context.stroke();
  context.setLineDash([]);
}

/**
 * Where the sides lie through each other, each node says on which one it is: by colour and by the
 * dashes of its ring.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Partition} partition
 */
function paintSides(context, scene, partition) {
  if (placeOf(partition, scene)?.made !== null) return;
  context.globalAlpha = 1;
  context.lineWidth = 2.5;
  partition.sides.forEach((keys, side) => {
    context.strokeStyle = scene.palette[TINTS[side % TINTS.length]];
    context.setLineDash(side % 2 === 0 ? [] : [4, 3]);
    for (const key of keys) {
      const spot = scene.spots.get(key);
      if (!spot) continue;
      outline(context, spot.x, spot.y, spot.radius + 4, scene.model.nodes.get(key)?.kind ?? "peer");
      context.stroke();
    }
  });
  context.setLineDash([]);
}

/**
 * "A · 30 nodes" at the top of each region.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Partition} partition
 */
function paintLetters(context, scene, partition) {
  const place = placeOf(partition, scene);
  if (!place?.made) return;
  context.font = `650 12px ${scene.palette.font}`;
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  partition.sides.forEach((keys, side) => {
    const spots = keys.flatMap((key) => scene.spots.get(key) ?? []);
    const highest = spots.reduce((best, spot) => (spot.y < best.y ? spot : best));
    const text = TEXTS.fault.side(LETTERS[side % LETTERS.length], spots.length);
    const wide = context.measureText(text).width + 16;
    const left = Math.max(4, Math.min(scene.width - wide - 4, highest.x - wide / 2));
    const top = Math.max(4, highest.y - highest.radius - 42);
    context.globalAlpha = 1;
    context.beginPath();
    context.roundRect(left, top, wide, 21, 10.5);
    context.fillStyle = scene.palette.surface;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = scene.palette[TINTS[side % TINTS.length]];
    context.stroke();
    context.fillStyle = scene.palette.text;
    context.fillText(text, left + 8, top + 14.75);
  });
}

// --- what is chosen ----------------------------------------------------------------------------

/** @param {CanvasRenderingContext2D} context @param {Scene} scene */
export function paintChosen(context, { chosen, spots, palette, model, lasso }) {
  if (chosen.size > 0) {
    for (const key of chosen) {
      const spot = spots.get(key);
      if (!spot) continue;
      const kind = model.nodes.get(key)?.kind ?? "peer";
      context.globalAlpha = 0.2;
      context.fillStyle = palette.accent;
      outline(context, spot.x, spot.y, spot.radius + 7, kind);
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = palette.accent;
      context.lineWidth = 2.25;
      outline(context, spot.x, spot.y, spot.radius + 3.5, kind);
      context.stroke();
    }
  }
  if (lasso && lasso.length > 1) {
    context.beginPath();
    lasso.forEach(({ x, y }, index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    context.closePath();
    context.globalAlpha = 0.1;
    context.fillStyle = palette.accent;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = palette.accent;
    context.lineWidth = 1.75;
    context.setLineDash([6, 4]);
    context.stroke();
    context.setLineDash([]);
  }
  context.globalAlpha = 1;
}
