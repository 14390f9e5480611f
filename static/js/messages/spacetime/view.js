/**
 * The space–time diagram beside the table: what is in it, what hands and keys do, and the same
 * in words for those who do not see it.
 *
 * It shows the newest of what the filter lets through, or the chosen message alone, and follows
 * while nobody has zoomed or points into it. Events: `choose` {id|null}, `look` {id|null}.
 */
import { el, paced, setAttribute, setText } from "../../panel/dom.js";
import { shape } from "../../panel/shapes.js";
import { clockTime, took } from "../../panel/words.js";
import { readPalette } from "../../palette.js";
import { TEXTS } from "../../texts.js";
import { Axis, Window } from "./axis.js";
import { diagramOf, inWords } from "./hops.js";
import { hopAt, line, paint, paintClock, placesOf, x } from "./paint.js";

/** @typedef {import("./hops.js").Arrow} Arrow */
/** @typedef {import("./paint.js").Sheet} Sheet */

/** How many messages it may show; the first is where it begins [chosen by eye: about as many
 * as can be told apart without zooming; with 5,000 a painting takes perhaps 20 ms]. */
const HOW_MANY = ["200", "50", "1000", "5000"];
/** Milliseconds between two new diagrams while messages pass. */
const EVERY = 500;
/** Hops that are told in words. */
const IN_WORDS = 300;
/** Heights of a line at least and at most, and of the clock. CSS pixels. */
const LANE = { least: 13, most: 44 };
const CLOCK = 24;
const REACH = 7;

export class DiagramView extends EventTarget {
  #newest;
  #rowWith;
  #nameOf;
  #nodes;
  #say;
  #shown = false;
  #window = new Window();
  /** @type {Sheet|null} */
  #sheet = null;
  /** @type {string|null} */
  #chosen = null;
  #left = 0;
  #held = false;
  #stale = true;
  #frame = 0;
  /** @type {import("../../palette.js").Palette|null} */
  #palette = null;
  #order = /** @type {"name"|"first"} */ ("name");
  #fold = true;
  #alone = false;
  #many = HOW_MANY[0];
  #clock = el("canvas", { class: "spacetime-clock", "aria-hidden": "true" });
  #canvas = el("canvas", { class: "spacetime-canvas", "aria-hidden": "true" });
  #scroller = el("div", { class: "spacetime-scroll", tabindex: "0", role: "group", "aria-label": TEXTS.spacetime.title }, this.#canvas);
  #tip = el("div", { class: "spacetime-tip", hidden: true });
  #words = el("ol", { class: "spacetime-words", tabindex: "0", hidden: true, "aria-label": TEXTS.spacetime.list });
  #nothing = el("p", { class: "nothing", text: TEXTS.spacetime.nothing });
  #note = el("span", { class: "spacetime-note" });
  #plot = el("div", {
    class: "spacetime-plot", tabindex: "0", role: "group", "aria-roledescription": TEXTS.spacetime.role,
    "aria-label": TEXTS.spacetime.how,
  }, this.#clock, this.#scroller, this.#nothing, this.#tip);
  element;
  #again = paced(() => this.#remake(), EVERY);

  /**
   * @param {{newest: (most: number) => import("../row.js").Row[], rowWith: (id: string) => import("../row.js").Row|undefined,
   *   nameOf: (key: number|null) => string|undefined, size: () => number,
   *   nodes: () => ReadonlyMap<number, import("../../model.js").NodeView>, say: (sentence: string) => void}} parts
   */
  constructor({ newest, rowWith, nameOf, size, nodes, say }) {
    super();
    this.#newest = newest;
    this.#rowWith = rowWith;
    this.#nameOf = nameOf;
    this.#nodes = nodes;
    this.#say = say;
    this.size = size;
    const select = (/** @type {string} */ label, /** @type {[string, string][]} */ options, /** @type {(value: string) => void} */ change) => {
      const field = el("select", { class: "choice", "aria-label": label, title: label, on: { change: () => change(field.value) } }, ...options.map(([value, text]) => el("option", { value, text })));
      return field;
    };
    const button = (/** @type {string} */ text, /** @type {string} */ label, /** @type {() => void} */ run) =>
      el("button", { type: "button", class: "button small-button", "aria-label": label, title: label, text, on: { click: run } });
    const fold = el("button", { type: "button", class: "button small-button", "aria-pressed": "true", title: TEXTS.spacetime.foldWhat, text: TEXTS.spacetime.fold, on: { click: () => {
      this.#fold = !this.#fold;
      setAttribute(fold, "aria-pressed", String(this.#fold));
      this.#window.fit();
      this.#remake();
    } } });
    const words = el("button", { type: "button", class: "button small-button", "aria-pressed": "false", text: TEXTS.spacetime.inWords, on: { click: () => {
      const on = this.#words.hidden;
      this.#words.hidden = !on;
      this.#plot.hidden = on;
      setAttribute(words, "aria-pressed", String(on));
      this.#tell();
      this.#ask();
      if (on) this.#words.focus();
    } } });
    this.element = el("div", { class: "spacetime", id: "spacetime", role: "tabpanel", "aria-labelledby": "messages-tab-spacetime", hidden: true },
      el("div", { class: "spacetime-bar" },
        el("label", { class: "legend-choice" }, `${TEXTS.spacetime.show} `, select(TEXTS.spacetime.showWhat, [...HOW_MANY.map((many) => /** @type {[string, string]} */ ([many, TEXTS.spacetime.newest(Number(many))])), ["alone", TEXTS.spacetime.alone]], (value) => {
          this.#alone = value === "alone";
          if (!this.#alone) this.#many = value;
          this.#window.fit();
          this.#remake();
        })),
        el("label", { class: "legend-choice" }, `${TEXTS.spacetime.lines} `, select(TEXTS.spacetime.linesWhat, [["name", TEXTS.spacetime.byName], ["first", TEXTS.spacetime.byFirst]], (value) => {
          this.#order = value === "first" ? "first" : "name";
          this.#remake();
        })),
        fold, this.#note,
        el("span", { class: "spacetime-zoom" }, words, button("−", TEXTS.spacetime.zoomOut, () => this.#zoom(1.5, 0.5)), button("+", TEXTS.spacetime.zoomIn, () => this.#zoom(1 / 1.5, 0.5)), button(TEXTS.spacetime.fit, TEXTS.spacetime.fitWhat, () => this.#fit()))),
      this.#plot, this.#words);
    this.#listen();
  }

  /** The rows have changed. @param {boolean} [anew] another filter: show all of it */
  changed(anew = false) {
    this.#stale = true;
    if (!this.#shown) return;
    if (anew) {
      this.#window.fit();
      this.#remake();
    } else if (!this.#held) {
      this.#again();
    }
  }

  /** @param {boolean} shown */
  show(shown) {
    this.#shown = shown;
    this.element.hidden = !shown;
    if (shown) {
      if (this.#stale) this.#remake();
      else this.#ask();
    }
  }

  /** @param {string|null} id */
  choose(id) {
    this.#chosen = id;
    if (this.#shown && this.#alone) this.#remake();
    if (this.#sheet === null) return;
    this.#sheet.chosen = id;
    const own = id === null ? [] : this.#sheet.diagram.arrows.filter((arrow) => arrow.row.id === id);
    if (own.length > 0) {
      const { axis } = this.#sheet;
      this.#window.reveal(axis.place(own[0].start), axis.place(Math.max(...own.map((arrow) => arrow.end))));
      this.#intoSight(own[0]);
    }
    this.#tell();
    this.#ask();
  }

  /** What the table points at. @param {string|null} id */
  look(id) {
    if (this.#sheet === null || this.#sheet.looked === id) return;
    this.#sheet.looked = id;
    this.#ask();
  }

  refreshTheme() {
    this.#palette = null;
    this.#ask();
  }

  /** For browser tests: what is drawn, and where. */
  state() {
    const sheet = this.#sheet;
    if (sheet === null || !this.#shown) return { lanes: [], arrows: 0, seen: [] };
    const places = placesOf(sheet.diagram);
    const box = this.#canvas.getBoundingClientRect();
    return {
      lanes: sheet.diagram.lanes.map((key) => this.#nameOf(key) ?? "?"),
      arrows: sheet.diagram.arrows.length,
      span: this.#window.length / sheet.axis.length,
      seen: sheet.diagram.arrows.slice(0, 50).map((arrow) => {
        const { a, b } = line(sheet, places, arrow);
        return { id: arrow.row.id, hop: arrow.hop, fate: arrow.fate, from: this.#nameOf(arrow.from) ?? null, to: this.#nameOf(arrow.to) ?? null,
          x: box.left + (a.x + b.x) / 2, y: box.top + (a.y + b.y) / 2, dx: b.x - a.x };
      }),
    };
  }

  // --- what is drawn --------------------------------------------------------------------------

  #remake() {
    if (!this.#shown) return;
    this.#stale = false;
    const alone = this.#alone ? (this.#chosen === null ? undefined : this.#rowWith(this.#chosen)) : undefined;
    const rows = this.#alone ? (alone === undefined ? [] : [alone]) : this.#newest(Number(this.#many));
    this.#left = this.#alone ? 0 : this.size() - rows.length;
    const diagram = diagramOf(rows, { order: this.#order, nameOf: this.#nameOf });
    const axis = new Axis([...diagram.arrows.map(({ start, end }) => /** @type {[number, number]} */ ([start, end])),
      ...diagram.waits.flatMap(({ start, end }) => /** @type {[number, number][]} */ (end === null ? [[start, start]] : [[start, start], [end, end]]))], this.#fold);
    this.#window.on(axis);
    const over = this.#sheet?.over;
    this.#sheet = {
      diagram, axis, window: this.#window, palette: this.#colours(), width: 0, height: 0, gutter: 0, lane: 0,
      chosen: this.#chosen, looked: this.#sheet?.looked ?? null, nameOf: this.#nameOf,
      over: over ? diagram.arrows.find((arrow) => arrow.row.id === over.row.id && arrow.hop === over.hop && arrow.to === over.to) ?? null : null,
      stateOf: (key) => this.#nodes().get(key)?.state ?? "left",
    };
    this.#tell();
    this.#ask();
  }

  #colours() {
    this.#palette ??= readPalette(this.element);
    return this.#palette;
  }

  #ask() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const sheet = this.#sheet;
    if (sheet === null || !this.#shown || this.#plot.hidden) return;
    const { diagram } = sheet;
    const empty = diagram.lanes.length === 0;
    this.#nothing.hidden = !empty;
    this.#clock.hidden = this.#scroller.hidden = empty;
    if (empty) return;
    sheet.palette = this.#colours();
    const width = this.#scroller.clientWidth;
    const room = this.#plot.clientHeight - CLOCK;
    sheet.width = width;
    sheet.lane = Math.max(LANE.least, Math.min(LANE.most, room / diagram.lanes.length));
    sheet.height = Math.max(1, Math.ceil(sheet.lane * diagram.lanes.length));
    const context = fitted(this.#canvas, width, sheet.height);
    context.font = `450 12px ${sheet.palette.font}`;
    sheet.gutter = Math.min(130, Math.max(48, ...diagram.lanes.map((key) => context.measureText((this.#nameOf(key) ?? "?").slice(0, 16)).width + 18)));
    paint(context, sheet);
    paintClock(fitted(this.#clock, width, CLOCK), sheet, CLOCK);
  }

  /** What stands in words: how much it is, and the list for those who do not see it. */
  #tell() {
    const sheet = this.#sheet;
    if (sheet === null) return;
    const { arrows, lanes } = sheet.diagram;
    const messages = new Set(arrows.map((arrow) => arrow.row.id)).size;
    setText(this.#note, this.#alone && this.#chosen === null ? TEXTS.spacetime.choose : lanes.length === 0 ? ""
      : TEXTS.spacetime.note(messages, arrows.length, lanes.length, this.#left));
    if (this.#words.hidden) return;
    const told = arrows.slice(-IN_WORDS);
    this.#words.replaceChildren(
      ...(arrows.length > told.length ? [el("li", { class: "spacetime-more", text: TEXTS.spacetime.earlier(arrows.length - told.length) })] : []),
      ...told.map((arrow) => el("li", {}, el("button", {
        type: "button", class: "spacetime-hop", "aria-pressed": String(arrow.row.id === this.#chosen), on: { click: () => this.#choose(arrow) },
      }, shape(arrow.fate === "lost" ? "failed" : arrow.row.kind === "broadcast" ? "broadcast" : "sent"), this.#inWords(arrow), el("q", { text: shortened(arrow.row.view.text) })))));
  }

  /** @param {Arrow} arrow */
  #inWords(arrow) {
    return inWords(arrow, this.#nameOf, { clock: clockTime, took });
  }

  // --- hands and keys ---------------------------------------------------------------------------

  /** @param {Arrow} arrow */
  #choose(arrow) {
    this.dispatchEvent(new CustomEvent("choose", { detail: { id: arrow.row.id === this.#chosen ? null : arrow.row.id } }));
  }

  /** @param {Arrow|null} arrow @param {{x: number, y: number}} [at] in the plot */
  #point(arrow, at) {
    const sheet = this.#sheet;
    if (sheet === null) return;
    if (sheet.over !== arrow) {
      const other = sheet.over?.row.id !== arrow?.row.id;
      sheet.over = arrow;
      if (other) {
        sheet.looked = arrow?.row.id ?? null;
        this.dispatchEvent(new CustomEvent("look", { detail: { id: arrow?.row.id ?? null } }));
      }
      this.#ask();
    }
    this.#tip.hidden = arrow === null;
    if (arrow === null) return;
    this.#tip.replaceChildren(el("span", { text: this.#inWords(arrow) }), el("q", { text: shortened(arrow.row.view.text) }));
    const { a, b } = line(sheet, placesOf(sheet.diagram), arrow);
    const spot = at ?? { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 + CLOCK - this.#scroller.scrollTop };
    const { clientWidth, clientHeight } = this.#plot;
    this.#tip.style.left = `${Math.max(4, Math.min(spot.x + 14, clientWidth - this.#tip.offsetWidth - 4))}px`;
    this.#tip.style.top = `${spot.y + 18 + this.#tip.offsetHeight > clientHeight ? Math.max(2, spot.y - this.#tip.offsetHeight - 8) : spot.y + 14}px`;
  }

  /** @param {Arrow} arrow */
  #intoSight(arrow) {
    const sheet = this.#sheet;
    if (sheet === null || sheet.lane === 0) return;
    const places = placesOf(sheet.diagram);
    const lanes = [arrow.from, arrow.to].flatMap((key) => (key === null ? [] : places.get(key) ?? []));
    if (lanes.length === 0) return;
    const [top, bottom] = [Math.min(...lanes) * sheet.lane, (Math.max(...lanes) + 1) * sheet.lane];
    const { scrollTop, clientHeight } = this.#scroller;
    this.#scroller.scrollTop = Math.min(top, Math.max(scrollTop, bottom - clientHeight));
  }

  /** @param {number} factor @param {number} at 0 … 1 */
  #zoom(factor, at) {
    this.#window.zoom(factor, at);
    this.#ask();
  }

  #fit() {
    this.#window.fit();
    this.#ask();
  }

  #listen() {
    const plot = this.#plot;
    const canvas = this.#canvas;
    /** @type {{x: number, y: number, moved: boolean}|null} */
    let drag = null;
    /** @type {Map<number, {x: number, y: number}>} */
    const fingers = new Map();
    const part = (/** @type {number} */ px) => (this.#sheet === null ? 0 : (px - this.#sheet.gutter) / Math.max(1, this.#sheet.width - this.#sheet.gutter - 12));
    const local = (/** @type {MouseEvent} */ event, /** @type {Element} */ within) => {
      const { left, top } = within.getBoundingClientRect();
      return { x: event.clientX - left, y: event.clientY - top };
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, local(event, canvas));
      drag = fingers.size === 1 ? { x: event.clientX, y: event.clientY, moved: false } : null;
    });
    canvas.addEventListener("pointermove", (event) => {
      const sheet = this.#sheet;
      if (sheet === null) return;
      const before = fingers.get(event.pointerId);
      if (before !== undefined) {
        const now = local(event, canvas);
        const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
        if (other !== undefined) {
          const [was, is] = [Math.abs(before.x - other.x), Math.abs(now.x - other.x)];
          if (was > 8 && is > 8) this.#zoom(was / is, part((now.x + other.x) / 2));
        }
        fingers.set(event.pointerId, now);
      }
      if (drag !== null) {
        const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
        if (!drag.moved && Math.hypot(dx, dy) < 5) return;
        drag = { x: event.clientX, y: event.clientY, moved: true };
        this.#window.pan(-dx / Math.max(1, sheet.width - sheet.gutter - 12));
        this.#scroller.scrollTop -= dy;
        this.#point(null);
        this.#ask();
      } else if (fingers.size === 0) {
        this.#point(hopAt(sheet, local(event, canvas), REACH), local(event, plot));
      }
    });
    canvas.addEventListener("pointerup", (event) => {
      fingers.delete(event.pointerId);
      const done = drag;
      drag = null;
      if (done === null || done.moved || this.#sheet === null) return;
      const arrow = hopAt(this.#sheet, local(event, canvas), event.pointerType === "touch" ? 2 * REACH : REACH);
      if (arrow !== null) this.#choose(arrow);
      else if (this.#chosen !== null) this.dispatchEvent(new CustomEvent("choose", { detail: { id: null } }));
    });
    canvas.addEventListener("pointercancel", (event) => {
      fingers.delete(event.pointerId);
      drag = null;
    });
    plot.addEventListener("pointerenter", (event) => {
      this.#held = event.pointerType === "mouse"; // under a pointer nothing moves
    });
    plot.addEventListener("pointerleave", () => {
      this.#held = false;
      this.#point(null);
      if (this.#stale) this.#again();
    });
    plot.addEventListener("wheel", (event) => {
      if (event.shiftKey) return; // the scroller's own
      event.preventDefault();
      const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        this.#window.pan((event.deltaX * unit) / Math.max(1, plot.clientWidth));
        this.#ask();
        return;
      }
      const delta = Math.max(-240, Math.min(240, event.deltaY * unit));
      this.#zoom(Math.exp(delta * (event.ctrlKey ? 0.01 : 0.0022)), Math.max(0, Math.min(1, part(local(event, plot).x))));
    }, { passive: false });
    plot.addEventListener("keydown", (event) => this.#key(event));
    plot.addEventListener("blur", () => this.#point(null));
    new ResizeObserver(() => this.#ask()).observe(plot);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const sheet = this.#sheet;
    if (sheet === null || event.ctrlKey || event.altKey || event.metaKey) return;
    const { arrows } = sheet.diagram;
    const done = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      done();
      if (arrows.length === 0) return;
      const here = sheet.over === null ? -1 : arrows.indexOf(sheet.over);
      const step = event.key === "ArrowDown" ? 1 : -1;
      const arrow = arrows[here < 0 ? (step > 0 ? 0 : arrows.length - 1) : Math.max(0, Math.min(arrows.length - 1, here + step))];
      this.#window.reveal(sheet.axis.place(arrow.start), sheet.axis.place(arrow.end));
      this.#intoSight(arrow);
      this.#draw();
      this.#point(arrow);
      this.#say(`${this.#inWords(arrow)}: ${shortened(arrow.row.view.text)}`);
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      done();
      this.#window.pan(event.key === "ArrowLeft" ? -0.15 : 0.15);
      this.#ask();
    } else if (event.key === "+" || event.key === "=" || event.key === "-") {
      done();
      const middle = sheet.over === null ? 0.5 : part01(x(sheet, (sheet.over.start + sheet.over.end) / 2), sheet);
      this.#zoom(event.key === "-" ? 1.5 : 1 / 1.5, middle);
    } else if (event.key === "0") {
      done();
      this.#fit();
    } else if (event.key === "Enter" && sheet.over !== null) {
      done();
      this.#choose(sheet.over);
    }
  }
}

/** @param {number} px @param {Sheet} sheet */
function part01(px, { gutter, width }) {
  return Math.max(0, Math.min(1, (px - gutter) / Math.max(1, width - gutter - 12)));
}

/** @param {string} text */
function shortened(text) {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Sharp on every screen. @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function fitted(canvas, width, height) {
  const density = Math.min(2, window.devicePixelRatio || 1);
  const [wide, high] = [Math.max(1, Math.round(width * density)), Math.max(1, Math.round(height * density))];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(density, 0, 0, density, 0, 0);
  return context;
}
