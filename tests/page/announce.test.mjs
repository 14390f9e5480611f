/** What a screen reader is told: news together, and never more than two sentences a second. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Announcer, announceNodes } from "../../static/js/announce.js";
import { Model } from "../../static/js/model.js";
import { node, snapshot } from "./network.mjs";

/** A region that remembers all that stood in it. */
function region() {
  const said = [];
  return { said, set textContent(sentence) { said.push(sentence); }, get textContent() { return said.at(-1) ?? ""; } };
}

function timed(run) {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    run((milliseconds) => mock.timers.tick(milliseconds));
  } finally {
    mock.timers.reset();
  }
}

test("what the person did is told at once", () => timed(() => {
  const where = region();
  new Announcer(where).say("Sent.");
  assert.deepEqual(where.said, ["Sent."]);
}));

test("however much is said, it is at most two sentences a second, and the last one is told", () => timed((pass) => {
  const where = region();
  const announcer = new Announcer(where);
  for (let k = 0; k < 1000; k += 1) {
    announcer.say(`message ${k}`);
    pass(10);
  }
  pass(1000);
  assert.ok(where.said.length <= 22, `${where.said.length} in 11 s`);
  assert.ok(where.said.length >= 18, `${where.said.length} in 11 s: it is not dumb either`);
  assert.equal(where.said.at(-1), "message 999");
}));

test("a hundred that join in one second are told in one sentence", () => timed((pass) => {
  const where = region();
  const announcer = new Announcer(where);
  for (let k = 1; k <= 100; k += 1) {
    announcer.news(`node${k}`, "joined");
    pass(10);
  }
  pass(10_000);
  assert.deepEqual(where.said, ["100 nodes joined."]);
}));

test("two that come back are two, and one is one", () => timed((pass) => {
  const where = region();
  const announcer = new Announcer(where);
  announcer.news("node1", "alive");
  announcer.news("node2", "alive");
  announcer.news("node3", "left");
  pass(10_000);
  assert.deepEqual(where.said, ["node1, node2 are back. node3 is gone, with a goodbye."]);
}));

test("joins, deaths and a network that falls apart are told, what was there before is not", () => timed((pass) => {
  const where = region();
  const model = new Model();
  announceNodes(model, new Announcer(where));
  const summary = (state, line) => ({ state, line });
  model.applySnapshot(snapshot({ summary: summary("connected", "All well"), nodes: [node(1), node(2)] }));
  pass(10_000);
  assert.deepEqual(where.said, []);
  model.applyDelta({ number: 2, nodes: [node(2, { state: "dead" }), node(3)], summary: summary("split", "2 parts") });
  model.applyDelta({ number: 3, nodes: [node(3)], summary: summary("split", "2 parts") });
  pass(10_000);
  assert.deepEqual(where.said, ["node2 is dead. node3 joined. 2 parts."]);
}));
