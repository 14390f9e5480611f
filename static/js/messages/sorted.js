/**
 * Rows in order, kept so while they come, change and go: one array, found by halving.
 *
 * A row never changes; a message that did is another row with the same `n`. So a row can be
 * found again by what it was sorted by, and no index has to be kept in step. A few changes are
 * put in one by one, many are sorted apart and merged: both are quick with 100,000 rows.
 * No DOM.
 *
 * @typedef {import("./row.js").Row} Row
 * @typedef {(row: Row) => number|string} KeyOf
 */

/** Above this many at once rows are merged instead of moved one by one [measured: moving
 * the half of 100,000 takes some 20 µs]. */
const FEW = 64;

const STATES = ["failed", "waiting", "sent", "received", "delivered"];

/** What can be sorted by. @type {Record<string, KeyOf>} */
export const COLUMNS = {
  time: (row) => row.at,
  from: (row) => padded(row.fromLow),
  to: (row) => padded(row.toLow),
  text: (row) => row.textLow,
  state: (row) => STATES.indexOf(row.state),
  hops: (row) => row.hops,
  ms: (row) => row.ms ?? Infinity,
  detour: (row) => row.detour,
};

/** @type {Map<string, string>} */
const paddings = new Map();

/** node2 before node10: numbers get as many digits as any name may have. @param {string} name */
function padded(name) {
  let long = paddings.get(name);
  if (long === undefined) {
    if (paddings.size > 5000) paddings.clear(); // a liar may make up names without end
    paddings.set(name, long = name.replace(/\d+/g, (digits) => digits.padStart(12, "0")));
  }
  return long;
}

export class Sorted {
  /** @type {Row[]} the smallest first */
  rows = [];
  #keyOf;

  /** @param {KeyOf} keyOf */
  constructor(keyOf) {
    this.#keyOf = keyOf;
  }

  get size() { return this.rows.length; }

  /** @param {Row} a @param {Row} b */
  #order(a, b) {
    const [left, right] = [this.#keyOf(a), this.#keyOf(b)];
    return left < right ? -1 : left > right ? 1 : a.n - b.n;
  }

  /** Where a row is, or would be. @param {Row} row */
  place(row) {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#order(this.rows[middle], row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where a row is; -1: nowhere. @param {Row} row */
  indexOf(row) {
    const at = this.place(row);
    return this.rows[at] === row ? at : -1;
  }

  /**
   * @param {Row[]} gone rows that are here, as they were put in
   * @param {Row[]} come
   */
  change(gone, come) {
    if (gone.length + come.length <= FEW) {
      for (const row of gone) {
        const at = this.indexOf(row);
        if (at >= 0) this.rows.splice(at, 1);
      }
      for (const row of come) this.rows.splice(this.place(row), 0, row);
      return;
    }
    const without = gone.length === 0 ? this.rows : (() => {
      const leave = new Set(gone);
      return this.rows.filter((row) => !leave.has(row));
    })();
    const sorted = [...come].sort((a, b) => this.#order(a, b));
    const merged = /** @type {Row[]} */ ([]);
    let [i, j] = [0, 0];
    while (i < without.length && j < sorted.length) {
      merged.push(this.#order(without[i], sorted[j]) <= 0 ? without[i++] : sorted[j++]);
    }
    while (i < without.length) merged.push(without[i++]);
    while (j < sorted.length) merged.push(sorted[j++]);
    this.rows = merged;
  }

  /**
   * Begin anew.
   * @param {Row[]} rows
   * @param {boolean} ordered whether they come in this order already
   */
  fill(rows, ordered) {
    this.rows = ordered ? rows : rows.sort((a, b) => this.#order(a, b));
  }

  /** Take the first ones out. @param {number} count @returns {Row[]} */
  shift(count) {
    return this.rows.splice(0, count);
  }
}

/**
 * What the table shows: the rows that a filter lets through, in the order of a column.
 */
export class Listing {
  /** @type {(row: Row) => boolean} */
  fits = () => true;
  column = "time";
  descending = true;
  #sorted = new Sorted(COLUMNS.time);

  get size() { return this.#sorted.size; }

  /** All of them, in the order of their time where that is the column; else in any. */
  get rows() { return this.#sorted.rows; }

  /** The row that stands at a place, 0 at the top. @param {number} index @returns {Row|undefined} */
  at(index) {
    const { rows } = this.#sorted;
    return this.descending ? rows[rows.length - 1 - index] : rows[index];
  }

  /** At which place a row stands; -1: it does not. @param {Row|undefined} row */
  indexOf(row) {
    if (row === undefined) return -1;
    const index = this.#sorted.indexOf(row);
    return index < 0 ? -1 : this.descending ? this.size - 1 - index : index;
  }

  /**
   * Look at all rows anew: another filter, another order.
   * @param {Row[]} byTime all rows, in the order of their time
   */
  rebuild(byTime) {
    const { fits } = this;
    this.#sorted = new Sorted(COLUMNS[this.column]);
    this.#sorted.fill(byTime.filter(fits), this.column === "time");
  }

  /** @param {{gone: Row[], come: Row[]}} change @returns {boolean} whether there is a difference */
  change({ gone, come }) {
    const fitting = come.filter(this.fits);
    const before = gone.filter(this.fits); // of the others nothing is here
    if (before.length === 0 && fitting.length === 0) return false;
    this.#sorted.change(before, fitting);
    return true;
  }
}
