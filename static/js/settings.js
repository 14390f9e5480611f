/**
 * What the person chose and the page remembers: theme, what is drawn, folded panels.
 * Kept in localStorage; without one (private windows) it lasts as long as the page.
 */

const KEY = "p2p.settings";

/** Choices with their allowed values; the first is the default. */
export const CHOICES = /** @type {const} */ ({
  knows: ["selected", "none", "all"],
  colour: ["state", "degree", "known"],
  flight: ["200", "600", "1200"],
  side: ["open", "folded"],
  messages: ["open", "folded"],
  health: ["folded", "open"],
  cuts: ["hidden", "shown"],
  contrast: ["system", "more", "normal"],
  size: ["normal", "projector"],
  messagesSize: ["small", "large"],
  messagesView: ["table", "spacetime"],
});

/** @typedef {keyof typeof CHOICES | "theme"} Setting */

export class Settings extends EventTarget {
  /** @type {Record<string, string>} */
  #values = {};
  /** What the person had chosen where an address says otherwise. @type {Map<string, string>} */
  #lent = new Map();

  constructor() {
    super();
    let stored = null;
    try {
      stored = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    } catch {
      stored = null; // no storage, or not ours: the defaults
    }
    for (const [name, allowed] of Object.entries(CHOICES)) {
      const value = stored?.[name];
      this.#values[name] = /** @type {readonly string[]} */ (allowed).includes(value) ? value : allowed[0];
    }
    if (stored?.theme === "dark" || stored?.theme === "light") this.#values.theme = stored.theme;
  }

  /** @param {Setting} name */
  get(name) {
    return this.#values[name];
  }

  /**
   * Remembers a choice and tells it (`change`, detail `{name, value}`).
   * @param {Setting} name
   * @param {string} value
   */
  set(name, value) {
    if (this.#values[name] === value) return;
    this.#values[name] = value;
    this.#lent.delete(name); // it is his own choice now
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...this.#values, ...Object.fromEntries(this.#lent) }));
    } catch {
      // Full or forbidden: the choice holds until the page is closed.
    }
    this.dispatchEvent(new CustomEvent("change", { detail: { name, value } }));
  }

  /**
   * What an address asks for, or a narrow screen: so it is on this page, and not remembered.
   * @param {Setting} name
   * @param {string} value
   */
  lend(name, value) {
    if (this.#values[name] === value) return;
    this.#lent.set(name, this.#lent.get(name) ?? this.#values[name]);
    this.#values[name] = value;
    this.dispatchEvent(new CustomEvent("change", { detail: { name, value } }));
  }

  /**
   * The choice after the present one, round and round.
   * @param {keyof typeof CHOICES} name
   */
  next(name) {
    const allowed = /** @type {readonly string[]} */ (CHOICES[name]);
    const value = allowed[(allowed.indexOf(this.#values[name]) + 1) % allowed.length];
    this.set(name, value);
    return value;
  }
}
