/**
 * What the network hangs on: nodes and links without which it would fall apart.
 *
 * An *articulation point* is a node whose death leaves its neighbours in parts that no longer
 * reach each other; a *bridge* is such a link. Tarjan (1972) finds both in one walk: go through
 * the graph depth first and number the nodes as they are met; of each remember the lowest number
 * that can be reached from it or from below it without going back up its own tree edge. Where a
 * child reaches nothing above its parent, the parent cuts it off (`low >= number`), and where it
 * does not even reach the parent by another way, the link between is a bridge (`low > number`).
 *
 * It takes a time that grows with nodes and links (a millisecond for 1,000 and 5,000), so the
 * page works it out itself, of whatever moment it shows. No recursion, since a chain of a
 * thousand nodes would be a thousand calls deep. No DOM.
 *
 * @typedef {import("../model.js").Key} Key
 * @typedef {{points: Set<Key>, bridges: Set<string>}} Cuts  bridges by `linkKey`
 */
import { linkKey } from "../model.js";

/**
 * @param {Iterable<Key>} nodes
 * @param {Iterable<{a: Key, b: Key}>} links
 * @returns {Cuts}
 */
export function cuts(nodes, links) {
  /** @type {Map<Key, Key[]>} */
  const beside = new Map();
  for (const key of nodes) beside.set(key, []);
  for (const { a, b } of links) {
    if (a === b || !beside.has(a) || !beside.has(b)) continue;
    beside.get(a)?.push(b);
    beside.get(b)?.push(a);
  }
  /** @type {Map<Key, number>} */
  const number = new Map();
  /** @type {Map<Key, number>} */
  const low = new Map();
  /** @type {Set<Key>} */
  const points = new Set();
  /** @type {Set<string>} */
  const bridges = new Set();

  for (const root of beside.keys()) {
    if (number.has(root)) continue;
    let children = 0;
    number.set(root, number.size);
    low.set(root, of(number, root));
    /** Where the walk is: a node, who it came from, and how many neighbours it has looked at.
     * @type {{key: Key, parent: Key|null, next: number}[]} */
    const walk = [{ key: root, parent: null, next: 0 }];
    while (walk.length > 0) {
      const here = walk[walk.length - 1];
      const others = beside.get(here.key) ?? [];
      if (here.next < others.length) {
        const other = others[here.next];
        here.next += 1;
        if (!number.has(other)) {
          number.set(other, number.size);
          low.set(other, of(number, other));
          if (here.key === root) children += 1;
          walk.push({ key: other, parent: here.key, next: 0 });
        } else if (other !== here.parent) {
          low.set(here.key, Math.min(of(low, here.key), of(number, other)));
        }
        continue;
      }
      walk.pop();
      const { key, parent } = here;
      if (parent === null) continue;
      low.set(parent, Math.min(of(low, parent), of(low, key)));
      if (parent !== root && of(low, key) >= of(number, parent)) points.add(parent);
      if (of(low, key) > of(number, parent)) bridges.add(linkKey(parent, key));
    }
    if (children > 1) points.add(root);
  }
  return { points, bridges };
}

/**
 * Of the living only: the dead hold nothing together.
 * @param {import("../model.js").Model} model
 */
export function cutsOf(model) {
  const living = [...model.nodes.values()].filter(({ state }) => state === "alive" || state === "suspect");
  return cuts(living.map(({ key }) => key), model.links.values());
}

/** @param {Map<Key, number>} map @param {Key} key */
function of(map, key) {
  return map.get(key) ?? Infinity;
}
