/** A node may answer anything: what the page makes of it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { inboxOf, membersOf, outboxOf } from "../../static/js/answers.js";

const NONSENSE = [undefined, null, 7, "text", [], {}, { messages: 7, members: "x" }, { messages: [null, 3, "x", []], members: [null, [1]] }];

test("nonsense is nothing", () => {
  for (const answer of NONSENSE) {
    assert.deepEqual(inboxOf(answer), []);
    assert.deepEqual(outboxOf(answer), []);
    assert.deepEqual(membersOf(answer), []);
  }
});

test("a message has the types that the panel counts on", () => {
  assert.deepEqual(inboxOf({ messages: [{ n: 1, id: "a", sender: "Node1", from: null, msg: "hi", at: 2 }] }),
    [{ id: "a", from: null, sender: "Node1", text: "hi", at: 2000, broadcast: false, sentAt: null, hops: 0, path: [] }]);
  assert.deepEqual(inboxOf({ messages: [{ id: 7, sender: {}, from: [], msg: ["x"], at: "soon" }] }),
    [{ id: "", from: null, sender: "", text: "", at: 0, broadcast: false, sentAt: null, hops: 0, path: [] }]);
  assert.deepEqual([true, "yes", 1].map((said) => inboxOf({ messages: [{ broadcast: said }] })[0].broadcast), [true, false, false]);
});

test("a status that there is not counts as queued", () => {
  const [sent] = outboxOf({ messages: [{ id: "a", to: "b", to_name: null, msg: "x", at: 1, status: "constructor", attempts: NaN, reason: {} }] });
  assert.deepEqual(sent, { id: "a", to: "b", name: "b", text: "x", at: 1000, status: "queued", attempts: 0, reason: null,
    underWay: false, nextIn: null, promise: null, doneAt: null, hops: 0, path: [] });
});

test("how a message came and when it is tried again, or nothing where that makes no sense", () => {
  const path = [{ id: "1", name: "node1" }, { id: "2", name: "node2" }];
  const [came] = inboxOf({ messages: [{ id: "a", hops: 1, path, sent_at: 1.5 }] });
  assert.deepEqual([came.hops, came.path, came.sentAt], [1, ["node1", "node2"], 1500]);
  const [waits] = outboxOf({ messages: [{ id: "a", status: "queued", under_way: true, next_in: 2.5, promise: "at-least-once", done_at: 3, path }] });
  assert.deepEqual([waits.underWay, waits.nextIn, waits.promise, waits.doneAt, waits.path.length], [true, 2500, "at-least-once", 3000, 2]);
  const [nonsense] = outboxOf({ messages: [{ under_way: 1, next_in: "soon", promise: "__proto__", path: "abc", hops: {}, reason: "r".repeat(9999) }] });
  assert.deepEqual([nonsense.underWay, nonsense.nextIn, nonsense.promise, nonsense.path, nonsense.hops, nonsense.reason?.length],
    [false, null, null, [], 0, 1000]);
  const long = Array.from({ length: 99 }, () => ({ name: "n" }));
  assert.equal(inboxOf({ messages: [{ path: long }] })[0].path.length, 17);
  assert.deepEqual(inboxOf({ messages: [{ path: [null, 7, { name: 8 }] }] })[0].path, [""]);
});

test("a member with an unknown state is left out", () => {
  assert.deepEqual(membersOf({ members: [{ name: "node1", state: "alive" }, { name: "node2", state: "__proto__" }] }),
    [{ name: "node1", state: "alive" }]);
});

test("floods are cut", () => {
  const many = Array.from({ length: 5000 }, () => ({ name: "n".repeat(9999), state: "alive", msg: "m".repeat(99_999) }));
  assert.equal(membersOf({ members: many }).length, 1000);
  assert.equal(membersOf({ members: many })[0].name.length, 256);
  assert.equal(inboxOf({ messages: many }).length, 200);
  assert.equal(inboxOf({ messages: many })[0].text.length, 10_000);
});
