/**
 * The Export menu: the picture, the network for other programs, the messages, the whole run.
 *
 * Pictures are made here, at twice the size of the screen (PNG) or as vectors (SVG), with a
 * caption that says of which run and moment they are. Everything else the dashboard writes
 * (docs/api.md, "The past"); the page gives it a name that says the same. What is exported is
 * what is shown: while a moment of the past is looked at, that moment.
 */
import { el, setAttribute, setText } from "../panel/dom.js";
import { get } from "../api.js";
import { shape } from "../panel/shapes.js";
import { DATES, TEXTS } from "../texts.js";
import { HEIGHT as CAPTION, paintCaption } from "./caption.js";
import { fileName } from "./names.js";
import { SvgContext } from "./svg-context.js";

/** A picture has so many pixels a CSS pixel: sharp in print and on any projector. */
const SCALE = 2;
/** Milliseconds for a file that the dashboard writes: messages of a thousand nodes take seconds. */
const PATIENCE = 60_000;

/** What can be exported: its file, and what is said of it. */
const ENTRIES = /** @type {const} */ ([
  [TEXTS.export.groups.picture, [["png", TEXTS.export.png], ["svg", TEXTS.export.svg]]],
  [TEXTS.export.groups.network, [
    ["graph.graphml", TEXTS.export.graphml], ["graph.gexf", TEXTS.export.gexf], ["graph.dot", TEXTS.export.dot], ["graph.json", TEXTS.export.json],
    ["edges.csv", TEXTS.export.edges],
  ]],
  [TEXTS.export.groups.messages, [["messages.csv", TEXTS.export.csv], ["messages.jsonl", TEXTS.export.jsonl]]],
  [TEXTS.export.groups.run, [["run", TEXTS.export.run]]],
]);

/**
 * @param {object} parts
 * @param {HTMLButtonElement} parts.button  beside which the menu opens
 * @param {import("../picture.js").Picture} parts.picture
 * @param {import("../model.js").Model} parts.model
 * @param {import("../clock.js").Clock} parts.clock
 * @param {(sentence: string) => void} parts.say
 * @param {() => {at: number, run: string|null}|null} [parts.past]  the moment that is shown, and
 *   of which recording, where that is not now
 * @returns {() => void} opens or closes it
 */
export function exportMenu({ button, picture, model, clock, say, past = () => null }) {
  const told = el("p", { class: "export-told", role: "status", hidden: true });
  const menu = el("div", { class: "export-menu", id: "export-menu", role: "menu", "aria-label": TEXTS.export.title, hidden: true },
    ...ENTRIES.map(([group, entries]) => el("div", { role: "group", "aria-label": group },
      el("p", { class: "export-group", "aria-hidden": "true", text: group }),
      ...entries.map(([what, { name, good }]) => el("button", {
        type: "button", class: "export-item", role: "menuitem", tabindex: "-1", "data-what": what, on: { click: () => take(what) },
      }, el("span", { class: "export-name", text: name }), el("span", { class: "export-good", text: good }))))), told);
  const box = /** @type {HTMLElement} */ (button.parentElement);
  button.append(shape("export"), el("span", { class: "export-label", text: TEXTS.export.title }));
  button.title = TEXTS.export.button;
  setAttribute(button, "aria-label", TEXTS.export.title);
  button.addEventListener("click", () => toggle());
  box.append(menu);

  const items = () => /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".export-item")]);
  const toggle = (open = menu.hidden) => {
    menu.hidden = !open;
    setAttribute(button, "aria-expanded", String(open));
    if (open) {
      told.hidden = true;
      items()[0].focus();
    } else if (box.contains(document.activeElement)) {
      button.focus();
    }
  };
  setAttribute(button, "aria-expanded", "false");
  box.addEventListener("keydown", (event) => {
    if (menu.hidden) return;
    const all = items();
    const here = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, () => void>} */
    const keys = {
      Escape: () => toggle(false),
      ArrowDown: () => all[(here + 1) % all.length].focus(),
      ArrowUp: () => all[(here - 1 + all.length) % all.length].focus(),
      Home: () => all[0].focus(),
      End: () => all[all.length - 1].focus(),
    };
    if (event.key === "Tab") toggle(false);
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !box.contains(/** @type {Node} */ (event.target))) toggle(false);
  });

  /** @param {string} what */
  async function take(what) {
    menu.setAttribute("aria-busy", "true");
    setText(told, TEXTS.export.writing);
    told.hidden = false;
    try {
      const moment = past();
      const run = await shownRun(moment?.run ?? null);
      const at = moment?.at ?? clock.now();
      if (what === "run") {
        if (run.id === null) throw new Error(TEXTS.export.noHistory);
        save(`/api/runs/${encodeURIComponent(run.id)}/export`, ""); // it may be large: straight to the disk
      } else if (what === "png" || what === "svg") {
        const about = { run: run.name, when: written(at, moment !== null), line: model.summary?.line ?? "" };
        keep(await (what === "png" ? png(picture, about) : svg(picture, about)), fileName(run.name, at, what));
      } else {
        keep(await file(`/api/export/${what}${moment === null ? "" : question(moment)}`), fileName(run.name, at, what));
      }
      toggle(false);
      say(TEXTS.export.told);
    } catch (error) {
      setText(told, TEXTS.export.failed(error instanceof Error ? error.message : String(error)));
    } finally {
      menu.removeAttribute("aria-busy");
    }
  }
  return () => toggle();
}

/** @param {{at: number, run: string|null}} moment */
function question({ at, run }) {
  return `?at=${Math.round(at)}${run === null ? "" : `&run=${encodeURIComponent(run)}`}`;
}

/**
 * The run that is looked at; without one, the one that is written, or the newest.
 * @param {string|null} id
 */
async function shownRun(id) {
  try {
    const { runs } = await get("/api/runs");
    const run = runs.find((/** @type {any} */ one) => (id === null ? one.current : one.id === id)) ?? runs[0];
    if (run) return { id: /** @type {string} */ (run.id), name: /** @type {string} */ (run.name || run.id) };
  } catch (error) {
    if (/** @type {any} */ (error).status !== 404) throw error;
  }
  return { id: null, name: "p2p" }; // without a history there are no runs, but pictures
}

/** @param {string} path */
async function file(path) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (answer.ok) return answer.blob();
  const said = await answer.json().catch(() => null);
  throw new Error(typeof said?.error === "string" ? said.error : TEXTS.api.answered(answer.status));
}

/** A moment for people. @param {number} at @param {boolean} past */
function written(at, past) {
  const text = new Date(at).toLocaleString(DATES, { dateStyle: "long", timeStyle: "medium" });
  return past ? TEXTS.export.past(text) : text;
}

/** @param {import("../picture.js").Picture} picture @param {import("./caption.js").About} about */
async function png(picture, about) {
  const { width, height } = picture.size;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * SCALE);
  canvas.height = Math.round((height + CAPTION) * SCALE);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(SCALE, 0, 0, SCALE, 0, 0);
  paint(picture, context, about);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  if (blob === null) throw new Error(TEXTS.export.tooLarge);
  return /** @type {Blob} */ (blob);
}

/** @param {import("../picture.js").Picture} picture @param {import("./caption.js").About} about */
function svg(picture, about) {
  const { width, height } = picture.size;
  const ruler = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  const context = new SvgContext((font, text) => {
    ruler.font = font;
    return ruler.measureText(text).width;
  });
  paint(picture, /** @type {any} */ (context), about);
  const title = TEXTS.export.pictureTitle(about.run, about.when, about.line);
  return new Blob([context.document({ width, height: height + CAPTION, title })], { type: "image/svg+xml" });
}

/**
 * @param {import("../picture.js").Picture} picture
 * @param {CanvasRenderingContext2D} context
 * @param {import("./caption.js").About} about
 */
function paint(picture, context, about) {
  picture.paintOn(context, (surface, scene) => {
    surface.translate(0, scene.height);
    paintCaption(surface, scene, about);
  });
}

/** @param {Blob} blob @param {string} name */
function keep(blob, name) {
  const url = URL.createObjectURL(blob);
  save(url, name);
  setTimeout(() => URL.revokeObjectURL(url), PATIENCE); // the browser reads it in its own time
}

/** @param {string} url @param {string} name */
function save(url, name) {
  const anchor = el("a", { href: url, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}
