/**
 * One question before something is destroyed, once: who says so is not asked again for the same
 * until he reloads the page.
 */

import { el, setText } from "../panel/dom.js";
import { TEXTS } from "../texts.js";

/**
 * @param {HTMLDialogElement} dialog
 * @returns {(question: string, yes: string) => Promise<{yes: boolean, always: boolean}>}
 */
export function confirmDialog(dialog) {
  const question = el("p", { class: "confirm-question", id: "confirm-question" });
  const always = el("input", { type: "checkbox", id: "confirm-always" });
  const yes = el("button", { type: "submit", class: "button danger", value: "yes" });
  const no = el("button", { type: "submit", class: "button", value: "no", text: TEXTS.confirm.cancel });
  dialog.setAttribute("aria-labelledby", "confirm-question");
  dialog.append(el("form", { method: "dialog", class: "confirm" }, question,
    el("label", { class: "confirm-always" }, always, ` ${TEXTS.confirm.always}`),
    el("div", { class: "confirm-buttons" }, no, yes)));
  return (asked, act) => new Promise((settle) => {
    setText(question, asked);
    setText(yes, act);
    always.checked = false;
    dialog.returnValue = "";
    dialog.addEventListener("close", () => settle({ yes: dialog.returnValue === "yes", always: always.checked }), { once: true });
    dialog.showModal();
    no.focus(); // Enter without reading destroys nothing
  });
}
