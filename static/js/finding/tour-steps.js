/**
 * The six steps of the tour: each points at something that is there now, and is done when the
 * person has done it. After the fourth he has sent a message.
 */

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
      title: "Each disc is a real program",
      text: "They call each other over the lines between them. Click the one with the ring around it.",
      hint: "Waiting for your click",
      at: nodeBox(null), done: () => selection.node !== null,
      act: () => {
        if (meant !== null) open(meant, false);
      },
    },
    {
      title: "This is all that it says of itself",
      text: "Its inbox, what it has sent, whom it knows. Now let it write to another one: press Send.",
      hint: "Waiting for Send (or the key s)",
      at: byQuery(".panel-actions .primary"), done: () => composer.step === "pick" || composer.step === "write",
      act: () => {
        if (selection.node !== null) composer.pick(selection.node);
      },
    },
    {
      title: "Who should get it?",
      text: "Click any other node, the ringed one for example.",
      hint: "Waiting for your click",
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
      title: "Type something, press Enter",
      text: "The dot that flies is your message. Under your text stands how far it is, and in the receiver’s inbox what arrived.",
      hint: "Waiting for your message",
      at: byQuery("#composer"), done: () => sent() > before,
    },
    {
      title: "Break it",
      text: "The right button on a node or on a line lists what can be done to it: freeze it, crash it, cut it off, and watch the others notice. It heals by itself.",
      at: nodeBox(null),
    },
    {
      title: "Everything else is in here",
      text: "Ctrl+K (or p) finds every act and every node; ? has the keys, and this tour again.",
      at: byQuery("#palette-button"),
    },
  ];
}
