/**
 * What stands under an exported picture: of which run and moment it is, in what state the
 * network was, and the legend. A picture in a report must explain itself, without the page.
 *
 * Painted with the painters' own shapes, on a canvas (PNG) or on `SvgContext` (SVG).
 *
 * @typedef {import("../render.js").Scene} Scene
 * @typedef {import("../palette.js").Palette} Palette
 * @typedef {{run: string, when: string, line: string}} About
 */
import { drawCross, drawNode } from "../glyph.js";
import { between } from "../palette.js";
import { paintBridge, paintPoint } from "../render.js";
import { ends } from "../scale.js";
import { TEXTS } from "../texts.js";

/** Height of the strip. CSS pixels. */
export const HEIGHT = 92;
const PAD = 18;
const GAP = 18;

/**
 * @param {CanvasRenderingContext2D} context  its origin is the strip's top left corner
 * @param {Scene} scene
 * @param {About} about
 */
export function paintCaption(context, scene, { run, when, line }) {
  const { palette, width } = scene;
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, width, HEIGHT);
  context.fillStyle = palette["rule-strong"];
  context.fillRect(0, 0, width, 1);
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  const rows = /** @type {const} */ ([[line, "650 14.5px", palette.text, 26], [TEXTS.export.caption(when, run), "400 13px", palette["text-soft"], 46]]);
  for (const [text, type, colour, y] of rows) {
    context.font = `${type} ${palette.font}`;
    context.fillStyle = colour;
    context.fillText(fitted(context, text, width - 2 * PAD), PAD, y);
  }
  paintLegend(context, scene);
}

/** As much of a text as there is room for. @param {CanvasRenderingContext2D} context @param {string} text @param {number} room */
function fitted(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 0 && context.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
  return end > 0 ? `${text.slice(0, end)}…` : "";
}

/** @param {CanvasRenderingContext2D} context @param {Scene} scene */
function paintLegend(context, { palette, colour, model, cuts, width }) {
  const y = 70;
  let x = PAD;
  const word = (/** @type {string} */ text) => {
    context.font = `12.5px ${palette.font}`;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillStyle = palette["text-soft"];
    context.fillText(text, x, y + 4.5);
    x += context.measureText(text).width + GAP;
  };
  /** @param {string} text @param {number} wide @param {(x: number) => void} paint */
  const item = (text, wide, paint) => {
    context.font = `12.5px ${palette.font}`;
    if (x + wide + context.measureText(text).width > width - PAD) return; // a narrow picture says less
    paint(x);
    x += wide + 6;
    word(text);
  };
  /** @param {string} state @param {"peer"|"plain"} kind */
  const node = (state, kind) => (/** @type {number} */ left) =>
    drawNode(context, { x: left + 7, y, radius: 6 }, /** @type {any} */ ({ state, kind, name: "" }), palette);

  if (colour === "state") {
    for (const state of /** @type {const} */ (["alive", "suspect", "dead", "left"])) item(TEXTS.states[state], 14, node(state, "peer"));
    item(TEXTS.states.plain, 14, node("alive", "plain"));
  } else {
    const [low, , high] = ends(model, colour);
    word(low);
    x -= GAP - 6;
    for (let step = 0; step < 24; step += 1) {
      context.fillStyle = between(palette["scale-low"], palette["scale-high"], step / 23);
      context.fillRect(x + step * 4, y - 5, 4.5, 10);
    }
    x += 24 * 4 + 8;
    word(high);
  }
  item(TEXTS.legend.link, 22, (left) => {
    context.strokeStyle = palette["text-soft"];
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(left + 22, y);
    context.stroke();
  });
  item(TEXTS.legend.message, 12, (left) => {
    context.fillStyle = palette.message;
    context.beginPath();
    context.arc(left + 6, y, 4.5, 0, 2 * Math.PI);
    context.fill();
  });
  item(TEXTS.legend.broadcast, 12, (left) => {
    context.fillStyle = palette.broadcast;
    context.fillRect(left + 2, y - 4, 8, 8);
  });
  item(TEXTS.legend.failed, 12, (left) => {
    context.strokeStyle = palette.failed;
    context.lineWidth = 2.5;
    drawCross(context, left + 6, y, 4);
  });
  if (cuts) {
    item(TEXTS.legend.cutNode, 18, (left) => paintPoint(context, { x: left + 9, y, radius: 4.5 }, palette));
    item(TEXTS.export.cutLink, 26, (left) =>
      paintBridge(context, { x: left, y, radius: 0 }, { x: left + 26, y, radius: 0 }, palette));
  }
}
