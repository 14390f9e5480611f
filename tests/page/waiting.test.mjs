/** How many messages stay at a node: static/js/waiting.js. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Model } from "../../static/js/model.js";
import { Lasting, STAYS, Waiting } from "../../static/js/waiting.js";
import { node, snapshot, until } from "./network.mjs";

/** What is told at a moment, after counts at these times. */
function told(counts, at) {
  const lasting = new Lasting();
  for (const [time, count] of counts) lasting.take(count, time);
  return lasting.at(at);
}

test("a count is told once it has lasted for a second, and falls at once", () => {
  assert.equal(told([[0, 3]], STAYS - 1), 0);
  assert.equal(told([[0, 3]], STAYS), 3);
  assert.equal(told([[0, 3], [5000, 2]], 5000), 2);
  assert.equal(told([[0, 3], [5000, 0]], 5000), 0);
});

test("traffic that passes in milliseconds is no waiting, however much there is", () => {
  const lasting = new Lasting();
  for (let now = 0; now < 10_000; now += 20) {
    lasting.take(now % 100 === 0 ? 0 : 1 + (now % 7), now);
    assert.equal(lasting.at(now), 0);
  }
});

test("what stays is told through the traffic around it", () => {
  const lasting = new Lasting();
  lasting.take(2, 0);
  for (let now = 20; now < 10_000; now += 20) {
    lasting.take(2 + (now % 60) / 20, now);
    assert.equal(lasting.at(now), now < STAYS ? 0 : 2);
  }
});

test("it is the least of the last second: as whoever remembers everything would say", () => {
  let state = 7;
  const random = (most) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state % most;
  };
  const lasting = new Lasting();
  const history = [[-Infinity, 0]];
  for (let now = 0, step = 0; step < 2000; step += 1) {
    now += random(300);
    if (random(3) > 0) {
      const count = random(9);
      history.push([now, count]);
      lasting.take(count, now);
    }
    const first = history.findLastIndex(([from]) => from <= now - STAYS);
    assert.equal(lasting.at(now), Math.min(...history.slice(first).map(([, count]) => count)));
    if (lasting.changesAt < Infinity) {
      const before = told(history.slice(1), lasting.changesAt - 1);
      assert.notEqual(told(history.slice(1), lasting.changesAt), before, "it says when it changes");
    }
  }
});

test("of a whole network, and it says when there is something else to be seen", async (t) => {
  const model = new Model();
  t.after(() => model.applySnapshot(snapshot({ run: "last", nodes: [] }))); // no alarm is left
  let now = 1000;
  const waiting = new Waiting({ model, now: () => now });
  let changes = 0;
  waiting.addEventListener("change", () => { changes += 1; });
  model.applySnapshot(snapshot({ nodes: [node(1, { waiting: 2 }), node(2)] }));
  assert.deepEqual([waiting.of(1), waiting.of(2), changes], [0, 0, 0]);
  now += STAYS; // and the alarm, which counts in real time, finds it
  await until(() => changes === 1, "it is told by itself", 5000);
  assert.deepEqual([...waiting.counts], [[1, 2]]);
  model.applyDelta({ number: 2, nodes: [node(1, { waiting: 2, inbox: 9 })] });
  assert.equal(changes, 1, "nothing that is shown has changed");
  model.applyDelta({ number: 3, nodes: [node(1, { waiting: 2, least: 1 })] });
  assert.deepEqual([waiting.of(1), changes], [1, 2]);
  now += STAYS;
  model.applyDelta({ number: 4, summary: {}, nodes: [node(2, { inbox: 1 })] });
  assert.deepEqual([waiting.of(1), changes], [2, 3], "what was between two packets is over after a second");
  model.applyDelta({ number: 5, gone: [1] });
  assert.deepEqual([waiting.counts.size, changes], [0, 4]);
  model.applyDelta({ number: 6, nodes: [node(2, { waiting: 1 })] });
  now += STAYS;
  model.applySnapshot(snapshot({ run: "run-2", nodes: [node(2, { waiting: 1 })] }));
  assert.equal(waiting.of(2), 0, "of another dashboard's run key 2 is somebody else");
});
