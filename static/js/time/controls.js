/**
 * What a person has of time: the bar under the picture, the badge and the frame that say that
 * this is the past, the keys, and the address, which holds the moment.
 */

import { hinderedBy } from "../api.js";
import { onAddress, read, write } from "../address.js";
import { el, setAttribute, setText } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { TEXTS } from "../texts.js";
import { follower } from "./follow.js";
import { Overview } from "./overview.js";
import { recordings } from "./recordings.js";
import { Scale } from "./scale.js";
import { SPEEDS } from "./time.js";
import { Timeline } from "./timeline.js";
import { clock as clockText, day, happened, spanned, times } from "./words.js";

/** Real milliseconds between two paintings of a running clock: a frame of a calm one. */
const TICK = 66;
/** ... and of the present, which moves by less than can be seen. */
const TICK_LIVE = 1000;
/** … and while nothing happens, when the clock has no seconds: each of these pictures takes a browser
 * without a graphics card 30 ms, and there is nothing else that an idle page costs [measured]. */
const TICK_CALM = 4000;
/** Nothing happens when the dashboard has said nothing for so long. Milliseconds [guess]. */
const CALM = 3000;
/** Real milliseconds between two moments in the address while time runs. */
const ADDRESS_EVERY = 2000;
/** What can be chosen to be seen on the timeline, in milliseconds. */
const SPANS = /** @type {const} */ ([
  [Infinity, TEXTS.time.spans.all], [3_600_000, TEXTS.time.spans.hour], [600_000, TEXTS.time.spans.tenMinutes], [60_000, TEXTS.time.spans.minute],
]);

/** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

/**
 * @param {{time: import("./time.js").Time, feed: import("./feed.js").Feed,
 *   model: import("../model.js").Model, picture: import("../picture.js").Picture,
 *   selection: import("../selection.js").Selection, composer: import("../panel/composer.js").Composer,
 *   clock: import("../clock.js").Clock, net: import("../net.js").Net, say: (sentence: string) => void}} parts
 * @returns {{commands: import("../finding/commands.js").Command[], seen: object}}
 */
export function timeControls({ time, feed, model, picture, selection, composer, clock, net, say }) {
  const present = () => clock.now();
  const calm = () => performance.now() - (net.lastPacketAt ?? 0) > CALM;
  const scale = new Scale();
  const overview = new Overview({ time, scale });
  const timeline = new Timeline({ time, scale, overview, present });
  const tapes = recordings({ time, now: present, say, changed: () => paint() });
  follower({ time, model, picture, selection, say });

  // --- the bar -----------------------------------------------------------------------------

  const button = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {string} */ key, /** @type {() => void} */ run) =>
    el("button", { type: "button", class: "button icon-button quiet-button", "aria-label": label, title: TEXTS.withKey(label, key), on: { click: run } }, shape(sign));
  const back = button("step-back", TEXTS.time.back, ",", () => void time.stepBy(-1));
  const play = button("pause", TEXTS.time.pause, TEXTS.time.space, () => void time.toggle());
  const on = button("step-on", TEXTS.time.on, ".", () => void time.stepBy(1));
  const watch = button("watch", TEXTS.time.follow, "w", () => followChosen());
  play.classList.add("time-play");
  const speed = el("select", { class: "choice time-speed", "aria-label": TEXTS.time.speed, title: TEXTS.time.speedWhat, on: {
    change: () => void time.setSpeed(Number(speed.value)),
  } }, ...SPEEDS.map((one) => el("option", { value: String(one), text: times(one) })));
  const span = el("select", { class: "choice time-span", "aria-label": TEXTS.time.span, title: TEXTS.time.spanWhat, on: {
    change: () => {
      if (span.value !== "") scale.choose(Number(span.value));
      if (time.mode === "past") {
        scale.hold();
        scale.reveal(time.now());
      }
      timeline.paint();
      overview.look(timeline.element.clientWidth);
    },
  } }, ...SPANS.map(([value, text]) => el("option", { value: String(value), text })), el("option", { value: "", text: TEXTS.time.spans.zoomed, hidden: true }));
  const at = el("span", { class: "time-at" });
  const ago = el("span", { class: "time-ago" });
  const missed = el("span", { class: "time-missed" });
  const liveText = el("span", { text: TEXTS.time.live });
  const live = el("button", { type: "button", class: "button time-live", title: TEXTS.time.liveWhat, on: { click: () => time.live() } },
    el("span", { class: "time-live-head" }, el("span", { class: "badge-dot", "aria-hidden": "true" }), liveText), missed);
  const tapesButton = el("button", { type: "button", class: "button icon-button quiet-button", "aria-label": TEXTS.time.recordings, title: TEXTS.time.recordingsWhat, on: { click: () => tapes.show() } }, shape("tapes"));
  byId("time").append(
    el("div", { class: "time-run" }, back, play, on, speed, watch),
    el("div", { class: "time-when" }, at, ago),
    timeline.element,
    el("div", { class: "time-end" }, span, live, tapesButton));

  // --- what says that this is the past --------------------------------------------------------

  const badge = byId("badge");
  const pastBadge = el("p", { class: "badge past-badge", role: "status", hidden: true });
  badge.after(pastBadge);
  const when = el("span", { class: "state-when", hidden: true });
  byId("state-line").querySelector(".state-text")?.before(when);
  const noteText = el("span", { class: "time-note-text" });
  const noteAct = el("button", { type: "button", class: "button small-button", hidden: true });
  const note = el("div", { class: "time-note", role: "status", hidden: true }, noteText, noteAct);
  byId("stage").after(note);
  hinderedBy(() => (time.mode === "live" ? null
    : time.hasPresent ? TEXTS.time.hindered(clockText(time.now())) : TEXTS.time.hinderedRecording));
  composer.addEventListener("step", (event) => {
    if (time.mode === "live" || /** @type {CustomEvent} */ (event).detail.step === "closed") return;
    composer.close();
    say(time.hasPresent ? TEXTS.time.noSending : TEXTS.time.noSendingRecording);
  });

  const nameOf = (/** @type {number|null} */ key) => (key === null ? undefined : model.nodes.get(key)?.name) ?? TEXTS.time.somebody;

  /** @returns {{kind: string, text: string, act?: [text: string, run: () => void]}|null} */
  const remark = () => {
    if (time.mode === "live") return null;
    if (time.problem !== null) return { kind: "problem", text: time.problem, act: [TEXTS.time.again, () => void time.retry()] };
    const { hole } = time;
    if (hole !== null) return { kind: "hole", text: TEXTS.time.hole(clockText(hole.since), clockText(hole.until), hole.why) };
    if (time.followed !== null) {
      const message = model.messages.get(time.followed);
      const text = message === undefined ? TEXTS.time.following
        : TEXTS.time.followingOf(nameOf(message.from), message.kind === "broadcast" ? TEXTS.time.everybody : nameOf(message.to));
      return { kind: "follow", text, act: [TEXTS.time.stop, () => time.unfollow()] };
    }
    if (time.step !== null) return { kind: "step", text: happened(time.step.told, nameOf, (id) => model.messages.get(id)?.text) };
    const since = time.reach?.since;
    if (since !== undefined && time.now() <= since) return { kind: "edge", text: TEXTS.time.begins };
    if (time.reach !== null && !time.playing && !time.reach.growing && time.now() >= time.reach.until) return { kind: "edge", text: TEXTS.time.ends };
    return null;
  };

  /** @type {(() => void)|null} */
  let noteRun = null;
  noteAct.addEventListener("click", () => noteRun?.());

  const paint = () => {
    const past = time.mode === "past";
    const now = time.now();
    setAttribute(document.body, "data-time", time.mode);
    setAttribute(document.body, "data-present", time.hasPresent ? null : "none");
    document.body.classList.toggle("time-loading", time.loading);
    const digits = past && (time.speed < 1 || !time.playing) ? 1 : 0;
    setText(at, !past && calm() ? clockText(now).slice(0, -3) : clockText(now, digits));
    setText(ago, past ? (time.hasPresent && time.run === null ? TEXTS.time.ago(spanned(present() - now)) : day(now, -1)) : TEXTS.time.now);
    const name = time.run === null ? "" : tapes.nameOf(time.run);
    pastBadge.hidden = !past;
    badge.hidden = past;
    const state = time.loading ? TEXTS.time.loading : time.playing ? times(time.speed) : TEXTS.time.paused;
    setText(pastBadge, (name === "" ? TEXTS.time.replay : TEXTS.time.recording)(clockText(now), state));
    when.hidden = !past;
    setText(when, name === "" ? TEXTS.time.at(clockText(now)) : TEXTS.time.atOf(clockText(now), name));
    const runs = past ? time.playing : true;
    if (play.dataset.runs !== String(runs)) {
      play.dataset.runs = String(runs);
      play.replaceChildren(shape(runs ? "pause" : "play"));
      const does = runs ? TEXTS.time.pause : TEXTS.time.play;
      setAttribute(play, "aria-label", does);
      play.title = TEXTS.withKey(does, TEXTS.time.space);
    }
    if (document.activeElement !== speed) speed.value = String(time.speed);
    const shown = scale.end === null || past ? SPANS.find(([value]) => value === scale.span) : undefined;
    if (document.activeElement !== span) span.value = shown === undefined ? "" : String(shown[0]);
    watch.disabled = selection.message === null;
    live.hidden = !time.hasPresent;
    live.disabled = !past;
    setText(liveText, past ? TEXTS.time.goLive : TEXTS.time.live);
    const news = feed.missed;
    // Who is not connected would wait for more news in vain: that goes before what came until then.
    setText(missed, !past ? "" : net.phase !== "live" ? TEXTS.time.disconnected
      : news.messages > 0 ? TEXTS.time.fresh(news.messages) : news.nodes > 0 ? TEXTS.time.news : "");
    live.title = news.messages + news.nodes > 0 ? TEXTS.time.liveWhatNews(news.messages, news.nodes) : TEXTS.time.liveWhat;
    const said = remark();
    note.hidden = said === null;
    if (said !== null) {
      setAttribute(note, "data-kind", said.kind);
      setText(noteText, said.text);
      noteAct.hidden = said.act === undefined;
      noteRun = said.act?.[1] ?? null;
      if (said.act !== undefined) setText(noteAct, said.act[0]);
    }
    timeline.paint();
  };

  // --- running on ------------------------------------------------------------------------------

  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let ticking;
  let addressed = -Infinity;
  let slow = false;
  const tick = () => {
    clearTimeout(ticking);
    if (document.hidden) return; // nobody sees it; `visibilitychange` comes back here
    paint();
    slow = time.mode === "live" && calm();
    if (time.mode === "live") ticking = setTimeout(tick, Math.max(slow ? TICK_CALM : TICK_LIVE, timeline.pace));
    else if (time.rate > 0) {
      ticking = setTimeout(tick, TICK);
      if (performance.now() - addressed > ADDRESS_EVERY) address();
      if (scale.reveal(time.now())) overview.look(timeline.element.clientWidth);
    }
  };
  const address = () => {
    addressed = performance.now();
    const past = time.mode === "past" && (time.hasPresent || addressWanted);
    write({ at: past ? new Date(Math.round(time.now())).toISOString() : null, run: past ? time.run : null });
  };
  /** A dashboard that shows a file shows its end by itself: no moment is written until one is chosen. */
  let addressWanted = false;
  document.addEventListener("visibilitychange", tick);
  model.follow(() => {
    if (slow) tick(); // something happens again
  });

  /** How many moments were drawn, and how long after it was asked for the last one was. */
  let drawn = { wishes: 0, after: 0 };
  let mode = time.mode;
  let run = time.run;
  time.addEventListener("change", (event) => {
    const { jump } = /** @type {CustomEvent} */ (event).detail;
    if (mode !== time.mode) {
      if (time.mode === "live") {
        scale.end = null;
        say(TEXTS.time.toldLive);
      } else {
        if (overview.glance !== null) scale.hold(); // it must not slide away under the pointer
        say(TEXTS.time.toldPast(clockText(time.now())));
      }
      mode = time.mode;
    }
    if (run !== time.run) {
      run = time.run;
      if (run !== null) {
        scale.choose(Infinity);
        if (tapes.nameOf(run) === "") tapes.refresh();
      } else scale.choose(600_000);
    }
    if (jump && time.mode === "past") {
      if (overview.glance !== null && time.now() < overview.glance.until - 1) addressWanted = true;
      scale.reveal(time.now());
      composer.close();
    }
    overview.look(timeline.element.clientWidth);
    if (!time.loading) address();
    tick();
    if (jump && !time.loading) {
      const wished = time.wishedAt;
      requestAnimationFrame(() => requestAnimationFrame(() => {
        drawn = { wishes: drawn.wishes + 1, after: performance.now() - wished };
      }));
    }
  });
  feed.addEventListener("change", () => {
    if (time.mode === "past") paintMissed();
    overview.grow();
  });
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let missedSoon;
  const paintMissed = () => {
    missedSoon ??= setTimeout(() => {
      missedSoon = undefined;
      paint();
    }, 250);
  };
  model.follow((change) => {
    if (time.mode === "live" && (change.snapshot || change.nodes || change.messages)) overview.grow();
  });
  net.addEventListener("change", paint);
  selection.addEventListener("message", paint);
  new MutationObserver(() => timeline.refreshTheme()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => timeline.refreshTheme());
  overview.addEventListener("change", (event) => {
    const { first } = /** @type {CustomEvent} */ (event).detail;
    const { glance } = overview;
    // A dashboard that shows a file: there is no present, so its end is shown, standing still.
    if (first && glance !== null && !glance.growing && time.run === null && time.hasPresent) {
      time.hasPresent = false;
      scale.choose(Infinity);
      if (time.mode === "live") void time.seek(glance.until, { play: false });
    }
    if (first && glance !== null && scale.span !== Infinity && glance.until - glance.since < scale.span) scale.choose(Infinity);
    if (first && glance !== null && time.mode === "past") {
      scale.hold();
      scale.reveal(time.now());
    }
    paint();
  });

  // --- the address ---------------------------------------------------------------------------

  const fromAddress = () => {
    const wanted = read("at");
    const moment = wanted === null ? NaN : momentOf(wanted);
    const recording = read("run");
    if (!Number.isNaN(moment)) {
      addressWanted = true;
      void time.open(recording, { at: moment, play: false });
    } else if (recording !== null) void time.open(recording);
    else if (wanted !== null) say(TEXTS.time.noMoment);
    else time.live();
  };
  onAddress(fromAddress);
  if (read("at") !== null || read("run") !== null) fromAddress();

  // --- keys ----------------------------------------------------------------------------------

  const followChosen = () => {
    const message = selection.message === null ? undefined : model.messages.get(selection.message);
    if (message === undefined) say(TEXTS.time.chooseFirst);
    else void time.follow(message);
  };
  const jump = (/** @type {number} */ by) => void time.seek(time.now() + by);
  paint();
  tick();
  return {
    commands: [
      { id: "time:toggle", group: TEXTS.groups.time, keys: ["Space"], ...TEXTS.commands.timeToggle, run: () => void time.toggle() },
      { id: "time:back", group: TEXTS.groups.time, keys: [","], ...TEXTS.commands.timeBack, run: () => void time.stepBy(-1) },
      { id: "time:on", group: TEXTS.groups.time, keys: ["."], ...TEXTS.commands.timeOn, run: () => void time.stepBy(1) },
      { id: "time:message-back", group: TEXTS.groups.time, keys: ["<"], ...TEXTS.commands.messageBack, run: () => void time.stepBy(-1, "message") },
      { id: "time:message-on", group: TEXTS.groups.time, keys: [">"], ...TEXTS.commands.messageOn, run: () => void time.stepBy(1, "message") },
      { id: "time:five-back", group: TEXTS.groups.time, keys: ["Shift+ArrowLeft"], ...TEXTS.commands.fiveBack, run: () => jump(-5000) },
      { id: "time:five-on", group: TEXTS.groups.time, keys: ["Shift+ArrowRight"], ...TEXTS.commands.fiveOn, run: () => jump(5000) },
      { id: "time:slower", group: TEXTS.groups.time, keys: ["["], ...TEXTS.commands.slower, run: () => void time.faster(-1) },
      { id: "time:faster", group: TEXTS.groups.time, keys: ["]"], ...TEXTS.commands.faster, run: () => void time.faster(1) },
      { id: "time:live", group: TEXTS.groups.time, keys: ["l"], ...TEXTS.commands.live, run: () => time.live() },
      { id: "time:follow", group: TEXTS.groups.time, keys: ["w"], ...TEXTS.commands.follow, run: followChosen },
    ],
    seen: Object.freeze({
      get mode() { return time.mode; },
      get now() { return time.now(); },
      get playing() { return time.playing; },
      get speed() { return time.speed; },
      get rate() { return time.rate; },
      get run() { return time.run; },
      get loading() { return time.loading; },
      get problem() { return time.problem; },
      get hole() { return time.hole; },
      get followed() { return time.followed; },
      get missed() { return feed.missed; },
      get drawn() { return drawn; },
      get glance() { return overview.glance; },
      /** Where on the timeline a moment is, in CSS pixels from its left. */
      x: (/** @type {number} */ moment) => scale.x(moment, timeline.element.clientWidth),
    }),
  };
}

/** A moment from the address: as RFC 3339 has it, or milliseconds. @param {string} text */
function momentOf(text) {
  const at = /^\d{1,14}$/.test(text) ? Number(text) : Date.parse(text);
  return at >= 0 && at <= 2 ** 43 ? at : NaN;
}
