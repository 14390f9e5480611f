/**
 * The space–time diagram without a canvas: which arrows there are, and where time is.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { messageAt } from "../../static/js/messages/hit.js";
import { litBy } from "../../static/js/messages/lit.js";
import { rowOf } from "../../static/js/messages/row.js";
import { Axis, Window, stepOf } from "../../static/js/messages/spacetime/axis.js";
import { diagramOf, inWords } from "../../static/js/messages/spacetime/hops.js";
import { hopAt, line, placesOf } from "../../static/js/messages/spacetime/paint.js";
import { asText, steps, told } from "../../static/js/messages/story.js";
import { arc } from "../../static/js/path.js";
import { broadcast, message } from "./network.mjs";

const nameOf = (key) => (key === null || key === undefined ? undefined : `node${key}`);
const row = (view) => rowOf(view, 1, nameOf, null);
const drawn = (views, order = "name") => diagramOf(views.map(row), { order, nameOf });
const brief = ({ arrows }) => arrows.map(({ from, to, start, end, fate }) => `${from}>${to} ${start}-${end} ${fate}`);

test("each hop is an arrow from when one let go of it until the next one had it", () => {
  const path = [[1, 5, 1000], [5, 6, 1004], [6, 2, 1009]];
  assert.deepEqual(brief(drawn([message("a", { state: "delivered", path, hops: 3, received_at: 1012, done_at: 1030 })])),
    ["1>5 1000-1004 there", "5>6 1004-1009 there", "6>2 1009-1012 there"]);
  assert.deepEqual(brief(drawn([message("b", { state: "received", received_at: 1007 })])), ["1>2 1000-1007 there"]);
  assert.deepEqual(brief(drawn([message("c", { from: null, state: "received", sent_at: null, received_at: 1007 })])), ["null>2 1007-1007 there"]);
  assert.deepEqual(brief(drawn([message("d", { state: "received", received_at: 990 })])), ["1>2 1000-1000 there"], "clocks differ; no arrow goes back in time");
  assert.deepEqual(brief(drawn([message("e", { path: [[1, 5, 1000], [5, 2, null]], state: "delivered", received_at: null, done_at: 1040, hops: 2 })])),
    ["1>5 1000-1000 there", "5>2 1000-1040 there"]);
});

test("what is lost, under way, or waits says so", () => {
  const path = [[1, 5, 1000], [5, 6, 1004]];
  assert.deepEqual(brief(drawn([message("a", { path })])), ["1>5 1000-1004 there", "5>6 1004-1004 open"]);
  assert.deepEqual(brief(drawn([message("a", { path, state: "failed", done_at: 9000, reason: "x" })])), ["1>5 1000-1004 there", "5>6 1004-9000 lost"]);
  const waits = drawn([message("b", { state: "waiting", queued_at: 500, sent_at: null }), message("c", { state: "delivered", queued_at: 500, sent_at: 900, received_at: 950, done_at: 960 })]);
  assert.deepEqual(waits.waits.map(({ key, start, end }) => [key, start, end]), [[1, 500, null], [1, 500, 900]]);
  assert.deepEqual(brief(waits), ["1>2 900-950 there"]);
  assert.deepEqual(brief(drawn([message("d", { state: "waiting", path, next_at: 2000 })])), ["1>5 1000-1004 there", "5>6 1004-1004 lost"], "the try that failed");
});

test("a broadcast is a tree whose branches begin when their node has it, in whatever order it is told", () => {
  const diagram = drawn([broadcast("b", [[2, 3, 1009], [1, 2, 1004], [3, 4, 1020]], { sent_at: 1000 })]);
  assert.deepEqual(brief(diagram), ["1>2 1000-1004 there", "2>3 1004-1009 there", "3>4 1009-1020 there"]);
  assert.deepEqual(diagram.arrows.map(({ hop }) => hop), [1, 2, 3]);
});

test("lines stand by name, or by who appeared first", () => {
  const views = [message("a", { from: 10, to: 9, state: "received", received_at: 1004 }), message("b", { from: 2, to: 10, sent_at: 1001, queued_at: 1001, state: "received", received_at: 1002 })];
  assert.deepEqual(drawn(views).lanes, [2, 9, 10]);
  assert.deepEqual(drawn(views, "first").lanes, [10, 2, 9]);
});

test("a hop in words", () => {
  const words = { clock: (ms) => `t${ms}`, took: (ms) => `${ms} ms` };
  const [first, last] = drawn([message("a", { state: "failed", reason: "no answer", path: [[1, 5, 1000], [5, 2, 1004]], hops: 2, done_at: 1500 })]).arrows;
  assert.equal(inWords(first, nameOf, words), "t1000  node1 → node5, hop 1 of 2, 4 ms");
  assert.equal(inWords(last, nameOf, words), "t1004  node5 → node2, hop 2, lost: no answer");
});

test("idle time is folded, and a time and its place lead to each other", () => {
  const spans = [[1000, 1010], [1012, 1020], [601_000, 601_008], [900_000, 900_012]];
  const axis = new Axis(spans, true);
  assert.deepEqual(axis.stretches.map(({ folded }) => folded), [false, true, false, true, false]);
  assert.ok(axis.length < 100, "forty busy milliseconds and two strips");
  for (const [from, to] of spans) {
    for (const time of [from, to]) assert.ok(Math.abs(axis.time(axis.place(time)) - time) < 1e-6, String(time));
    assert.ok(Math.abs(axis.place(to) - axis.place(from) - (to - from)) < 1e-6, "busy time is straight");
  }
  let before = -Infinity;
  for (let time = 990; time < 900_020; time += 97) {
    const place = axis.place(time);
    assert.ok(place > before, "later is further right");
    before = place;
  }
  const straight = new Axis(spans, false);
  assert.equal(straight.stretches.length, 1);
  assert.ok(straight.length > 899_000);
  const steady = new Axis(Array.from({ length: 400 }, (_, n) => [1000 + 7 * n, 1003 + 7 * n]), true);
  assert.equal(steady.stretches.length, 1, "steady traffic has no folds");
  assert.equal(new Axis([], true).stretches.length, 1);
});

test("zooming keeps what is under the pointer, panning stays within, and news move nothing that is looked at", () => {
  const axis = new Axis([[1000, 2000]], true);
  const window = new Window();
  window.on(axis);
  assert.equal(window.length, axis.length);
  const under = window.from + 0.25 * window.length;
  window.zoom(0.5, 0.25);
  assert.ok(Math.abs(window.from + 0.25 * window.length - under) < 1e-9);
  assert.equal(window.whole, false);
  window.pan(-99);
  assert.equal(window.from, 0);
  window.pan(99);
  assert.ok(Math.abs(window.from + window.length - axis.length) < 1e-9);
  window.zoom(1, 0.5);
  const seen = [axis.time(window.from), axis.time(window.from + window.length)];
  const longer = new Axis([[1000, 2000], [3000, 4000]], true);
  window.on(longer);
  const again = [longer.time(window.from), longer.time(window.from + window.length)];
  seen.forEach((time, index) => assert.ok(Math.abs(time - again[index]) < 60, "the edge of the old axis is in the new idle time"));
  window.zoom(1e9, 0.5);
  assert.ok(window.whole && window.length === longer.length);
  window.zoom(1e-9, 0.5);
  assert.ok(window.length > 0);
  window.reveal(longer.place(3990), longer.place(4000));
  assert.ok(window.from <= longer.place(3990) && window.from + window.length >= longer.place(4000));
});

test("ticks are round", () => {
  assert.deepEqual([0.3, 3, 700, 61_000, 90_000_000].map(stepOf), [1, 5, 1000, 120_000, 172_800_000]);
});

test("the hop under the pointer is the nearest one, and a lost one ends before its line", () => {
  const diagram = drawn([message("a", { state: "received", received_at: 1100 }), message("b", { to: 3, sent_at: 1000, state: "failed", done_at: 1100 })]);
  const axis = new Axis(diagram.arrows.map(({ start, end }) => [start, end]), true);
  const window = new Window();
  window.on(axis);
  const sheet = /** @type {any} */ ({ diagram, axis, window, width: 600, height: 90, gutter: 50, lane: 30 });
  const places = placesOf(diagram);
  const [there, lost] = ["a", "b"].map((id) => diagram.arrows.find((arrow) => arrow.row.id === id));
  const ends = line(sheet, places, there);
  assert.deepEqual([ends.a.y, ends.b.y], [15, 45]);
  assert.ok(line(sheet, places, lost).b.y < 75 && line(sheet, places, lost).b.y > 45);
  const middle = { x: (ends.a.x + ends.b.x) / 2, y: 30 };
  assert.equal(hopAt(sheet, middle, 6), there);
  assert.equal(hopAt(sheet, { x: middle.x, y: middle.y + 60 }, 6), null);
});

test("what is lit: ways are added up by pairs, and the newest are drawn where there are many", () => {
  const path = [[1, 5, 1], [5, 2, 2]];
  const rows = [message("c", { path, state: "received", received_at: 9 }), message("b", { path, state: "failed" }), message("a")].map(row);
  const lit = litBy(rows, 7);
  assert.deepEqual(lit.ways.map(({ id, from, to, count, failed }) => `${id} ${from}>${to} ${count} ${failed}`),
    ["c 1>5 2 false", "c 5>2 1 false", "b 5>2 1 true", "a 1>2 1 false"]);
  assert.deepEqual([[...lit.nodes].sort(), lit.messages, lit.left], [[1, 2, 5], 3, 4]);
});

test("a click in the picture means the nearest dot, then the nearest path", () => {
  const spots = new Map([[1, { x: 0, y: 0 }], [2, { x: 400, y: 0 }], [3, { x: 0, y: 300 }]]);
  const arcOf = (from, to) => (spots.has(from) && spots.has(to) ? arc(spots.get(from), spots.get(to), 10, 10) : undefined);
  const ways = [{ id: "way", from: 1, to: 3 }, { id: "gone", from: 9, to: 1 }];
  const dots = [{ id: "dot", from: 1, to: 2, p: 0.5 }, { id: "far", from: 1, to: 2, p: 0.9 }];
  const { x, y } = { x: 200, y: 24 }; // the arc bends by 48 at its control point, half of it here
  assert.equal(messageAt({ x, y }, { dots, ways }, arcOf), "dot");
  assert.equal(messageAt({ x: x + 40, y }, { dots, ways }, arcOf), null);
  const beside = { x, y: y + 5 };
  assert.equal(messageAt(beside, { dots, ways: [{ id: "its own way", from: 1, to: 2 }] }, arcOf), "dot", "a dot lies on a way, and is meant");
  assert.equal(messageAt({ x: -18, y: 150 }, { dots, ways }, arcOf), "way");
  assert.equal(messageAt({ x: 60, y: 150 }, { dots, ways }, arcOf), null);
});

test("the way of a message in steps, with what came to nothing", () => {
  const path = [[1, 5, 1000], [5, 2, null]];
  const view = message("a", { state: "delivered", attempt: 3, reason: "refused", path, hops: 2, received_at: 1012, done_at: 1030, queued_at: 900 });
  assert.deepEqual(steps(view, nameOf).map(({ what, sign }) => `${sign}: ${what}`), [
    "queued: node1 has it, and keeps it until it is there", "try: 2 tries before this one came to nothing: refused",
    "hop: node1 hands it to node5 (hop 1 of 2)", "gap: somehow from node5 to node2: nobody told", "there: node2 has it on disk", "known: node1 knows that it is there",
  ]);
  const text = asText(row(view), steps(view, nameOf));
  assert.match(text, /^message a: node1 → node2, delivered after 30 ms\nhello\n\n/);
  assert.match(text, /\+100 ms {2}node1 hands it to node5/);
  assert.equal(steps(broadcast("b", [[1, 2, 1004], [2, 3, 1009]], { sent_at: 1000 }), nameOf)[2].what, "node3 has it from node2 (hop 2)");
  assert.equal(steps(broadcast("b", [], { sent_at: 1000, reached: 3 }), nameOf)[1].what, "3 nodes had it; their order is not at hand any more");
  assert.equal(steps(broadcast("b", Array.from({ length: 250 }, (_, n) => [1, n + 2, 1001]), { sent_at: 1000 }), nameOf)[201].what, "and 50 more");
});

test("what nodes said becomes steps, whatever they are of", () => {
  const node = (name) => ({ id: name, name });
  const said = [
    ["message.received", 5, { hop: 2 }], ["message.sent", 1, { to: node("c"), via: node("b"), attempt: 1 }], ["message.retried", 2, { attempt: 1, reason: "no answer" }],
    ["message.sent", 3, { to: node("c"), via: null, attempt: 2 }], ["something.new", 9, {}],
  ].map(([type, time, data]) => ({ type, time, node: node("a"), data }));
  assert.deepEqual(told(said).map(({ what }) => what), ["a hands it to b (hop 1)", "attempt 1 came to nothing: no answer", "a tries again (attempt 2): calls c directly", "a has it on disk, after 2 hops", "something.new"]);
});
