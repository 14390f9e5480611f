/**
 * The legend: what is drawn and how, with the choices where their meaning is explained.
 */

import { ends } from "../scale.js";
import { CHOICES } from "../settings.js";
import { TEXTS } from "../texts.js";
import { el, paced, setAttribute, setText } from "./dom.js";
import { shape } from "./shapes.js";

/** Milliseconds between two looks at where the scale ends. */
const EVERY = 500;


/**
 * @param {HTMLElement} host
 * @param {import("../settings.js").Settings} settings
 * @param {import("../model.js").Model} model
 */
export function legend(host, settings, model) {
  const more = el("button", { type: "button", class: "legend-more", "aria-controls": "legend", hidden: true, on: { click: () => whole(!host.classList.contains("whole")) } });
  const states = el("ul", { class: "legend-items", "data-for": "state" }, ...(/** @type {const} */ (["alive", "suspect", "dead", "left", "plain"]))
    .map((sign) => el("li", {}, shape(sign), TEXTS.states[sign])));
  const scale = el("p", { class: "legend-items legend-scale" },
    el("span", { class: "scale-low" }), el("span", { class: "scale-bar" }, el("span", { class: "scale-middle" })), el("span", { class: "scale-high" }));
  const cuts = el("p", { class: "legend-items legend-cuts" },
    el("span", { class: "legend-item", title: TEXTS.legend.cutNodeWhat }, shape("critical"), TEXTS.legend.cutNode),
    el("span", { class: "legend-item", title: TEXTS.legend.cutLinkWhat }, shape("bridge"), TEXTS.legend.cutLink));
  host.append(
    choice("colour", settings), states, scale, cuts,
    el("p", { class: "legend-items" }, el("span", { class: "legend-item" }, shape("link"), TEXTS.legend.link)),
    el("span", { class: "legend-group", title: TEXTS.legend.knowsWhat }, shape("knows"), choice("knows", settings)),
    el("span", { class: "legend-group", title: TEXTS.legend.flightWhat },
      shape("dot"), TEXTS.legend.message, shape("square"), TEXTS.legend.broadcast, choice("flight", settings)),
    el("p", { class: "legend-items" }, el("span", { class: "legend-item" }, shape("failed"), TEXTS.legend.failed),
      el("span", { class: "legend-item", title: TEXTS.legend.waitingWhat },
        el("span", { class: "waiting-badge", "aria-hidden": "true", text: "2" }), TEXTS.legend.waiting)),
  );
  host.append(more);
  // One line, whatever comes into it; a button where that is not all of it.
  const whole = (/** @type {boolean} */ shown) => {
    host.classList.toggle("whole", shown);
    setAttribute(more, "aria-expanded", String(shown));
    setText(more, shown ? TEXTS.legend.oneLine : TEXTS.legend.all);
  };
  whole(false);
  const look = () => {
    if (host.classList.contains("whole")) return;
    host.classList.remove("over"); // the button's own room must not count
    const over = host.scrollHeight > host.clientHeight + 4;
    host.classList.toggle("over", over);
    if (more.hidden === over) more.hidden = !over; // else this would be news to the observer, for ever
  };
  // A frame later: what changes a size while sizes are told is an error to browsers.
  new ResizeObserver(() => requestAnimationFrame(look)).observe(host);
  new MutationObserver(look).observe(host, { childList: true, subtree: true, characterData: true, attributeFilter: ["hidden"] });
  host.addEventListener("focusin", (event) => {
    if (event.target !== more && host.scrollTop > 0) whole(true); // what has the focus is seen
    host.scrollTop = 0;
  });

  const show = () => {
    const colour = settings.get("colour");
    states.hidden = colour !== "state";
    scale.hidden = colour === "state";
    cuts.hidden = settings.get("cuts") !== "shown";
    if (scale.hidden) return;
    const [low, bar, high] = scale.children;
    const [lowest, middle, highest] = ends(model, /** @type {"degree"|"known"} */ (colour));
    setText(low, lowest);
    setText(/** @type {Element} */ (bar.firstElementChild), middle);
    setText(high, highest);
  };
  const changed = paced(show, EVERY);
  model.follow(({ nodes, links }) => {
    if (!scale.hidden && (nodes || links)) changed();
  });
  settings.addEventListener("change", show);
  show();
}

/**
 * @param {"colour"|"knows"|"flight"} name
 * @param {import("../settings.js").Settings} settings
 */
function choice(name, settings) {
  const meaning = TEXTS.legend.meanings[name];
  const select = el("select", { class: "choice", id: `choice-${name}`, "aria-label": meaning, title: meaning, on: { change: () => settings.set(name, select.value) } },
    ...CHOICES[name].map((value) => el("option", { value, text: TEXTS.legend[name][/** @type {never} */ (value)] })));
  const show = () => {
    select.value = settings.get(name);
  };
  settings.addEventListener("change", show);
  show();
  return el("label", { class: "legend-choice" }, `${TEXTS.legend.labels[name]} `, select);
}
