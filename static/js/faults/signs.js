/**
 * The signs of faults, as paths in a box of 16 × 16: the canvas draws them with `Path2D`, lists
 * and the legend as SVG. One drawing, so that who has seen one knows the other.
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @type {Readonly<Record<string, {line?: string, fill?: string, dash?: string, fine?: boolean}[]>>}
 * fine: too small to be drawn at a node */
export const PATHS = Object.freeze({
  partition: [{ line: "M8 1v14", dash: "3 2" }, { fill: "M3.2 5.4a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 1 0 0-5.2Z" }, { fill: "M12.8 5.4a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 1 0 0-5.2Z" }],
  cut: [{ line: "M.5 8h4.8M10.7 8h4.8M6 4.4v7.2M10 4.4v7.2" }],
  oneway: [{ line: "M.5 8h4M11 8h4.5M11 4.4v7.2" }, { fill: "M4.5 4.4 11 8l-6.5 3.6Z" }],
  slow: [{ line: "M.8 8q1.8-5 3.6 0t3.6 0t3.6 0t3.6 0" }],
  lossy: [{ line: "M.6 8h2.6M6.7 8h2.6M12.8 8h2.6" }],
  isolated: [{ line: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12Z", dash: "3 2.2" }, { fill: "M8 5.8a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4Z" }],
  frozen: [{ line: "M8 1.4v13.2M2.3 4.7l11.4 6.6M2.3 11.3l11.4-6.6" },
    { line: "M6.2 2.8 8 4.4l1.8-1.6M6.2 13.2 8 11.6l1.8 1.6M2.9 7l2.2-.7-.5-2.2M13.1 9l-2.2.7.5 2.2M2.9 9l2.2.7-.5 2.2M13.1 7l-2.2-.7.5-2.2", fine: true }],
  down: [{ line: "M5 4a5.4 5.4 0 1 0 6 0M8 1.6v6" }],
  disk: [{ line: "M3 4v8c0 3 10 3 10 0V4M3 4c0-2.8 10-2.8 10 0c0 2.8-10 2.8-10 0" }, { fill: "M3.6 7.6c2 1.6 6.8 1.6 8.8 0v4.2c-1 2-7.8 2-8.8 0Z" }],
  clock: [{ line: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12ZM8 4.8V8L5.6 9.6" }],
  narrow: [{ line: "M1.4 3.4 6 7h4l4.6-3.6M1.4 12.6 6 9h4l4.6 3.6" }],
  twice: [{ line: "M2.4 2.4h7.4v7.4H2.4ZM6.2 12.2v1.4h7.4V6.2h-1.4" }],
  mixed: [{ line: "M1.6 4.4h2.8L11 11.6h3M1.6 11.6h2.8L11 4.4h3M12.4 2.6l2 1.8-2 1.8M12.4 9.8l2 1.8-2 1.8" }],
  lasso: [{ line: "M8 2.4c4 0 6.4 1.9 6.4 4.2S12 10.8 8 10.8S1.6 8.9 1.6 6.6S4 2.4 8 2.4ZM4.6 10.2c-1.4 1.6-.6 3 .8 3.4", dash: "2.6 1.8" }],
  heal: [{ line: "M8 3v10M3 8h10" }, { line: "M8 1.4a6.6 6.6 0 1 0 0 13.2a6.6 6.6 0 1 0 0-13.2Z" }],
});

/**
 * @param {string} name
 * @param {string} [label] for those who cannot see it; without one it is decoration
 * @returns {SVGSVGElement}
 */
export function sign(name, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `shape fault-sign fault-sign-${Object.hasOwn(PATHS, name) ? name : "mixed"}`);
  if (label === undefined) svg.setAttribute("aria-hidden", "true");
  else {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  }
  for (const part of PATHS[name] ?? PATHS.mixed) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", part.fill ?? part.line ?? "");
    path.setAttribute("class", part.fill === undefined ? "shape-line" : "shape-fill");
    if (part.dash !== undefined) path.setAttribute("stroke-dasharray", part.dash);
    svg.append(path);
  }
  return svg;
}
