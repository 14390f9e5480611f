/**
 * The field in which the filter is written: completion while one types (WAI-ARIA "Editable
 * combobox with list autocomplete"), an error that points at its word, and a sheet of help.
 *
 * Half a word is no error yet: what is unfinished is said quietly, and loudly only once the
 * field is left. Meanwhile the filter of before goes on, and that is said, too.
 */
import { el, setAttribute, setText } from "../panel/dom.js";
import { TEXTS } from "../texts.js";
import { FIELDS, FLAGS, complete, notes, parse } from "./filter.js";

/** Suggestions at once [guess: what fits over the field at 720 pixels]. */
const SHOWN = 9;
/** Characters of a filter [as the address keeps]. */
export const LONGEST = 1000;

export class FilterField extends EventTarget {
  /** @type {HTMLInputElement} */
  input;
  element;
  /** The line that says what is wrong. */
  says = el("p", { class: "filter-says", id: "filter-says", role: "status", hidden: true });
  /** @type {import("./filter.js").Tree|null} what is in force */
  tree = null;
  /** The text that is in force. */
  text = "";
  /** What is wrong with what stands in the field, while another filter may be in force.
   * @type {import("./filter.js").Problem|null} */
  #problem = null;
  /** Which word is wrong. */
  #wrong = { at: 0, end: 0 };
  #parts = {
    before: el("span"), word: el("button", { type: "button", class: "filter-word", title: TEXTS.filter.goTo, on: {
      mousedown: (event) => event.preventDefault(), // the field keeps the focus, and this its place
      click: () => {
        this.input.focus();
        this.input.setSelectionRange(this.#wrong.at, this.#wrong.end);
      },
    } }), after: el("span"), message: el("span", { class: "filter-message" }), meanwhile: el("span", { class: "filter-before" }),
  };
  #names;
  #list;
  #help;
  /** @type {{insert: string, label: string, what: string}[]} */
  #options = [];
  #active = -1;
  /** What of the text a suggestion replaces. */
  #span = { at: 0, end: 0 };

  /** @param {{names: () => string[]}} parts */
  constructor({ names }) {
    super();
    this.#names = names;
    const { before, word, after, message, meanwhile } = this.#parts;
    this.says.append(el("code", {}, before, word, after), message, meanwhile);
    this.#list = el("ul", { class: "filter-options", id: "filter-options", role: "listbox", "aria-label": TEXTS.filter.options, hidden: true });
    this.input = el("input", {
      type: "search", class: "field", id: "message-filter", placeholder: TEXTS.filter.placeholder,
      role: "combobox", "aria-label": TEXTS.filter.title, "aria-controls": "filter-options", "aria-expanded": "false",
      "aria-autocomplete": "list", "aria-describedby": "filter-says", spellcheck: "false", autocomplete: "off", autocapitalize: "off",
      maxlength: LONGEST,
    });
    this.#help = filterHelp((example) => this.#example(example));
    const ask = el("button", {
      type: "button", class: "filter-ask", "aria-label": TEXTS.filter.help, title: TEXTS.filter.help,
      "aria-expanded": "false", on: { click: () => this.#showHelp(this.#help.hidden === true) },
    }, "?");
    this.element = el("div", { class: "filter-field" }, this.input, ask, this.#list, this.#help);
    this.#listen(ask);
  }

  /** Set it from elsewhere: the address, a button. @param {string} text */
  set(text) {
    this.input.value = text;
    this.#fold();
    this.#read(true);
  }

  /** Names are known now that were not: a note may be wrong. What is wrong without them stays. */
  refresh() {
    if (this.tree !== null && this.#problem === null) this.#say(null, this.tree);
  }

  /** @param {HTMLElement} ask */
  #listen(ask) {
    const { input } = this;
    input.addEventListener("input", () => {
      this.#read(false);
      this.#suggest();
    });
    input.addEventListener("click", () => this.#suggest());
    input.addEventListener("blur", () => {
      this.#fold();
      this.#read(true);
    });
    input.addEventListener("keydown", (event) => {
      const open = !this.#list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) this.#suggest(true);
        this.#point(this.#active + (event.key === "ArrowDown" ? 1 : -1));
      } else if ((event.key === "Enter" || event.key === "Tab") && open && this.#active >= 0) {
        event.preventDefault();
        this.#take(this.#options[this.#active]);
      } else if (event.key === "Enter") {
        this.#fold();
        this.#read(true);
      } else if (event.key === "Escape" && open) {
        event.stopPropagation();
        this.#fold();
      } else if (event.key === "Escape" && input.value !== "") {
        event.stopPropagation();
        this.set("");
      }
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#help.hidden) return;
      event.stopPropagation();
      this.#showHelp(false);
      ask.focus();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!this.#help.hidden && !this.element.contains(/** @type {Node} */ (event.target))) this.#showHelp(false);
    });
  }

  /** @param {boolean} shown */
  #showHelp(shown) {
    this.#help.hidden = !shown;
    setAttribute(/** @type {Element} */ (this.element.querySelector(".filter-ask")), "aria-expanded", String(shown));
    if (shown) this.#fold();
  }

  /** @param {string} example */
  #example(example) {
    const text = this.input.value.trim();
    this.#showHelp(false);
    this.set(text === "" ? example : `${text} ${example}`);
    this.input.focus();
  }

  /** @param {boolean} finished whether what is half written is an error now */
  #read(finished) {
    const text = this.input.value;
    const { tree, problem } = parse(text);
    this.#say(problem === null ? null : { ...problem, unfinished: problem.unfinished && !finished }, tree);
    if (problem !== null || text === this.text) return;
    this.text = text;
    this.tree = tree;
    this.dispatchEvent(new CustomEvent("filter", { detail: { text, tree } }));
  }

  /**
   * @param {import("./filter.js").Problem|null} problem
   * @param {import("./filter.js").Tree|null} tree
   */
  #say(problem, tree) {
    this.#problem = problem;
    const loud = problem !== null && !problem.unfinished;
    setAttribute(this.input, "aria-invalid", loud ? "true" : null);
    const [note] = problem === null ? notes(tree, this.#names()) : [];
    const said = problem ?? note;
    this.says.hidden = said === undefined;
    if (said === undefined) return;
    setAttribute(this.says, "data-kind", problem === null ? "note" : loud ? "error" : "unfinished");
    const text = this.input.value;
    // The words around it, so that it is seen which of two equal ones is meant.
    const [from, to] = [Math.max(0, said.at - 16), Math.min(text.length, said.end + 16)];
    const { before, word, after, message, meanwhile } = this.#parts;
    this.#wrong = said;
    setText(before, `${from > 0 ? "…" : ""}${text.slice(from, said.at)}`);
    setText(word, text.slice(said.at, said.end));
    setText(after, `${text.slice(said.end, to)}${to < text.length ? "…" : ""}`);
    setText(message, said.message);
    setText(meanwhile, problem === null ? "" : this.text.trim() === "" ? TEXTS.filter.meanwhileAll : TEXTS.filter.meanwhileBefore);
  }

  // --- completion ---------------------------------------------------------------------------

  /** @param {boolean} [asked] by a key: also where nothing has been typed */
  #suggest(asked = false) {
    const { value, selectionStart } = this.input;
    const caret = selectionStart ?? value.length;
    const { at, end, options } = complete(value, caret, { names: this.#names() });
    this.#span = { at, end };
    this.#options = at === caret && !asked ? [] : options.slice(0, SHOWN);
    this.#active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.#list.replaceChildren(...this.#options.map((option, index) => el("li", {
      role: "option", id: `filter-option-${index}`, "aria-selected": "false",
      on: { mousedown: (event) => {
        event.preventDefault(); // the field keeps the focus
        this.#take(option);
      } },
    }, el("code", { text: option.label }), el("span", { text: option.what }))));
    this.#list.hidden = this.#options.length === 0;
    setAttribute(this.input, "aria-expanded", String(!this.#list.hidden));
  }

  /** @param {number} index */
  #point(index) {
    const many = this.#options.length;
    if (many === 0) return;
    this.#active = (index + many) % many;
    [...this.#list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === this.#active)));
    this.input.setAttribute("aria-activedescendant", `filter-option-${this.#active}`);
  }

  /** @param {{insert: string}} option */
  #take({ insert }) {
    const { value } = this.input;
    const rest = value.slice(this.#span.end);
    const text = insert.endsWith(" ") && /^\s/.test(rest) ? insert.trimEnd() : insert;
    this.input.value = value.slice(0, this.#span.at) + text + rest;
    const caret = this.#span.at + insert.length;
    this.input.setSelectionRange(caret, caret);
    this.#read(false);
    this.#suggest();
  }

  #fold() {
    this.#list.hidden = true;
    this.#active = -1;
    setAttribute(this.input, "aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

/** @param {(example: string) => void} use */
function filterHelp(use) {
  const example = (/** @type {string} */ text) => el("button", { type: "button", class: "filter-example", text, on: { click: () => use(text) } });
  const row = (/** @type {string} */ text, /** @type {string} */ what) => el("tr", {}, el("th", { scope: "row" }, example(text)), el("td", { text: what }));
  const sheet = el("div", { class: "filter-help", id: "filter-help", role: "group", "aria-label": TEXTS.filter.help, hidden: true },
    el("p", { text: TEXTS.filter.sheet.intro }),
    el("div", { class: "filter-help-columns" },
      el("table", {}, el("tbody", {}, ...Object.values(FIELDS).map(({ example: text, what }) => row(text, what)))),
      el("table", {}, el("tbody", {}, ...Object.entries(FLAGS).map(([name, { what }]) => row(name, what)),
        row("hello", TEXTS.filter.sheet.word),
        row('"hello world"', TEXTS.filter.sheet.quoted),
        row("-state:delivered", TEXTS.filter.sheet.not),
        row("state:lost,waiting", TEXTS.filter.sheet.several),
        row("(from:node1 OR to:node1)", TEXTS.filter.sheet.or),
        row("from:node*", TEXTS.filter.sheet.star),
        row("hops:2..4", TEXTS.filter.sheet.range),
        row("ms>1.5s", TEXTS.filter.sheet.units),
        row("after:5m", TEXTS.filter.sheet.ago)))));
  return sheet;
}

