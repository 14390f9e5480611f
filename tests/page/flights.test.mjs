/** Messages as functions of time: static/js/flights.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DOOR, Flights, HALO, TRAIL, landing, progress, schedule } from "../../static/js/flights.js";
import { broadcast, message } from "./network.mjs";

/** Flights that take a second, of which one message is taken at a moment. */
function taken(more, now, duration = 1000) {
  const flights = new Flights();
  flights.duration = duration;
  flights.take(message("m", more), now);
  return flights;
}

const delivered = (at) => ({ state: "delivered", sent_at: at, received_at: at + 4, done_at: at + 8 });

test("a dot goes from the sender to the receiver, then the receiver lights up", () => {
  const flights = taken(delivered(1000), 1000);
  const at = (now) => flights.frame(now);
  assert.equal(at(1000).dots[0].p, 0);
  assert.equal(at(1500).dots[0].p, 0.5);
  assert.ok(Math.abs(at(1950).dots[0].p - 0.95) < 1e-9);
  assert.deepEqual(at(1500).dots[0], {
    id: "m", kind: "message", from: 1, to: 2, p: 0.5, waiting: false, count: 1, window: 10,
  });
  assert.equal(at(2000).dots.length, 0);
  assert.deepEqual(at(2000).halos, [{ key: 2, kind: "message", age: 0 }]);
  assert.equal(at(2000).trails[0].fade, 1);
  assert.equal(at(2000 + HALO).halos.length, 0);
  const over = at(2000 + Math.max(HALO, TRAIL));
  assert.equal(over.moving, false);
  assert.equal(flights.size, 0);
});

test("nothing moves when nothing is under way", () => {
  const frame = new Flights().frame(5);
  assert.equal(frame.moving, false);
  assert.equal(frame.wakeAt, Infinity);
});

test("a moment can be drawn again, in any order: a dot is a function of time", () => {
  const flights = taken(delivered(1000), 1000);
  const first = flights.frame(1300);
  flights.frame(1900);
  assert.deepEqual(flights.frame(1300), first);
});

test("an unconfirmed dot waits at the door, still, and costs no frames", () => {
  const flights = taken({ sent_at: 1000 }, 1000);
  assert.equal(flights.frame(1500).moving, true);
  const waiting = flights.frame(4000);
  assert.equal(waiting.dots[0].p, DOOR);
  assert.equal(waiting.dots[0].waiting, true);
  assert.equal(waiting.moving, false);
  assert.ok(waiting.wakeAt > 4000 && waiting.wakeAt < 4000 + 70_000);

  flights.take(message("m", { sent_at: 1000, state: "received", received_at: 5000 }), 5000);
  assert.equal(flights.frame(5000).dots[0].p, DOOR);
  assert.equal(flights.frame(5000).moving, true);
  assert.equal(flights.frame(5000 + (1 - DOOR) * 1000 - 1).halos.length, 0);
  assert.equal(flights.frame(5000 + (1 - DOOR) * 1000 + 1).halos.length, 1);
});

test("a dot that nobody ever confirms does not wait for ever", () => {
  const flights = taken({ sent_at: 1000 }, 1000);
  const { wakeAt } = flights.frame(5000);
  flights.frame(wakeAt + 1);
  assert.equal(flights.size, 0);
});

test("a failed message ends at the door with a cross, and no halo", () => {
  const flights = taken({ sent_at: 1000 }, 1000);
  flights.take(message("m", { sent_at: 1000, state: "failed", reason: "no answer", done_at: 1100 }), 1100);
  assert.equal(flights.frame(1500).dots.length, 1, "it is still on its way");
  const end = flights.frame(1000 + DOOR * 1000);
  assert.equal(end.dots.length, 0);
  assert.deepEqual(end.marks, [{ from: 1, to: 2, p: DOOR, fade: 1, final: true }]);
  assert.equal(end.halos.length, 0);
  const stands = flights.frame(1000 + DOOR * 1000 + TRAIL + 100);
  assert.equal(stands.marks.length, 1);
  assert.equal(stands.moving, false, "a cross that only stands there costs no frames");
  assert.equal(flights.frame(stands.wakeAt + 100).moving, true, "until it fades");
  assert.equal(flights.frame(10_000).marks.length, 0);
  assert.equal(flights.size, 0);
});

test("each try is a dot of its own, and the tries that failed leave a small cross", () => {
  const flights = taken({ sent_at: 1000 }, 1000);
  flights.take(message("m", { sent_at: 1000, attempt: 1, reason: "timeout" }), 3000);
  assert.deepEqual(flights.frame(3000).marks.map(({ final }) => final), [false]);
  flights.take(message("m", { sent_at: 3500, attempt: 2, reason: "timeout" }), 3500);
  const frame = flights.frame(3600);
  assert.deepEqual(frame.dots.map(({ p, waiting }) => ({ p, waiting })), [{ p: 0.1, waiting: false }]);
  assert.equal(frame.marks.length, 1);
  flights.take(message("m", {
    sent_at: 3500, attempt: 2, reason: null, state: "delivered", received_at: 3505, done_at: 3510,
  }), 3620);
  assert.equal(flights.frame(4500).halos.length, 1);
  assert.equal(flights.frame(4500).marks.every(({ final }) => !final), true);
});

test("the reason of an earlier try does not break the next one", () => {
  const flights = taken({ sent_at: 1000, attempt: 2, reason: "timeout" }, 1000);
  const waiting = flights.frame(3000);
  assert.equal(waiting.marks.length, 0);
  assert.equal(waiting.dots[0].waiting, true);
});

test("news of a message whose flight is over starts no second one", () => {
  const flights = taken({ state: "received", sent_at: 1000, received_at: 1004 }, 1000, 200);
  flights.frame(3000);
  assert.equal(flights.size, 0);
  flights.take(message("m", delivered(1000)), 3000);
  assert.equal(flights.size, 0);
});

test("what happened before the page looked is not flown", () => {
  const flights = taken(delivered(1000), 60_000);
  assert.equal(flights.size, 0);
});

test("a message that is still waiting when the page is opened is seen waiting", () => {
  const flights = taken({ sent_at: 1000 }, 21_000);
  assert.equal(flights.frame(21_000).dots[0].p, DOOR);
});

test("a message from outside has no sender, one to nowhere no receiver", () => {
  const from = taken({ from: null, sent_at: null, received_at: 1000, state: "received" }, 1000);
  assert.equal(from.frame(1100).dots[0].from, null);
  assert.equal(from.frame(2050).halos.length, 1);
  const to = taken({ ...delivered(1000), to: null }, 1000);
  assert.equal(to.frame(2100).halos.length, 0);
});

test("what the page learned late is caught up with, but half of the way is shown", () => {
  assert.deepEqual(schedule(1000, 1000, 200), { start: 1000, duration: 200 });
  assert.deepEqual(schedule(1000, 1060, 200), { start: 1060, duration: 140 });
  assert.deepEqual(schedule(1000, 1500, 200), { start: 1500, duration: 100 });
  // A sender whose clock is ahead, by little or by much: its dot sets out now.
  assert.deepEqual(schedule(1040, 1000, 200), { start: 1000, duration: 200 });
  assert.deepEqual(schedule(9_000_000, 1000, 200), { start: 1000, duration: 200 });
});

test("click to arrival: 200 ms flights are over 300 ms after sending, learned up to 150 late", () => {
  for (const late of [0, 50, 100, 150]) {
    const flight = { known: -Infinity, ...schedule(1000, 1000 + late, 200) };
    assert.ok(landing(flight) <= 1300, `learned ${late} ms late, it lands at ${landing(flight)}`);
    assert.equal(progress(flight, landing(flight)), 1);
  }
});

test("above 500 dots they are joined, and none is lost in the count", () => {
  const flights = new Flights();
  flights.duration = 1000;
  for (let i = 0; i < 700; i += 1) {
    flights.take(message(`m${i}`, { ...delivered(1000), from: 1 + (i % 10), to: 20 + (i % 3) }), 1000);
  }
  const frame = flights.frame(1400);
  assert.equal(frame.joined, true);
  assert.equal(frame.inFlight, 700);
  assert.ok(frame.dots.length < 50);
  assert.equal(frame.dots.reduce((sum, dot) => sum + dot.count, 0), 700);
});

test("too many pairs are counted at the receivers", () => {
  const flights = new Flights();
  flights.duration = 1000;
  for (let i = 0; i < 2000; i += 1) {
    flights.take(message(`m${i}`, { ...delivered(1000), from: i + 100, to: i % 40 }), 1000);
  }
  const frame = flights.frame(1400);
  assert.equal(frame.dots.length, 40);
  assert.equal(frame.dots.reduce((sum, dot) => sum + dot.count, 0), 2000);
});

test("a flood does not grow without bound", () => {
  const flights = new Flights();
  for (let i = 0; i < 20_000; i += 1) flights.take(message(`m${i}`, delivered(1000)), 1000);
  assert.ok(flights.size <= 5000);
});

// --- over several hops --------------------------------------------------------------------

/** From 1 over 3 and 4 to 2; a hop takes 10 ms, and 100 ms in the picture. */
const WAY = [[1, 3, 1000], [3, 4, 1010], [4, 2, 1020]];
const routed = (hops, more = {}) => message("m", { path: WAY.slice(0, hops), hops, ...more });
const arrived = { state: "received", received_at: 1030, hops: 3 };

function hops(frame) {
  return frame.dots.map(({ from, to, waiting }) => `${from}>${to}${waiting ? " waits" : ""}`);
}

test("a routed message flies hop by hop, one dot at a time, and only its receiver lights up", () => {
  const flights = new Flights();
  flights.duration = 100;
  flights.take(routed(3, arrived), 1000);
  const seen = [];
  const lit = new Set();
  for (let now = 1000; now < 1000 + 3 * 100 + HALO; now += 10) {
    const frame = flights.frame(now);
    assert.ok(frame.dots.length <= 1, "a message is in one place");
    for (const hop of hops(frame)) if (seen.at(-1) !== hop) seen.push(hop);
    for (const { key } of frame.halos) lit.add(key);
  }
  assert.deepEqual(seen, ["1>3", "3>4", "4>2"]);
  assert.deepEqual([...lit], [2]);
  assert.equal(flights.frame(10_000).moving, false);
  assert.equal(flights.size, 0);
});

test("it waits at each door until the next node has told, and goes on from there", () => {
  const flights = new Flights();
  flights.duration = 100;
  flights.take(routed(1), 1000);
  assert.deepEqual(hops(flights.frame(1500)), ["1>3 waits"]);
  flights.take(routed(2), 1500);
  assert.deepEqual(hops(flights.frame(1505)), ["1>3"]);
  assert.deepEqual(hops(flights.frame(1560)), ["3>4"]);
  assert.deepEqual(hops(flights.frame(1900)), ["3>4 waits"]);
  flights.take(routed(3), 1900);
  flights.take(routed(3, arrived), 1910);
  assert.deepEqual(hops(flights.frame(1950)), ["4>2"]);
  assert.deepEqual(flights.frame(2100).halos.map(({ key }) => key), [2]);
});

test("one that is lost under way ends at the door of the node that it was handed to last", () => {
  const flights = new Flights();
  flights.duration = 100;
  flights.take(routed(2), 1000);
  flights.take(routed(2, { state: "failed", reason: "no answer", done_at: 1500 }), 1500);
  const { dots, halos, marks } = flights.frame(1510);
  assert.deepEqual([dots, halos], [[], []]);
  assert.deepEqual(marks, [{ from: 3, to: 4, p: DOOR, fade: 1, final: true }]);
});

test("the next try takes its own way, and the last one leaves its cross where it ended", () => {
  const flights = new Flights();
  flights.duration = 100;
  flights.take(routed(2), 1000);
  flights.take(message("m", { attempt: 2, reason: "no answer", sent_at: 3000, path: [[1, 5, 3000]] }), 3000);
  const frame = flights.frame(3050);
  assert.deepEqual(hops(frame), ["1>5"]);
  assert.deepEqual(frame.marks.map(({ from, to, final }) => [from, to, final]), [[3, 4, false]]);
});

test("a next hop that was chosen anew leaves a cross at the dead end", () => {
  const flights = new Flights();
  flights.duration = 100;
  flights.take(routed(2), 1000);
  flights.take(message("m", { path: [[1, 3, 1000], [3, 5, 1600]], hops: 2 }), 1600);
  const frame = flights.frame(1650);
  assert.deepEqual(hops(frame), ["3>5"]);
  assert.deepEqual(frame.marks.map(({ from, to }) => [from, to]), [[3, 4]]);
});

test("a hop that nobody told is flown after a moment, or not at all when the news comes", () => {
  const gap = { ...arrived, path: [[1, 3, 1000], [3, 2, null]] };
  const flights = new Flights();
  flights.duration = 100;
  flights.take(message("m", gap), 1000);
  assert.deepEqual(hops(flights.frame(1150)), []);
  flights.take(routed(3, arrived), 1150);
  assert.deepEqual(hops(flights.frame(1160)), ["3>4"]);
  assert.deepEqual(flights.frame(1160).marks, []);
  assert.deepEqual(hops(flights.frame(1300)), ["4>2"], "and not straight from 3");

  const never = new Flights();
  never.duration = 100;
  never.take(message("m", gap), 1000);
  assert.deepEqual(hops(never.frame(1300)), ["3>2"]);
  assert.deepEqual(never.frame(1400).halos.map(({ key }) => key), [2]);
});

// --- broadcasts -----------------------------------------------------------------------------

/** 1 tells 2 and 3, 3 tells 4 and 5. */
const TREE = [[1, 2, 1005], [1, 3, 1006], [3, 4, 1010], [3, 5, 1011]];

/** All hops that a broadcast showed, with the moments at which they began, and who lit up. */
function watch(flights, from, to) {
  const began = new Map();
  const lit = new Map();
  for (let now = from; now < to; now += 5) {
    const frame = flights.frame(now);
    for (const { from: a, to: b } of frame.dots) if (!began.has(`${a}>${b}`)) began.set(`${a}>${b}`, now);
    for (const { key } of frame.halos) if (!lit.has(key)) lit.set(key, now);
  }
  return { began, lit };
}

test("a broadcast is one dot for each hop that brought it to somebody, branch after branch", () => {
  for (const path of [TREE, TREE.toReversed()]) { // news come in any order
    const flights = new Flights();
    flights.duration = 100;
    flights.take(broadcast("b", path), 1010);
    const { began, lit } = watch(flights, 1010, 1500);
    assert.deepEqual([...began.keys()].sort(), ["1>2", "1>3", "3>4", "3>5"]);
    assert.deepEqual([...lit.keys()].sort(), [2, 3, 4, 5], "everybody lights up");
    assert.ok(began.get("3>4") >= lit.get(3) - 5, "nobody hands on what he has not got");
    assert.ok(flights.frame(1020).dots.every(({ kind }) => kind === "broadcast"));
  }
});

test("what a later packet adds is flown once, from where it branches off", () => {
  const flights = new Flights();
  flights.duration = 100;
  flights.take(broadcast("b", TREE.slice(0, 2)), 1010);
  flights.take(broadcast("b", TREE), 1060);
  flights.take(broadcast("b", TREE), 1110);
  assert.equal(flights.size, 4);
  const { began } = watch(flights, 1010, 1500);
  assert.equal(began.size, 4);
  assert.ok(began.get("3>4") >= 1100);
  assert.equal(flights.frame(5000).moving, false);
  assert.equal(flights.size, 0);
});

test("a broadcast of before is not flown, but who gets it now is", () => {
  const flights = new Flights();
  flights.take(broadcast("b", TREE), 60_000);
  assert.equal(flights.size, 0);
  flights.take(broadcast("b", [...TREE, [4, 6, 60_000]]), 60_000);
  assert.deepEqual(hops(flights.frame(60_050)), ["4>6"]);
});

test("many broadcasts are joined into pulses, apart from the messages", () => {
  const flights = new Flights();
  flights.duration = 1000;
  for (let i = 0; i < 200; i += 1) flights.take(broadcast(`b${i}`, TREE.slice(0, 2)), 1010);
  for (let i = 0; i < 200; i += 1) flights.take(message(`m${i}`, delivered(1010)), 1010);
  const frame = flights.frame(1300);
  assert.equal(frame.inFlight, 600);
  assert.deepEqual(frame.dots.map(({ kind, from, to, count }) => [kind, from, to, count]),
    [["broadcast", 1, 2, 200], ["broadcast", 1, 3, 200], ["message", 1, 2, 200]]);
});

test("a flood of broadcasts does not grow without bound", () => {
  const flights = new Flights();
  for (let i = 0; i < 3000; i += 1) flights.take(broadcast(`b${i}`, TREE), 1010);
  assert.ok(flights.size <= 5000);
});

test("between two tries nothing is under way: the dot ends with a cross, and none waits at the door", () => {
  const flights = taken({ sent_at: 1000 }, 1000);
  flights.take(message("m", { sent_at: 1000, state: "waiting", reason: null, next_at: 5000 }), 1100);
  const end = 1000 + DOOR * 1000;
  assert.equal(flights.frame(end).dots.length, 0);
  assert.deepEqual(flights.frame(end).marks, [{ from: 1, to: 2, p: DOOR, fade: 1, final: false }]);
  flights.take(message("m", { sent_at: 5000, attempt: 2 }), 5000);
  assert.equal(flights.frame(5000).dots.length, 1, "the next try is a dot of its own");
});

test("a message that has not left does not fly", () => {
  const behind = { state: "waiting", queued_at: 1000, sent_at: null };
  const flights = taken(behind, 1000);
  assert.equal(flights.size, 0);
  flights.take(message("m", { ...behind, state: "sent", sent_at: 3000 }), 3000);
  assert.equal(flights.frame(3000).dots.length, 1, "until its turn has come");
});

test("who opens the page while a message waits sees no dot at a door", () => {
  assert.equal(taken({ state: "waiting", sent_at: 1000, reason: "no answer", next_at: 60_000 }, 30_000).size, 0);
});
