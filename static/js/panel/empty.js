/**
 * What stands where the network will be, while there is none to be seen: that it is asked for,
 * that nobody answers, that nobody is there. Each says what to do next.
 *
 * Once there was a picture this is not shown any more: a lost connection dims the picture and has
 * a banner (connection.js).
 */

import { copyLine } from "./copying.js";
import { el, setAttribute, setText } from "./dom.js";

/**
 * Which of them it is; null: there is something to see. No DOM.
 * @param {{phase: string, reason: string}} net
 * @param {{number: number|null, nodes: ReadonlyMap<number, unknown>, summary: Record<string, any>|null}} model
 * @returns {"loading"|"unreachable"|"empty"|null}
 */
export function emptiness(net, model) {
  if (model.number !== null) return model.nodes.size > 0 ? null : "empty";
  return net.reason === "" ? "loading" : "unreachable";
}

/**
 * @param {HTMLElement} box
 * @param {import("../model.js").Model} model
 * @param {import("../net.js").Net} net
 * @param {(sentence: string) => void} say
 */
export function emptyState(box, model, net, say) {
  const next = el("p", { class: "empty-next", role: "status" });
  const why = el("h2");
  const expected = el("p", { class: "empty-expected" });
  const parts = {
    loading: el("div", { class: "empty-card" },
      el("div", { class: "empty-signs", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
      el("h2", { text: "Looking for the network…" }),
      el("p", { text: "The dashboard is being asked. This takes a moment." })),
    unreachable: el("div", { class: "empty-card" },
      why,
      el("p", { text: "The page came from it a moment ago, so it has just ended, or is very busy. See how it is, or start it:" }),
      copyLine("See how it is", "make status", say),
      copyLine("Start the network and the dashboard", "make up", say),
      el("div", { class: "empty-acts" }, next, el("button", { type: "button", class: "button primary", text: "Try now", on: { click: () => net.tryNow() } }))),
    empty: el("div", { class: "empty-card" },
      el("h2", { text: "No nodes yet" }),
      expected,
      copyLine("Start fifty", "make up", say),
      copyLine("Put one of your own into the network", "docker run --network p2p --name mynode your-image", say),
      el("p", {}, "Something should be here? ", el("code", { text: "make status" }), " says what runs, and ", el("code", { text: "make logs" }), " what was printed.")),
  };
  box.append(...Object.values(parts));
  /** @type {ReturnType<typeof setInterval>|undefined} */
  let ticking;
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((net.retryAt - performance.now()) / 1000));
    setText(next, net.phase === "waiting" ? `Trying again in ${seconds} s.` : "Trying again…");
  };

  const show = () => {
    const which = emptiness(net, model);
    box.hidden = which === null;
    setAttribute(box, "data-state", which);
    for (const [name, part] of Object.entries(parts)) part.hidden = name !== which;
    setText(why, `${net.reason.charAt(0).toUpperCase()}${net.reason.slice(1)}`);
    const count = model.expected ?? 0;
    setText(expected, count > 0 ? `${count} were started. They appear here by themselves as soon as they run; fifty take some ten seconds.`
      : "They appear here by themselves as soon as they run.");
    if (which === "unreachable") {
      tick();
      ticking ??= setInterval(tick, 1000);
    } else {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
  net.addEventListener("change", show);
  return show;
}
