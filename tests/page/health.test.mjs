/** Numbers over time, and health in words: static/js/health/. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Columns, KEPT, nearest, niceAbove, pieces, ticks } from "../../static/js/health/beats.js";
import { behind, distances, exactness, hangsOn, line, percent, value } from "../../static/js/health/words.js";

const told = (at, more = {}) => ({ every: 2000, at, alive: at.map((t) => t / 1000), p50: at.map(() => null), ...more });

test("only what is later is added, and every column is as long as time", () => {
  const columns = new Columns(["alive", "p50", "dead"]);
  columns.add(told([2000, 4000]));
  columns.add(told([4000, 6000], { dead: [7, 8] }));
  columns.add(told([]));
  assert.deepEqual(columns.at, [2000, 4000, 6000]);
  assert.deepEqual(columns.of("alive"), [2, 4, 6]);
  assert.deepEqual(columns.of("dead"), [null, null, 8], "what an older dashboard does not tell is a gap");
  assert.deepEqual(columns.of("p50"), [null, null, null]);
  assert.equal(columns.last, 6000);
  columns.clear();
  assert.deepEqual([columns.at, columns.of("alive"), columns.last], [[], [], 0]);
});

test("a page that is left open for days keeps two hours", () => {
  const columns = new Columns(["alive"]);
  for (let hour = 0; hour < 5; hour += 1) {
    columns.add(told(Array.from({ length: 1800 }, (_, i) => (hour * 1800 + i + 1) * 2000)));
  }
  assert.equal(columns.at.length, KEPT);
  assert.equal(columns.of("alive").length, KEPT);
  assert.equal(columns.last, 9000 * 2000);
});

test("the nearest row is found, and none where none is near", () => {
  const at = [1000, 3000, 5000];
  assert.equal(nearest(at, 3900, 1500), 1);
  assert.equal(nearest(at, 4100, 1500), 2);
  assert.equal(nearest(at, -400, 1500), 0);
  assert.equal(nearest(at, 9000, 1500), -1);
  assert.equal(nearest([], 0, Infinity), -1);
});

test("an axis ends at a round number that is not below the values", () => {
  assert.deepEqual([0, 0.03, 1, 1.2, 2.2, 7, 99, 101, 2500].map(niceAbove), [1, 0.03, 1, 1.5, 2.5, 8, 100, 150, 2500]);
});

test("moments of an axis are round and few", () => {
  const from = new Date(2026, 10, 30, 14, 3, 7).getTime();
  const found = ticks(from, from + 300_000, 5);
  assert.ok(found.length >= 2 && found.length <= 5, `${found.length} ticks`);
  for (const at of found) assert.equal(new Date(at).getSeconds(), 0);
  const days = ticks(from, from + 7_200_000, 5);
  for (const at of days) assert.equal(new Date(at).getMinutes() % 30, 0);
});

test("a line breaks where there is no number and where nobody looked", () => {
  const at = [0, 2, 4, 6, 8, 30, 32].map((s) => s * 1000);
  const found = pieces(at, [1, 2, null, 3, 4, 5, 6], { from: 0, to: 40_000, width: 400, gap: 7000 });
  assert.deepEqual(found, [[[0, 1], [20, 2]], [[60, 3], [80, 4]], [[300, 5], [320, 6]]]);
});

test("of many rows on one pixel the least and the most are drawn: no peak is lost", () => {
  const at = Array.from({ length: 1000 }, (_, i) => i * 2000);
  const values = at.map((_, i) => (i === 500 ? 99 : i === 501 ? -5 : 10));
  const [piece] = pieces(at, values, { from: 0, to: 2_000_000, width: 100, gap: 7000 });
  const drawn = piece.map(([, y]) => y);
  assert.ok(drawn.includes(99) && drawn.includes(-5));
  assert.ok(piece.length < 400, `${piece.length} points on 100 pixels`);
});

test("rows outside of the span are not drawn", () => {
  const found = pieces([0, 10_000, 20_000, 30_000], [1, 2, 3, 4], { from: 12_000, to: 25_000, width: 130, gap: 1000 });
  assert.deepEqual(found, [[[80, 3]]]);
});

test("how far behind the page is", () => {
  const live = { connected: true, lag: 20, silent: 5000, past: null };
  assert.equal(behind(live), "live");
  assert.equal(behind({ ...live, lag: null }), "live");
  assert.equal(behind({ ...live, lag: 1234 }), "1.2 s behind");
  assert.equal(behind({ ...live, connected: false }), "5.0 s behind: not connected");
  assert.equal(behind({ ...live, connected: false, silent: null }), "not connected");
  assert.equal(behind({ ...live, past: 90_000 }), "90 s in the past");
  assert.equal(behind({ ...live, past: 3_600_000 * 3 }), "3.0 h in the past");
});

const analysis = {
  components: [50], clustering: 0.1234, distances: { of: 50, exact: true, from: 50, diameter: 4, mean_path: 2.345 },
};
const summary = { alive: 49, suspect: 1, dead: 2, components: 1, events_per_second: 12.4 };

test("the line says everything, and no more than is known", () => {
  const words = (...given) => line(...given).map(({ text }) => text).join(" · ");
  assert.equal(
    words(summary, analysis, { dots: 3, behind: "live" }),
    "50 members (1 suspect, 2 dead) · 1 component · diameter 4 · mean path 2.35 · clustering 0.12 · 12 events/s · 3 dots · live",
  );
  assert.match(words(summary, null, { dots: 0, behind: "live" }), /diameter – · mean path – · clustering –/);
  assert.equal(words(null, null, { dots: 0, behind: "not connected" }), "not connected");
});

test("sampled distances are said to be sampled", () => {
  const sampled = { ...analysis, distances: { of: 1000, exact: false, from: 50, diameter: 6, mean_path: 3.4 } };
  assert.deepEqual([distances(sampled).diameter, distances(sampled).path], ["≥ 6", "≈ 3.40"]);
  assert.equal(exactness(sampled), "Distances are sampled, from 50 of 1,000 nodes: the diameter is at least that.");
  assert.equal(exactness(analysis), "Distances are exact.");
  assert.equal(exactness({ ...analysis, components: [50, 3] }), "Distances are exact. Of the largest component, 50 nodes.");
  assert.equal(exactness(null), "");
});

test("what is not all is never a hundred percent", () => {
  assert.deepEqual([1, 0.99999, 0.5, 0, null].map(percent), ["100 %", "99.9 %", "50 %", "0 %", "–"]);
});

test("what the network hangs on, in a sentence", () => {
  assert.equal(hangsOn(0, 0), "No single node or link holds it together.");
  assert.equal(hangsOn(1, 0), "It hangs on 1 node: without it it falls apart.");
  assert.equal(hangsOn(2, 1), "It hangs on 2 nodes and 1 link: without one of them it falls apart.");
});

test("numbers of charts are short", () => {
  assert.deepEqual([[1234.5, ""], [3, ""], [3.21, "ms"], [34.6, "ms"], [0.5, "%"], [null, "ms"]].map((of) => value(...of)),
    ["1,235", "3", "3.2 ms", "35 ms", "50 %", "–"]);
});
