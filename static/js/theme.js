/**
 * Dark and light: the system's preference until the person chooses. `early-theme.js` has
 * set it before the first paint. Contrast and size: display/preferences.js.
 */

/**
 * Keeps the theme in step with choice and system; calls `changed` after each change.
 * @param {import("./settings.js").Settings} settings
 * @param {(theme: "dark"|"light") => void} changed
 * @returns {{toggle: () => void}}
 */
export function followTheme(settings, changed) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = settings.get("theme");
    const theme = chosen === "dark" || chosen === "light" ? chosen : system.matches ? "dark" : "light";
    document.documentElement.dataset.theme = theme;
    changed(theme);
  };
  system.addEventListener("change", apply);
  settings.addEventListener("change", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.name === "theme") apply();
  });
  apply();
  return {
    toggle: () => settings.set("theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
  };
}
