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
    [{ id: "a", from: null, sender: "Node1", text: "hi", at: 2000, broadcast: false }]);
  assert.deepEqual(inboxOf({ messages: [{ id: 7, sender: {}, from: [], msg: ["x"], at: "soon" }] }),
    [{ id: "", from: null, sender: "", text: "", at: 0, broadcast: false }]);
  assert.deepEqual([true, "yes", 1].map((said) => inboxOf({ messages: [{ broadcast: said }] })[0].broadcast), [true, false, false]);
});

test("a status that there is not counts as queued", () => {
  const [sent] = outboxOf({ messages: [{ id: "a", to: "b", to_name: null, msg: "x", at: 1, status: "constructor", attempts: NaN, reason: {} }] });
  assert.deepEqual(sent, { id: "a", to: "b", name: "b", text: "x", at: 1000, status: "queued", attempts: 0, reason: null });
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
