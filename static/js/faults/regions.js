/**
 * The sides of a partition as regions of the picture, and the border between them.
 *
 * Each node spreads a hill around itself; a side is as high at a point as all its hills together.
 * A region is where its side is higher than every other one and than a level; the border is where
 * two sides are equally high, above it. So regions hug their nodes, never overlap, and follow when
 * nodes move, whatever their shape. Both are contours of one grid, drawn by *marching squares*
 * (Lorensen and Cline 1987, in two dimensions), with the crossings interpolated.
 *
 * Where the sides lie through each other there are no regions that an eye could follow; then
 * `mixed` says so, and the nodes carry the sign of their side instead. No DOM.
 *
 * @typedef {{x: number, y: number}} Point  CSS pixels
 *
 * @typedef {object} Region
 * @property {number[][]} cells  polygons, x and y in turn, that fill it
 * @property {Point[][]} outline
 * @property {Point|null} top  its highest point, where its name may stand
 */

/** Pixels between two points of the grid: finer cannot be seen through a translucent tint. */
const CELL = 10;
/** How far a hill reaches, in times of the mean distance between neighbours [by eye]. */
const REACH = 1.75;
const REACH_LEAST = 42;
const REACH_MOST = 150;
/** The level at which a region ends: a hill alone reaches it at six tenths of its reach. */
const LEVEL = 0.4;
/** A strip on both sides of the border is left free, as a part of the level. */
const FREE = 0.06;
/** Nodes whose nearest one is looked for: of a thousand, some tell enough. */
const SAMPLE = 150;
/** Of the nodes, so many may have somebody of another side as the nearest [by eye]. */
const MIXED = 0.3;

/**
 * Whether the sides lie through each other.
 * @param {readonly Point[][]} sides
 */
export function mixed(sides) {
  const all = sides.flatMap((points, side) => points.map((point) => ({ ...point, side })));
  if (all.length < 4 || sides.length < 2) return false;
  let wrong = 0;
  const looked = some(all);
  for (const one of looked) {
    let least = Infinity;
    let nearest = one.side;
    for (const other of all) {
      if (other === one) continue;
      const far = (other.x - one.x) ** 2 + (other.y - one.y) ** 2;
      if (far < least) [least, nearest] = [far, other.side];
    }
    if (nearest !== one.side) wrong += 1;
  }
  return wrong > MIXED * looked.length;
}

/** @template T @param {readonly T[]} all @returns {readonly T[]} */
function some(all) {
  const step = Math.ceil(all.length / SAMPLE);
  return step <= 1 ? all : all.filter((_, index) => index % step === 0);
}

/**
 * @param {readonly Point[][]} sides
 * @param {{width: number, height: number}} stage
 * @returns {{regions: Region[], border: Point[][]}}
 */
export function regions(sides, { width, height }) {
  const grid = gridOf(sides, width, height);
  const fields = sides.map((points) => fieldOf(points, grid));
  const others = fields.map((_, side) => highestBut(fields, side, grid.size));
  const made = fields.map((field, side) => {
    const { height: best } = others[side];
    const over = new Float32Array(grid.size);
    for (let at = 0; at < grid.size; at += 1) over[at] = field[at] - Math.max(best[at] + FREE * LEVEL, LEVEL);
    const { cells, segments } = contour(over, grid, true);
    const outline = joined(segments);
    let top = null;
    for (const line of outline) for (const point of line) if (top === null || point.y < top.y) top = point;
    return { cells, outline, top };
  });
  /** @type {number[][]} */
  const border = [];
  fields.forEach((field, side) => {
    const { height: best, who } = others[side];
    const over = new Float32Array(grid.size);
    for (let at = 0; at < grid.size; at += 1) over[at] = field[at] - best[at];
    // Each stretch once, and only where both are there.
    const there = (/** @type {number} */ at) => who[at] > side && Math.min(field[at], best[at]) > 0.25 * LEVEL && Math.max(field[at], best[at]) > 0.6 * LEVEL;
    border.push(...contour(over, grid, false, there).segments);
  });
  return { regions: made, border: joined(border) };
}

/** @typedef {{left: number, top: number, columns: number, rows: number, size: number, reach: number}} Grid */

/** @param {readonly Point[][]} sides @param {number} width @param {number} height @returns {Grid} */
function gridOf(sides, width, height) {
  const all = sides.flat();
  const reach = Math.max(REACH_LEAST, Math.min(REACH_MOST, REACH * spacing(all)));
  // Half a stage around the stage as well: so far it can be moved before it is made anew.
  const left = Math.max(-width / 2, Math.min(...all.map((point) => point.x)) - reach);
  const right = Math.min(1.5 * width, Math.max(...all.map((point) => point.x)) + reach);
  const top = Math.max(-height / 2, Math.min(...all.map((point) => point.y)) - reach);
  const bottom = Math.min(1.5 * height, Math.max(...all.map((point) => point.y)) + reach);
  const columns = Math.max(2, Math.ceil((right - left) / CELL) + 1);
  const rows = Math.max(2, Math.ceil((bottom - top) / CELL) + 1);
  return { left, top, columns, rows, size: columns * rows, reach };
}

/** About how far it is from a node to its neighbours. @param {readonly Point[]} points */
function spacing(points) {
  if (points.length < 2) return REACH_LEAST;
  const nearest = some(points).map((one) => {
    let least = Infinity;
    for (const other of points) {
      if (other !== one) least = Math.min(least, (other.x - one.x) ** 2 + (other.y - one.y) ** 2);
    }
    return Math.sqrt(least);
  }).sort((a, b) => a - b);
  return 1.3 * nearest[nearest.length >> 1];
}

/** @param {readonly Point[]} points @param {Grid} grid */
function fieldOf(points, { left, top, columns, rows, size, reach }) {
  const field = new Float32Array(size);
  for (const { x, y } of points) {
    const firstColumn = Math.max(0, Math.ceil((x - reach - left) / CELL));
    const lastColumn = Math.min(columns - 1, Math.floor((x + reach - left) / CELL));
    const firstRow = Math.max(0, Math.ceil((y - reach - top) / CELL));
    const lastRow = Math.min(rows - 1, Math.floor((y + reach - top) / CELL));
    for (let row = firstRow; row <= lastRow; row += 1) {
      const dy = top + row * CELL - y;
      for (let column = firstColumn; column <= lastColumn; column += 1) {
        const dx = left + column * CELL - x;
        const away = (dx * dx + dy * dy) / (reach * reach);
        if (away < 1) field[row * columns + column] += (1 - away) ** 2;
      }
    }
  }
  return field;
}

/** Of all sides but one the highest at each point, and which that is. @param {Float32Array[]} fields @param {number} side @param {number} size */
function highestBut(fields, side, size) {
  const height = new Float32Array(size);
  const who = new Int8Array(size).fill(-1);
  fields.forEach((field, other) => {
    if (other === side) return;
    for (let at = 0; at < size; at += 1) {
      if (who[at] < 0 || field[at] > height[at]) [height[at], who[at]] = [field[at], other];
    }
  });
  return { height, who };
}

/**
 * Where a field is above nought: polygons that fill that, and the line around it.
 * @param {Float32Array} over @param {Grid} grid @param {boolean} filled
 * @param {(at: number) => boolean} [there]  whether a cell counts, by its first corner
 */
function contour(over, { left, top, columns, rows }, filled, there = () => true) {
  /** @type {number[][]} */
  const cells = [];
  /** @type {number[][]} */
  const segments = [];
  for (let row = 0; row + 1 < rows; row += 1) {
    const y = top + row * CELL;
    let run = -1; // the first column of a row of full cells
    for (let column = 0; column < columns; column += 1) {
      const at = row * columns + column;
      // How many corners are above; beyond the last column, none.
      const above = column + 1 === columns ? 0
        : Number(over[at] >= 0) + Number(over[at + 1] >= 0) + Number(over[at + columns] >= 0) + Number(over[at + columns + 1] >= 0);
      if (filled && above === 4 && run < 0) run = column;
      if (run >= 0 && above < 4) {
        const [from, to] = [left + run * CELL, left + column * CELL];
        cells.push([from, y, to, y, to, y + CELL, from, y + CELL]);
        run = -1;
      }
      if (above === 0 || above === 4 || !there(at)) continue;
      const { polygon, lines } = cut([over[at], over[at + 1], over[at + columns + 1], over[at + columns]], left + column * CELL, y);
      if (filled) cells.push(polygon);
      segments.push(...lines);
    }
  }
  return { cells, segments };
}

/**
 * One square that the contour goes through. The corners in turn, clockwise from the top left.
 * @param {number[]} corners @param {number} x @param {number} y
 */
function cut(corners, x, y) {
  const places = [[x, y], [x + CELL, y], [x + CELL, y + CELL], [x, y + CELL]];
  /** @type {number[]} */
  const polygon = [];
  /** @type {number[]} */
  const crossings = [];
  for (let corner = 0; corner < 4; corner += 1) {
    const next = (corner + 1) % 4;
    const [a, b] = [corners[corner], corners[next]];
    if (a >= 0) polygon.push(...places[corner]);
    if ((a >= 0) === (b >= 0)) continue;
    const t = a / (a - b);
    const [cx, cy] = [0, 1].map((axis) => places[corner][axis] + t * (places[next][axis] - places[corner][axis]));
    polygon.push(cx, cy);
    crossings.push(cx, cy);
  }
  // Four crossings are a saddle: two lines.
  const lines = [];
  for (let at = 0; at + 3 < crossings.length; at += 4) lines.push(crossings.slice(at, at + 4));
  return { polygon, lines };
}

/**
 * Short pieces as long lines, so that they can be dashed.
 * @param {number[][]} segments @returns {Point[][]}
 */
function joined(segments) {
  const name = (/** @type {number} */ x, /** @type {number} */ y) => `${Math.round(x * 20)},${Math.round(y * 20)}`;
  /** @type {Map<string, number[]>} */
  const ends = new Map();
  segments.forEach(([ax, ay, bx, by], index) => {
    for (const end of [name(ax, ay), name(bx, by)]) {
      const there = ends.get(end);
      if (there) there.push(index);
      else ends.set(end, [index]);
    }
  });
  const used = new Set();
  /** From a point on, as far as it goes. @param {Point[]} line */
  const follow = (line) => {
    for (;;) {
      const here = line[line.length - 1];
      const end = name(here.x, here.y);
      const next = (ends.get(end) ?? []).find((index) => !used.has(index));
      if (next === undefined) return line;
      used.add(next);
      const [ax, ay, bx, by] = segments[next];
      line.push(name(ax, ay) === end ? { x: bx, y: by } : { x: ax, y: ay });
    }
  };
  const lines = [];
  for (let index = 0; index < segments.length; index += 1) {
    if (used.has(index)) continue;
    used.add(index);
    const [ax, ay, bx, by] = segments[index];
    const line = follow([{ x: ax, y: ay }, { x: bx, y: by }]);
    lines.push(follow(line.reverse()));
  }
  return lines;
}
