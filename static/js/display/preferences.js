/**
 * Contrast and size: the system's preference until the person chooses, and what he chose
 * after that. CSS does the work, by `data-contrast` and `data-size` of the root element
 * (css/tokens.css, css/display.css); `early-theme.js` has set both before the first paint.
 */

/** From this width on letters and nodes are larger (css/display.css has the same) [guess:
 *  a 4K screen that is not told to enlarge by itself]. */
const HUGE = "(min-width: 2560px)";

/**
 * Keeps both in step with choice and system; calls `changed` after each change.
 * @param {import("../settings.js").Settings} settings
 * @param {() => void} changed
 */
export function followPreferences(settings, changed) {
  const more = matchMedia("(prefers-contrast: more)");
  const forced = matchMedia("(forced-colors: active)");
  const apply = () => {
    const root = document.documentElement.dataset;
    root.contrast = wanted(settings.get("contrast"), more.matches);
    root.size = settings.get("size");
    changed();
  };
  for (const query of [more, forced, matchMedia(HUGE)]) query.addEventListener("change", apply);
  settings.addEventListener("change", (event) => {
    if (["contrast", "size"].includes(/** @type {CustomEvent} */ (event).detail.name)) apply();
  });
  apply();
}

/**
 * @param {string} chosen
 * @param {boolean} system whether the system asks for more
 */
export function wanted(chosen, system) {
  return chosen === "more" || (chosen !== "normal" && system) ? "more" : "normal";
}
