/**
 * The recordings: which there are, to open, name, save as a file and delete, and one to be read
 * from a file. They are files of the dashboard (`/api/runs`), so they need no network.
 */

import { get, post, remove, upload } from "../api.js";
import { el, setText } from "../panel/dom.js";
import { shape } from "../panel/shapes.js";
import { TEXTS } from "../texts.js";
import { clock, day, spanned } from "./words.js";

/** Bytes that the dashboard takes [docs/api.md]. */
const MOST = 512 * 1024 * 1024;

/**
 * @typedef {{id: string, name: string, current: boolean, imported: boolean, since: number|null,
 *   until: number|null, records: number, bytes: number}} Run
 */

/**
 * @param {{time: import("./time.js").Time, now: () => number, say: (sentence: string) => void, changed: () => void}} parts
 *   changed: what they are called is known, or different
 * @returns {{show: () => void, refresh: () => void, nameOf: (id: string) => string}}
 */
export function recordings({ time, now, say, changed }) {
  const rows = el("ul", { class: "runs" });
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const state = el("p", { class: "runs-state" });
  const input = el("input", { type: "file", accept: ".p2prun,application/gzip", class: "quiet", id: "run-file", "aria-label": TEXTS.recordings.file, on: {
    change: () => {
      const [file] = input.files ?? [];
      input.value = "";
      if (file !== undefined) void take(file);
    },
  } });
  const choose = el("button", { type: "button", class: "button", text: TEXTS.recordings.openFile, on: { click: () => input.click() } });
  const dialog = el("dialog", { class: "help recordings", "aria-labelledby": "recordings-title" },
    el("header", { class: "help-head" },
      el("h2", { id: "recordings-title", text: TEXTS.recordings.title }),
      el("button", { type: "button", class: "button icon-button quiet-button", "aria-label": TEXTS.recordings.close, on: { click: () => dialog.close() } }, shape("close"))),
    el("div", { class: "recordings-body" },
      el("p", { class: "recordings-about", text: TEXTS.recordings.about }),
      rows, problem,
      el("div", { class: "recordings-foot" }, state, input, choose)));
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("dragover", (event) => event.preventDefault());
  dialog.addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file !== undefined) void take(file);
  });

  /** @type {Run[]} */
  let known = [];
  let readOnly = false;

  /** Do something with the dashboard's files, and say what went wrong. @param {() => Promise<void>} run */
  const attempt = async (run) => {
    problem.hidden = true;
    dialog.setAttribute("aria-busy", "true");
    try {
      await run();
    } catch (error) {
      setText(problem, error instanceof Error ? TEXTS.sentence(error.message) : String(error));
      problem.hidden = false;
    } finally {
      dialog.removeAttribute("aria-busy");
    }
  };

  const load = () => attempt(async () => {
    const said = await get("/api/runs");
    known = said.runs;
    readOnly = said.recording.state === "off";
    choose.hidden = readOnly;
    setText(state, { on: TEXTS.recordings.recording, failing: TEXTS.recordings.notRecording(said.recording.why ?? TEXTS.recordings.disk), off: time.hasPresent ? TEXTS.recordings.off : "" }[/** @type {"on"} */ (said.recording.state)] ?? "");
    paint();
    changed();
  });

  /** @param {File} file */
  const take = (file) => attempt(async () => {
    if (file.size > MOST) throw new Error(TEXTS.recordings.tooLarge);
    setText(state, TEXTS.recordings.reading(file.name));
    try {
      const made = await upload("/api/runs", file, "application/gzip");
      say(TEXTS.recordings.toldRead(made.name, made.records));
      await load();
      const opener = rows.querySelector(`[data-run="${CSS.escape(made.id)}"] .run-open`);
      if (opener instanceof HTMLElement) opener.focus();
    } catch (error) {
      setText(state, "");
      throw error;
    }
  });

  /** @param {Run} run */
  const row = (run) => {
    const shown = time.mode === "past" && (time.run === run.id || (time.run === null && run.current));
    const name = el("input", { class: "run-name", value: run.name, maxlength: "63", "aria-label": TEXTS.recordings.name(run.name), spellcheck: "false", on: {
      change: () => attempt(async () => {
        const wanted = name.value.trim();
        if (wanted === "" || wanted === run.name) name.value = run.name;
        else {
          await post(`/api/runs/${encodeURIComponent(run.id)}`, { name: wanted });
          say(TEXTS.recordings.toldNamed(wanted));
        }
        await load();
      }),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Escape") {
          event.preventDefault();
          name.value = run.name;
          name.blur();
        } else if (event.key === "Enter") name.blur();
      },
    } });
    if (readOnly) name.readOnly = true;
    const bin = el("button", { type: "button", class: "button icon-button quiet-button run-bin", "aria-label": TEXTS.recordings.deleteWhat(run.name), title: TEXTS.recordings.delete, on: {
      click: () => {
        if (bin.dataset.asks === undefined) {
          bin.dataset.asks = "";
          bin.replaceChildren(TEXTS.recordings.really);
          bin.addEventListener("blur", () => paint(), { once: true });
          return;
        }
        void attempt(async () => {
          await remove(`/api/runs/${encodeURIComponent(run.id)}`);
          say(TEXTS.recordings.toldDeleted(run.name));
          await load();
        });
      },
    } }, shape("bin"));
    const open = el("button", { type: "button", class: "button run-open", text: run.current ? TEXTS.recordings.fromStart : TEXTS.recordings.open, "aria-label": TEXTS.recordings.openWhat(run.name), on: {
      click: () => {
        dialog.close();
        void time.open(run.current ? null : run.id, { at: run.since ?? 0 });
      },
    } });
    if (run.since === null) open.disabled = true;
    const length = run.since === null || run.until === null ? TEXTS.recordings.empty
      : TEXTS.recordings.length([day(run.since, now()), clock(run.since).slice(0, 5)].filter(Boolean).join(" "), spanned(run.until - run.since));
    return el("li", { class: "run", "data-run": run.id, "data-shown": shown },
      el("div", { class: "run-what" }, name,
        el("p", { class: "run-about" }, el("span", { text: TEXTS.recordings.facts(length, run.records, sized(run.bytes)) }),
          run.current && time.hasPresent ? el("span", { class: "run-mark", text: TEXTS.recordings.now }) : null,
          run.imported && time.hasPresent ? el("span", { class: "run-mark", text: TEXTS.recordings.imported }) : null)),
      open,
      el("a", { class: "button icon-button quiet-button run-save", href: `/api/runs/${encodeURIComponent(run.id)}/export`, download: "", title: TEXTS.recordings.save, "aria-label": TEXTS.recordings.saveWhat(run.name) }, shape("save")),
      readOnly || run.current ? el("span", { class: "run-bin" }) : bin);
  };

  const paint = () => {
    rows.replaceChildren(...known.map(row));
    if (known.length === 0) rows.append(el("li", { class: "nothing", text: TEXTS.recordings.none }));
  };

  return {
    show: () => {
      if (!dialog.open) dialog.showModal();
      void load();
    },
    refresh: () => void load(),
    nameOf: (id) => known.find((run) => run.id === id)?.name ?? "",
  };
}

/** @param {number} bytes */
function sized(bytes) {
  return bytes < 1e6 ? TEXTS.recordings.kilobytes(Math.max(1, Math.round(bytes / 1e3))) : TEXTS.recordings.megabytes((bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0));
}
