/**
 * Rows: what follows from a message, how they are kept in order, bounded, and joined.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Names } from "../../static/js/messages/names.js";
import { Older } from "../../static/js/messages/older.js";
import { rowOf } from "../../static/js/messages/row.js";
import { COLUMNS, Listing, Sorted } from "../../static/js/messages/sorted.js";
import { Store } from "../../static/js/messages/store.js";
import { Ways } from "../../static/js/messages/ways.js";
import { revealed, windowOf } from "../../static/js/messages/window.js";
import { Model } from "../../static/js/model.js";
import { broadcast, message, node, snapshot } from "./network.mjs";

const nameOf = (key) => (key === null || key === undefined ? undefined : `node${key}`);

/** Numbers that look random and are the same each time. */
function dice(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

test("a row says what follows from its message", () => {
  const path = [[1, 5, 1000], [5, 6, 1004], [6, 2, 1009]];
  const there = rowOf(message("a", { state: "delivered", path, hops: 3, received_at: 1012, done_at: 1020 }), 1, nameOf, 1);
  assert.deepEqual([there.route, there.ms, there.detour, there.from, there.to, there.at], ["overlay", 20, 2, "node1", "node2", 1000]);
  const straight = rowOf(message("b", { state: "received", received_at: 999 }), 2, nameOf, 1);
  assert.deepEqual([straight.route, straight.ms, straight.detour], ["direct", 0, 0], "clocks differ a little; nothing takes less than no time");
  assert.equal(rowOf(message("c", { path, hops: 3 }), 3, nameOf, 1).detour, 0, "it is under way");
  assert.equal(rowOf(message("g", { state: "received", received_at: 1010, hops: 3 }), 7, nameOf, 1).detour, 0, "nobody told its way");
  assert.equal(rowOf(message("d", { from: null, sender: "me", state: "received", received_at: 5 }), 4, nameOf, null).from, "me (outside)");
  assert.equal(rowOf(broadcast("e", [[1, 2, 1001]]), 5, nameOf, null).to, "everybody");
});

test("rows stay in order, whatever comes, changes and goes, in small and in large steps", () => {
  const random = dice(7);
  for (const column of Object.keys(COLUMNS)) {
    const sorted = new Sorted(COLUMNS[column]);
    /** @type {import("../../static/js/messages/row.js").Row[]} */
    let all = [];
    for (let step = 0; step < 30; step += 1) {
      const gone = all.filter(() => random(4) === 0).slice(0, step % 3 === 0 ? 500 : 20);
      const come = Array.from({ length: step % 3 === 0 ? 300 : 15 }, (_, index) => rowOf(message(`m${step}-${index}`, {
        queued_at: 1000 + random(50), from: random(12), to: random(12), text: `text ${random(9)}`, hops: random(5), state: ["sent", "failed", "delivered"][random(3)], done_at: 1000 + random(90),
      }), 1000 * step + index, nameOf, random(3)));
      sorted.change(gone, come);
      const left = new Set(gone);
      all = [...all.filter((row) => !left.has(row)), ...come];
      const key = COLUMNS[column];
      const wanted = [...all].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.n - b.n));
      assert.deepEqual(sorted.rows.map((row) => row.n), wanted.map((row) => row.n), `${column}, step ${step}`);
    }
    for (const row of all) assert.ok(sorted.rows[sorted.indexOf(row)] === row);
  }
});

test("a listing shows what fits, in its order, and follows changes as if it were made anew", () => {
  const random = dice(3);
  const store = new Store(nameOf);
  const listing = new Listing();
  listing.fits = (row) => row.hops > 1;
  listing.column = "ms";
  listing.descending = false;
  listing.rebuild([]); // another column
  for (let step = 0; step < 20; step += 1) {
    const views = Array.from({ length: step % 4 === 0 ? 200 : 10 }, () => message(`m${random(400)}`, {
      hops: 1 + random(3), state: "delivered", queued_at: 1000 + random(99), received_at: 1100 + random(500), done_at: 1100 + random(500), attempt: step + 1,
    }));
    listing.change(store.take(views));
    const again = new Listing();
    Object.assign(again, { fits: listing.fits, column: "ms", descending: false });
    again.rebuild(store.byTime);
    assert.deepEqual(listing.rows.map((row) => row.id), again.rows.map((row) => row.id), `step ${step}`);
  }
  listing.descending = true;
  const last = listing.at(0);
  assert.equal(listing.indexOf(last), 0);
  assert.equal(last, listing.rows.at(-1));
});

test("node2 comes before node10", () => {
  assert.ok(COLUMNS.from({ fromLow: "node2" }) < COLUMNS.from({ fromLow: "node10" }));
});

test("beyond the bound the oldest go, are counted, and take their rows along", () => {
  const store = new Store(nameOf, { most: 10, legs: 25 });
  const listing = new Listing();
  const take = (views) => listing.change(store.take(views));
  take(Array.from({ length: 8 }, (_, n) => message(`m${n}`, { queued_at: 1000 + n })));
  assert.deepEqual([store.size, store.letGo, store.room], [8, 0, 2]);
  take(Array.from({ length: 5 }, (_, n) => message(`n${n}`, { queued_at: 2000 + n })));
  assert.deepEqual([store.size, store.letGo, listing.size], [10, 3, 10]);
  assert.equal(store.rows.has("m2"), false);
  assert.equal(store.since, 1003);
  // One broadcast with many legs weighs as much as many messages.
  take([broadcast("b", Array.from({ length: 24 }, (_, n) => [1, n + 2, 3000]), { queued_at: 3000 })]);
  take([message("p", { queued_at: 3001, path: [[1, 5, 1], [5, 2, 2]], hops: 2 })]);
  assert.ok(!store.rows.has("b"), "26 legs are more than 25");
  assert.deepEqual([...store.rows.keys()], ["p"]);
  assert.equal(listing.size, 1);
  take([message("old", { queued_at: 1 })]);
  assert.equal(store.rows.get("old")?.at, 1, "there is room");
  const random = dice(5);
  for (let step = 0; step < 50; step += 1) {
    take(Array.from({ length: 1 + random(30) }, () => message(`r${random(60)}`, { queued_at: 4000 + random(1000), attempt: step, path: Array.from({ length: random(4) }, (_, k) => [k, k + 1, 1]) })));
    assert.ok(store.size <= 10);
    assert.equal(listing.size, store.size);
    assert.equal(store.byTime.length, store.size);
  }
});

test("an older telling does not take back what is known, and fills what is missing", () => {
  const store = new Store(nameOf);
  store.take([message("a", { state: "delivered", received_at: 1010, done_at: 1012 })]);
  store.take([message("a", { state: "sent" })], { older: true });
  assert.equal(store.rows.get("a").state, "delivered");
  store.take([message("a", { state: "sent" })]);
  assert.equal(store.rows.get("a").state, "delivered", "a moment of the past is no news");
  // Who hears of it only at its arrival knows nothing of its beginning.
  store.take([message("b", { state: "received", queued_at: null, sent_at: null, text: "", received_at: 9000 })]);
  store.take([message("b", { state: "waiting", queued_at: 500, sent_at: 600, text: "whole", attempt: 3 })], { older: true });
  const { view, at } = store.rows.get("b");
  assert.deepEqual([view.state, view.text, view.sent_at, view.received_at, at], ["received", "whole", 600, 9000, 500]);
  store.take([broadcast("c", [[1, 2, 1001]], { reached: 1 })]);
  store.take([broadcast("c", [], { reached: 1 })]);
  assert.equal(store.rows.get("c").view.path.length, 1, "a snapshot leaves out the ways of older broadcasts");
  // A message that failed and is queued anew does go back.
  store.take([message("d", { state: "failed", done_at: 1100 })]);
  store.take([message("d", { state: "waiting", queued_at: 1200 })]);
  assert.equal(store.rows.get("d").state, "waiting");
});

test("a way is judged by the links of its moment", () => {
  const model = new Model();
  model.applySnapshot(snapshot({ nodes: [1, 2, 3, 4].map((key) => node(key)), links: [[1, 2], [2, 3], [3, 4], [1, 3]] }));
  const ways = new Ways(model);
  assert.deepEqual([ways.shortest(1, 4), ways.shortest(1, 3), ways.shortest(2, 2), ways.shortest(1, 9), ways.shortest(null, 1)], [2, 1, 0, null, null]);
  const store = new Store(nameOf);
  const shortest = (view) => ways.shortest(view.from, view.to);
  const went = message("a", { to: 3, state: "received", received_at: 1010, hops: 2, path: [[1, 2, 1000], [2, 3, 1004]] });
  store.take([went], { shortest });
  assert.equal(store.rows.get("a").detour, 1);
  model.applyDelta({ number: 2, links: { remove: [[1, 3]] } });
  assert.equal(ways.shortest(1, 3), 2);
  store.take([{ ...went, state: "delivered", done_at: 1020 }], { shortest });
  assert.equal(store.rows.get("a").detour, 1, "then the link was there");
});

test("names are remembered when their nodes are gone, and rows get them when they come", () => {
  const names = new Names();
  const store = new Store((key) => names.of(key));
  store.take([message("a", { from: 1, to: 2, sender: "node1" })]);
  assert.deepEqual([store.rows.get("a").from, store.rows.get("a").to], ["node1", "?"]);
  names.learn([node(1), node(2)]);
  assert.equal(store.named().come.length, 1);
  assert.equal(store.rows.get("a").to, "node2");
  assert.equal(names.keyFor({ id: "id-2", name: "node2" }), 2);
  const foreign = names.keyFor({ id: "gone", name: "node99" });
  assert.ok(foreign < 0);
  assert.equal(names.keyFor({ id: "gone", name: "node99" }), foreign);
  assert.equal(names.of(foreign), "node99");
});

test("older pages become rows: places become keys, and the end is known", async () => {
  const names = new Names();
  names.learn([node(1)]);
  const store = new Store((key) => names.of(key));
  const asked = [];
  const answers = [
    { nodes: [{ id: "id-1", name: "node1" }, { id: "x", name: "ghost" }], next: "5-7", since: 900, messages: [{ ...message("a", { from: 0, to: 1, path: [[0, 1, 1000]], state: "delivered", hops: 4 }), shortest: 2 }] },
    { nodes: [], next: null, since: 800, messages: [] },
  ];
  const older = new Older({ store, names, get: async (path) => {
    asked.push(path);
    return answers.shift();
  } });
  await older.fetchAll();
  assert.deepEqual(asked, ["/api/history/messages?limit=2000", "/api/history/messages?limit=2000&before=5-7"]);
  const row = store.rows.get("a");
  assert.deepEqual([row.from, row.to, row.detour, row.view.from], ["node1", "ghost", 2, 1]);
  assert.ok(row.view.to < 0 && row.view.path[0][1] === row.view.to);
  assert.equal(older.atEnd, true);
  assert.equal(await older.fetch(), false);
});

test("a page that does not come is a problem that is told, and can be asked for again", async () => {
  const names = new Names();
  const store = new Store((key) => names.of(key));
  let fails = true;
  const older = new Older({ store, names, get: async () => {
    if (fails) throw Object.assign(new Error("too much at once"), { status: 429 });
    return { nodes: [], next: null, since: null, messages: [] };
  } });
  let told = 0;
  older.addEventListener("change", () => { told += 1; });
  await older.fetchAll();
  assert.deepEqual([older.problem, older.busy, older.all, older.atEnd], ["too much at once", false, false, false]);
  assert.ok(told > 1);
  fails = false;
  assert.equal(await older.fetch(), true);
  assert.deepEqual([older.problem, older.atEnd], [null, true]);
});

test("what was asked of another run is not taken", async () => {
  const names = new Names();
  const store = new Store((key) => names.of(key));
  let answer;
  const older = new Older({ store, names, get: () => new Promise((resolve) => { answer = resolve; }) });
  const fetched = older.fetch();
  older.clear();
  answer({ nodes: [], next: null, since: null, messages: [message("stranger", { from: null, to: null })] });
  assert.equal(await fetched, false);
  assert.equal(store.size, 0);
});

test("no more than the table can see stands in the page", () => {
  assert.deepEqual(windowOf({ top: 0, height: 260, row: 26, count: 100_000 }), { first: 0, end: 18 });
  assert.deepEqual(windowOf({ top: 26_000, height: 260, row: 26, count: 100_000 }), { first: 992, end: 1018 });
  assert.deepEqual(windowOf({ top: 9e9, height: 260, row: 26, count: 5 }), { first: 5, end: 5 });
  assert.equal(revealed({ top: 100, height: 260, row: 26, head: 24 }, 5), 100, "it is in sight");
  assert.equal(revealed({ top: 100, height: 260, row: 26, head: 24 }, 2), 52);
  assert.equal(revealed({ top: 100, height: 260, row: 26, head: 24 }, 20), 21 * 26 - 236);
});
