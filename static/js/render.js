/**
 * The two painters.
 *
 * `paintNetwork` draws what stands: links, nodes, names. It is called when that changes.
 * `paintTraffic` draws what moves or follows the pointer: dots, halos, crosses, the chosen
 * node, the rubber line. It is called for every frame in which something moves. Measured:
 * one layer for both falls to 12 frames a second at 1,000 nodes, two hold 60.
 *
 * Both are functions of a scene, which is plain data; they keep nothing between calls, and
 * paint on whatever has a canvas's calls: the screen, a picture to keep, an SVG file (export/).
 * The surface is given to them clean.
 *
 * @typedef {import("./model.js").Key} Key
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./palette.js").Palette} Palette
 * @typedef {import("./flights.js").Frame} Frame
 * @typedef {import("./labels.js").Side} Side
 *
 * @typedef {{x: number, y: number, radius: number}} Spot  CSS pixels
 * @typedef {Spot & {worldX: number, worldY: number}} Placed
 *
 * @typedef {object} Scene
 * @property {Model} model
 * @property {Map<Key, Placed>} spots  where nodes are on the screen
 * @property {Palette} palette
 * @property {number} zoom
 * @property {number} width
 * @property {number} height
 * @property {Map<Key, Side>} sides  which names are written, and on which side
 * @property {number} labelSize
 * @property {Badge[]} badges  at which nodes messages wait
 * @property {"none"|"selected"|"all"} knows
 * @property {"state"|"degree"|"known"} colour
 * @property {Key|null} selected
 * @property {Key|null} hovered
 * @property {Rubber|null} rubber
 * @property {Shown|null} shown  a message's path
 * @property {import("./messages/lit.js").Lit|null} lit  messages that are lit over the rest
 * @property {import("./faults/standing.js").Standing|null} faults  what is broken on purpose
 * @property {ReadonlySet<Key>} chosen  several nodes, for an act
 * @property {{x: number, y: number}[]|null} lasso  a line that is being drawn around some
 * @property {boolean} still  the person prefers reduced motion
 * @property {boolean} numerals  whether nodes have their numbers inside, where these are legible
 * @property {import("./health/cuts.js").Cuts|null} cuts  what the network hangs on, where that is shown
 * @property {number} margin  so much is painted beyond each edge, CSS pixels
 *
 * @typedef {object} Badge
 * @property {Key} key
 * @property {string} text  how many messages wait
 * @property {number} width  CSS pixels
 * @property {import("./badges.js").Corner|null} corner  null: there is no room for the number
 *
 * @typedef {object} Shown  the message that the person looks at
 * @property {import("./flights.js").Kind} kind
 * @property {Key|null} from
 * @property {string} state
 * @property {import("./model.js").Leg[]} legs
 *
 * @typedef {object} Rubber  a message that looks for its receiver
 * @property {Key} from
 * @property {{x: number, y: number}|null} at  the pointer
 * @property {Key|null} over  the node under the pointer
 */
import { paintBroken, paintChosen, paintRegions, paintWires } from "./faults/paint.js";
import { HEIGHT as BADGE, badgeBox } from "./badges.js";
import { drawCross, drawNode, outline } from "./glyph.js";
import { labelBox } from "./labels.js";
import { paintLit } from "./messages/lit.js";
import { along, arc, heading, streak, trace } from "./path.js";
import { onScale } from "./scale.js";
import { TEXTS } from "./texts.js";

const TURN = 2 * Math.PI;
/** What moves, under what moves above it; each has its colour and its shape. */
const KINDS = /** @type {const} */ (["broadcast", "message"]);

/** @param {CanvasRenderingContext2D} context @param {Scene} scene */
export function paintNetwork(context, scene) {
  paintRegions(context, scene);
  if (scene.knows === "all") paintKnows(context, scene, [...scene.model.knows.keys()]);
  else if (scene.knows === "selected" && scene.selected !== null) {
    paintKnows(context, scene, [scene.selected]);
  }
  paintLinks(context, scene);
  if (scene.cuts) paintCuts(context, scene, scene.cuts);
  paintWires(context, scene);
  paintNodes(context, scene);
  paintNames(context, scene);
  paintBroken(context, scene);
}

/**
 * Who knows whom: faint, under everything.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Key[]} keys
 */
function paintKnows(context, { model, spots, palette, knows }, keys) {
  context.beginPath();
  for (const key of keys) {
    const a = spots.get(key);
    if (!a) continue;
    for (const other of model.knows.get(key) ?? []) {
      const b = spots.get(other);
      // Of a pair that know each other, one line is enough.
      if (!b || (knows === "all" && other < key && model.knows.get(other)?.has(key))) continue;
      context.moveTo(a.x, a.y);
      context.lineTo(b.x, b.y);
    }
  }
  context.lineWidth = 1;
  context.strokeStyle = knows === "all" ? palette.knows : palette.link;
  context.globalAlpha = knows === "all" ? 0.8 : 1;
  context.setLineDash(knows === "all" ? [] : [2, 5]);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** So much of the stage may be covered with links before they are drawn fainter [by eye: in a
 * hundred nodes with three hundred links each line is clear, in a thousand with five thousand
 * nodes and messages stay in front]. */
const INK = 0.11;
/** However many there are, a link can be seen as such. */
const FAINTEST = 0.16;
/** Lines that are stroked as one path. One path of thousands costs several times what pieces
 * do, since the rasteriser carries all edges of a path along; one each costs calls. */
const PIECE = 48;

/**
 * Links: strong where both ends report them, dashed where one does, faint to the dead. The
 * more of them there are on so much room, the thinner and fainter they all become, so that a
 * crowd is a grey ground and no black ball.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene
 */
function paintLinks(context, scene) {
  const { model, spots, palette, zoom, faults } = scene;
  /** @type {{lines: Spot[], dash: number[], alpha: number}[]} */
  const kinds = [
    { lines: [], dash: [], alpha: 1 },
    { lines: [], dash: [5, 4], alpha: 0.9 },
    { lines: [], dash: [2, 4], alpha: 0.5 },
  ];
  let length = 0;
  for (const [name, link] of model.links) {
    if (faults?.wires.has(name)) continue; // drawn as what is wrong with it
    const [from, to] = [spots.get(link.a), spots.get(link.b)];
    if (!from || !to || outside(scene, from, to)) continue;
    const lost = gone(model, link.a) || gone(model, link.b);
    kinds[lost ? 2 : link.mutual ? 0 : 1].lines.push(from, to);
    length += Math.abs(to.x - from.x) + Math.abs(to.y - from.y); // about 1.3 times the length
  }
  const { faint, width } = crowding(length / 1.3, scene);
  context.strokeStyle = palette.link;
  context.lineWidth = width * Math.max(0.75, Math.min(1.5, 1.25 * Math.sqrt(zoom)));
  for (const { lines, dash, alpha } of kinds) {
    if (lines.length === 0) continue;
    context.setLineDash(faint < 0.5 ? [] : dash); // dashes of a crowd are only noise
    context.globalAlpha = alpha * faint;
    for (let i = 0; i < lines.length; i += 2 * PIECE) {
      context.beginPath();
      for (let j = i; j < lines.length && j < i + 2 * PIECE; j += 2) {
        context.moveTo(lines[j].x, lines[j].y);
        context.lineTo(lines[j + 1].x, lines[j + 1].y);
      }
      context.stroke();
    }
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/**
 * How links are drawn where so many CSS pixels of them are in sight: `faint` is a factor of
 * their strength, `width` of their width; 1 where there is room.
 * @param {number} length @param {{width: number, height: number}} stage
 */
export function crowding(length, { width, height }) {
  const ink = length / Math.max(1, width * height);
  if (ink <= INK) return { faint: 1, width: 1 };
  const faint = Math.max(FAINTEST, Math.sqrt(INK / ink));
  return { faint, width: Math.max(0.7, Math.sqrt(faint)) };
}

/**
 * Whether nothing of a line between two points can be seen.
 * @param {Scene} scene @param {Spot} a @param {Spot} b
 */
function outside({ width, height, margin }, a, b) {
  return (a.x < -margin && b.x < -margin) || (a.x > width + margin && b.x > width + margin)
    || (a.y < -margin && b.y < -margin) || (a.y > height + margin && b.y > height + margin);
}

/**
 * What the network hangs on: under the nodes, over the links.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene
 * @param {import("./health/cuts.js").Cuts} cuts
 */
function paintCuts(context, { model, spots, palette }, { points, bridges }) {
  for (const name of bridges) {
    const link = model.links.get(name);
    const [from, to] = [spots.get(link?.a ?? -1), spots.get(link?.b ?? -1)];
    if (from && to) paintBridge(context, from, to, palette);
  }
  for (const key of points) {
    const spot = spots.get(key);
    if (spot) paintPoint(context, spot, palette);
  }
}

/**
 * A link that is the only way between two parts: a thick line with two strokes across.
 * @param {CanvasRenderingContext2D} context @param {Spot} from @param {Spot} to @param {Palette} palette
 */
export function paintBridge(context, from, to, palette) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  context.strokeStyle = palette.critical;
  context.lineWidth = 3;
  context.beginPath();
  context.moveTo(from.x + ux * from.radius, from.y + uy * from.radius);
  context.lineTo(to.x - ux * to.radius, to.y - uy * to.radius);
  context.stroke();
  context.lineWidth = 2;
  context.beginPath();
  for (const side of [-2.5, 2.5]) {
    const [x, y] = [from.x + dx / 2 + ux * side, from.y + dy / 2 + uy * side];
    context.moveTo(x - uy * 6, y + ux * 6);
    context.lineTo(x + uy * 6, y - ux * 6);
  }
  context.stroke();
}

/**
 * A node that holds parts together: the four corners of a frame around it.
 * @param {CanvasRenderingContext2D} context @param {Spot} spot @param {Palette} palette
 */
export function paintPoint(context, { x, y, radius }, palette) {
  const reach = radius + 4.5;
  const arm = Math.max(3, radius * 0.5);
  context.strokeStyle = palette.critical;
  context.lineWidth = Math.max(2, Math.min(3, radius * 0.2));
  context.beginPath();
  for (const [sx, sy] of [[-1, -1], [1, -1], [1, 1], [-1, 1]]) {
    context.moveTo(x + sx * (reach - arm), y + sy * reach);
    context.lineTo(x + sx * reach, y + sy * reach);
    context.lineTo(x + sx * reach, y + sy * (reach - arm));
  }
  context.stroke();
}

/** @param {Model} model @param {Key} key */
function gone(model, key) {
  const state = model.nodes.get(key)?.state;
  return state === "dead" || state === "left";
}

/** @param {CanvasRenderingContext2D} context @param {Scene} scene */
function paintNodes(context, scene) {
  const { model, spots, palette, colour, width, height } = scene;
  const reach = scene.margin + 40;
  const share = onScale(model, colour);
  // The living over the dead.
  const order = [...model.nodes.values()].sort((a, b) => RANK[a.state] - RANK[b.state]);
  for (const node of order) {
    const spot = spots.get(node.key);
    if (!spot || spot.x < -reach || spot.y < -reach || spot.x > width + reach || spot.y > height + reach) continue;
    drawNode(context, spot, node, palette, share(node), scene.numerals);
  }
}

const RANK = { dead: 0, left: 0, suspect: 1, alive: 2 };

/** @param {CanvasRenderingContext2D} context @param {Scene} scene */
function paintNames(context, { model, spots, palette, sides, labelSize, selected, rubber }) {
  context.font = `${labelSize}px ${palette.font}`;
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = palette["label-halo"];
  context.fillStyle = palette.label;
  for (const [key, side] of sides) {
    const spot = spots.get(key);
    const node = model.nodes.get(key);
    const plate = rubber ? key === rubber.from || key === rubber.over : key === selected;
    if (!spot || !node || plate) continue;
    const text = shortName(node.name);
    const box = labelBox(
      { ...spot, width: context.measureText(text).width, height: labelSize + 2 }, side,
    );
    context.globalAlpha = node.state === "dead" || node.state === "left" ? 0.6 : 1;
    context.strokeText(text, box.left, box.bottom - 3);
    context.fillText(text, box.left, box.bottom - 3);
  }
  context.globalAlpha = 1;
}

/** A name may have 63 characters; the panel has it whole. @param {string} name */
export function shortName(name) {
  return name.length > 22 ? `${name.slice(0, 21)}…` : name;
}

/** @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Frame} frame */
export function paintTraffic(context, scene, frame) {
  context.lineCap = "round";
  const middle = centre(scene.spots);
  paintChosen(context, scene);
  paintAttention(context, scene);
  if (scene.lit) paintLit(context, scene, scene.lit, (from, to) => way(scene, from, to, middle));
  if (scene.shown) paintShown(context, scene, middle);
  paintBadges(context, scene);
  paintTrails(context, scene, frame, middle);
  paintHalos(context, scene, frame);
  if (!scene.still) paintDots(context, scene, frame, middle);
  paintMarks(context, scene, frame, middle);
  if (scene.rubber) paintRubber(context, scene, scene.rubber);
  if (frame.joined) paintJoined(context, scene, frame);
}

/**
 * The chosen node, the one under the pointer, and their neighbourhoods.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene
 */
function paintAttention(context, scene) {
  const { model, spots, palette, selected, hovered, rubber } = scene;
  const inPick = rubber !== null;
  for (const key of new Set([selected, inPick ? null : hovered])) {
    const spot = key === null ? undefined : spots.get(key);
    if (key === null || !spot) continue;
    const loud = key === hovered || (key === selected && hovered === null);
    context.strokeStyle = palette.accent;
    context.lineWidth = 1.5;
    context.globalAlpha = loud && !inPick ? 0.85 : 0.3;
    context.beginPath();
    for (const other of model.neighbours(key)) {
      const to = spots.get(other);
      if (!to) continue;
      const [x, y] = [to.x - spot.x, to.y - spot.y];
      const length = Math.hypot(x, y) || 1;
      context.moveTo(spot.x + (x / length) * (spot.radius + 1), spot.y + (y / length) * (spot.radius + 1));
      context.lineTo(to.x - (x / length) * (to.radius + 1), to.y - (y / length) * (to.radius + 1));
    }
    context.stroke();
    if (loud && !inPick) {
      for (const other of model.neighbours(key)) {
        const to = spots.get(other);
        if (to) ring(context, to, model.nodes.get(other)?.kind ?? "peer", 2.5);
      }
    }
    context.globalAlpha = 1;
    context.lineWidth = key === selected ? 2.5 : 2;
    ring(context, spot, model.nodes.get(key)?.kind ?? "peer", 4.5);
  }
  // What is under the pointer is named by the page, with more than its name.
  if (selected !== null && selected !== hovered && !inPick) nameTag(context, scene, selected);
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Spot} spot
 * @param {"peer"|"plain"} kind @param {number} gap
 */
function ring(context, { x, y, radius }, kind, gap) {
  outline(context, x, y, radius + gap, kind);
  context.stroke();
}

/**
 * The name of a node on a small plate, readable over anything.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Key} key
 */
function nameTag(context, { model, spots, palette, width, height }, key) {
  const spot = spots.get(key);
  const node = model.nodes.get(key);
  if (!spot || !node) return;
  const text = shortName(node.name);
  const { scale } = palette;
  context.font = `600 ${13 * scale}px ${palette.font}`;
  const wide = Math.ceil(context.measureText(text).width) + 14;
  const high = 22 * scale;
  const left = Math.max(4, Math.min(width - wide - 4, spot.x - wide / 2));
  const under = spot.y + spot.radius + 8;
  const top = under + high > height - 4 ? spot.y - spot.radius - 9 - high : under;
  context.globalAlpha = 1;
  context.beginPath();
  context.roundRect(left, top, wide, high, 5);
  context.fillStyle = palette.surface;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = palette["rule-strong"];
  context.stroke();
  context.fillStyle = palette.text;
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillText(text, left + 7, top + 15.5 * scale);
}

/**
 * How many messages wait at a node. Under what moves, so that a dot is seen to leave.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene
 */
function paintBadges(context, { spots, palette, badges, width, height }) {
  context.font = `600 10.5px ${palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.lineWidth = 1.5;
  context.strokeStyle = palette.stage;
  for (const { key, text, width: wide, corner } of badges) {
    const spot = spots.get(key);
    if (!spot || spot.x < -60 || spot.y < -60 || spot.x > width + 60 || spot.y > height + 60) continue;
    context.fillStyle = palette.waiting;
    context.beginPath();
    if (corner === null) {
      const reach = spot.radius * Math.SQRT1_2;
      context.arc(spot.x + reach, spot.y - reach, Math.max(2.5, Math.min(4, spot.radius / 3)), 0, TURN);
    } else {
      const box = badgeBox(spot, wide, corner);
      context.roundRect(box.left, box.top, wide, BADGE, BADGE / 2);
    }
    context.stroke();
    context.fill();
    if (corner === null) continue;
    const box = badgeBox(spot, wide, corner);
    context.fillStyle = palette["on-waiting"];
    context.fillText(text, box.left + wide / 2, box.top + 11.25);
  }
}

/**
 * The arc of a message; undefined where neither end can be seen.
 * @param {Scene} scene @param {Key|null} from @param {Key|null} to @param {{x: number, y: number}} middle
 */
function way({ spots }, from, to, middle) {
  const a = from === null ? undefined : spots.get(from);
  const b = to === null ? undefined : spots.get(to);
  if (a && b) return a === b ? undefined : arc(a, b, a.radius + 2, b.radius + 2);
  if (b) return streak(b, middle, b.radius + 2, true);
  if (a) return streak(a, middle, a.radius + 2, false);
  return undefined;
}

/** The arcs of messages as they are drawn now. @param {Scene} scene */
export function arcs(scene) {
  const middle = centre(scene.spots);
  return (/** @type {Key|null} */ from, /** @type {Key|null} */ to) => way(scene, from, to, middle);
}

/**
 * Paths that were just used. Strokes of nearly the same strength are drawn as one.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Frame} frame
 * @param {{x: number, y: number}} middle
 */
function paintTrails(context, scene, frame, middle) {
  const STEPS = 6;
  context.lineWidth = scene.still ? 3 : 2;
  for (const kind of KINDS) {
    /** @type {import("./flights.js").Trail[][]} */
    const steps = Array.from({ length: STEPS + 1 }, () => []);
    for (const trail of frame.trails) if (trail.kind === kind) steps[Math.ceil(trail.fade * STEPS)].push(trail);
    context.strokeStyle = scene.palette[kind];
    steps.forEach((trails, step) => {
      if (trails.length === 0) return;
      context.globalAlpha = ((scene.still ? 0.9 : 0.55) * step) / STEPS;
      context.beginPath();
      for (const { from, to, p } of trails) {
        const path = way(scene, from, to, middle);
        if (path) trace(context, path, 0, scene.still ? 1 : p);
      }
      context.stroke();
    });
  }
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Frame} frame */
function paintHalos(context, scene, frame) {
  const { spots, palette, model, still } = scene;
  // Of a node that gets many messages only the newest halo is drawn: each is on top of all
  // earlier ones, and a pile of them would hide the node.
  /** @type {Map<Key, import("./flights.js").Halo>} */
  const newest = new Map();
  for (const halo of frame.halos) {
    if (halo.age <= (newest.get(halo.key)?.age ?? 1)) newest.set(halo.key, halo);
  }
  for (const [key, { age, kind: of }] of newest) {
    const spot = spots.get(key);
    if (!spot) continue;
    context.strokeStyle = context.fillStyle = palette[`${of}-halo`];
    const kind = model.nodes.get(key)?.kind ?? "peer";
    const left = 1 - age;
    context.globalAlpha = 0.32 * left;
    outline(context, spot.x, spot.y, spot.radius, kind);
    context.fill();
    context.globalAlpha = 0.9 * left;
    context.lineWidth = 1 + 2.5 * left;
    ring(context, spot, kind, still ? 4 : 2 + 16 * (1 - left * left));
  }
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Frame} frame
 * @param {{x: number, y: number}} middle
 */
function paintDots(context, scene, frame, middle) {
  const { palette } = scene;
  const size = Math.max(3.5, Math.min(5.5, 4.5 * Math.sqrt(scene.zoom)));
  const seen = [];
  for (const dot of frame.dots) {
    const path = way(scene, dot.from, dot.to, middle);
    if (path) seen.push({ dot, ...along(path, dot.p) });
  }
  // Three passes over all dots of a kind, each one fill: a glow, an edge, the dot.
  for (const kind of KINDS) {
    const passes = [
      { colour: palette[`${kind}-halo`], alpha: 0.28, more: 5 },
      { colour: palette.stage, alpha: 1, more: 1.25 },
      { colour: palette[kind], alpha: 1, more: 0 },
    ];
    for (const { colour, alpha, more } of passes) {
      context.fillStyle = colour;
      context.globalAlpha = alpha;
      context.beginPath();
      for (const { dot, x, y } of seen) {
        if (dot.kind !== kind) continue;
        const radius = size + more + (dot.count > 1 ? 2.5 * Math.log2(dot.count) : 0);
        if (kind === "broadcast" && alpha === 1) {
          const reach = radius * 0.89; // a square of the disc's area
          context.rect(x - reach, y - reach, 2 * reach, 2 * reach);
        } else {
          context.moveTo(x + radius, y);
          context.arc(x, y, radius, 0, TURN);
        }
      }
      context.fill();
    }
  }
  context.globalAlpha = 1;
  if (!frame.joined) return;
  context.fillStyle = palette["on-accent"];
  context.font = `600 10px ${palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (const { dot, x, y } of seen) {
    if (dot.count > 1) context.fillText(String(dot.count), x, y + 3.5);
  }
}

/**
 * Where a try ended: a cross for a message that is lost, a smaller one for a try.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Frame} frame
 * @param {{x: number, y: number}} middle
 */
function paintMarks(context, scene, frame, middle) {
  const { palette } = scene;
  for (const { from, to, p, fade, final } of frame.marks) {
    const path = way(scene, from, to, middle);
    if (!path) continue;
    const { x, y } = along(path, p);
    const reach = final ? 6 : 4;
    context.globalAlpha = fade;
    for (const [colour, width] of [[palette.stage, 6], [palette.failed, 2.75]]) {
      context.strokeStyle = /** @type {string} */ (colour);
      context.lineWidth = /** @type {number} */ (width);
      drawCross(context, x, y, reach);
    }
    if (final) {
      context.lineWidth = 1.5;
      context.beginPath();
      context.arc(x, y, 12, 0, TURN);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
}

/**
 * The path of the message that the person looks at: hop by hop as it went, dashed where it
 * still is or where nobody told. Of a broadcast the whole tree, and where it grew from.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {{x: number, y: number}} middle
 */
function paintShown(context, scene, middle) {
  const { palette, shown, spots, model } = scene;
  if (!shown) return;
  const tree = shown.kind === "broadcast";
  context.lineWidth = tree ? 1.75 : 2.5;
  shown.legs.forEach(([from, to, at], index) => {
    const path = way(scene, from, to, middle);
    if (!path) return;
    const last = !tree && index === shown.legs.length - 1;
    const failed = last && shown.state === "failed";
    context.strokeStyle = failed ? palette.failed : palette[shown.kind];
    if (at === null || (last && (shown.state === "sent" || shown.state === "waiting"))) context.setLineDash([6, 6]);
    context.beginPath();
    trace(context, path, 0, failed ? 0.86 : 1);
    context.stroke();
    context.setLineDash([]);
    if (failed) {
      const { x, y } = along(path, 0.92);
      drawCross(context, x, y, 5);
    } else {
      arrowHead(context, path, tree ? 7 : 9);
    }
  });
  const origin = tree && shown.from !== null ? spots.get(shown.from) : undefined;
  if (origin && shown.from !== null) {
    context.strokeStyle = palette.broadcast;
    context.lineWidth = 3;
    ring(context, origin, model.nodes.get(shown.from)?.kind ?? "peer", 4.5);
  }
}

/**
 * From the sender to the pointer, while a receiver is looked for.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Rubber} rubber
 */
function paintRubber(context, scene, { from, at, over }) {
  const { model, spots, palette } = scene;
  const start = spots.get(from);
  if (!start) return;
  context.strokeStyle = palette.accent;
  context.lineWidth = 1.5;
  context.globalAlpha = 0.55;
  for (const node of model.nodes.values()) {
    const spot = spots.get(node.key);
    if (spot && node.key !== from && !gone(model, node.key)) ring(context, spot, node.kind, 3);
  }
  context.globalAlpha = 1;
  context.lineWidth = 2.5;
  ring(context, start, model.nodes.get(from)?.kind ?? "peer", 4.5);
  const target = over === null || over === from ? undefined : spots.get(over);
  if (target && over !== null) {
    const kind = model.nodes.get(over)?.kind ?? "peer";
    ring(context, target, kind, 4.5);
    context.globalAlpha = 0.25;
    context.fillStyle = palette.accent;
    outline(context, target.x, target.y, target.radius, kind);
    context.fill();
    context.globalAlpha = 1;
  }
  nameTag(context, scene, from);
  if (target && over !== null) nameTag(context, scene, over);
  context.strokeStyle = palette.accent;
  const end = target ?? (at && { ...at, radius: 2 });
  if (!end || Math.hypot(end.x - start.x, end.y - start.y) < start.radius + 8) return;
  const path = arc(start, end, start.radius + 5, end.radius + 5);
  context.lineWidth = 2;
  if (!target) context.setLineDash([6, 5]);
  context.beginPath();
  trace(context, path, 0, 1);
  context.stroke();
  context.setLineDash([]);
  arrowHead(context, path);
}

/**
 * @param {CanvasRenderingContext2D} context @param {import("./path.js").Arc} path
 * @param {number} [reach]
 */
function arrowHead(context, path, reach = 9) {
  const angle = heading(path);
  context.beginPath();
  for (const turn of [2.6, -2.6]) {
    context.moveTo(path.bx, path.by);
    context.lineTo(path.bx + reach * Math.cos(angle + turn), path.by + reach * Math.sin(angle + turn));
  }
  context.stroke();
}

/**
 * Says that a dot stands for several messages now.
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Frame} frame
 */
function paintJoined(context, { palette, width }, frame) {
  const text = TEXTS.picture.joined(frame.inFlight);
  context.font = `12px ${palette.font}`;
  const wide = context.measureText(text).width + 20;
  context.beginPath();
  context.roundRect((width - wide) / 2, 10, wide, 24, 12);
  context.fillStyle = palette.surface;
  context.fill();
  context.strokeStyle = palette["rule-strong"];
  context.lineWidth = 1;
  context.stroke();
  context.fillStyle = palette.text;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.fillText(text, width / 2, 26);
}

/** @param {Map<Key, Spot>} spots */
function centre(spots) {
  let [x, y] = [0, 0];
  for (const spot of spots.values()) {
    x += spot.x / spots.size;
    y += spot.y / spots.size;
  }
  return { x, y };
}
