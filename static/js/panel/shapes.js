/**
 * The signs of the legend, the lists and the buttons, as small SVG pictures. A state is
 * told by its shape; the colour (CSS, by class) only helps.
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Paths in a box of 16 × 16. `fill` ones are filled, `line` ones stroked.
 * @type {Record<string, {fill?: string, line?: string, dash?: string}[]>}
 */
const SHAPES = {
  // nodes
  alive: [{ fill: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11Z" }],
  suspect: [{ fill: "M8 5a3 3 0 1 0 0 6a3 3 0 1 0 0-6Z" },
    { line: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6Z", dash: "2.6 2" }],
  dead: [{ line: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6Z" },
    { line: "M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4" }],
  left: [{ line: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6Z" }],
  plain: [{ fill: "M8 1.8 14.2 8 8 14.2 1.8 8Z" }],
  // messages
  sent: [{ line: "M2.5 8h9M8.2 4.5 11.8 8l-3.6 3.5" }],
  received: [{ line: "M8 2.5v7.5M4.6 6.8 8 10.2l3.4-3.4M3 13.4h10" }],
  delivered: [{ line: "M2.8 8.6 6.4 12l6.8-7.6" }],
  failed: [{ line: "M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4" }],
  waiting: [{ line: "M8 4.4V8l2.4 1.6M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6Z" }],
  queued: [{ line: "M8 4.4V8l2.4 1.6M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6Z" }],
  dot: [{ fill: "M8 5a3 3 0 1 0 0 6a3 3 0 1 0 0-6Z" }],
  square: [{ fill: "M5.3 5.3h5.4v5.4h-5.4Z" }],
  broadcast: [{ fill: "M6.2 6.2h3.6v3.6H6.2Z" }, { line: "M4.2 12.2a6 6 0 0 1 0-8.4M11.8 3.8a6 6 0 0 1 0 8.4" }],
  critical: [{ fill: "M8 5.4a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 1 0 0-5.2Z" }, { line: "M2.2 5.2V2.2h3M10.8 2.2h3v3M13.8 10.8v3h-3M5.2 13.8h-3v-3" }],
  bridge: [{ line: "M1 8h14M6.6 4v8M9.4 4v8" }],
  // lines
  link: [{ line: "M1 8h14" }],
  knows: [{ line: "M1 8h14", dash: "2.4 2.4" }],
  // buttons
  sun: [{ line: "M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6ZM8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M3.3 12.7l1-1M11.7 4.3l1-1" }],
  moon: [{ line: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z" }],
  display: [{ line: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6Z" }, { fill: "M8 2.2a5.8 5.8 0 0 1 0 11.6Z" }],
  close: [{ line: "M4 4l8 8M12 4l-8 8" }],
  back: [{ line: "M10 3 5 8l5 5" }],
  enlarge: [{ line: "M9.5 3H13v3.5M13 3 9 7M6.5 13H3V9.5M3 13l4-4" }],
  fold: [{ line: "M3.5 6l4.5 4.5L12.5 6" }],
  again: [{ line: "M13 8a5 5 0 1 1-1.6-3.7M13.2 2v3h-3" }],
  bin: [{ line: "M3 4.6h10M6.4 4.4V2.8h3.2v1.6M4.4 4.8l.6 8.6h6l.6-8.6" }],
  copy: [{ line: "M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3" }],
  pulse: [{ line: "M1.5 8.5h3l2-5 3 9 2-4h3" }],
  export: [{ line: "M8 10V2.5M4.8 5.4 8 2.3l3.2 3.1M2.8 9.5v4h10.4v-4" }],
  play: [{ fill: "M4.5 2.6 13 8 4.5 13.4Z" }],
  pause: [{ fill: "M4 3h2.8v10H4ZM9.2 3H12v10H9.2Z" }],
  "step-back": [{ fill: "M12 3 5.8 8 12 13Z" }, { line: "M4 3.4v9.2" }],
  "step-on": [{ fill: "M4 3l6.2 5L4 13Z" }, { line: "M12 3.4v9.2" }],
  watch: [{ line: "M1.8 8S4.2 3.8 8 3.8 14.2 8 14.2 8 11.8 12.2 8 12.2 1.8 8 1.8 8ZM8 6.2a1.8 1.8 0 1 0 0 3.6a1.8 1.8 0 1 0 0-3.6Z" }],
  save: [{ line: "M8 2.5v7.5M4.6 6.8 8 10.2l3.4-3.4M3 13.4h10" }],
  tapes: [{ line: "M5 5.4a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 1 0 0-5.2ZM11 5.4a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 1 0 0-5.2ZM5 10.6h6" }],
  search: [{ line: "M7 2.6a4.4 4.4 0 1 0 0 8.8a4.4 4.4 0 1 0 0-8.8ZM10.2 10.2l3.4 3.4" }],
  traffic: [{ line: "M2 5h8.6M8 2.4 10.8 5 8 7.6M14 11H5.4M8 8.4 5.2 11 8 13.6" }],
  send: [{ line: "M2.2 8 13.8 2.6 10.4 13.6 7.6 9.2ZM7.6 9.2l6.2-6.6" }],
};

/**
 * @param {string} name
 * @param {string} [label] what it says to those who cannot see it; without one it is decoration
 * @returns {SVGSVGElement}
 */
export function shape(name, label) {
  const known = Object.hasOwn(SHAPES, name) ? name : "left";
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `shape shape-${known}`);
  if (label === undefined) {
    svg.setAttribute("aria-hidden", "true");
  } else {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  }
  for (const part of SHAPES[known]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", part.fill ?? part.line ?? "");
    path.setAttribute("class", part.fill === undefined ? "shape-line" : "shape-fill");
    if (part.dash !== undefined) path.setAttribute("stroke-dasharray", part.dash);
    svg.append(path);
  }
  return svg;
}

/**
 * The shape of a node: a plain node keeps its diamond while it lives.
 * @param {{kind: string, state: string}} node
 */
export function nodeShape(node) {
  return node.kind === "plain" && node.state === "alive" ? "plain" : node.state;
}
