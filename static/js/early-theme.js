/**
 * Sets the theme before anything is painted: what the person chose, else what the system
 * prefers. A classic script, since modules run after the first paint. `theme.js` goes on
 * from here.
 */
(() => {
  let chosen = null;
  try {
    chosen = JSON.parse(localStorage.getItem("p2p.settings") ?? "{}").theme;
  } catch {
    // No storage, or something that is not ours in it: the system's preference will do.
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = chosen === "dark" || chosen === "light" ? chosen : dark ? "dark" : "light";
  document.documentElement.dataset.theme = theme;
})();
