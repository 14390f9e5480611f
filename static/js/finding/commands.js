/**
 * One table of everything that can be done on this page.
 *
 * The keys, the help sheet, the command palette and the menus of nodes, links and the picture
 * all read this one, so what one of them offers is in the others too, under the same name and
 * with the same key. A part of the page adds what it can do (`add`) and knows none of them.
 *
 * A command may be done to something (`on`): then it stands in the menu of such a thing, and
 * the palette asks for one where none is chosen. What destroys something says what to ask first
 * (`asks`); who has answered once for a command is not asked again if he says so.
 *
 * No DOM: `node --test` runs it as it is.
 *
 * @typedef {import("../model.js").Key} Key
 * @typedef {"node"|"link"|"picture"|"selection"} On
 *
 * @typedef {object} Target  what a command is done to
 * @property {On} on
 * @property {Key} [node]
 * @property {{a: Key, b: Key}} [link]
 * @property {Key[]} [nodes]  of a selection
 *
 * @typedef {object} Command
 * @property {string} id
 * @property {string|((target: Target|null) => string)} title  null: said in general
 * @property {string|((target: Target) => string)} [short]  in the menu of a thing, whose name stands over it
 * @property {string} group  the heading under which it stands
 * @property {readonly string[]} [keys]  as `combo` of keys.js writes them; the first is shown
 * @property {On} [on]  left out: it needs nothing, and stands in no menu
 * @property {string} [words]  by which it is found too
 * @property {boolean} [unlisted]  true: only its keys do it, and the palette has it not
 * @property {boolean} [acts]  true: it changes the network, and is not for who may only look
 * @property {boolean} [whileTyping]  true: its keys count in a text field as well
 * @property {(target: Target|null) => string} [cannot]  why it cannot be done now; "": it can
 * @property {(target: Target|null) => string} [asks]  a question before something is destroyed
 * @property {(target: Target|null) => void|Promise<void>} run
 */

import { TEXTS } from "../texts.js";

/** The headings, in their order; others come behind. @type {readonly string[]} */
export const GROUPS = Object.values(TEXTS.groups);

export class Commands extends EventTarget {
  /** @type {Map<string, Command>} */
  #commands = new Map();
  #targetOf;
  #ask;
  #tell;
  #mayNot;
  /** Commands that are not asked for any more. @type {Set<string>} */
  #agreed = new Set();

  /**
   * @param {object} parts
   * @param {(on: On) => Target|null} parts.targetOf  what is chosen now, of such things
   * @param {(question: string, yes: string) => Promise<{yes: boolean, always: boolean}>} parts.ask
   * @param {(sentence: string, failed: boolean) => void} parts.tell  why nothing was done
   * @param {() => string} [parts.mayNot]  why this page may change nothing; "": it may
   */
  constructor({ targetOf, ask, tell, mayNot = () => "" }) {
    super();
    this.#targetOf = targetOf;
    this.#ask = ask;
    this.#tell = tell;
    this.#mayNot = mayNot;
  }

  /** Add commands; one with the same id is replaced. @param {...Command} commands */
  add(...commands) {
    for (const command of commands) {
      for (const key of command.keys ?? []) {
        const other = this.ofKey(key);
        if (other !== undefined && other.id !== command.id) throw new Error(`${key} is the key of ${other.id} already`);
      }
      this.#commands.set(command.id, command);
    }
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} id */
  get(id) {
    return this.#commands.get(id);
  }

  /** All of them, by heading, and within one as they were added. @returns {Command[]} */
  all() {
    const rank = (/** @type {Command} */ { group }) => {
      const at = GROUPS.indexOf(group);
      return at < 0 ? GROUPS.length : at;
    };
    return [...this.#commands.values()].sort((a, b) => rank(a) - rank(b));
  }

  /** What can be done to such things. @param {On} on */
  on(on) {
    return this.all().filter((command) => command.on === on && !command.unlisted);
  }

  /** @param {string} key as `combo` of keys.js writes it */
  ofKey(key) {
    return [...this.#commands.values()].find((command) => command.keys?.includes(key));
  }

  /** What it would be done to now. @param {Command} command @returns {Target|null} */
  target(command) {
    return command.on === undefined ? null : this.#targetOf(command.on);
  }

  /** Why it cannot be done to this now; "": it can. @param {Command} command @param {Target|null} target */
  cannot(command, target) {
    const mayNot = command.acts === true ? this.#mayNot() : "";
    return mayNot !== "" ? mayNot : command.cannot?.(target) ?? "";
  }

  /** @param {Command} command @param {Target|null} [target] */
  title(command, target = null) {
    return typeof command.title === "string" ? command.title : command.title(target);
  }

  /**
   * Do it, to what is given or chosen.
   * @param {Command} command
   * @param {Target|null} [target]
   * @returns {Promise<boolean>} whether it was done
   */
  async run(command, target = this.target(command)) {
    if (command.on !== undefined && target === null) {
      const keys = command.keys?.[0];
      const missing = TEXTS.commands.missing[command.on];
      this.#tell(keys === undefined ? TEXTS.commands.missed(missing) : TEXTS.commands.missedKey(missing, keys), false);
      return false;
    }
    const cannot = this.cannot(command, target);
    if (cannot !== "") {
      this.#tell(cannot, false);
      return false;
    }
    if (command.asks !== undefined && !this.#agreed.has(command.id)) {
      const { yes, always } = await this.#ask(command.asks(target), this.title(command, target));
      if (!yes) return false;
      if (always) this.#agreed.add(command.id);
    }
    this.dispatchEvent(new CustomEvent("run", { detail: { command, target } }));
    try {
      await command.run(target);
    } catch (failure) {
      this.#tell(TEXTS.commands.failed(this.title(command, target), /** @type {Error} */ (failure).message), true);
      return false;
    }
    return true;
  }
}
