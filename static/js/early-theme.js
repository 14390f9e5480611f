/**
 * Sets colours, contrast and size before anything is painted: what the person chose, else
 * what the system prefers. A classic script, since modules run after the first paint.
 * `theme.js` and `display/preferences.js` go on from here.
 */
(() => {
  /** @type {Record<string, unknown>} */
  let chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem("p2p.settings") ?? "{}") ?? {};
  } catch {
    // No storage, or something that is not ours in it: the system's preferences will do.
  }
  const { theme, contrast, size } = chosen;
  const prefers = (/** @type {string} */ what) => matchMedia(`(${what})`).matches;
  const root = document.documentElement.dataset;
  root.theme = theme === "dark" || theme === "light" ? theme : prefers("prefers-color-scheme: dark") ? "dark" : "light";
  root.contrast = contrast === "more" || (contrast !== "normal" && prefers("prefers-contrast: more")) ? "more" : "normal";
  root.size = size === "projector" ? "projector" : "normal";
})();
