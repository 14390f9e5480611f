/** What a node says of its faults, in words. */

import assert from "node:assert/strict";
import test from "node:test";

import { faultWords } from "../../static/js/faults/kinds.js";
import { faultsOf } from "../../static/js/panel/breaking.js";

test("faults are told in words of people", () => {
  assert.equal(faultWords({ kind: "drop", probability: 1, peers: null, direction: "both" }), "cut off");
  assert.equal(faultWords({ kind: "drop", probability: 0.3, peers: null, direction: "in" }), "loses 30 %, what comes in");
  const peers = [1, 2, 3, 4].map((k) => ({ id: `${k}`, name: `node${k}` }));
  assert.equal(faultWords({ kind: "drop", probability: 1, peers, direction: "out" }), "cut off, towards node1, node2, node3 and 1 other, what goes out");
  assert.equal(faultWords({ kind: "delay", mean_ms: 300, peers: null, direction: "both" }), "late by 300 ms");
  assert.equal(faultWords({ kind: "freeze" }), "freeze");
});

test("what makes no sense is left out", () => {
  assert.deepEqual(faultsOf(null, 0), []);
  assert.deepEqual(faultsOf({ faults: [{ id: 7, kind: "drop", left_seconds: 1 }, { id: "a", kind: "freeze" }, null] }, 0), []);
  assert.deepEqual(faultsOf({ faults: [{ id: "a", kind: "freeze", left_seconds: 2.5 }] }, 100),
    [{ id: "a", kind: "freeze", words: "freeze", until: 2600 }]);
});
