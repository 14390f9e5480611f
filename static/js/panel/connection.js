/**
 * Whether the page is live: a badge always, and a banner when it is not. A picture that
 * has stopped must not look like a calm network, so it dims and says how old it is.
 */

import { TEXTS } from "../texts.js";
import { el, setAttribute, setText } from "./dom.js";
import { lasting } from "./words.js";

/**
 * @param {{badge: HTMLElement, banner: HTMLElement, page: HTMLElement,
 *          net: import("../net.js").Net}} parts
 */
export function connectionPanel({ badge, banner, page, net }) {
  const badgeText = /** @type {HTMLElement} */ (badge.querySelector(".badge-text"));
  const what = el("strong");
  const next = el("span", { class: "banner-next" });
  const again = el("button", { type: "button", class: "button", text: TEXTS.connection.tryNow, on: { click: () => net.tryNow() } });
  banner.append(el("p", {}, what, " ", next), again);
  /** @type {number|undefined} */
  let ticking;
  let wasLive = false;

  const tick = () => {
    const seconds = Math.max(0, Math.ceil((net.retryAt - performance.now()) / 1000));
    const age = net.lastPacketAt === null ? null : performance.now() - net.lastPacketAt;
    const trying = net.phase === "waiting" ? TEXTS.connection.againIn(seconds) : TEXTS.connection.again;
    setText(next, age === null ? trying : TEXTS.connection.old(trying, lasting(age)));
  };

  const show = () => {
    setAttribute(badge, "data-phase", net.phase);
    setText(badgeText, TEXTS.connection[net.phase === "live" ? "live" : wasLive || net.reason ? "reconnecting" : "connecting"]);
    if (net.phase === "live") wasLive = true;
    const lost = net.phase !== "live" && net.reason !== "";
    // Before there was a picture there is a card in its place, which says more (empty.js).
    banner.hidden = !lost || net.lastPacketAt === null;
    page.classList.toggle("stale", lost);
    if (lost) {
      setText(what, TEXTS.sentence(net.reason));
      tick();
      ticking ??= setInterval(tick, 1000); // only while there is something to count down
    } else if (ticking !== undefined) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
  net.addEventListener("change", show);
  show();
}
