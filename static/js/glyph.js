/**
 * How one node looks: its state by shape first, colour second.
 *
 *   alive    a filled disc with a ring
 *   suspect  the same with a dashed ring
 *   dead     hollow, with a cross
 *   left     hollow
 *   plain    a diamond instead of a disc, whatever its state
 *
 * A person who sees no difference between green and red, or a projector that shows none,
 * loses nothing.
 */
import { between } from "./palette.js";

/** @typedef {import("./palette.js").Palette} Palette */
/** @typedef {import("./model.js").NodeView} NodeView */

/**
 * The short text inside a node: the number that ends its name, as in node7.
 * @param {string} name
 * @returns {string}
 */
export function numeral(name) {
  return /^\D*?(\d{1,3})$/.exec(name)?.[1] ?? "";
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number, radius: number}} at
 * @param {NodeView} node
 * @param {Palette} palette
 * @param {number|null} scale  0 … 1 on the colour scale, instead of the state's colour
 * @param {boolean} numerals  whether it has its number inside, where there is room for that
 */
export function drawNode(context, { x, y, radius }, node, palette, scale = null, numerals = true) {
  const hollow = node.state === "dead" || node.state === "left";
  const base = node.state === "alive" && node.kind === "plain" ? palette.plain : palette[node.state];
  const scaled = scale !== null && !hollow;
  const colour = scaled ? between(palette["scale-low"], palette["scale-high"], scale) : base;

  outline(context, x, y, radius, node.kind);
  context.fillStyle = palette.stage; // links end at the ring, not at the middle
  context.fill();
  if (!hollow) {
    context.globalAlpha = scaled ? 1 : 0.2;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
  }
  const dash = radius * 0.5;
  if (node.state === "suspect") context.setLineDash([dash, dash * 0.7]);
  context.lineWidth = Math.max(1.25, Math.min(2.25, radius * 0.16));
  context.strokeStyle = node.state === "suspect" ? palette.suspect : colour;
  context.globalAlpha = hollow ? 0.75 : 1;
  context.stroke();
  context.setLineDash([]);

  if (node.state === "dead") {
    drawCross(context, x, y, radius * 0.42);
  } else if (numerals) {
    drawNumeral(context, { x, y, radius }, node, palette, scaled ? scale : null);
  }
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} reach */
export function drawCross(context, x, y, reach) {
  context.beginPath();
  context.moveTo(x - reach, y - reach);
  context.lineTo(x + reach, y + reach);
  context.moveTo(x + reach, y - reach);
  context.lineTo(x - reach, y + reach);
  context.stroke();
}

/**
 * The path of a node's outline.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x @param {number} y @param {number} radius
 * @param {"peer"|"plain"} kind
 */
export function outline(context, x, y, radius, kind) {
  context.beginPath();
  if (kind === "plain") {
    const reach = radius * 1.2; // about the area of the disc
    context.moveTo(x, y - reach);
    context.lineTo(x + reach, y);
    context.lineTo(x, y + reach);
    context.lineTo(x - reach, y);
    context.closePath();
  } else {
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
}

/**
 * Whether a node of this size says who it is by the number inside.
 * @param {string} name @param {number} radius
 */
export function hasNumeral(name, radius) {
  const text = numeral(name);
  return text !== "" && numeralSize(text, radius) >= LEGIBLE;
}

/** @param {string} text @param {number} radius */
function numeralSize(text, radius) {
  return Math.round(Math.min(radius * (text.length > 2 ? 0.8 : 0.98), Math.max(15, 0.8 * radius)) * 2) / 2;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number, radius: number}} at
 * @param {NodeView} node
 * @param {Palette} palette
 * @param {number|null} scale
 */
function drawNumeral(context, { x, y, radius }, node, palette, scale) {
  if (!hasNumeral(node.name, radius)) return;
  const text = numeral(node.name);
  const size = numeralSize(text, radius);
  context.font = `600 ${size}px ${palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  // Dark ends of the scale take light text and the other way round, in both themes.
  context.fillStyle = scale === null ? palette.label
    : isDark(between(palette["scale-low"], palette["scale-high"], scale)) ? "#ffffff" : "#10151c";
  context.fillText(text, x, y + size * 0.355);
}

/** Smaller digits could not be read. CSS pixels. */
const LEGIBLE = 7.5;

/** @param {string} colour  #rrggbb */
function isDark(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b < 140;
}
