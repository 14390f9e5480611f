/**
 * What can be done on this page: its own commands. Other parts add theirs (`commands.add`).
 *
 * @typedef {import("./commands.js").Command} Command
 * @typedef {import("./commands.js").Target} Target
 */

import { curlLines } from "../panel/curl.js";
import { CHOICES } from "../settings.js";
import { healNode } from "./faults.js";

/** How much one press zooms. */
const ZOOM = 1.3;

const COLOURS = { state: "their state", degree: "how many links they have", known: "how much of the network they know" };
const KNOWS = { selected: "of the chosen node", none: "of nobody", all: "of all nodes" };
const FLIGHTS = { 200: "a fifth of a second", 600: "0.6 seconds", 1200: "1.2 seconds" };

/**
 * @param {object} page  the parts of the page
 * @param {import("../model.js").Model} page.model
 * @param {import("../picture.js").Picture} page.picture
 * @param {import("../settings.js").Settings} page.settings
 * @param {import("../panel/composer.js").Composer} page.composer
 * @param {import("../net.js").Net} page.net
 * @param {import("./traffic.js").Traffic} page.traffic
 * @param {(key: number, focus: boolean) => void} page.open
 * @param {() => void} page.find
 * @param {() => void} page.escape
 * @param {() => void} page.toggleTheme
 * @param {() => void} page.help
 * @param {() => void} page.tour
 * @param {() => void} page.palette
 * @param {() => void} page.copyLink
 * @param {(what: string, text: string) => void} page.copy
 * @param {(sentence: string, act?: {label: string, run: () => void}) => void} page.done
 * @returns {Command[]}
 */
export function pageCommands({ model, picture, settings, composer, net, traffic, open, find, escape, toggleTheme, help, tour, palette, copyLink, copy, done }) {
  const node = (/** @type {Target|null} */ target) => model.nodes.get(target?.node ?? -1);
  const name = (/** @type {Target|null} */ target) => node(target)?.name ?? "a node";
  const ends = (/** @type {Target|null} */ target) => [model.nodes.get(target?.link?.a ?? -1), model.nodes.get(target?.link?.b ?? -1)];
  const endName = (/** @type {Target|null} */ target, /** @type {0|1} */ which) => ends(target)[which]?.name ?? (which === 0 ? "one end" : "the other");
  const mute = (/** @type {import("../model.js").NodeView|undefined} */ one) => (one === undefined ? "That node is not here any more."
    : one.kind === "plain" ? "A plain node cannot be told to send anything."
      : one.state === "dead" || one.state === "left" ? `${one.name} is not there to send anything.` : "");
  const undo = () => {
    const label = picture.undo();
    if (label !== null) done(`Taken back: ${label}.`, { label: "Redo", run: redo });
  };
  const redo = () => {
    const label = picture.redo();
    if (label !== null) done(`Done again: ${label}.`, { label: "Undo", run: undo });
  };
  const anew = () => {
    picture.relayout();
    done(picture.pins > 0 ? "Laid out anew. Pinned nodes stayed." : "Laid out anew.", { label: "Undo", run: undo });
  };

  /** @type {Command[]} */
  const sending = [
    { id: "send", acts: true, group: "Send", on: "node", keys: ["s"], short: "Send a message …", words: "write text message",
      title: (target) => (target === null ? "Send a message from a node" : `Send a message from ${name(target)}`),
      cannot: (target) => mute(node(target)), run: (target) => composer.pick(target?.node ?? -1) },
    { id: "broadcast", acts: true, group: "Send", on: "node", keys: ["b"], short: "Broadcast to everybody …", words: "everybody all",
      title: (target) => (target === null ? "Broadcast from a node to everybody" : `Broadcast from ${name(target)} to everybody`),
      cannot: (target) => mute(node(target)), run: (target) => composer.broadcast(target?.node ?? -1) },
    { id: "traffic", acts: true, group: "Send", on: "picture", keys: ["r"], title: "Random traffic …", words: "start messages per second rate load stream", run: () => traffic.open() },
    { id: "traffic-stop", acts: true, group: "Send", title: "Stop the random traffic", words: "end messages",
      cannot: () => (traffic.running ? "" : "no traffic is running"), run: () => traffic.stop() },
  ];

  /** @type {Command[]} */
  const finding = [
    { id: "palette", group: "Find", keys: ["Mod+K", "p"], whileTyping: true, unlisted: true, title: "every act and every node: the command palette", run: palette },
    { id: "find", group: "Find", keys: ["/"], title: "Find a node in the list", words: "search filter", run: find },
    { id: "copy-link", group: "Find", on: "picture", keys: ["y"], title: "Copy a link to this view", words: "share address url bookmark", run: copyLink },
  ];

  /** @type {Command[]} */
  const pictured = [
    { id: "fit", group: "Picture", on: "picture", keys: ["f"], title: "Fit the whole network into the picture", words: "zoom reset view all", run: () => picture.fit() },
    { id: "zoom-in", group: "Picture", on: "picture", keys: ["+", "="], title: "Zoom in", words: "larger", run: () => picture.zoom(ZOOM) },
    { id: "zoom-out", group: "Picture", on: "picture", keys: ["-"], title: "Zoom out", words: "smaller", run: () => picture.zoom(1 / ZOOM) },
    { id: "relayout", group: "Picture", on: "picture", keys: ["n"], title: "Lay out anew", words: "layout arrange reset positions", run: anew },
    { id: "unpin-all", group: "Picture", on: "picture", title: "Let all pinned nodes move again", words: "unpin release layout",
      cannot: () => (picture.pins > 0 ? "" : "no node is pinned"),
      run: () => {
        const { pins } = picture;
        picture.unpin();
        done(`${pins} ${pins === 1 ? "node moves" : "nodes move"} again.`, { label: "Undo", run: undo });
      } },
    { id: "undo", group: "Picture", on: "picture", keys: ["Mod+Z"], words: "layout back",
      title: () => (picture.undoes === null ? "Undo a change of the layout" : `Undo: ${picture.undoes}`),
      cannot: () => (picture.undoes === null ? "nothing of the layout was changed" : ""), run: undo },
    { id: "redo", group: "Picture", on: "picture", keys: ["Mod+Shift+Z", "Mod+Y"], words: "layout again",
      title: () => (picture.redoes === null ? "Redo a change of the layout" : `Redo: ${picture.redoes}`),
      cannot: () => (picture.redoes === null ? "nothing was taken back" : ""), run: redo },
  ];

  /** @type {Command[]} */
  const drawn = [
    { id: "colour", group: "What is drawn", keys: ["c"], title: "Colour nodes by the next thing", words: "color",
      run: () => done(`Coloured by ${COLOURS[/** @type {keyof typeof COLOURS} */ (settings.next("colour"))]}.`) },
    ...CHOICES.colour.map((value) => /** @type {Command} */ ({ id: `colour:${value}`, group: "What is drawn", title: `Colour nodes by ${COLOURS[value]}`, words: "color",
      cannot: () => (settings.get("colour") === value ? "so it is" : ""), run: () => settings.set("colour", value) })),
    { id: "knows", group: "What is drawn", keys: ["k"], title: "Whom nodes know: the next choice", words: "knowledge dashed lines",
      run: () => done(`Whom nodes know: drawn ${KNOWS[/** @type {keyof typeof KNOWS} */ (settings.next("knows"))]}.`) },
    ...CHOICES.knows.map((value) => /** @type {Command} */ ({ id: `knows:${value}`, group: "What is drawn", title: `Draw whom nodes know: ${KNOWS[value]}`, words: "knowledge dashed lines",
      cannot: () => (settings.get("knows") === value ? "so it is" : ""), run: () => settings.set("knows", value) })),
    ...CHOICES.flight.map((value) => /** @type {Command} */ ({ id: `flight:${value}`, group: "What is drawn", title: `Dots take ${FLIGHTS[value]} for a hop`, words: "speed slow fast message",
      cannot: () => (settings.get("flight") === value ? "so it is" : ""), run: () => settings.set("flight", value) })),
  ];

  /** @type {Command[]} */
  const ofNode = [
    { id: "open", group: "Node", on: "node", short: "Open its panel", words: "show details inbox outbox",
      title: (target) => (target === null ? "Open a node’s panel" : `Open ${name(target)}`), run: (target) => open(target?.node ?? -1, true) },
    { id: "show", group: "Node", on: "node", short: "Bring it to the middle", words: "focus zoom centre center",
      title: (target) => (target === null ? "Bring a node to the middle" : `Bring ${name(target)} to the middle`), run: (target) => picture.centre(target?.node ?? -1) },
    { id: "pin", group: "Node", on: "node", keys: ["u"], short: (target) => (picture.pinned(target.node ?? -1) ? "Let it move again" : "Pin it where it is"), words: "unpin fix hold release layout",
      title: (target) => (target === null ? "Pin a node, or let it move again" : picture.pinned(target.node ?? -1) ? `Let ${name(target)} move again` : `Pin ${name(target)} where it is`),
      run: (target) => {
        const key = target?.node ?? -1;
        const pinned = picture.pinned(key);
        if (pinned) picture.unpin([key]);
        else picture.pin(key);
        done(pinned ? `${name(target)} moves again.` : `${name(target)} stays where it is.`, { label: "Undo", run: undo });
      } },
    { id: "copy-address", group: "Node", on: "node", short: "Copy its address", words: "url",
      title: (target) => (target === null ? "Copy a node’s address" : `Copy the address of ${name(target)}`),
      run: (target) => {
        const one = node(target);
        if (one !== undefined) copy("Its address", one.public_url ?? one.url);
      } },
    { id: "copy-curl", group: "Node", on: "node", short: "Copy a curl that sends from it", words: "shell command line terminal",
      title: (target) => (target === null ? "Copy a curl line that sends from a node" : `Copy a curl line that sends from ${name(target)}`),
      cannot: (target) => mute(node(target)),
      run: (target) => {
        const one = node(target);
        const other = [...model.nodes.values()].find((some) => some.key !== one?.key && some.state === "alive");
        const line = one && curlLines(one, other?.name ?? "node2").find(({ what }) => what === "Let it send a message");
        if (line !== undefined) copy("The line", line.line);
      } },
    { id: "heal", acts: true, group: "Break it", on: "node", short: "Heal it", words: "fault end repair",
      title: (target) => (target === null ? "Heal a node: end its faults" : `Heal ${name(target)}: end its faults`),
      cannot: (target) => (node(target)?.kind === "plain" ? "A plain node knows no faults." : ""),
      run: async (target) => {
        const one = node(target);
        if (one === undefined) return;
        const healed = await healNode(one);
        done(healed === 0 ? `${one.name} has no fault.` : `${one.name}: ${healed === 1 ? "its fault has" : `${healed} faults have`} ended.`);
      } },
  ];

  /** @type {Command[]} */
  const ofLink = [
    ...(/** @type {const} */ ([[0, 1], [1, 0]])).map(([from, to]) => /** @type {Command} */ ({ id: `link-send-${from}`, acts: true, group: "Link", on: "link", words: "message",
      title: (target) => (target === null ? `Send along a link, from its ${from === 0 ? "first" : "second"} end` : `Send from ${endName(target, from)} to ${endName(target, to)}`),
      cannot: (target) => mute(ends(target)[from]),
      run: (target) => composer.write(ends(target)[from]?.key ?? -1, ends(target)[to]?.key ?? -1) })),
    ...(/** @type {const} */ ([0, 1])).map((which) => /** @type {Command} */ ({ id: `link-open-${which}`, group: "Link", on: "link", words: "panel",
      title: (target) => (target === null ? `Open the ${which === 0 ? "first" : "second"} end of a link` : `Open ${endName(target, which)}`),
      run: (target) => open(ends(target)[which]?.key ?? -1, true) })),
  ];

  /** @type {Command[]} */
  const ofPage = [
    { id: "messages", group: "Page", keys: ["m"], title: "Show or fold the messages", words: "table list hide", run: () => void settings.next("messages") },
    { id: "side", group: "Page", title: "Show or fold the side", words: "panel list hide", run: () => void settings.next("side") },
    { id: "theme", group: "Page", keys: ["t"], title: "Dark or light", words: "theme colours colors night", run: toggleTheme },
    { id: "reconnect", group: "Page", title: "Try to reach the dashboard now", words: "connect offline",
      cannot: () => (net.phase === "waiting" ? "" : "it is connected"), run: () => net.tryNow() },
    { id: "help", group: "Page", on: "picture", keys: ["?"], title: "Help and keys", words: "shortcuts manual", run: help },
    { id: "tour", group: "Page", title: "Take the tour", words: "guide introduction first visit", run: tour },
    { id: "escape", group: "Page", keys: ["Esc"], whileTyping: true, unlisted: true, title: "close, cancel, choose nothing", run: escape },
  ];
  return [...sending, ...finding, ...pictured, ...drawn, ...ofNode, ...ofLink, ...ofPage];
}
