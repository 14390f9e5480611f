/**
 * Paints the diagram: lines of nodes, folds, arrows, and what is chosen over the rest.
 *
 * Arrows of one looks are one path and one stroke, so that some thousands take a few
 * milliseconds. A lost one ends before its line, with a cross; one that is open, dashed; a
 * broadcast has its colour and a square where it began.
 *
 * @typedef {import("./hops.js").Arrow} Arrow
 * @typedef {import("./hops.js").Diagram} Diagram
 *
 * @typedef {object} Sheet
 * @property {Diagram} diagram
 * @property {import("./axis.js").Axis} axis
 * @property {import("./axis.js").Window} window
 * @property {import("../../palette.js").Palette} palette
 * @property {number} width  CSS pixels
 * @property {number} height
 * @property {number} gutter  left of where time begins: the names
 * @property {number} lane  height of one line
 * @property {string|null} chosen  message
 * @property {string|null} looked  message
 * @property {Arrow|null} over  the hop under the pointer or the keyboard
 * @property {(key: number|null) => string|undefined} nameOf
 * @property {(key: number) => string} stateOf
 */
import { clockTime, lasting, took } from "../../panel/words.js";
import { stepOf } from "./axis.js";

/** Above so many arrows in sight only the chosen ones have heads. */
const HEADS_MOST = 1500;
/** How far before its line a lost one ends: 0 at the start … 1 at the line. */
const LOST_AT = 0.72;
/** A hop from or to outside is a stub so long. CSS pixels. */
const STUB = 16;

/** @param {Sheet} sheet @param {number} time */
export function x(sheet, time) {
  return sheet.gutter + ((sheet.axis.place(time) - sheet.window.from) / sheet.window.length) * (sheet.width - sheet.gutter - 12);
}

/** @param {Sheet} sheet @param {Map<number, number>} places @param {number|null} key @param {number} otherwise */
function y({ lane }, places, key, otherwise) {
  const place = key === null ? undefined : places.get(key);
  return place === undefined ? otherwise : (place + 0.5) * lane;
}

/**
 * Where an arrow runs.
 * @param {Sheet} sheet @param {Map<number, number>} places @param {Arrow} arrow
 */
export function line(sheet, places, { from, to, start, end, fate }) {
  const y1 = y(sheet, places, from, NaN);
  const y2 = y(sheet, places, to, NaN);
  const a = { x: x(sheet, start), y: Number.isNaN(y1) ? y2 - STUB : y1 };
  const b = { x: x(sheet, end), y: Number.isNaN(y2) ? a.y + STUB : y2 };
  if (fate === "lost" || fate === "open") {
    // Nobody knows how far it came: it ends on the way, by shape and not only by colour.
    b.x = fate === "open" ? Math.max(b.x, a.x + 10) : b.x;
    return { a, b: { x: a.x + (b.x - a.x) * LOST_AT, y: a.y + (b.y - a.y) * LOST_AT } };
  }
  return { a, b };
}

/** @param {Diagram} diagram @returns {Map<number, number>} */
export function placesOf({ lanes }) {
  return new Map(lanes.map((key, place) => [key, place]));
}

/** @param {CanvasRenderingContext2D} context @param {Sheet} sheet */
export function paint(context, sheet) {
  const { diagram, axis, window, palette, width, height, gutter, lane, nameOf, stateOf, chosen, looked } = sheet;
  const places = placesOf(diagram);
  context.clearRect(0, 0, width, height);
  context.lineCap = "round";

  // Folds first, under everything.
  context.fillStyle = palette["stage"];
  context.fillRect(gutter, 0, width - gutter, height);
  for (const { from, to, folded } of axis.stretches) {
    if (!folded) continue;
    const [left, right] = [x(sheet, from), x(sheet, to)];
    if (right < gutter || left > width) continue;
    context.fillStyle = palette.surface;
    context.fillRect(Math.max(gutter, left), 0, right - Math.max(gutter, left), height);
    context.strokeStyle = palette["rule-strong"];
    context.setLineDash([2, 4]);
    context.lineWidth = 1;
    context.beginPath();
    for (const edge of [left, right]) {
      if (edge <= gutter) continue;
      context.moveTo(edge, 0);
      context.lineTo(edge, height);
    }
    context.stroke();
    context.setLineDash([]);
  }

  // The lines of the nodes, and what waits on them.
  context.lineWidth = 1;
  context.strokeStyle = palette.link;
  context.beginPath();
  for (let place = 0; place < diagram.lanes.length; place += 1) {
    const at = Math.round((place + 0.5) * lane) + 0.5;
    context.moveTo(gutter, at);
    context.lineTo(width, at);
  }
  context.stroke();
  context.save();
  context.beginPath();
  context.rect(gutter, 0, width - gutter, height);
  context.clip();
  const some = chosen !== null || looked !== null;
  for (const { row, key, start, end } of diagram.waits) {
    const at = y(sheet, places, key, NaN);
    const [left, right] = [x(sheet, start), end === null ? x(sheet, axis.to) : x(sheet, end)];
    context.globalAlpha = some && row.id !== chosen && row.id !== looked ? 0.25 : 0.8;
    context.fillStyle = palette.waiting;
    context.fillRect(left, at - 2, Math.max(2, right - left), 4);
  }
  context.globalAlpha = 1;

  const seen = diagram.arrows.filter(({ start, end }) => axis.place(end) >= window.from - window.length * 0.02 && axis.place(start) <= window.from + window.length * 1.02);
  const marked = (/** @type {Arrow} */ arrow) => arrow.row.id === chosen || arrow.row.id === looked || arrow === sheet.over;
  strokes(context, sheet, places, seen.filter((arrow) => !marked(arrow)), some ? 0.3 : 0.85, seen.length <= HEADS_MOST ? 5 : 0, 1.25);
  strokes(context, sheet, places, seen.filter(marked), 1, 7, 2.5);
  context.restore();

  // Names over what may run into them.
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, gutter, height);
  context.textAlign = "right";
  context.textBaseline = "middle";
  const size = Math.max(9, Math.min(12.5, lane - 3));
  const both = new Set(sheet.over === null ? [] : [sheet.over.from, sheet.over.to]);
  diagram.lanes.forEach((key, place) => {
    const gone = stateOf(key) !== "alive" && stateOf(key) !== "suspect";
    context.font = `${both.has(key) ? "650" : "450"} ${size}px ${palette.font}`;
    context.fillStyle = gone ? palette["text-soft"] : palette.text;
    context.fillText(short(nameOf(key) ?? "?"), gutter - 8, (place + 0.5) * lane + 0.5, gutter - 12);
  });
  context.strokeStyle = palette["rule-strong"];
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(gutter + 0.5, 0);
  context.lineTo(gutter + 0.5, height);
  context.stroke();
}

/** @param {string} name */
function short(name) {
  return name.length > 16 ? `${name.slice(0, 15)}…` : name;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Sheet} sheet @param {Map<number, number>} places
 * @param {Arrow[]} arrows @param {number} alpha @param {number} head @param {number} width
 */
function strokes(context, sheet, places, arrows, alpha, head, width) {
  const { palette } = sheet;
  /** @type {Map<string, Arrow[]>} */
  const looks = new Map();
  for (const arrow of arrows) {
    const look = `${arrow.fate === "lost" ? "failed" : arrow.row.kind} ${arrow.fate === "open" || arrow.fate === "gap" ? "dashed" : ""}`;
    const others = looks.get(look);
    if (others === undefined) looks.set(look, [arrow]);
    else others.push(arrow);
  }
  context.globalAlpha = alpha;
  context.lineWidth = width;
  for (const [look, group] of looks) {
    const [colour, dashed] = look.split(" ");
    context.strokeStyle = context.fillStyle = palette[/** @type {"message"|"broadcast"|"failed"} */ (colour)];
    context.setLineDash(dashed === "" ? [] : [4, 4]);
    context.beginPath();
    const lines = group.map((arrow) => line(sheet, places, arrow));
    for (const { a, b } of lines) {
      context.moveTo(a.x, a.y);
      context.lineTo(b.x, b.y);
    }
    context.stroke();
    context.setLineDash([]);
    // Where it began: a disc, of a broadcast a square; and where it ended.
    context.beginPath();
    group.forEach((arrow, index) => {
      const { a } = lines[index];
      const reach = arrow.hop === 1 ? width + 1.25 : width;
      if (arrow.row.kind === "broadcast") context.rect(a.x - reach, a.y - reach, 2 * reach, 2 * reach);
      else {
        context.moveTo(a.x + reach, a.y);
        context.arc(a.x, a.y, reach, 0, 2 * Math.PI);
      }
    });
    context.fill();
    context.beginPath();
    group.forEach((arrow, index) => {
      const { a, b } = lines[index];
      if (arrow.fate === "lost") {
        for (const side of [1, -1]) {
          context.moveTo(b.x - 4, b.y - 4 * side);
          context.lineTo(b.x + 4, b.y + 4 * side);
        }
      } else if (head > 0 && arrow.fate !== "open") {
        const angle = Math.atan2(b.y - a.y, b.x - a.x);
        for (const turn of [2.65, -2.65]) {
          context.moveTo(b.x, b.y);
          context.lineTo(b.x + head * Math.cos(angle + turn), b.y + head * Math.sin(angle + turn));
        }
      }
    });
    context.lineWidth = Math.max(1.5, width);
    context.stroke();
    context.lineWidth = width;
  }
  context.globalAlpha = 1;
}

/** The clock over the diagram. @param {CanvasRenderingContext2D} context @param {Sheet} sheet @param {number} high */
export function paintClock(context, sheet, high) {
  const { axis, window, palette, width, gutter } = sheet;
  context.clearRect(0, 0, width, high);
  context.font = `11px ${palette.font}`;
  context.textBaseline = "alphabetic";
  const pixel = window.length / Math.max(1, width - gutter - 12); // units
  const step = stepOf(96 * pixel);
  let free = gutter;
  for (const { from, to, folded } of axis.stretches) {
    const [left, right] = [x(sheet, from), x(sheet, to)];
    if (right < gutter || left > width) continue;
    if (folded) {
      context.textAlign = "center";
      context.fillStyle = palette["text-soft"];
      const words = to - from < 60_000 ? took(to - from) : lasting(to - from);
      const half = context.measureText(words).width / 2;
      const middle = (left + right) / 2;
      if (2 * half < right - left + 4 && middle - half > free) {
        context.fillText(words, middle, high - 8);
        free = middle + half + 6;
      }
      continue;
    }
    context.textAlign = "left";
    const begin = Math.max(from, axis.time(window.from));
    for (let tick = Math.ceil(begin / step) * step; tick <= to; tick += step) {
      const at = x(sheet, tick);
      if (at > width) break;
      if (at < gutter) continue;
      context.fillStyle = palette["rule-strong"];
      context.fillRect(Math.round(at), high - 5, 1, 5);
      const words = step >= 1000 ? clockTime(tick).slice(0, 8) : clockTime(tick);
      if (at + 3 < free || at + context.measureText(words).width + 4 > width) continue;
      context.fillStyle = palette.text;
      context.fillText(words, at + 3, high - 8);
      free = at + context.measureText(words).width + 12;
    }
  }
  context.fillStyle = palette["rule-strong"];
  context.fillRect(0, high - 1, width, 1);
}

/**
 * The hop nearest to a point.
 * @param {Sheet} sheet @param {{x: number, y: number}} at @param {number} reach CSS pixels
 * @returns {Arrow|null}
 */
export function hopAt(sheet, at, reach) {
  const places = placesOf(sheet.diagram);
  let best = null;
  let least = reach;
  for (const arrow of sheet.diagram.arrows) {
    const { a, b } = line(sheet, places, arrow);
    if (Math.max(a.x, b.x) < at.x - reach || Math.min(a.x, b.x) > at.x + reach) continue;
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const t = Math.max(0, Math.min(1, ((at.x - a.x) * dx + (at.y - a.y) * dy) / (dx * dx + dy * dy || 1)));
    const far = Math.hypot(a.x + t * dx - at.x, a.y + t * dy - at.y);
    if (far < least) [best, least] = [arrow, far];
  }
  return best;
}
