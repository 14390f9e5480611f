/**
 * One small chart over time, on a canvas.
 *
 * A canvas of our own and no library: the panel needs seven small multiples with one time axis
 * and one crosshair that runs through all of them, lines told apart by dash as well as by colour,
 * colours from the page's own tokens in both themes, and no inline style that the
 * Content-Security-Policy forbids. That is what is here, in some 200 lines; uPlot, the smallest
 * good one, is 50 KiB more before the first picture, and its stylesheet, legend and cursor would
 * have had to be replaced.
 *
 * It draws when it is told to and rests otherwise. What it shows is said in words beside it
 * (the values of the moment under the crosshair, else the newest), which is also what a screen
 * reader gets.
 *
 * @typedef {import("./beats.js").Columns} Columns
 * @typedef {import("./beats.js").Field} Field
 * @typedef {{field: Field, label: string, colour: string, dash?: number[]}} Line
 *   colour: a token of css/tokens.css, without its dashes
 * @typedef {{title: string, unit: string, lines: Line[], whole?: boolean, top?: number}} Plan
 *   whole: only whole numbers; top: the axis ends there
 */
import { el, setText } from "../panel/dom.js";
import { timeOfDay } from "../panel/words.js";
import { nearest, niceAbove, pieces, ticks } from "./beats.js";
import { value as inWords } from "./words.js";

/** CSS pixels. */
const HEIGHT = 78;
const AXIS = 15;
const LEFT = 34;
const RIGHT = 8;
const TOP = 5;
const SVG = "http://www.w3.org/2000/svg";

export class Chart {
  element;
  canvas = el("canvas", { class: "chart-canvas", "aria-hidden": "true" });
  #plan;
  #columns;
  #values = new Map();
  #context;

  /** @param {Plan} plan @param {Columns} columns */
  constructor(plan, columns) {
    this.#plan = plan;
    this.#columns = columns;
    this.#context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    const legend = el("dl", { class: "chart-values" }, ...plan.lines.map((line) => {
      const said = el("dd", { text: "–" });
      this.#values.set(line.field, said);
      return el("div", { class: "chart-value" }, sample(line), el("dt", { text: line.label }), said);
    }));
    this.element = el("figure", { class: "chart", "data-chart": plan.lines[0].field },
      el("figcaption", { class: "chart-head" }, el("span", { class: "chart-title", text: plan.title }), legend), this.canvas);
  }

  /** Width of the plot, CSS pixels. */
  get #wide() {
    return Math.max(1, this.canvas.clientWidth - LEFT - RIGHT);
  }

  /** The moment at a place. @param {number} x  CSS pixels from the canvas's left edge
   * @param {{from: number, to: number}} span */
  moment(x, { from, to }) {
    return from + ((to - from) * Math.min(this.#wide, Math.max(0, x - LEFT))) / this.#wide;
  }

  /** The other way round. @param {number} at @param {{from: number, to: number}} span */
  place(at, { from, to }) {
    return LEFT + ((at - from) / (to - from)) * this.#wide;
  }

  /**
   * @param {{from: number, to: number}} span
   * @param {number|null} at  the moment under the crosshair
   * @param {Record<string, any>} palette
   * @param {number|null} [shown]  the moment that the page shows, where that is not now
   */
  draw(span, at, palette, shown = null) {
    const { lines, unit, whole, top } = this.#plan;
    const columns = this.#columns;
    const context = this.#context;
    const width = this.canvas.clientWidth;
    if (width === 0) return; // folded away
    const density = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * density), Math.round(HEIGHT * density)];
    if (this.canvas.width !== wide || this.canvas.height !== high) Object.assign(this.canvas, { width: wide, height: high });
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, HEIGHT);

    const view = { ...span, width: this.#wide, gap: 3.5 * columns.every };
    const drawn = lines.map((line) => ({ line, pieces: pieces(columns.at, columns.of(line.field), view) }));
    const most = Math.max(0, ...drawn.flatMap(({ pieces: all }) => all.flatMap((piece) => piece.map(([, value]) => value))));
    const ceiling = top ?? (whole ? Math.max(1, Math.ceil(niceAbove(most))) : niceAbove(most));
    const bottom = HEIGHT - AXIS;
    const y = (/** @type {number} */ value) => bottom - (Math.min(value, ceiling) / ceiling) * (bottom - TOP);

    context.font = `10px ${palette.font}`;
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const value of [0, ceiling]) {
      context.strokeStyle = palette.rule;
      line(context, LEFT, Math.round(y(value)) + 0.5, LEFT + this.#wide);
      context.fillStyle = palette["text-soft"];
      context.fillText(unit === "%" ? `${value * 100}` : short(value), LEFT - 5, y(value) + (value === 0 ? -2 : 2));
    }
    context.textAlign = "center";
    for (const tick of ticks(span.from, span.to, Math.max(2, Math.floor(this.#wide / 64)))) {
      const x = LEFT + ((tick - span.from) / (span.to - span.from)) * this.#wide;
      context.strokeStyle = palette.rule;
      context.globalAlpha = 0.6;
      line(context, Math.round(x) + 0.5, TOP, Math.round(x) + 0.5, bottom);
      context.globalAlpha = 1;
      context.fillStyle = palette["text-soft"];
      if (x > LEFT + 16 && x < LEFT + this.#wide - 14) context.fillText(timeOfDay(tick).slice(0, 5), x, bottom + 8.5);
    }

    context.save();
    context.beginPath();
    context.rect(LEFT, 0, this.#wide, HEIGHT);
    context.clip();
    context.lineJoin = "round";
    context.lineWidth = 1.6;
    // The first line is the one that matters: it is drawn over the others.
    for (const { line: { colour, dash }, pieces: all } of [...drawn].reverse()) {
      context.strokeStyle = context.fillStyle = palette[colour];
      context.setLineDash(dash ?? []);
      for (const piece of all) {
        context.beginPath();
        piece.forEach(([x, value], i) => context[i === 0 ? "moveTo" : "lineTo"](LEFT + x, y(value)));
        if (piece.length === 1) context.arc(LEFT + piece[0][0], y(piece[0][1]), 1, 0, 2 * Math.PI);
        context.stroke();
      }
      context.setLineDash([]);
    }
    context.restore();
    if (shown !== null && shown >= span.from && shown <= span.to) {
      context.strokeStyle = palette.accent;
      context.lineWidth = 2;
      line(context, this.place(shown, span), TOP, this.place(shown, span), bottom);
    }
    this.#say(span, at ?? shown, palette, y, bottom);
  }

  /**
   * The values, of the moment under the crosshair or the newest.
   * @param {{from: number, to: number}} span @param {number|null} at @param {Record<string, any>} palette
   * @param {(value: number) => number} y @param {number} bottom
   */
  #say(span, at, palette, y, bottom) {
    const columns = this.#columns;
    const row = nearest(columns.at, at ?? columns.last, at === null ? Infinity : 2.5 * columns.every);
    for (const { field, colour } of this.#plan.lines) {
      const number = row < 0 ? null : columns.of(field)[row];
      setText(/** @type {Node} */ (this.#values.get(field)), inWords(number, this.#plan.unit));
      if (at === null || row < 0 || number === null || number === undefined) continue;
      const x = LEFT + ((columns.at[row] - span.from) / (span.to - span.from)) * this.#wide;
      this.#context.fillStyle = palette[colour];
      this.#context.beginPath();
      this.#context.arc(x, y(number), 2.75, 0, 2 * Math.PI);
      this.#context.fill();
    }
    if (at === null || at < span.from || at > span.to) return;
    const x = LEFT + ((at - span.from) / (span.to - span.from)) * this.#wide;
    this.#context.strokeStyle = palette["text-soft"];
    this.#context.lineWidth = 1;
    line(this.#context, x, TOP, x, bottom);
  }
}

/** A piece of a line as the chart draws it. @param {Line} line */
function sample({ colour, dash }) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 8");
  svg.setAttribute("class", "chart-sample");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M1 4h14");
  path.setAttribute("class", `ink-${colour}`);
  if (dash) path.setAttribute("stroke-dasharray", dash.join(" "));
  svg.append(path);
  return svg;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x @param {number} y @param {number} toX @param {number} [toY]
 */
function line(context, x, y, toX, toY = y) {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  context.stroke();
}

/** A number beside an axis, where there is little room. @param {number} value */
function short(value) {
  if (value >= 1000) return `${Number((value / 1000).toPrecision(2))}k`;
  return String(Number(value.toPrecision(3)));
}
