/**
 * Texts of the page in one place, so that a translation is one file: what is said stands here,
 * how it is put together (plurals, numbers, times) in `panel/words.js`. Each area has an entry
 * of its own; what takes a value is a function.
 *
 * A text names nothing that the code knows by another name, and is never markup.
 */

export const TEXTS = Object.freeze({
  display: {
    title: "Colours, contrast and size",
    theme: { title: "Colours", values: { system: "As the system has them", light: "Light", dark: "Dark" } },
    contrast: { title: "Contrast", values: { system: "As the system has it", more: "High", normal: "Normal" } },
    size: { title: "Size", values: { normal: "Normal", projector: "Projector: large letters and nodes" } },
  },
  side: { show: "Show the side", fold: "Fold the side away" },
  nodes: {
    title: "Nodes",
    find: "Find a node  ( / )",
    findWhat: "Find a node by name, address or state",
    nobody: "Nobody is here yet.",
    noneFits: (/** @type {string} */ wanted) => `No node fits “${wanted}”.`,
    plain: "plain",
    waiting: (/** @type {number} */ waiting) => `${waiting} waiting`,
  },
  choice: {
    placeholder: "Click a node, or type",
    missing: "Type the name of a node, or click it.",
    noneFits: (/** @type {string} */ wanted) => `No node fits “${wanted}”.`,
  },
  tip: {
    knows: (/** @type {number} */ others) => `knows ${others}`,
    inbox: (/** @type {number} */ messages) => `${messages} in the inbox`,
    waiting: (/** @type {number} */ messages) => `${messages} waiting`,
    failed: (/** @type {number} */ messages) => `${messages} failed`,
  },
  copy: {
    copy: "Copy",
    copied: "Copied",
    selected: "Selected",
    toldCopied: (/** @type {string} */ what) => `Copied: ${what}`,
    toldSelected: "Copying is not allowed here; the line is selected instead",
    button: (/** @type {string} */ what) => `Copy the line: ${what}`,
  },
  theme: { toLight: "Light colours", toDark: "Dark colours" },
});
