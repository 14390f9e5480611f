/**
 * Positions that survive a reload, kept in the browser's localStorage.
 *
 * They belong to a run of the dashboard and to nodes' ids; keys would not do, since another
 * dashboard gives others. What is read back was written by us, or by an older version, or by
 * somebody with the developer's tools: it is checked number by number, and what does not fit
 * is as good as not there.
 *
 * @typedef {{x: number, y: number, pinned: boolean, alone: boolean}} Spot  alone: who stands there
 *   has no links yet, and will move when it has
 */

const ITEM = "p2p.positions";
/** Runs that are remembered; the oldest is dropped [guess]. */
const RUNS = 3;
/** Nodes that are remembered for each, some 60 bytes apiece: at most 0.4 MB in all, of the
 * 5 MB that browsers give [guess]. */
const NODES = 2000;
/** How somebody stands there. */
const [FREE, PINNED, ALONE] = [0, 1, 2];
/** World units from the middle beyond which nothing of ours ever stands. */
const FARTHEST = 100_000;

export class Remembered {
  /** @param {Pick<Storage, "getItem"|"setItem">} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /**
   * @param {string} run
   * @returns {Map<string, Spot>} by the node's id
   */
  read(run) {
    const spots = new Map();
    const saved = this.#all().find((one) => one.run === run);
    for (const entry of saved?.spots ?? []) {
      if (!Array.isArray(entry) || spots.size >= NODES) continue;
      const [id, x, y, how] = entry;
      if (typeof id === "string" && near(x) && near(y)) spots.set(id, { x, y, pinned: how === PINNED, alone: how === ALONE });
    }
    return spots;
  }

  /**
   * @param {string} run
   * @param {Iterable<[string, Spot]>} spots
   */
  write(run, spots) {
    const lines = [];
    for (const [id, { x, y, pinned, alone }] of spots) {
      if (lines.length >= NODES) break;
      lines.push([id, Math.round(x), Math.round(y), pinned ? PINNED : alone ? ALONE : FREE]);
    }
    const others = this.#all().filter((one) => one.run !== run).slice(0, RUNS - 1);
    try {
      this.storage.setItem(ITEM, JSON.stringify([{ run, spots: lines }, ...others]));
    } catch (error) {
      // Full, or forbidden in a private window: the picture works, it only forgets.
      console.info("positions are not remembered:", error);
    }
  }

  /** @returns {{run: string, spots: unknown[]}[]} newest first */
  #all() {
    try {
      const saved = JSON.parse(this.storage.getItem(ITEM) ?? "[]");
      if (!Array.isArray(saved)) return [];
      return saved.filter((one) => typeof one?.run === "string" && Array.isArray(one.spots));
    } catch {
      return []; // not ours, or cut off: as good as nothing
    }
  }
}

/** @param {unknown} value */
function near(value) {
  return typeof value === "number" && Math.abs(value) < FARTHEST;
}
