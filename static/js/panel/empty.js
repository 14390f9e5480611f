/**
 * What stands where the network will be, while there is none to be seen: that it is asked for,
 * that nobody answers, that nobody is there. Each says what to do next.
 *
 * Once there was a picture this is not shown any more: a lost connection dims the picture and has
 * a banner (connection.js).
 */

import { TEXTS } from "../texts.js";
import { copyLine } from "./copying.js";
import { el, setApart, setAttribute, setText } from "./dom.js";

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
      el("h2", { text: TEXTS.empty.looking }),
      el("p", { text: TEXTS.empty.lookingMore })),
    unreachable: el("div", { class: "empty-card" },
      why,
      el("p", { text: TEXTS.empty.ended }),
      copyLine(TEXTS.empty.see, "make status", say),
      copyLine(TEXTS.empty.start, "make up", say),
      el("div", { class: "empty-acts" }, next, el("button", { type: "button", class: "button primary", text: TEXTS.connection.tryNow, on: { click: () => net.tryNow() } }))),
    empty: el("div", { class: "empty-card" },
      el("h2", { text: TEXTS.empty.none }),
      expected,
      copyLine(TEXTS.empty.startFifty, "make up", say),
      copyLine(TEXTS.empty.own, "docker run --network p2p --name mynode your-image", say),
      el("p", {}, ...setApart(TEXTS.empty.missing, (text) => [el("code", { text })]))),
  };
  box.append(...Object.values(parts));
  /** @type {ReturnType<typeof setInterval>|undefined} */
  let ticking;
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((net.retryAt - performance.now()) / 1000));
    setText(next, net.phase === "waiting" ? TEXTS.connection.againIn(seconds) : TEXTS.connection.again);
  };

  const show = () => {
    const which = emptiness(net, model);
    box.hidden = which === null;
    setAttribute(box, "data-state", which);
    for (const [name, part] of Object.entries(parts)) part.hidden = name !== which;
    setText(why, TEXTS.capital(net.reason));
    const count = model.expected ?? 0;
    setText(expected, count > 0 ? TEXTS.empty.expected(count) : TEXTS.empty.unexpected);
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
