/**
 * What browser tests may look at, as `window.p2p`; nothing can be changed through it.
 */

/**
 * @param {Pick<import("./main.js").Page, "model"|"net"|"picture"|"selection"> & {
 *   health: import("./health/panel.js").Health, faults: ReturnType<typeof import("./faults/index.js").faultsOnThePage>,
 *   tour: import("./finding/tour.js").Tour, time: object, messages: () => object}} page
 */
export function showToTests({ model, net, picture, selection, health, faults, tour, time, messages }) {
  Object.defineProperty(window, "p2p", {
    value: Object.freeze({
      get connected() {
        return net.phase === "live";
      },
      get model() {
        return Object.freeze({ nodes: model.nodes.size, links: model.links.size, messages: model.messages.size });
      },
      get selected() {
        return selection.node === null ? null : model.nodes.get(selection.node)?.name ?? null;
      },
      get lastPacketAt() {
        return net.lastPacketAt;
      },
      positions: (/** @type {string} */ name) => {
        const node = model.byName(name);
        return node === undefined ? null : picture.screenPosition(node.key);
      },
      names: () => [...model.nodes.values()].map(({ name }) => name),
      linksOf: (/** @type {string} */ name) => model.neighbours(model.byName(name)?.key ?? -1).size,
      stats: () => picture.stats(),
      labels: () => picture.labels(),
      get health() {
        return Object.freeze({ last: health.last, place: (/** @type {number} */ at) => health.place(at) });
      },
      get cuts() {
        const { points, bridges } = picture.cuts ?? { points: [], bridges: [] };
        const name = (/** @type {number|string} */ key) => model.nodes.get(Number(key))?.name ?? "?";
        return { points: [...points].map(name), bridges: [...bridges].map((link) => link.split("|").map(name)) };
      },
      time,
      messages,
      /** The middle and the zoom; null: all is in sight, whatever comes. */
      get look() {
        return picture.look;
      },
      /** The node that a line is drawn from, to another one; null: none is. */
      get drawing() {
        return picture.drawing === null ? null : model.nodes.get(picture.drawing)?.name ?? null;
      },
      pinned: (/** @type {string} */ name) => picture.pinned(model.byName(name)?.key ?? -1),
      /** Two ends of a link, by name: where its middle is on the stage. */
      middle: (/** @type {string} */ a, /** @type {string} */ b) => {
        const [one, two] = [a, b].map((name) => picture.screenPosition(model.byName(name)?.key ?? -1));
        return one && two ? { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 } : null;
      },
      links: () => [...model.links.values()].map(({ a, b }) => [a, b].map((key) => model.nodes.get(key)?.name ?? "?")),
      /** Where the tour is, from 1; 0: it is not on. */
      get tour() {
        return tour.step;
      },
      /** What stands beside nodes at which messages wait: `{node7: "2"}`; "" where there is no room. */
      badges: () => Object.fromEntries(picture.badges().map(({ key, text, corner }) =>
        [model.nodes.get(key)?.name ?? "?", corner === null ? "" : text])),
      /** What is drawn of what is broken on purpose. */
      get faults() {
        const { partitions, wires, marks, entries, signs } = faults.standing;
        const nameOf = (/** @type {number} */ key) => model.nodes.get(key)?.name ?? "?";
        return {
          sides: partitions.map(({ sides }) => sides.map((side) => side.map(nameOf))),
          wires: [...wires.values()].map(({ a, b, kind, open }) => `${kind} ${[a, b].map(nameOf).sort().join(" ")}${open === null ? "" : ` to ${nameOf(open)}`}`).sort(),
          marks: Object.fromEntries([...marks].map(([key, all]) => [nameOf(key), all])),
          entries: entries.map(({ title }) => title),
          signs: [...signs].sort(),
        };
      },
      get chosen() {
        return [...faults.chosen.keys].map((key) => model.nodes.get(key)?.name ?? "?").sort();
      },
      /** What flies now, as `broadcast node7>node3`. */
      hops: () => picture.dots().map(({ kind, from, to }) => {
        const [start, end] = [from, to].map((key) => (key === null ? undefined : model.nodes.get(key)?.name) ?? "?");
        return `${kind} ${start}>${end}`;
      }),
    }),
  });
}
