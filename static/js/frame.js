/**
 * How the page is divided: which panels are folded, and which is large. That is known before
 * the panels are there, so the picture has its final size from the first moment on.
 */

/** Where the panels stand one below the other [static/css/page.css]. */
const NARROW = "(max-width:760px)";

/**
 * @param {import("./settings.js").Settings} settings
 * @param {{side: HTMLElement, messages: HTMLElement, work: HTMLElement}} parts  work: what holds all of them
 */
export function followFrame(settings, { side, messages, work }) {
  const divide = () => {
    const folded = settings.get("messages") === "folded";
    side.classList.toggle("folded", settings.get("side") === "folded");
    messages.classList.toggle("folded", folded);
    messages.classList.toggle("large", !folded && settings.get("messagesSize") === "large");
    work.classList.toggle("with-health", settings.get("health") === "open");
  };
  // There the panel of the network's health would push the picture away: a page begins with
  // the picture, and what was chosen on a wider screen counts there.
  if (matchMedia(NARROW).matches) settings.lend("health", "folded");
  settings.addEventListener("change", divide);
  divide();
}
