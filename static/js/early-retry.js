/**
 * Loads the page again when one of its files did not come.
 *
 * Chromium breaks off every request when a network interface comes or goes
 * (ERR_NETWORK_CHANGED), and each container that starts brings one: whoever opens the page
 * while fifty of them come up would be left with half a page. A module that is missing ends
 * the whole page, and nobody but a classic script, loaded before, can notice it.
 */
(() => {
  const KEY = "p2p.retries";
  /** Attempts before the page gives up and says so [guess: fifty containers take 20 s]. */
  const MOST = 20;
  let coming = false;
  let before = 0;
  try {
    before = Number(sessionStorage.getItem(KEY)) || 0;
  } catch {
    before = MOST; // without a storage we could not stop: do not begin
  }
  const again = () => {
    if (coming) return;
    coming = true;
    if (before >= MOST) {
      // Where nobody writes over it: the picture may be there, and its sentence.
      const notice = document.createElement("div");
      notice.className = "notice";
      notice.dataset.kind = "problem";
      notice.textContent = "A part of this page did not come. Is the dashboard running? Reload to try again.";
      const show = () => document.getElementById("notices")?.append(notice);
      if (document.readyState === "loading") addEventListener("DOMContentLoaded", show);
      else show();
      return;
    }
    sessionStorage.setItem(KEY, String(before + 1));
    setTimeout(() => location.reload(), Math.min(1000, 200 * (before + 1)));
  };
  addEventListener("error", (event) => {
    const of = event.target;
    const missing = of instanceof HTMLScriptElement || of instanceof HTMLLinkElement
      // A worker's unhandled error arrives here too, with nothing but its words.
      || (event instanceof ErrorEvent && event.message.includes("importScripts"));
    if (missing) again();
  }, true);
  addEventListener("p2p-missing", again); // main.js, of the modules that come later
  addEventListener("p2p-started", () => {
    // Not at once: the worker's files may still be missing.
    setTimeout(() => {
      if (!coming && before < MOST) sessionStorage.removeItem(KEY);
    }, 5000);
  });
})();
