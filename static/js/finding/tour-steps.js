/**
 * The six steps of the tour: each points at something that is there now, and is done when the
 * person has done it. After the fourth he has sent a message.
 */

import { TEXTS } from "../texts.js";

/**
 * @param {object} page
 * @param {import("../model.js").Model} page.model
 * @param {import("../picture.js").Picture} page.picture
 * @param {import("../selection.js").Selection} page.selection
 * @param {import("../panel/composer.js").Composer} page.composer
 * @param {HTMLElement} page.stage
 * @param {(key: number, focus: boolean) => void} page.open
 * @returns {import("./tour.js").Step[]}
 */
export function tourSteps({ model, picture, selection, composer, stage, open }) {
  const box = (/** @type {Element|null} */ element) => {
    if (element === null || element.getClientRects().length === 0) return null;
    return element.getBoundingClientRect();
  };
  const byQuery = (/** @type {string} */ query) => () => box(document.querySelector(query));

  /** A node that can send, in the middle of the picture, and not the one that is chosen. */
  const near = (/** @type {number|null} */ not) => {
    let best = null;
    let least = Infinity;
    for (const node of model.nodes.values()) {
      const at = picture.screenPosition(node.key);
      if (at === null || node.key === not || node.kind === "plain" || node.state !== "alive") continue;
      const far = Math.hypot(at.x - stage.clientWidth / 2, at.y - stage.clientHeight / 2);
      if (far < least) [best, least] = [node.key, far];
    }
    return best;
  };
  /** The same one as long as it is good. @type {number|null} */
  let meant = null;
  const nodeBox = (/** @type {number|null} */ not) => () => {
    const good = meant !== null && meant !== not && model.nodes.get(meant)?.state === "alive";
    if (!good) meant = near(not);
    const at = meant === null ? null : picture.screenPosition(meant);
    if (at === null) return null;
    const { left, top } = stage.getBoundingClientRect();
    const reach = 18;
    return { left: left + at.x - reach, top: top + at.y - reach, right: left + at.x + reach, bottom: top + at.y + reach };
  };
  /** How many messages this person had sent when the step began. */
  const sent = () => composer.sent;
  let before = 0;

  return [
    {
      ...TEXTS.tour.node,
      at: nodeBox(null), done: () => selection.node !== null,
      act: () => {
        if (meant !== null) open(meant, false);
      },
    },
    {
      ...TEXTS.tour.panel,
      at: byQuery(".panel-actions .primary"), done: () => composer.step === "pick" || composer.step === "write",
      act: () => {
        if (selection.node !== null) composer.pick(selection.node);
      },
    },
    {
      ...TEXTS.tour.receiver,
      at: () => nodeBox(composer.from ?? selection.node)(),
      done: () => {
        before = sent();
        return composer.step === "write";
      },
      act: () => {
        if (composer.from !== null && meant !== null) composer.write(composer.from, meant);
      },
    },
    {
      ...TEXTS.tour.message,
      at: byQuery("#composer"), done: () => sent() > before,
    },
    {
      ...TEXTS.tour.breaking,
      at: nodeBox(null),
    },
    {
      ...TEXTS.tour.rest,
      at: byQuery("#palette-button"),
    },
  ];
}
