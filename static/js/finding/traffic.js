/**
 * Random traffic: a small control that lets the network talk, and says in the bar that it does.
 *
 * The dashboard does the sending (dashboard/traffic.py) and tells all pages how far it is, so a
 * run that somebody else has started is shown, and can be stopped, here as well. One that was
 * started here ends when this page is closed.
 */

import { get, post, remove } from "../api.js";
import { el, setAttribute, setText } from "../panel/dom.js";
import { TEXTS } from "../texts.js";

/**
 * @typedef {object} TrafficView
 * @property {string} id
 * @property {number} rate
 * @property {string[]} kinds
 * @property {number} left_seconds
 * @property {number} sent
 * @property {number} failed
 * @property {number} skipped
 * @property {string|null} error
 * @property {"time"|"stopped"|"closed"|null} over
 * @property {string} by
 */

/** The rates that the slider has: nobody needs 137. */
export const RATES = [1, 2, 5, 10, 20, 50, 100, 200];
const TIMES = [30, 60, 300, 600];
const KINDS = /** @type {const} */ ({
  messages: ["messages"], broadcasts: ["broadcasts"], both: ["messages", "broadcasts"],
});

/** How far a run is, in one line. @param {TrafficView} run */
export function trafficWords(run) {
  const parts = [TEXTS.traffic.sent(run.sent)];
  if (run.skipped > 0) parts.push(TEXTS.traffic.skipped(run.skipped));
  if (run.failed > 0) parts.push(TEXTS.traffic.failed(run.failed));
  return parts.join(", ");
}

export class Traffic extends EventTarget {
  /** The one that runs, or the last one. @type {TrafficView|null} */
  run = null;
  #net;
  #dialog;
  #chip;
  #parts;
  #tell;
  /** When the run's view came, `performance.now()`. */
  #toldAt = 0;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #ticking;

  /**
   * @param {object} parts
   * @param {HTMLDialogElement} parts.dialog
   * @param {HTMLElement} parts.chip  in the bar
   * @param {import("../net.js").Net} parts.net
   * @param {(sentence: string, failed: boolean) => void} parts.tell
   */
  constructor({ dialog, chip, net, tell }) {
    super();
    this.#net = net;
    this.#dialog = dialog;
    this.#chip = chip;
    this.#tell = tell;
    this.#parts = this.#build();
    net.addEventListener("traffic", (event) => this.#take(/** @type {CustomEvent} */ (event).detail?.traffic));
    const ask = () => {
      if (net.phase === "live") void this.#look();
    };
    net.addEventListener("change", ask);
    ask();
  }

  /** Whether messages are being sent. */
  get running() {
    return this.run !== null && this.run.over === null;
  }

  open() {
    if (this.#dialog.open) return;
    this.#parts.problem.hidden = true;
    this.#dialog.showModal();
    this.#paint();
    (this.running ? this.#parts.stop : this.#parts.start).focus();
  }

  async start() {
    const { rate, time, kinds, problem } = this.#parts;
    problem.hidden = true;
    try {
      const { traffic } = await post("/api/traffic", {
        rate: RATES[Number(rate.value)], for_seconds: Number(time.value),
        kinds: KINDS[/** @type {keyof typeof KINDS} */ (kinds.value)], by: "the page", browser: this.#net.id,
      });
      this.#take(traffic);
      this.#dialog.close();
    } catch (failure) {
      problem.hidden = false;
      setText(problem, TEXTS.sentence(/** @type {Error} */ (failure).message));
    }
  }

  async stop() {
    try {
      this.#take((await remove("/api/traffic")).traffic);
    } catch (failure) {
      const { status, message } = /** @type {import("../api.js").ApiFailure} */ (failure);
      if (status !== 404) this.#tell(TEXTS.traffic.notStopped(message), true);
      await this.#look(); // it had ended by itself
    }
  }

  /** What runs already, when this page comes. */
  async #look() {
    try {
      this.#take((await get("/api/traffic")).traffic);
    } catch (failure) {
      // The page works without; where the dashboard is gone, the connection says so.
      console.info("whether there is traffic is not known:", failure);
    }
  }

  #build() {
    const rate = el("input", { type: "range", id: "traffic-rate", min: 0, max: RATES.length - 1, step: 1, value: RATES.indexOf(10), on: { input: () => this.#paint() } });
    const rateShown = el("output", { class: "traffic-rate-shown", for: "traffic-rate" });
    const kinds = el("select", { class: "choice", id: "traffic-kinds" }, ...Object.entries(TEXTS.traffic.kinds).map(([value, text]) => el("option", { value, text })));
    const time = el("select", { class: "choice", id: "traffic-time" }, ...TIMES.map((seconds) =>
      el("option", { value: seconds, text: seconds < 60 ? TEXTS.traffic.seconds(seconds) : TEXTS.traffic.minutes(seconds / 60) })));
    time.value = "60";
    const start = el("button", { type: "submit", class: "button primary", id: "traffic-start", text: TEXTS.traffic.start });
    const stop = el("button", { type: "button", class: "button primary", id: "traffic-stop", text: TEXTS.traffic.stop, on: { click: () => void this.stop() } });
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const told = el("p", { class: "traffic-told", role: "status" });
    const choices = el("div", { class: "traffic-choices" },
      el("label", { class: "traffic-line", for: "traffic-rate" }, el("span", { text: TEXTS.traffic.rate }), rate, rateShown),
      el("label", { class: "traffic-line" }, el("span", { text: TEXTS.traffic.kind }), kinds),
      el("label", { class: "traffic-line" }, el("span", { text: TEXTS.traffic.time }), time));
    const form = el("form", { class: "traffic-form", on: { submit: (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.start();
    } } }, el("h2", { id: "traffic-title", text: TEXTS.traffic.title }),
    el("p", { class: "traffic-about", text: TEXTS.traffic.about }),
    choices, told, problem,
    el("div", { class: "confirm-buttons" }, el("button", { type: "button", class: "button", text: TEXTS.traffic.close, on: { click: () => this.#dialog.close() } }), start, stop));
    this.#dialog.setAttribute("aria-labelledby", "traffic-title");
    this.#dialog.append(form);
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    const chipText = el("span", { class: "traffic-chip-text" });
    this.#chip.append(
      el("button", { type: "button", class: "traffic-chip-open", title: TEXTS.traffic.running, on: { click: () => this.open() } },
        el("span", { class: "traffic-pulse", "aria-hidden": "true" }), chipText),
      el("button", { type: "button", class: "traffic-chip-stop", "aria-label": TEXTS.traffic.stopWhat, title: TEXTS.traffic.stop, on: { click: () => void this.stop() } }, TEXTS.traffic.stop));
    return { rate, rateShown, kinds, time, start, stop, problem, told, choices, chipText };
  }

  /** @param {TrafficView|null|undefined} view */
  #take(view) {
    const was = this.running ? this.run?.id : undefined;
    this.run = view ?? null;
    this.#toldAt = performance.now();
    if (was !== undefined && !this.running && this.run !== null) {
      const error = this.run.failed > 0 ? this.run.error ?? "" : "";
      this.#tell(TEXTS.traffic.ended(TEXTS.traffic.over[this.run.over ?? "stopped"], trafficWords(this.run), error), false);
    }
    if (this.running) this.#ticking ??= setInterval(() => this.#paint(), 1000);
    else {
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    }
    this.#paint();
    this.dispatchEvent(new Event("change"));
  }

  #paint() {
    const { rate, rateShown, start, stop, told, choices, chipText } = this.#parts;
    const running = this.running;
    const chosen = RATES[Number(rate.value)];
    setText(rateShown, TEXTS.traffic.perSecond(chosen));
    setAttribute(rate, "aria-valuetext", TEXTS.traffic.perSecond(chosen));
    choices.hidden = start.hidden = running;
    stop.hidden = told.hidden = !running;
    this.#chip.hidden = !running;
    if (!running || this.run === null) return;
    const left = Math.max(0, Math.ceil(this.run.left_seconds - (performance.now() - this.#toldAt) / 1000));
    setText(chipText, TEXTS.traffic.chip(this.run.rate, left));
    setText(told, TEXTS.traffic.now(this.run.rate, left, trafficWords(this.run), this.run.error ?? ""));
  }
}
