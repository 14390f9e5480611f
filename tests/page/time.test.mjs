import assert from "node:assert/strict";
import { test } from "node:test";

import { Flights } from "../../static/js/flights.js";
import { Model } from "../../static/js/model.js";
import { Feed } from "../../static/js/time/feed.js";
import { Scale } from "../../static/js/time/scale.js";
import { Tape } from "../../static/js/time/tape.js";
import { Time } from "../../static/js/time/time.js";
import { happened, marked, spanned } from "../../static/js/time/words.js";
import { broadcast, message, node, snapshot } from "./network.mjs";

const BEGAN = 1_000_000;

/** A recording with a message each second, m0, m1, …; its pieces as the dashboard cuts them. */
class Recorded {
  asked = [];
  fails = null;
  constructor({ length = 60_000, growing = false, holes = [] } = {}) {
    Object.assign(this, { length, growing, holes });
  }

  get = async (path) => {
    this.asked.push(path);
    if (this.fails !== null) throw new Error(this.fails);
    const query = new URL(path, "http://x").searchParams;
    const until = BEGAN + this.length;
    const from = Math.min(Math.max(BEGAN, Number(query.get("from"))), until);
    let to = Math.max(from, Math.min(until, Number(query.get("to"))));
    let cut = false;
    for (const hole of this.holes) if (from < hole.until && hole.until < to) [to, cut] = [hole.until, true];
    const sent = (k) => message(`m${k}`, { sent_at: BEGAN + k * 1000, queued_at: BEGAN + k * 1000, state: "delivered", done_at: BEGAN + k * 1000 + 5 });
    const before = Math.floor((from - BEGAN) / 1000);
    const deltas = [];
    for (let k = before + 1; BEGAN + k * 1000 <= to; k += 1) {
      deltas.push({ number: deltas.length + 1, at: BEGAN + k * 1000, messages: [sent(k)], told: [[k % 2 ? "message.sent" : "link.up", 1, 2, `m${k}`]] });
    }
    return {
      from, to, since: BEGAN, until, last: to >= until, growing: this.growing, cut, deltas,
      holes: this.holes.filter(({ since, until: end }) => since <= to && end >= from),
      snapshot: snapshot({ number: 0, run: "past", messages: Array.from({ length: before + 1 }, (_, k) => sent(k)) }),
    };
  };
}

/** A page's time whose clocks the test turns. */
function turned(recorded = new Recorded()) {
  let local = 0;
  let next = null;
  const model = new Model();
  const feed = new Feed(model);
  const timer = { set: (run, wait) => (next = { run, at: local + wait }), clear: (one) => { if (next === one) next = null; } };
  const clock = { now: () => BEGAN + 50_000 + local };
  const tape = new Tape(recorded.get);
  const time = new Time({ clock, model, feed, tape, local: () => local, timer });
  const changes = [];
  time.addEventListener("change", (event) => changes.push(event.detail));
  const settle = async () => { for (let k = 0; k < 20; k += 1) await null; };
  return {
    time, model, feed, recorded, changes, tape,
    /** Let real time pass, with all that is due in it. */
    pass: async (milliseconds) => {
      const end = local + milliseconds;
      for (let rounds = 0; next !== null && next.at <= end; rounds += 1) {
        assert.ok(rounds < 5000, "it wakes up without end");
        const { run, at } = next;
        next = null;
        local = Math.max(local, at);
        run();
        await settle();
      }
      local = end;
    },
    settle, wakes: () => next !== null,
  };
}

const newest = (model) => [...model.messages.keys()].at(-1);

test("live, the time is the dashboard's", () => {
  const { time } = turned();
  assert.equal(time.mode, "live");
  assert.equal(time.now(), BEGAN + 50_000);
  assert.equal(time.rate, 1);
  assert.equal(time.until(BEGAN + 50_300), 300);
});

test("a pause holds the moment and what is shown, and the stream goes on aside", async () => {
  const { time, model, feed, pass } = turned();
  feed.applySnapshot(snapshot({ number: 1, run: "now", summary: { messages: 5 }, messages: [message("a")] }));
  time.pause();
  await pass(3000);
  assert.equal(feed.applyDelta({ number: 2, summary: { messages: 7 }, messages: [message("b"), message("c")], nodes: [node(1, { state: "dead" })] }), true);
  assert.equal(time.now(), BEGAN + 50_000);
  assert.equal(time.rate, 0);
  assert.equal(time.until(BEGAN + 50_300), Infinity);
  assert.deepEqual([...model.messages.keys()], ["a"]);
  assert.deepEqual(feed.missed, { messages: 2, nodes: 1 });
  feed.applyDelta({ number: 3, summary: { messages: 8 } });
  assert.deepEqual(feed.missed, { messages: 3, nodes: 1 });
  time.live();
  assert.deepEqual([...model.messages.keys()], ["a", "b", "c"]);
  assert.equal(time.now(), BEGAN + 53_000);
  assert.equal(feed.applyDelta({ number: 4, messages: [message("d")] }), true, "the numbers go on");
  assert.equal(newest(model), "d");
});

test("a moment of the past shows what was, with what came before it on its way", async () => {
  const { time, model } = turned();
  const learnt = [];
  model.addEventListener("change", ({ detail }) => learnt.push(detail));
  await time.seek(BEGAN + 10_500, { play: false });
  assert.equal(newest(model), "m10");
  assert.equal(time.now(), BEGAN + 10_500);
  const change = learnt.at(-1);
  assert.equal(learnt.length, 1, "one change, however many packets");
  assert.deepEqual([change.snapshot, change.jump], [true, true]);
  assert.deepEqual(change.learnt.slice(-2).map(({ message: { id }, at }) => [id, at]), [["m9", BEGAN + 9000], ["m10", BEGAN + 10_000]]);
});

test("it plays on at each speed, and asks for more in time", async () => {
  for (const speed of [0.1, 1, 10]) {
    const { time, model, pass } = turned();
    await time.seek(BEGAN + 10_000, { play: true });
    await time.setSpeed(speed);
    await pass(3000);
    assert.ok(Math.abs(time.now() - (BEGAN + 10_000 + 3000 * speed)) < 2, `at ${speed}`);
    assert.equal(newest(model), `m${Math.floor(10 + 3 * speed)}`);
  }
});

test("the end of a recording stands, and to play again begins anew", async () => {
  const { time, pass, wakes } = turned(new Recorded({ length: 20_000 }));
  await time.open("other", { at: BEGAN + 18_000 });
  await pass(5000);
  assert.equal(time.now(), BEGAN + 20_000);
  assert.equal(time.playing, false);
  assert.equal(wakes(), false);
  await time.play();
  assert.equal(time.now(), BEGAN);
  assert.equal(time.playing, true);
});

test("who plays up to the present is live again", async () => {
  const { time, feed, pass, recorded } = turned(new Recorded({ length: 49_750, growing: true }));
  feed.applySnapshot(snapshot({ number: 1, run: "now" }));
  await time.seek(BEGAN + 45_000, { play: true });
  await time.setSpeed(5);
  recorded.length = 51_000;
  await pass(2000);
  assert.equal(time.mode, "live");
  assert.equal(time.speed, 1);
});

test("slow motion of the present falls behind and is not pulled forward", async () => {
  const { time, feed, pass, recorded } = turned(new Recorded({ length: 49_750, growing: true }));
  feed.applySnapshot(snapshot({ number: 1, run: "now" }));
  await time.setSpeed(0.1);
  for (let k = 0; k < 40; k += 1) {
    recorded.length += 100;
    await pass(100);
  }
  assert.equal(time.mode, "past");
  assert.ok(time.now() > BEGAN + 50_000 && time.now() < BEGAN + 50_400, String(time.now() - BEGAN));
});

test("where nothing has been written yet it waits, asks now and then, and goes on", async () => {
  const { time, feed, pass, recorded } = turned(new Recorded({ length: 20_000, growing: true }));
  feed.applySnapshot(snapshot({ number: 1, run: "now" }));
  await time.seek(BEGAN + 19_000, { play: true });
  await pass(4000);
  assert.equal(time.loading, true);
  assert.equal(time.now(), BEGAN + 20_000);
  assert.ok(recorded.asked.length < 8, `${recorded.asked.length} questions`);
  recorded.length = 30_000;
  await pass(3000);
  assert.equal(time.loading, false);
  assert.ok(time.now() > BEGAN + 20_500);
});

test("steps go from event to event and from message to message, both ways", async () => {
  const { time, model } = turned();
  await time.seek(BEGAN + 10_500, { play: false });
  await time.stepBy(1);
  assert.equal(time.now(), BEGAN + 11_000);
  assert.equal(time.step.told[0][3], "m11");
  await time.stepBy(1, "message");
  assert.equal(time.now(), BEGAN + 13_000);
  await time.stepBy(-1);
  assert.equal(time.now(), BEGAN + 12_000);
  assert.equal(newest(model), "m12");
  await time.stepBy(-1, "message");
  assert.equal(time.now(), BEGAN + 11_000);
  assert.equal(time.playing, false);
});

test("a step goes over what was not asked for yet, and says where nothing is left", async () => {
  const { time } = turned(new Recorded({ length: 20_900 }));
  await time.open("r", { at: BEGAN + 20_000, play: false });
  await time.stepBy(1);
  assert.match(time.problem, /Nothing more/);
  assert.equal(time.now(), BEGAN + 20_000);
  for (let k = 0; k < 12; k += 1) await time.stepBy(-1);
  assert.equal(time.now(), BEGAN + 8000);
  await time.seek(BEGAN, { play: false });
  await time.stepBy(-1);
  assert.match(time.problem, /before/);
});

test("of many moments that are wanted at once only the last is asked for next", async () => {
  const { time, recorded, settle } = turned();
  void time.seek(BEGAN + 5000, { play: false });
  for (const at of [20_000, 30_000, 40_000]) void time.seek(BEGAN + at, { play: false });
  await settle();
  assert.equal(time.now(), BEGAN + 40_000);
  assert.equal(recorded.asked.length, 2);
  assert.equal(time.loading, false);
});

test("before the beginning is the beginning, after the end the end", async () => {
  const { time } = turned(new Recorded({ length: 20_000 }));
  await time.open("r", { at: 0, play: false });
  assert.equal(time.now(), BEGAN);
  await time.seek(BEGAN + 10 ** 9);
  assert.equal(time.now(), BEGAN + 20_000);
  await time.seek(NaN);
  assert.equal(time.now(), BEGAN + 20_000);
});

test("what cannot be had is told, and tried again", async () => {
  const { time, recorded } = turned();
  recorded.fails = "the dashboard cannot be reached";
  await time.seek(BEGAN + 5000, { play: true });
  assert.equal(time.problem, "The dashboard cannot be reached.");
  assert.equal(time.loading, false);
  recorded.fails = null;
  await time.retry();
  assert.equal(time.problem, null);
  assert.equal(time.now(), BEGAN + 5000);
});

test("going live overrules an answer that is still on its way", async () => {
  const { time, model, feed, settle } = turned();
  feed.applySnapshot(snapshot({ number: 1, run: "now", messages: [message("a")] }));
  void time.seek(BEGAN + 5000);
  time.live();
  await settle();
  assert.equal(time.mode, "live");
  assert.deepEqual([...model.messages.keys()], ["a"]);
});

test("a hole is told of where one stands in it, and not played through", async () => {
  const hole = { since: BEGAN + 10_000, until: BEGAN + 40_000, node: null, lost: null, why: "nobody listened" };
  const { time, pass } = turned(new Recorded({ holes: [hole] }));
  await time.seek(BEGAN + 20_000, { play: false });
  assert.equal(time.hole.why, "nobody listened");
  await time.seek(BEGAN + 9000, { play: true });
  await pass(2500);
  assert.ok(time.now() > BEGAN + 40_000, String(time.now() - BEGAN));
  assert.equal(time.hole, null);
});

test("a message is followed from before it set out until it has been seen to arrive", async () => {
  const { time, model, pass } = turned();
  await time.seek(BEGAN + 30_000, { play: false });
  await time.follow(model.messages.get("m12"));
  assert.equal(time.followed, "m12");
  assert.equal(time.now(), BEGAN + 11_850);
  assert.equal(time.rate, 0.1);
  time.followUntil(BEGAN + 12_400);
  await pass(8000);
  assert.equal(time.followed, null);
  assert.equal(time.playing, false);
  assert.ok(time.now() >= BEGAN + 12_400 && time.now() < BEGAN + 12_430);
});

test("a dashboard that shows a file has no present to go to", async () => {
  const { time } = turned();
  time.hasPresent = false;
  await time.seek(BEGAN + 5000, { play: false });
  time.live();
  assert.equal(time.mode, "past");
});

test("what flies is the same, whether one played up to a moment or went there", async () => {
  const frames = [];
  for (const way of ["played", "sought"]) {
    const { time, model, pass } = turned();
    const flights = new Flights();
    flights.duration = 600;
    model.addEventListener("change", ({ detail }) => {
      if (detail.jump) flights.forget();
      for (const { message: one, at } of detail.learnt) flights.take(one, at ?? time.now());
    });
    await time.seek(BEGAN + (way === "played" ? 8000 : 12_300), { play: way === "played" });
    if (way === "played") await pass(4300);
    time.pause();
    const { dots, trails, halos } = flights.frame(BEGAN + 12_300);
    frames.push({ dots, trails, halos });
  }
  assert.ok(frames[0].dots.length === 1 && frames[0].dots[0].id === "m12");
  assert.deepEqual(frames[0], frames[1]);
});

test("what was seen to fly flies again when one goes back", async () => {
  const { time, model, pass } = turned();
  const flights = new Flights();
  model.addEventListener("change", ({ detail }) => {
    if (detail.jump) flights.forget();
    for (const { message: one, at } of detail.learnt) flights.take(one, at ?? time.now());
  });
  const flying = () => flights.frame(time.now()).dots.map(({ id }) => id);
  await time.seek(BEGAN + 12_100, { play: true });
  assert.deepEqual(flying(), ["m12"]);
  await pass(1500);
  assert.deepEqual(flying(), []);
  await time.seek(BEGAN + 12_100, { play: false });
  assert.deepEqual(flying(), ["m12"]);
});

test("what is not yet known at a moment is not known from later", () => {
  const model = new Model();
  const all = broadcast("b", [[1, 2, 1000], [2, 3, 2000]]);
  model.applySnapshot(snapshot({ messages: [all] }));
  model.applySnapshot(snapshot({ messages: [broadcast("b", [])] }), { at: 500, jump: true });
  assert.deepEqual(model.messages.get("b").path, []);
});

test("the timeline shows the end as it grows, and keeps what one zoomed into", () => {
  const scale = new Scale();
  Object.assign(scale, { since: 0, until: 3_600_000 });
  assert.deepEqual([scale.from, scale.to], [3_000_000, 3_600_000]);
  scale.choose(Infinity);
  assert.deepEqual([scale.from, scale.to], [0, 3_600_000]);
  scale.hold();
  scale.until = 3_650_000;
  assert.deepEqual([scale.from, scale.to], [0, 3_600_000], "what is held stays in its place");
  Object.assign(scale, { until: 3_600_000, end: null });
  const before = scale.x(900_000, 1000);
  scale.zoom(900_000, 4);
  assert.ok(Math.abs(scale.x(900_000, 1000) - before) < 1e-6, "what is pointed at stays");
  assert.equal(Math.round(scale.to - scale.from), 900_000);
  scale.until = 3_700_000;
  assert.ok(scale.to < 2_000_000);
  assert.equal(scale.reveal(3_000_000), true);
  assert.ok(scale.from < 3_000_000 && scale.to > 3_000_000);
  scale.zoom(3_000_000, 1e-9);
  assert.deepEqual([scale.from, scale.to], [0, 3_700_000]);
  for (const width of [10, 400, 4000]) {
    const { from, to, points } = scale.bars(width);
    assert.ok(points >= 1 && points <= 600 && from <= scale.from && to >= scale.to && Number.isInteger((to - from) / points));
  }
  assert.ok(scale.marks(500, 60).length <= 9);
});

test("what happened is said in words, the rarest first", () => {
  const nameOf = (key) => (key === null ? "somebody" : `node${key}`);
  const facts = [["link.up", 1, 2, null], ["message.sent", 3, 4, "m1"], ["node.gone", 5, null, null]];
  assert.equal(happened(facts, nameOf, () => "Hi T"), "node5 is gone, and 2 things more");
  assert.equal(happened([facts[1]], nameOf, () => "Hi A"), "node3 sends “Hi A” to node4");
  assert.equal(happened([facts[1]], nameOf, () => undefined), "node3 sends a message to node4");
  assert.equal(happened([], nameOf, () => ""), "");
  assert.equal(marked({ at: 0, kind: "dead", names: ["a", "b", "c", "d"], count: 9 }), "a, b, c and 6 more died");
  assert.equal(marked({ at: 0, kind: "back", names: ["a"], count: 1 }), "a is back");
  assert.deepEqual([400, 12_345, 200_000, 7_500_000].map(spanned), ["0.4 s", "12 s", "3 min 20 s", "2 h 5 min"]);
});
