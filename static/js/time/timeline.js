/**
 * The timeline: bars for messages, signs for what befell nodes, hatching for holes, and a line
 * where the picture is. Painted on one small canvas, and only when it would look different.
 *
 * A press or a drag shows that moment, the wheel shows more or less, hovering tells the time
 * and what happened then. For the keyboard and for screen readers it is a slider.
 */

import { el, setAttribute } from "../panel/dom.js";
import { TEXTS } from "../texts.js";
import { clock, day, marked, spanned } from "./words.js";

/** CSS pixels: the lane of the signs, and the line of times under the bars. */
const SIGNS = 13;
const TIMES = 15;
/** How near a pointer has to be to a sign. CSS pixels. */
const REACH = 6;
/** Real milliseconds between two moments that a drag asks for: a picture each [a frame at 20 Hz]. */
const DRAG_EVERY = 50;
/** So near to the present, the present is meant: half of the smallest step. Milliseconds [guess]. */
const NEARLY = 500;

/** The colours that are read from the CSS. */
const COLOURS = /** @type {const} */ ([
  "message", "failed", "text", "text-soft", "rule", "rule-strong", "surface", "surface-raised",
  "alive", "dead", "left", "suspect", "accent", "past",
]);

export class Timeline {
  #time;
  #scale;
  #overview;
  #present;
  #canvas = el("canvas", { "aria-hidden": "true" });
  #tip = el("div", { class: "time-tip", hidden: true });
  #element;
  /** @type {Record<string, string>} */
  #colours = {};
  #font = "";
  #frame = 0;
  #width = 0;
  #height = 0;
  #hover = /** @type {number|null} */ (null);
  /** What a drag shows, before the picture does. @type {number|null} */
  #dragged = null;
  #askedAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #later;

  /**
   * @param {{time: import("./time.js").Time, scale: import("./scale.js").Scale,
   *   overview: import("./overview.js").Overview, present: () => number}} parts
   *   present: the dashboard's now
   */
  constructor({ time, scale, overview, present }) {
    this.#time = time;
    this.#scale = scale;
    this.#overview = overview;
    this.#present = present;
    this.#element = el("div", {
      class: "timeline", role: "slider", tabindex: "0", "aria-label": TEXTS.time.timeline,
      "aria-orientation": "horizontal",
    }, this.#canvas, this.#tip);
    overview.addEventListener("change", () => this.paint());
    new ResizeObserver(() => this.#resize()).observe(this.#element);
    this.#listen();
  }

  get element() { return this.#element; }

  /** The colours of the page have changed. */
  refreshTheme() {
    this.#colours = {};
    this.paint();
  }

  /** Real milliseconds in which the picture of a running present moves by one pixel. */
  get pace() {
    return this.#width === 0 ? 0 : (this.#scale.to - this.#scale.from) / this.#width;
  }

  /** Paint soon. */
  paint() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#paint());
  }

  // --- pointer and keyboard ----------------------------------------------------------------

  #listen() {
    const element = this.#element;
    const at = (/** @type {MouseEvent} */ event) => this.#scale.at(event.clientX - element.getBoundingClientRect().left, this.#width);
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.#overview.glance === null) return;
      element.setPointerCapture(event.pointerId);
      element.focus({ preventScroll: true });
      this.#drag(at(event));
    });
    element.addEventListener("pointermove", (event) => {
      if (this.#dragged !== null) this.#drag(at(event));
      this.#hover = event.clientX - element.getBoundingClientRect().left;
      this.paint();
    });
    element.addEventListener("pointerup", (event) => {
      if (this.#dragged === null) return;
      const wanted = at(event);
      clearTimeout(this.#later);
      this.#dragged = null;
      const pixel = (this.#scale.to - this.#scale.from) / Math.max(1, this.#width);
      this.#to(Math.min(Math.max(wanted, this.#scale.from), this.#scale.to), Math.max(NEARLY, 3 * pixel));
    });
    element.addEventListener("pointercancel", () => {
      clearTimeout(this.#later);
      this.#dragged = null;
      this.paint();
    });
    element.addEventListener("pointerleave", () => {
      this.#hover = null;
      this.paint();
    });
    element.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        this.#scale.pan((event.deltaX / Math.max(1, this.#width)) * (this.#scale.to - this.#scale.from));
      } else {
        this.#scale.zoom(at(event), event.deltaY < 0 ? 1.25 : 0.8);
      }
      this.#overview.look(this.#width);
      this.paint();
    }, { passive: false });
    element.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const whole = this.#scale.to - this.#scale.from;
      const by = { ArrowLeft: -1000, ArrowDown: -1000, ArrowRight: 1000, ArrowUp: 1000, PageDown: -whole / 10, PageUp: whole / 10 }[event.key];
      const to = { Home: this.#scale.since, End: Infinity }[event.key];
      if (by === undefined && to === undefined) return;
      event.preventDefault();
      // Not held at the edges of what is seen: the view follows (`Scale.reveal`).
      if (by !== undefined) this.#to(this.#time.now() + by * (event.shiftKey ? 10 : 1));
      else if (to !== undefined) this.#to(to);
    });
  }

  /** A press holds the moment: it does not run away under the finger. @param {number} at */
  #drag(at) {
    this.#dragged = Math.min(Math.max(at, this.#scale.since), this.#scale.until);
    this.paint();
    clearTimeout(this.#later);
    const wait = this.#askedAt + DRAG_EVERY - performance.now();
    const go = () => {
      this.#askedAt = performance.now();
      if (this.#dragged !== null) void this.#time.seek(this.#dragged);
    };
    if (wait <= 0) go();
    else this.#later = setTimeout(go, wait);
  }

  /**
   * The end of what is being recorded is the present.
   * @param {number} wanted
   * @param {number} [aim]  how far from the present still means it, in milliseconds: keys are
   *   exact, fingers are not
   */
  #to(wanted, aim = NEARLY) {
    const glance = this.#overview.glance;
    // `until` was right when the scale was painted last: time has gone on since.
    if (glance?.growing && wanted >= this.#present() - aim) this.#time.live();
    else void this.#time.seek(Math.min(Math.max(wanted, this.#scale.since), this.#scale.until));
    this.paint();
  }

  // --- painting ----------------------------------------------------------------------------

  #resize() {
    const { clientWidth, clientHeight } = this.#element;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.#width = clientWidth;
    this.#height = clientHeight;
    this.#overview.look(clientWidth);
    this.#paint(); // at once: a canvas that was stretched is a blur
  }

  #read() {
    const style = getComputedStyle(this.#element);
    for (const name of COLOURS) this.#colours[name] = style.getPropertyValue(`--${name}`).trim() || "#888";
    this.#font = style.fontFamily || "sans-serif";
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const [width, height] = [this.#width, this.#height];
    if (width === 0) return;
    if (this.#colours.text === undefined) this.#read();
    const density = Math.min(2, devicePixelRatio || 1);
    if (this.#canvas.width !== Math.round(width * density) || this.#canvas.height !== Math.round(height * density)) {
      this.#canvas.width = Math.round(width * density);
      this.#canvas.height = Math.round(height * density);
    }
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, width, height);
    const { glance } = this.#overview;
    const scale = this.#scale;
    if (glance?.growing) scale.until = Math.max(scale.until, this.#present());
    const floor = height - TIMES;
    context.fillStyle = this.#colours["surface-raised"];
    context.fillRect(0, SIGNS, width, floor - SIGNS);
    if (glance !== null) {
      this.#paintHoles(context, glance, floor);
      this.#paintBars(context, glance, floor);
      this.#paintTimes(context, floor); // not before: nobody knows yet which times
      this.#paintSigns(context, glance, floor);
    }
    this.#paintHere(context, floor);
    this.#tell(glance);
  }

  /** @param {CanvasRenderingContext2D} context @param {import("./overview.js").Glance} glance @param {number} floor */
  #paintHoles(context, { holes, since }, floor) {
    const { from, to } = this.#scale;
    const width = this.#width;
    const begin = this.#scale.x(since, width);
    const spans = holes.filter(({ node }) => node === null).map(({ since: a, until: b }) => [this.#scale.x(a, width), this.#scale.x(b, width)]);
    if (begin > 0) spans.push([0, begin]);
    context.save();
    context.strokeStyle = this.#colours["rule-strong"];
    context.lineWidth = 1;
    for (const [a, b] of spans) {
      if (b < 0 || a > width || from >= to) continue;
      const [left, right] = [Math.max(0, a), Math.min(width, Math.max(b, a + 2))];
      context.save();
      context.beginPath();
      context.rect(left, SIGNS, right - left, floor - SIGNS);
      context.clip();
      context.fillStyle = this.#colours.surface;
      context.fill();
      context.beginPath();
      for (let x = left - (floor - SIGNS); x < right; x += 6) {
        context.moveTo(x, floor);
        context.lineTo(x + floor - SIGNS, SIGNS);
      }
      context.stroke();
      context.restore();
    }
    context.restore();
  }

  /** @param {CanvasRenderingContext2D} context @param {import("./overview.js").Glance} glance @param {number} floor */
  #paintBars(context, { sent, failed, from, step }, floor) {
    const width = this.#width;
    const most = Math.max(4, ...sent);
    const high = floor - SIGNS - 2;
    // The root: a broadcast storm must not hide that single messages were sent as well.
    const tall = (/** @type {number} */ count) => (count === 0 ? 0 : Math.max(2, Math.sqrt(count / most) * high));
    for (const [counts, colour] of /** @type {const} */ ([[sent, "message"], [failed, "failed"]])) {
      context.fillStyle = this.#colours[colour];
      context.globalAlpha = colour === "message" ? 0.75 : 1;
      counts.forEach((count, place) => {
        if (count === 0) return;
        const x = this.#scale.x(from + place * step, width);
        const next = this.#scale.x(from + (place + 1) * step, width);
        if (next < 0 || x > width) return;
        const up = tall(count);
        context.fillRect(x, floor - up, Math.max(1, next - x - (next - x > 3 ? 1 : 0)), up);
      });
    }
    context.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} floor */
  #paintTimes(context, floor) {
    const width = this.#width;
    const whole = this.#scale.to - this.#scale.from;
    context.font = `11px ${this.#font}`;
    context.textBaseline = "alphabetic";
    context.fillStyle = this.#colours["text-soft"];
    context.strokeStyle = this.#colours.rule;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, floor + 0.5);
    context.lineTo(width, floor + 0.5);
    let free = 0;
    for (const at of this.#scale.marks(width, whole > 90_000 && whole < 200_000_000 ? 56 : 74)) {
      const x = Math.round(this.#scale.x(at, width)) + 0.5;
      context.moveTo(x, floor);
      context.lineTo(x, floor + 4);
      const text = this.#written(at, whole);
      const wide = context.measureText(text).width;
      const left = Math.max(0, Math.min(width - wide, x - wide / 2));
      if (left < free) continue; // the last one stays within the edge, and may come near another
      context.fillText(text, left, this.#height - 1);
      free = left + wide + 6;
    }
    context.stroke();
  }

  /** @param {number} at @param {number} whole */
  #written(at, whole) {
    const text = clock(at, whole < 8000 ? 1 : 0);
    if (text.startsWith("00:00:00") && whole > 3_600_000) return day(at, -1).slice(5);
    return whole > 90_000 && at % 60_000 === 0 ? text.slice(0, 5) : text;
  }

  /** @param {CanvasRenderingContext2D} context @param {import("./overview.js").Glance} glance @param {number} floor */
  #paintSigns(context, { marks }, floor) {
    const width = this.#width;
    const y = SIGNS / 2 - 0.5;
    for (const { at, kind } of marks) {
      const there = Math.round(this.#scale.x(at, width)) + 0.5;
      if (there < -5 || there > width + 5) continue;
      const x = Math.min(width - 4.5, Math.max(4.5, there)); // whole, also at the edges
      const colour = this.#colours[{ joined: "alive", back: "alive", dead: "dead", left: "left", fault: "suspect", healed: "suspect" }[kind] ?? "text-soft"];
      context.strokeStyle = context.fillStyle = colour;
      context.lineWidth = 1.6;
      context.beginPath();
      if (kind === "dead") {
        cross(context, x, y, 3);
        context.stroke();
      } else if (kind === "joined" || kind === "back") {
        context.moveTo(x, y - 4);
        context.lineTo(x + 4, y + 3);
        context.lineTo(x - 4, y + 3);
        context.closePath();
        if (kind === "joined") context.fill();
        else context.stroke();
      } else if (kind === "fault" || kind === "healed") {
        context.moveTo(x, y - 4);
        context.lineTo(x + 4, y);
        context.lineTo(x, y + 4);
        context.lineTo(x - 4, y);
        context.closePath();
        if (kind === "fault") context.fill();
        else context.stroke();
      } else if (kind === "left") {
        context.arc(x, y, 3, 0, 2 * Math.PI);
        context.stroke();
      } else {
        context.lineWidth = 1;
        context.setLineDash([2, 2]);
        context.moveTo(there, SIGNS);
        context.lineTo(there, floor);
        context.stroke();
        context.setLineDash([]);
      }
    }
  }

  /** Where the picture is, and the pointer. @param {CanvasRenderingContext2D} context @param {number} floor */
  #paintHere(context, floor) {
    const width = this.#width;
    if (this.#hover !== null) {
      context.strokeStyle = this.#colours["rule-strong"];
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(Math.round(this.#hover) + 0.5, 0);
      context.lineTo(Math.round(this.#hover) + 0.5, floor);
      context.stroke();
    }
    const live = this.#time.mode === "live";
    const at = this.#dragged ?? this.#time.now();
    const x = Math.min(width - 1.5, Math.max(1.5, this.#scale.x(at, width)));
    if (at < this.#scale.from || (at > this.#scale.to + 1000 && !live)) return;
    context.strokeStyle = context.fillStyle = this.#colours[live ? "alive" : "past"];
    context.lineWidth = live ? 2 : 2.5;
    context.beginPath();
    context.moveTo(x, 2);
    context.lineTo(x, floor);
    context.stroke();
    if (live) return;
    context.beginPath();
    context.moveTo(x - 6, 0);
    context.lineTo(x + 6, 0);
    context.lineTo(x + 6, 5);
    context.lineTo(x, 11);
    context.lineTo(x - 6, 5);
    context.closePath();
    context.fill();
    context.strokeStyle = this.#colours.surface;
    context.lineWidth = 1;
    context.stroke();
  }

  // --- words -------------------------------------------------------------------------------

  /** @param {import("./overview.js").Glance|null} glance */
  #tell(glance) {
    const now = this.#time.now();
    const element = this.#element;
    setAttribute(element, "aria-valuemin", String(Math.round(this.#scale.since)));
    setAttribute(element, "aria-valuemax", String(Math.round(Math.max(this.#scale.until, now))));
    setAttribute(element, "aria-valuenow", String(Math.round(now)));
    setAttribute(element, "aria-valuetext", this.#time.mode === "live" ? TEXTS.time.present : clock(now));
    const hover = this.#hover;
    this.#tip.hidden = hover === null || glance === null;
    if (hover === null || glance === null) return;
    const lines = this.lines(this.#scale.at(hover, this.#width));
    const wanted = lines.join("\n");
    if (this.#tip.dataset.says !== wanted) {
      this.#tip.dataset.says = wanted;
      this.#tip.replaceChildren(...lines.map((line, place) => el(place === 0 ? "strong" : "span", { text: line })));
    }
    const half = this.#tip.offsetWidth / 2;
    this.#tip.style.left = `${Math.max(half, Math.min(this.#width - half, hover))}px`;
  }

  /** What is to be said of a moment that is pointed at. @param {number} at */
  lines(at) {
    const { glance } = this.#overview;
    if (glance === null) return [];
    const near = (REACH / Math.max(1, this.#width)) * (this.#scale.to - this.#scale.from);
    const digits = near < 500 ? 1 : 0;
    const ago = this.#present() - at;
    const moment = [day(at, this.#present()), clock(at, digits)].filter(Boolean).join(" ");
    const lines = [glance.growing && ago > 0 ? TEXTS.time.momentAgo(moment, spanned(ago)) : moment];
    if (at < glance.since) return [...lines, TEXTS.time.before];
    const place = Math.floor((at - glance.from) / glance.step);
    const sent = glance.sent[place] ?? 0;
    const failed = glance.failed[place] ?? 0;
    lines.push(TEXTS.time.sent(sent, failed, spanned(glance.step)));
    const about = glance.marks.filter((mark) => Math.abs(mark.at - at) <= near).slice(0, 5);
    for (const mark of about) lines.push(`${clock(mark.at, digits)} ${marked(mark)}`);
    for (const hole of glance.holes.filter(({ since, until }) => since - near <= at && at <= until + near).slice(0, 2)) {
      lines.push(hole.node === null ? TEXTS.time.holeWhy(hole.why) : TEXTS.time.holeOfOne(hole.why));
    }
    return lines;
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} far */
function cross(context, x, y, far) {
  context.moveTo(x - far, y - far);
  context.lineTo(x + far, y + far);
  context.moveTo(x + far, y - far);
  context.lineTo(x - far, y + far);
}
