/**
 * The pulse of the network as the page has it: columns of numbers, one row each two seconds.
 *
 * The dashboard keeps them (`GET /api/pulse`, docs/api.md); the page asks only for what came
 * since, and keeps no more than the dashboard does. No DOM.
 *
 * @typedef {"alive"|"suspect"|"dead"|"left"|"components"|"links"|"events"|"sent"|"delivered"
 *   |"failed"|"waiting"|"p50"|"p99"|"coverage"|"agreement"} Field
 */

/** Rows kept: two hours of one every two seconds. */
export const KEPT = 3600;

export class Columns {
  /** Milliseconds since 1970, rising. @type {number[]} */
  at = [];
  /** Milliseconds between two rows. */
  every = 2000;
  /** @type {Partial<Record<Field, (number|null)[]>>} */
  #columns = {};

  /** @param {Field[]} fields */
  constructor(fields) {
    for (const field of fields) this.#columns[field] = [];
  }

  /** @param {Field} field @returns {readonly (number|null)[]} */
  of(field) {
    return this.#columns[field] ?? [];
  }

  /** The moment of the newest row; 0: there is none. */
  get last() { return this.at.at(-1) ?? 0; }

  /**
   * Add what is later than all that is here.
   * @param {{every?: number, at: number[]} & Record<string, any>} told
   */
  add(told) {
    if (typeof told.every === "number" && told.every > 0) this.every = told.every;
    const last = this.last;
    const from = told.at.findIndex((at) => at > last);
    if (from < 0) return;
    this.at.push(...told.at.slice(from));
    for (const [field, column] of Object.entries(this.#columns)) {
      // An older dashboard may not tell everything: a column must not be shorter than time.
      const values = told[field] ?? [];
      for (let i = from; i < told.at.length; i += 1) column.push(typeof values[i] === "number" ? values[i] : null);
    }
    const over = this.at.length - KEPT;
    if (over > 0) {
      this.at.splice(0, over);
      for (const column of Object.values(this.#columns)) column.splice(0, over);
    }
  }

  /** Forget all: another dashboard answers. */
  clear() {
    this.at = [];
    for (const column of Object.values(this.#columns)) column.length = 0;
  }
}

/**
 * The row that is nearest to a moment; -1 where there is none within `reach`.
 * @param {readonly number[]} at  rising
 * @param {number} moment
 * @param {number} reach  milliseconds
 */
export function nearest(at, moment, reach) {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] < moment) low = middle + 1;
    else high = middle;
  }
  const best = low > 0 && (low === at.length || moment - at[low - 1] < at[low] - moment) ? low - 1 : low;
  return best < at.length && Math.abs(at[best] - moment) <= reach ? best : -1;
}

/**
 * A number not below another, at which an axis may end.
 * @param {number} value
 */
export function niceAbove(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]) if (value <= step * power * (1 + 1e-9)) return step * power;
  return 10 * power;
}

/** Steps of a time axis. Milliseconds. */
const STEPS = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600].map((seconds) => seconds * 1000);

/**
 * Round moments within a span, at most so many.
 * @param {number} from @param {number} to @param {number} most
 */
export function ticks(from, to, most) {
  const step = STEPS.find((one) => (to - from) / one <= most) ?? STEPS[STEPS.length - 1];
  const zone = new Date(from).getTimezoneOffset() * 60_000; // half past is half past where he is
  const found = [];
  for (let at = Math.ceil((from - zone) / step) * step + zone; at <= to; at += step) found.push(at);
  return found;
}

/**
 * What a line shows on so many pixels: of the rows that fall on one pixel the least and the
 * largest, so that no peak is lost; broken where there is no number, or no row for a while.
 * @param {readonly number[]} at @param {readonly (number|null)[]} values
 * @param {{from: number, to: number, width: number, gap: number}} view  gap: milliseconds
 * @returns {[x: number, value: number][][]} pieces
 */
export function pieces(at, values, { from, to, width, gap }) {
  /** @type {[number, number][][]} */
  const found = [];
  /** @type {[number, number][]} */
  let piece = [];
  let before = -Infinity;
  const end = () => {
    if (piece.length > 0) found.push(piece);
    piece = [];
  };
  /** @type {{x: number, first: number, low: number, high: number, last: number}|null} */
  let pixel = null;
  const flush = () => {
    if (!pixel) return;
    const { x, first, low, high, last } = pixel;
    piece.push([x, first]);
    if (high !== first) piece.push([x, high]);
    if (low !== high && low !== last) piece.push([x, low]);
    if (last !== high && last !== first) piece.push([x, last]);
    pixel = null;
  };
  const scale = width / Math.max(1, to - from);
  for (let i = 0; i < at.length; i += 1) {
    if (at[i] < from - gap || at[i] > to) continue;
    const value = values[i];
    if (value === null || value === undefined) {
      flush();
      end();
      continue;
    }
    if (at[i] - before > gap) {
      flush();
      end();
    }
    before = at[i];
    const x = Math.round((at[i] - from) * scale * 2) / 2;
    if (pixel && pixel.x === x) {
      pixel.low = Math.min(pixel.low, value);
      pixel.high = Math.max(pixel.high, value);
      pixel.last = value;
    } else {
      flush();
      pixel = { x, first: value, low: value, high: value, last: value };
    }
  }
  flush();
  end();
  return found;
}
