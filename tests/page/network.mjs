/**
 * Networks to test with: snapshots and deltas as the dashboard sends them (docs/api.md).
 */

/** A node's view with everything that it must have. */
export function node(key, more = {}) {
  return {
    key, id: `id-${key}`, name: `node${key}`, url: `http://node${key}:5000`, public_url: null,
    kind: "peer", state: "alive", watched: true, epoch: 1, since: null, knows: 0, links: 0,
    inbox: 0, sent: 0, waiting: 0, least: more.waiting ?? 0, failed: 0, note: null, ...more,
  };
}

export function message(id, more = {}) {
  return {
    id, kind: "message", from: 1, to: 2, sender: "node1", text: "hello", state: "sent", attempt: 1,
    reason: null, queued_at: 1000, next_at: null, sent_at: 1000, received_at: null, done_at: null, hops: 1, path: [], path_at: 0,
    reached: null, of: null, ...more,
  };
}

/** A broadcast of node 1 that took these legs. */
export function broadcast(id, path = [], more = {}) {
  return message(id, {
    kind: "broadcast", to: null, text: "to all", path, reached: path.length, of: 4, hops: 2, ...more,
  });
}

export function snapshot(more = {}) {
  return {
    number: 1, at: 1000, run: "run-1", expected: null, summary: { state: "connected", alive: 0 },
    nodes: [], links: [], knows: {}, messages: [], ...more,
  };
}

/** A ring with chords: every node has four links, both ends report them. */
export function ring(count) {
  const nodes = [];
  const links = [];
  for (let key = 1; key <= count; key += 1) {
    nodes.push(node(key));
    for (const step of [1, 5]) {
      const other = ((key - 1 + step) % count) + 1;
      links.push([key, other], [other, key]);
    }
  }
  return { nodes, links };
}

/** Waits for a condition, with a deadline that fails the test. */
export async function until(condition, what, milliseconds = 10_000) {
  const end = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}
