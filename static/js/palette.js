/**
 * The colours of the picture, read from the page's CSS (css/tokens.css).
 *
 * A canvas knows no CSS variables, so they are read once, and again when the theme changes.
 */

/** The names as they stand in the CSS, without the two dashes. */
const NAMES = /** @type {const} */ ([
  "stage", "surface", "rule", "rule-strong", "text", "text-soft", "accent", "on-accent",
  "alive", "suspect", "dead", "left", "plain", "link", "knows", "label", "label-halo",
  "message", "message-halo", "broadcast", "broadcast-halo", "failed", "waiting", "on-waiting",
  "scale-low", "scale-high", "critical",
  "cut", "slow", "ice", "on-fault", "side-a", "side-b", "side-c", "side-d",
]);

/** @typedef {Record<typeof NAMES[number], string> & {font: string, scale: number}} Palette
 *  scale: how much larger than usual letters and nodes are */

/**
 * @param {HTMLElement} element
 * @returns {Palette}
 */
export function readPalette(element) {
  const style = getComputedStyle(element);
  /** @type {Record<string, string|number>} */
  const palette = { font: style.fontFamily || "sans-serif", scale: Number(style.getPropertyValue("--scale")) || 1 };
  for (const name of NAMES) palette[name] = style.getPropertyValue(`--${name}`).trim() || "#888888";
  return /** @type {Palette} */ (palette);
}

/**
 * A colour between two, in sRGB. Both are #rrggbb.
 * @param {string} low
 * @param {string} high
 * @param {number} t  0 … 1
 */
export function between(low, high, t) {
  const mixed = [1, 3, 5].map((at) => {
    const a = parseInt(low.slice(at, at + 2), 16);
    const b = parseInt(high.slice(at, at + 2), 16);
    return Math.round(a + (b - a) * t).toString(16).padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}
