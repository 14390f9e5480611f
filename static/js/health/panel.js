/**
 * Health: one line over the picture, and a panel beside it.
 *
 * Where the numbers are from, in the order of their cost:
 *
 *   the stream       members, components, events a second: each delta brings them
 *   the page itself  dots on screen, how far behind live, what the network hangs on
 *   /api/analysis    distances, clustering, coverage, agreement: asked for when the network has
 *                    changed, every five seconds at most, and less often where the answer takes
 *                    long; of the moment that is shown, if that is not now
 *   /api/pulse       the charts: every two seconds while the panel is open and to be seen
 *   /api/analysis/series  coverage and agreement over time: every ten seconds then
 *
 * So a page with the panel folded asks for nothing while nothing changes.
 *
 * Events: `seek` {at} where a chart was clicked: whoever can turn the time back listens.
 *
 * @typedef {import("../model.js").Model} Model
 */
import { get } from "../api.js";
import { el, paced, setAttribute, setText } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { clockTime, count } from "../panel/words.js";
import { readPalette } from "../palette.js";
import { TEXTS } from "../texts.js";
import { Columns } from "./beats.js";
import { Chart } from "./chart.js";
import { cutsOf } from "./cuts.js";
import { behind, distances, exactness, hangsOn, line, percent } from "./words.js";

/** Milliseconds. */
const LINE_EVERY = 250;
const ANALYSIS_EVERY = 5000;
/** An analysis may take one part in so many of the dashboard's time, for each page. */
const SHARE = 20;
const SERIES_EVERY = 10_000;
/** While nothing comes, the page says so, once a second. */
const SILENT_EVERY = 1000;

/** Spans of the charts, in minutes. */
const SPANS = /** @type {const} */ ([5, 30, 120]);

const SAYS = TEXTS.health;

/** @type {import("./chart.js").Plan[]} */
const PULSE = [
  { title: SAYS.members, unit: "", whole: true, lines: [
    { field: "alive", label: SAYS.alive, colour: "alive" }, { field: "suspect", label: SAYS.suspect, colour: "suspect", dash: [4, 3] },
    { field: "dead", label: SAYS.dead, colour: "dead", dash: [1.5, 2.5] }] },
  { title: SAYS.messages, unit: "", lines: [
    { field: "sent", label: SAYS.sent, colour: "message" }, { field: "delivered", label: SAYS.arrived, colour: "alive", dash: [5, 3] },
    { field: "failed", label: SAYS.failed, colour: "failed", dash: [1.5, 2.5] }] },
  { title: SAYS.waiting, unit: "", whole: true, lines: [{ field: "waiting", label: SAYS.now, colour: "waiting" }] },
  { title: SAYS.onTheWay, unit: SAYS.ms, lines: [
    { field: "p50", label: SAYS.half, colour: "message" }, { field: "p99", label: SAYS.ninetyNine, colour: "suspect", dash: [4, 3] }] },
  { title: SAYS.events, unit: "", lines: [{ field: "events", label: SAYS.now, colour: "accent" }] },
  { title: SAYS.components, unit: "", whole: true, lines: [{ field: "components", label: SAYS.now, colour: "plain" }] },
];
/** @type {import("./chart.js").Plan} */
const KNOWLEDGE = { title: SAYS.knowledge, unit: "%", top: 1, lines: [
  { field: "coverage", label: SAYS.coverage, colour: "accent" }, { field: "agreement", label: SAYS.agreement, colour: "plain", dash: [4, 3] }] };

export class Health extends EventTarget {
  #model;
  #net;
  #picture;
  #clock;
  #settings;
  #past;
  #analysis = /** @type {Record<string, any>|null} */ (null);
  #lineText;
  #figures = new Map();
  #note;
  #hangs;
  #hangsSwitch;
  #problem;
  #time;
  #charts;
  #pulse = new Columns(/** @type {import("./beats.js").Field[]} */ (PULSE.flatMap(({ lines }) => lines.map(({ field }) => field))));
  #series = new Columns(["coverage", "agreement"]);
  #minutes = 5;
  #crosshair = /** @type {number|null} */ (null);
  #span = { from: 0, to: 1 };
  #palette;
  #stage;
  #timer = /** @type {number|undefined} */ (undefined);
  #asking = false;
  #seriesAt = -Infinity;
  #analysisDue = /** @type {number|undefined} */ (undefined);
  #analysisAfter = 0;
  #knownAt = "";
  #knownMoment = /** @type {string|null|undefined} */ (undefined);
  #run = /** @type {string|null} */ (null);

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.opener  the line over the picture, which opens the panel
   * @param {HTMLElement} parts.stage
   * @param {Model} parts.model
   * @param {import("../net.js").Net} parts.net
   * @param {import("../picture.js").Picture} parts.picture
   * @param {import("../clock.js").Clock} parts.clock
   * @param {import("../settings.js").Settings} parts.settings
   * @param {() => {at: number, run: string|null}|null} [parts.past]  the moment that is shown,
   *   and of which recording, where that is not now
   */
  constructor({ opener, stage, model, net, picture, clock, settings, past = () => null }) {
    super();
    this.#model = model;
    this.#net = net;
    this.#picture = picture;
    this.#clock = clock;
    this.#settings = settings;
    this.#past = past;
    this.#stage = stage;
    this.#palette = readPalette(stage);

    this.#lineText = el("span", { class: "health-text" });
    opener.title = SAYS.opener;
    opener.addEventListener("click", () => this.toggle());
    opener.append(shape("pulse"), this.#lineText, el("span", { class: "health-more", "aria-hidden": "true" }, shape("fold")));
    const figures = el("dl", { class: "health-figures" }, ...Object.entries(SAYS.figures).map(([key, { name, meaning }]) => {
      const value = el("dd", { "data-figure": key, text: "–" });
      this.#figures.set(key, value);
      return el("div", { title: meaning }, value, el("dt", { text: name }));
    }));
    this.#note = el("p", { class: "health-note" });
    this.#hangs = el("span", { class: "health-hangs-text" });
    this.#hangsSwitch = el("button", { type: "button", class: "button small-button", role: "switch", id: "show-cuts", on: { click: () => settings.next("cuts") } }, SAYS.show);
    this.#problem = el("p", { class: "health-note problem", hidden: true });
    this.#time = el("span", { class: "health-time" });
    const span = el("select", { class: "choice", id: "health-span", "aria-label": SAYS.span, on: { change: () => {
      this.#minutes = Number(span.value);
      this.#draw();
    } } }, ...SPANS.map((minutes) => el("option", { value: String(minutes), text: SAYS.spans[minutes] })));
    this.#charts = [...PULSE.map((plan) => new Chart(plan, this.#pulse)), new Chart(KNOWLEDGE, this.#series)];
    const charts = el("div", { class: "charts", tabindex: "0", role: "group", "aria-label": SAYS.charts }, ...this.#charts.map((chart) => chart.element));
    const close = el("button", { type: "button", class: "button icon-button quiet-button", "aria-label": SAYS.close, on: { click: () => {
      this.toggle(false);
      opener.focus();
    } } }, shape("close"));
    const panel = el("section", { class: "health", id: "health", "aria-label": SAYS.panel },
      el("header", { class: "health-head" }, el("h2", { text: SAYS.title }), close),
      el("div", { class: "health-body" }, figures, this.#note,
        el("p", { class: "health-hangs" }, this.#hangs, this.#hangsSwitch),
        el("div", { class: "health-span" }, el("h3", { text: SAYS.overTime }), this.#time, span), this.#problem, charts));
    opener.after(panel);

    const show = () => {
      const open = settings.get("health") === "open";
      panel.hidden = !open;
      setAttribute(opener, "aria-expanded", String(open));
      setAttribute(opener, "aria-controls", "health");
      setAttribute(this.#hangsSwitch, "aria-checked", String(settings.get("cuts") === "shown"));
      setText(this.#hangsSwitch, settings.get("cuts") === "shown" ? SAYS.hide : SAYS.show);
      if (open) this.#render();
      this.#follow();
    };
    settings.addEventListener("change", show);
    document.addEventListener("visibilitychange", () => this.#follow());
    const render = paced(() => this.#render(), LINE_EVERY);
    model.follow(() => {
      if (model.run !== this.#run) this.#changeRun();
      render();
    });
    net.addEventListener("change", render);
    picture.addEventListener("dots", render);
    new ResizeObserver(() => this.#draw()).observe(charts);
    this.#listen(charts);
    show();
    this.#render();
  }

  /** @param {boolean} [open] */
  toggle(open = this.#settings.get("health") !== "open") {
    this.#settings.set("health", open ? "open" : "folded");
  }

  /** Another moment is shown. */
  moved() {
    this.#render();
    this.#draw();
  }

  /** The page's colours have changed. */
  refresh() {
    this.#palette = readPalette(this.#stage);
    this.#render();
    this.#draw();
  }

  /** The newest moment that the charts have. */
  get last() { return this.#pulse.last; }

  /** Where a moment is in the charts, CSS pixels from a canvas's left edge. @param {number} at */
  place(at) { return this.#charts[0].place(at, this.#span); }

  get #open() {
    return this.#settings.get("health") === "open";
  }

  #behind() {
    const past = this.#past();
    const silent = this.#net.lastPacketAt === null ? null : performance.now() - this.#net.lastPacketAt;
    return behind({
      connected: this.#net.phase === "live", lag: this.#net.lag, silent,
      past: past === null ? null : this.#clock.now() - past.at,
    });
  }

  #render() {
    const { summary } = this.#model;
    const { dots } = this.#picture.stats();
    const late = this.#behind();
    setText(this.#lineText, line(summary, this.#analysis, { dots, behind: late }).map(({ text }) => text).join(" · "));
    this.#wantAnalysis();
    if (this.#net.phase !== "live") setTimeout(() => this.#net.phase !== "live" && this.#render(), SILENT_EVERY);
    if (!this.#open || summary === null) return;
    const { diameter, path, clustering } = distances(this.#analysis);
    const degree = this.#analysis?.mean_degree;
    /** @type {Record<string, string>} */
    const shown = {
      members: count(summary.alive + summary.suspect), components: count(summary.components), links: count(this.#model.links.size),
      diameter, path, clustering,
      coverage: percent(this.#analysis?.coverage.mean), agreement: percent(this.#analysis?.agreement.share),
      degree: degree == null ? "–" : degree.toFixed(1),
      events: count(Math.round(summary.events_per_second)), dots: count(dots), behind: late,
    };
    for (const [key, value] of Object.entries(shown)) setText(this.#figures.get(key), value);
    const maps = this.#analysis?.agreement;
    const agree = maps && maps.different > 1 ? ` ${SAYS.maps(maps.different, maps.maps)}` : "";
    setText(this.#note, `${exactness(this.#analysis)}${agree}`);
    const { points, bridges } = this.#picture.cuts ?? cutsOf(this.#model);
    setText(this.#hangs, hangsOn(points.size, bridges.size));
    this.#hangsSwitch.hidden = points.size + bridges.size === 0 && this.#settings.get("cuts") !== "shown";
  }

  // --- what is asked for ------------------------------------------------------------------

  #changeRun() {
    this.#run = this.#model.run;
    this.#analysis = null;
    this.#knownAt = "";
    this.#pulse.clear();
    this.#series.clear();
    this.#seriesAt = -Infinity;
    this.#follow();
  }

  #wantAnalysis() {
    const now = `${this.#model.nodesVersion} ${this.#model.linksVersion}`;
    const moment = this.#moment();
    if (this.#analysisDue !== undefined || this.#net.phase !== "live") return;
    if (moment === this.#knownMoment && (now === this.#knownAt || moment !== null)) return;
    if (document.visibilityState !== "visible") return;
    const wait = Math.max(0, this.#analysisAfter - performance.now());
    this.#analysisDue = setTimeout(async () => {
      const began = performance.now();
      const moment = this.#moment(); // a film has gone on meanwhile
      this.#knownAt = `${this.#model.nodesVersion} ${this.#model.linksVersion}`;
      this.#knownMoment = moment;
      try {
        this.#analysis = await get(`/api/analysis${moment ?? ""}`);
      } catch (error) {
        // What was known stays, and it is asked for again. That the dashboard does not answer is
        // said by the page's own banner.
        console.info("no analysis:", error);
        this.#knownAt = "";
        this.#knownMoment = undefined;
      }
      const took = performance.now() - began;
      this.#analysisAfter = performance.now() + Math.max(ANALYSIS_EVERY, SHARE * took);
      this.#analysisDue = undefined;
      this.#render();
    }, wait);
  }

  /** The moment that is shown, as a query; null: the present. */
  #moment() {
    const past = this.#past();
    if (past === null) return null;
    return `?at=${Math.floor(past.at)}${past.run === null ? "" : `&run=${encodeURIComponent(past.run)}`}`;
  }

  /** Ask for the charts' numbers while somebody can see them. */
  #follow() {
    const seen = this.#open && document.visibilityState === "visible";
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!seen) return;
    void this.#ask().then(() => {
      if (this.#timer === undefined && this.#open) this.#timer = setTimeout(() => this.#follow(), this.#pulse.every);
    });
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.#pulse.add(await get(`/api/pulse?after=${this.#pulse.last}`));
      if (performance.now() - this.#seriesAt > SERIES_EVERY) {
        this.#seriesAt = performance.now();
        const { points } = await get("/api/analysis/series");
        this.#series.every = SERIES_EVERY;
        this.#series.add({
          at: points.map((/** @type {any} */ point) => point.at),
          coverage: points.map((/** @type {any} */ point) => point.coverage),
          agreement: points.map((/** @type {any} */ point) => point.agreement),
        });
      }
      this.#problem.hidden = true;
    } catch (error) {
      setText(this.#problem, SAYS.noCharts(error instanceof Error ? error.message : String(error)));
      this.#problem.hidden = false;
    } finally {
      this.#asking = false;
    }
    this.#draw();
  }

  // --- charts -----------------------------------------------------------------------------

  #draw() {
    if (!this.#open) return;
    // The charts end now; a moment that is further back than they go is shown with what followed.
    const shown = this.#past()?.at ?? null;
    const span = this.#minutes * 60_000;
    const now = Math.max(this.#clock.now(), this.#pulse.last);
    const to = shown !== null && shown < now - span ? shown + span / 4 : now;
    this.#span = { from: to - span, to };
    for (const chart of this.#charts) chart.draw(this.#span, this.#crosshair, this.#palette, shown);
    setText(this.#time, this.#crosshair === null ? "" : clockTime(this.#crosshair).slice(0, 8));
  }

  /** @param {HTMLElement} charts */
  #listen(charts) {
    const momentOf = (/** @type {PointerEvent|MouseEvent} */ event) => {
      const chart = this.#charts.find(({ element }) => element.contains(/** @type {Node} */ (event.target)));
      return chart ? chart.moment(event.clientX - chart.canvas.getBoundingClientRect().left, this.#span) : null;
    };
    const move = (/** @type {number|null} */ at) => {
      this.#crosshair = at;
      this.#draw();
    };
    charts.addEventListener("pointermove", (event) => move(momentOf(event)));
    charts.addEventListener("pointerleave", () => move(null));
    charts.addEventListener("click", (event) => this.#seek(momentOf(event)));
    charts.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const now = this.#crosshair ?? this.#span.to;
      if (step !== undefined) {
        const one = Math.max(this.#pulse.every, (this.#span.to - this.#span.from) / 150);
        move(Math.min(this.#span.to, Math.max(this.#span.from, now + step * one)));
      } else if (event.key === "Enter" && this.#crosshair !== null) {
        this.#seek(this.#crosshair);
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
    charts.addEventListener("blur", () => move(null));
  }

  /** @param {number|null} at */
  #seek(at) {
    if (at !== null) this.dispatchEvent(new CustomEvent("seek", { detail: { at } }));
  }
}
