/**
 * Whether this page may change anything, and the token that it shows then.
 *
 * Whoever acts shows the dashboard's token (dashboard/acting.py). The page asks for it once and
 * keeps it in memory only; a dashboard that was started anew has another one, which is asked for
 * when the old one is refused. Where none is given (a dashboard that is for looking only, a page on
 * another machine), or where the address asks for it (`/?view`), the page only looks: what acts is
 * not shown (css/acting.css), and would be refused.
 */

import { TEXTS } from "./texts.js";

/** The header that it goes in. */
export const HEADER = "P2P-Page";

export class Acting extends EventTarget {
  /** Whether acts are offered. True until the dashboard says otherwise: nothing is to flicker. */
  allowed;
  /** Why not, for people. */
  why = "";
  /** @type {Promise<string|null>|null} */
  #token = null;
  #ask;

  /**
   * @param {{search?: string, ask?: () => Promise<Response>}} [parts] the query of the page's own
   *   address, and how the token is asked for
   */
  constructor({ search = globalThis.location?.search ?? "", ask = () => fetch("/api/token", { cache: "no-store" }) } = {}) {
    super();
    this.#ask = ask;
    this.allowed = !new URLSearchParams(search).has("view");
    if (!this.allowed) this.why = TEXTS.acting.byAddress;
  }

  /** The token; null where there is none to be had. @returns {Promise<string|null>} */
  token() {
    if (!this.allowed) return Promise.resolve(null);
    this.#token ??= this.#fetch();
    return this.#token;
  }

  /** It was refused: it is an old one. */
  forget() {
    this.#token = null;
  }

  async #fetch() {
    try {
      const answer = await this.#ask();
      if (answer.ok) return (await answer.text()).trim();
      if (answer.status === 403) this.#refuse((await answer.json())?.error);
    } catch {
      // No dashboard just now: the call that wanted the token will say so.
    }
    this.#token = null;
    return null;
  }

  /** @param {unknown} error */
  #refuse(error) {
    this.allowed = false;
    this.why = typeof error === "string" ? TEXTS.acting.byDashboard(error) : TEXTS.acting.only;
    this.dispatchEvent(new Event("change"));
  }
}

/** This page's. */
export const acting = new Acting();

/**
 * Show which it is: on the root element, for the style sheet, and in a word in the top bar.
 * @param {HTMLElement} root @param {HTMLElement} bar where the word goes, before its last child
 */
export function showActing(root, bar) {
  const paint = () => {
    root.dataset.acting = acting.allowed ? "yes" : "no";
    if (acting.allowed || bar.querySelector(".looking") !== null) return;
    const word = document.createElement("p");
    word.className = "badge looking";
    word.textContent = TEXTS.acting.badge;
    word.title = acting.why;
    bar.insertBefore(word, bar.lastElementChild);
  };
  acting.addEventListener("change", paint);
  paint();
  void acting.token();
}
