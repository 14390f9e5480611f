/**
 * The command palette: type a few letters of what you want, Enter does it.
 *
 * A combobox in a dialog (WAI-ARIA Authoring Practices): the keyboard stays in the field, and
 * the row that Enter means is told by `aria-activedescendant`. What it lists is found.js's
 * business, what a row does the commands'.
 */

import { caps } from "../keys.js";
import { el, setApart, setAttribute, setText } from "../panel/dom.js";
import { nodeShape, shape } from "../panel/shapes.js";
import { LANGUAGE, TEXTS } from "../texts.js";
import { everything, targets } from "./found.js";

/** @typedef {import("./found.js").Row} Row */

/**
 * @param {object} parts
 * @param {HTMLDialogElement} parts.dialog
 * @param {import("./commands.js").Commands} parts.commands
 * @param {import("../model.js").Model} parts.model
 * @param {import("./recent.js").Recent} parts.recent
 * @param {() => number|null} parts.chosen  the chosen node
 * @param {(key: number) => void} parts.open  opens a node
 * @returns {() => void} opens the palette
 */
export function commandPalette({ dialog, commands, model, recent, chosen, open }) {
  const input = el("input", {
    type: "text", class: "field palette-input", id: "palette-input", role: "combobox", "aria-label": TEXTS.palette.question,
    "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": "palette-rows", autocomplete: "off", spellcheck: "false", maxlength: "200",
  });
  const about = el("button", { type: "button", class: "palette-about", title: TEXTS.palette.back, hidden: true, on: { click: () => step(null) } });
  const rowsHost = el("ul", { class: "palette-rows", id: "palette-rows", role: "listbox", "aria-label": TEXTS.palette.title });
  const nothing = el("p", { class: "nothing", role: "status", hidden: true });
  const foot = el("p", { class: "palette-foot", "aria-hidden": "true" },
    ...[TEXTS.palette.choose, TEXTS.palette.does, TEXTS.palette.close].map((how) => el("span", {}, ...setApart(how, (text) => [el("kbd", { text })]))),
    el("span", { class: "palette-tip", text: TEXTS.palette.tip }));
  dialog.setAttribute("aria-label", TEXTS.palette.title);
  dialog.append(el("div", { class: "palette-head" }, about, input), rowsHost, nothing, foot);

  /** @type {import("./commands.js").Command|null} what a target is looked for */
  let wanting = null;
  /** @type {Row[]} */
  let rows = [];
  let active = 0;

  const list = () => {
    const nodes = [...model.nodes.values()];
    rows = wanting === null ? everything(input.value, { commands, nodes, recent })
      : targets(input.value, wanting, { commands, nodes, links: links() });
    const headed = input.value.trim() === "";
    let group = "";
    rowsHost.replaceChildren(...rows.flatMap((row, index) => {
      const head = headed && row.group !== group ? [el("li", { class: "palette-group", role: "presentation", text: row.group })] : [];
      group = row.group;
      return [...head, option(row, index)];
    }));
    rowsHost.scrollTop = 0;
    nothing.hidden = rows.length > 0;
    rowsHost.hidden = rows.length === 0;
    setText(nothing, wanting === null ? TEXTS.palette.none(input.value.trim())
      : wanting.on === "link" ? TEXTS.palette.noLink : TEXTS.palette.noNode);
    point(0);
  };

  /** Links, those of the chosen node first. */
  const links = () => {
    const key = chosen();
    return [...model.links.values()].flatMap(({ a, b }) => {
      const [one, two] = [model.nodes.get(a), model.nodes.get(b)];
      if (one === undefined || two === undefined) return [];
      return [b === key ? { a: two, b: one } : { a: one, b: two }];
    }).sort((x, y) => Number(y.a.key === key) - Number(x.a.key === key)
      || x.a.name.localeCompare(y.a.name, LANGUAGE, { numeric: true }) || x.b.name.localeCompare(y.b.name, LANGUAGE, { numeric: true }));
  };

  /** @param {Row} row @param {number} index */
  const option = (row, index) => {
    const sign = row.node === undefined ? el("span", { class: "palette-sign" }) : el("span", { class: "palette-sign" }, shape(nodeShape(row.node)));
    return el("li", {
      class: "palette-row", role: "option", id: `palette-row-${index}`, "aria-disabled": row.cannot ? "true" : null, title: row.cannot ?? null,
      on: {
        pointermove: () => point(index, false),
        click: () => void choose(index),
      },
    }, sign, el("span", { class: "palette-title" }, ...marked(row)),
    row.cannot ? el("span", { class: "palette-hint", text: row.cannot }) : row.hint ? el("span", { class: "palette-hint", text: row.hint })
      : input.value.trim() !== "" && row.command !== undefined && wanting === null ? el("span", { class: "palette-hint", text: row.group }) : null,
    row.keys?.[0] === undefined || wanting !== null ? null : el("span", { class: "palette-keys" }, ...caps(row.keys[0]).map((cap) => el("kbd", { text: cap }))));
  };

  /** @param {number} index @param {boolean} [scroll] */
  const point = (index, scroll = true) => {
    if (rows.length === 0) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    active = (index + rows.length) % rows.length;
    for (const item of rowsHost.querySelectorAll("[role=option]")) {
      const here = item.id === `palette-row-${active}`;
      setAttribute(item, "aria-selected", String(here));
      if (here && scroll) item.scrollIntoView({ block: "nearest" });
    }
    if (active === 0 && scroll) rowsHost.scrollTop = 0; // its heading, too
    setAttribute(input, "aria-activedescendant", `palette-row-${active}`);
  };

  /** Ask what a command is to be done to; null: no more. @param {import("./commands.js").Command|null} command */
  const step = (command) => {
    wanting = command;
    about.hidden = command === null;
    if (command !== null) setText(about, commands.title(command));
    input.value = "";
    input.placeholder = command === null ? TEXTS.palette.placeholder : command.on === "link" ? TEXTS.palette.whichLink : TEXTS.palette.whichNode;
    list();
    input.focus();
  };

  /** @param {number} index */
  const choose = async (index) => {
    const row = rows[index];
    if (row === undefined || row.cannot) return;
    const { command, target, node } = row;
    if (command === undefined) {
      dialog.close();
      recent.use(row.id);
      if (node !== undefined) open(node.key);
      return;
    }
    if (command.on !== undefined && (target ?? null) === null && command.on !== "selection") return step(command);
    recent.use(command.id);
    dialog.close(); // first: the command may open another, or move the focus
    await commands.run(command, target ?? null);
  };

  input.addEventListener("input", list);
  input.addEventListener("keydown", (event) => {
    const page = 8;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const by = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (by !== undefined) {
      event.preventDefault();
      // By a page it stops at the ends, by one it goes round.
      point(Math.abs(by) === 1 ? active + by : Math.max(0, Math.min(rows.length - 1, active + by)));
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      void choose(active);
    } else if (event.key === "Backspace" && input.value === "" && wanting !== null) {
      step(null);
    } else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault(); // the key that opened it closes it
      dialog.close();
    }
  });
  dialog.addEventListener("cancel", (event) => {
    if (wanting === null) return;
    event.preventDefault();
    step(null);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });

  return () => {
    if (dialog.open) return;
    dialog.showModal();
    step(null);
  };
}

/** A title with what fits in it. @param {Row} row */
function marked({ title, marks }) {
  const parts = [];
  let plain = "";
  const those = new Set(marks);
  for (let at = 0; at < title.length; at += 1) {
    if (!those.has(at)) {
      plain += title[at];
      continue;
    }
    if (plain !== "") parts.push(document.createTextNode(plain));
    plain = "";
    let hit = title[at];
    while (those.has(at + 1)) hit += title[at += 1];
    parts.push(el("mark", { text: hit }));
  }
  if (plain !== "") parts.push(document.createTextNode(plain));
  return parts;
}
