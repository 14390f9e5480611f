/** A node may answer anything: what the page makes of it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { boxesOf, inboxOf, membersOf, outboxOf, recordsOf } from "../../static/js/answers.js";
import { recorded } from "../../static/js/time/words.js";

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

// --- of the past -----------------------------------------------------------------------------

const NODES = [{ id: "a", name: "node1" }, { id: "b", name: "node2" }];
const sent = (id, more = {}) => ({ id, kind: "message", from: 0, to: 1, sender: "node1", text: `text ${id}`, state: "delivered", attempt: 1, reason: null, queued_at: 90, sent_at: 100, received_at: 110, done_at: 120, hops: 2, ...more });

test("the boxes that a node had at a moment: what came later has not happened", () => {
  const said = { nodes: NODES, messages: [sent("m1"), sent("m2", { state: "failed", received_at: null, done_at: 300, reason: "no answer" })] };
  const sender = boxesOf(said, "a", 115);
  assert.deepEqual(sender.inbox, []);
  assert.deepEqual(sender.outbox.map(({ id, status, underWay, reason, name }) => [id, status, underWay, reason, name]),
    [["m1", "queued", true, null, "node2"], ["m2", "queued", true, null, "node2"]]);
  assert.deepEqual(boxesOf(said, "a", 400).outbox.map(({ status, reason }) => [status, reason]), [["delivered", null], ["failed", "no answer"]]);
  const [letter] = boxesOf(said, "b", 115).inbox;
  assert.deepEqual([letter.id, letter.from, letter.sender, letter.at, letter.sentAt], ["m1", "a", "node1", 110, 100]);
  assert.deepEqual(boxesOf(said, "b", 109), { inbox: [], outbox: [] });
  assert.deepEqual(boxesOf(said, "a", 89), { inbox: [], outbox: [] });
});

test("a broadcast is in the inbox of its origin from when it was sent, and of others from when they got it", () => {
  const said = { nodes: [...NODES, { id: "c", name: "node3" }], messages: [sent("b1", { kind: "broadcast", to: null, received_at: 140, path: [[0, 1, 112], "?", [1, 2, null]] })] };
  const boxes = (id, at) => boxesOf(said, id, at).inbox.map((letter) => [letter.id, letter.at, letter.broadcast]);
  assert.deepEqual(boxes("a", 100), [["b1", 100, true]]);
  assert.deepEqual(boxesOf(said, "a", 200).outbox, []);
  assert.deepEqual(boxes("b", 111), []);
  assert.deepEqual(boxes("b", 112), [["b1", 112, true]]);
  assert.deepEqual(boxes("c", 500), [], "nobody said when");
});

test("an answer about the past that makes no sense is no letter", () => {
  assert.deepEqual(boxesOf({ nodes: "x", messages: [null, 7, sent("m1", { from: 9, to: {}, received_at: "now" })] }, "a", 200), { inbox: [], outbox: [] });
  assert.deepEqual(recordsOf({ records: [null, { type: 7, data: [], node: null, time: "x" }] }),
    [{ type: "", place: "0/0/0/", at: 0, who: "", other: "", text: null, fault: null }]);
});

test("a record of the recording says who told it, and whom it is about", () => {
  const node = { id: "a", name: "node1" };
  const record = (type, data) => recordsOf({ records: [{ type, at: 5, time: 4, epoch: 1, seq: 9, node, data }] })[0];
  assert.deepEqual(record("message.received", { from: { name: "node2" }, to: { name: "node1" }, text: "Hi" }),
    { type: "message.received", place: "1/9/5/message.received", at: 4, who: "node1", other: "node2", text: "Hi", fault: null });
  assert.equal(recorded(record("message.received", { from: null, to: { name: "node1" }, sender: "curl", text: "Hi" })), "node1 receives “Hi” from curl");
  assert.equal(recorded(record("message.sent", { from: { name: "node1" }, to: { name: "node2" }, text: "x".repeat(99) })), `node1 sends “${"x".repeat(39)}…” to node2`);
  assert.equal(recorded(record("link.down", { peer: { name: "node3" } })), "node1 has lost its link to node3");
  assert.equal(recorded(record("member.suspect", { member: { name: "node3" } })), "node1 suspects node3");
  assert.equal(recorded(record("fault.set", { fault: { kind: "delay", mean_ms: 300 } })), "node1 gets a fault: late by 300 ms");
  assert.equal(recorded(record("node.started", {})), "node1 starts");
});
