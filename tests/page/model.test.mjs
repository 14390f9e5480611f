/** The mirror of the live stream: static/js/model.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MESSAGES_KEPT, Model } from "../../static/js/model.js";
import { broadcast, message, node, snapshot } from "./network.mjs";

/** A model with three nodes, and the changes that it tells. */
function watched() {
  const model = new Model();
  const changes = [];
  model.addEventListener("change", (event) => changes.push(event.detail));
  model.applySnapshot(snapshot({
    nodes: [node(1), node(2), node(3)],
    links: [[1, 2], [2, 1], [3, 1]],
    knows: { 1: [2, 3], 2: [1] },
    messages: [message("a")],
  }));
  return { model, changes };
}

test("a snapshot replaces everything", () => {
  const { model, changes } = watched();
  model.applySnapshot(snapshot({ number: 9, nodes: [node(7)], run: "run-2" }));
  assert.deepEqual([...model.nodes.keys()], [7]);
  assert.equal(model.links.size, 0);
  assert.equal(model.messages.size, 0);
  assert.equal(model.knows.size, 0);
  assert.equal(model.run, "run-2");
  assert.equal(changes.at(-1).snapshot, true);
});

test("a link is one, whichever ends report it, and says whether both do", () => {
  const { model } = watched();
  assert.deepEqual(model.links.get("1|2"), { a: 1, b: 2, mutual: true });
  assert.deepEqual(model.links.get("1|3"), { a: 1, b: 3, mutual: false });
  model.applyDelta({ number: 2, links: { remove: [[1, 2]], add: [[1, 3]] } });
  assert.deepEqual(model.links.get("1|2"), { a: 1, b: 2, mutual: false });
  assert.deepEqual(model.links.get("1|3"), { a: 1, b: 3, mutual: true });
  model.applyDelta({ number: 3, links: { remove: [[2, 1], [2, 3]], add: [] } });
  assert.equal(model.links.has("1|2"), false);
});

test("after a missed number nothing is applied until a snapshot comes", () => {
  const { model, changes } = watched();
  assert.equal(model.applyDelta({ number: 3, nodes: [node(4)] }), false);
  assert.equal(model.applyDelta({ number: 4, nodes: [node(5)] }), false);
  assert.equal(model.nodes.size, 3);
  assert.equal(changes.length, 1);
  model.applySnapshot(snapshot({ number: 4, nodes: [node(5)] }));
  assert.equal(model.applyDelta({ number: 5, nodes: [node(6)] }), true);
  assert.deepEqual([...model.nodes.keys()], [5, 6]);
});

test("before the first snapshot, and for a repeated delta, nothing is applied", () => {
  assert.equal(new Model().applyDelta({ number: 1, nodes: [node(1)] }), false);
  const { model } = watched();
  assert.equal(model.applyDelta({ number: 1, nodes: [node(9)] }), false);
  assert.equal(model.nodes.has(9), false);
});

test("one change a packet, which names the parts and the messages", () => {
  const { model, changes } = watched();
  const before = model.nodesVersion;
  model.applyDelta({ number: 2, messages: [message("a", { state: "delivered" }), message("b")] });
  const { learnt, ...change } = changes.at(-1);
  assert.deepEqual(change, {
    nodes: false, links: false, messages: true, faults: false, summary: false, snapshot: false, jump: false,
    changedMessages: ["a", "b"],
  });
  assert.deepEqual(learnt.map(({ message: { id }, at }) => [id, at]), [["a", null], ["b", null]]);
  assert.equal(model.nodesVersion, before);
  assert.equal(model.messages.get("a").state, "delivered");
  assert.deepEqual([...model.messages.keys()], ["a", "b"]);
});

test("a snapshot after a reconnection names only the messages that are news", () => {
  const { model, changes } = watched();
  model.applySnapshot(snapshot({ number: 8, messages: [message("a"), message("b")] }));
  assert.deepEqual(changes.at(-1).changedMessages, ["b"]);
});

test("who is gone takes its links along, and is known by nobody", () => {
  const { model } = watched();
  model.applyDelta({ number: 2, gone: [1] });
  assert.deepEqual([...model.nodes.keys()], [2, 3]);
  assert.equal(model.links.size, 0);
  assert.equal(model.knows.has(1), false);
  assert.equal(model.knows.get(2).size, 0);
  // The link comes back only when it is reported anew, and not as a mutual one.
  model.applyDelta({ number: 3, nodes: [node(1)], links: { add: [[1, 2]], remove: [] } });
  assert.equal(model.links.get("1|2").mutual, false);
});

test("neighbours and names follow what changes", () => {
  const { model } = watched();
  assert.deepEqual([...model.neighbours(1)].sort(), [2, 3]);
  assert.equal(model.neighbours(99).size, 0);
  assert.equal(model.byName("node2").key, 2);
  model.applyDelta({
    number: 2, nodes: [node(2, { name: "bob" })], links: { add: [[2, 3]], remove: [[3, 1]] },
  });
  assert.deepEqual([...model.neighbours(3)], [2]);
  assert.equal(model.byName("node2"), undefined);
  assert.equal(model.byName("bob").key, 2);
});

test("of two nodes with one name, the living one is meant", () => {
  const { model } = watched();
  model.applyDelta({
    number: 2, nodes: [node(2, { state: "dead" }), node(4, { name: "node2" }), node(5, { name: "node2", state: "dead" })],
  });
  assert.equal(model.byName("node2").key, 4);
});

test("a page that is left open forgets the oldest messages", () => {
  const { model } = watched();
  const many = Array.from({ length: MESSAGES_KEPT + 10 }, (_, i) => message(`m${i}`));
  model.applyDelta({ number: 2, messages: many });
  assert.equal(model.messages.size, MESSAGES_KEPT);
  assert.equal(model.messages.has("a"), false);
  assert.equal(model.messages.has(`m${MESSAGES_KEPT + 9}`), true);
});

test("a broadcast's path grows by what each delta adds", () => {
  const { model } = watched();
  const [one, two, three] = [[1, 2, 10], [1, 3, 11], [3, 4, 12]];
  model.applyDelta({ number: 2, messages: [broadcast("b", [one])] });
  model.applyDelta({ number: 3, messages: [broadcast("b", [two, three], { path_at: 1, reached: 3 })] });
  assert.deepEqual(model.messages.get("b").path, [one, two, three]);
  // A snapshot that comes meanwhile has the whole, or of an old one nothing: then it stays.
  model.applySnapshot(snapshot({ number: 9, messages: [broadcast("b", [], { reached: 3 })] }));
  assert.deepEqual(model.messages.get("b").path, [one, two, three]);
  model.applyDelta({ number: 10, messages: [broadcast("b", [[4, 5, 13]], { path_at: 3, reached: 4 })] });
  assert.equal(model.messages.get("b").path.length, 4);
  model.applySnapshot(snapshot({ number: 1, run: "run-2", messages: [broadcast("b", [], { reached: 3 })] }));
  assert.deepEqual(model.messages.get("b").path, [], "keys of another run mean other nodes");
});

test("a snapshot with more of a broadcast, or of a way, is news", () => {
  const { model, changes } = watched();
  const told = (number, ...messages) => {
    model.applySnapshot(snapshot({ number, messages }));
    return changes.at(-1).changedMessages;
  };
  assert.deepEqual(told(5, message("a"), broadcast("b", [[1, 2, 10]])), ["b"]);
  assert.deepEqual(told(6, message("a"), broadcast("b", [[1, 2, 10]])), []);
  assert.deepEqual(told(7, message("a", { path: [[1, 3, 10]] }), broadcast("b", [[1, 2, 10], [1, 3, 11]])), ["a", "b"]);
});
