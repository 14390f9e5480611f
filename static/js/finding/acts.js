/**
 * What can be done on this page: its own commands. Other parts add theirs (`commands.add`).
 *
 * @typedef {import("./commands.js").Command} Command
 * @typedef {import("./commands.js").Target} Target
 */

import { curlLines } from "../panel/curl.js";
import { CHOICES } from "../settings.js";
import { TEXTS } from "../texts.js";
import { healNode } from "./faults.js";

/** How much one press zooms. */
const ZOOM = 1.3;

/** What each is called. */
const SAYS = TEXTS.commands;

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
  const name = (/** @type {Target|null} */ target) => node(target)?.name ?? SAYS.aNode;
  const ends = (/** @type {Target|null} */ target) => [model.nodes.get(target?.link?.a ?? -1), model.nodes.get(target?.link?.b ?? -1)];
  const endName = (/** @type {Target|null} */ target, /** @type {0|1} */ which) => ends(target)[which]?.name ?? (which === 0 ? SAYS.oneEnd : SAYS.otherEnd);
  const mute = (/** @type {import("../model.js").NodeView|undefined} */ one) => (one === undefined ? SAYS.gone
    : one.kind === "plain" ? SAYS.plainMute
      : one.state === "dead" || one.state === "left" ? SAYS.mute(one.name) : "");
  const undo = () => {
    const label = picture.undo();
    if (label !== null) done(SAYS.undone(label), { label: SAYS.redoes, run: redo });
  };
  const redo = () => {
    const label = picture.redo();
    if (label !== null) done(SAYS.redone(label), { label: SAYS.undoes, run: undo });
  };
  const anew = () => {
    picture.relayout();
    done(picture.pins > 0 ? SAYS.laidOutPinned : SAYS.laidOut, { label: SAYS.undoes, run: undo });
  };

  /** @type {Command[]} */
  const sending = [
    { id: "send", acts: true, group: TEXTS.groups.send, on: "node", keys: ["s"], ...SAYS.send,
      title: (target) => (target === null ? SAYS.send.title : SAYS.send.of(name(target))),
      cannot: (target) => mute(node(target)), run: (target) => composer.pick(target?.node ?? -1) },
    { id: "broadcast", acts: true, group: TEXTS.groups.send, on: "node", keys: ["b"], ...SAYS.broadcast,
      title: (target) => (target === null ? SAYS.broadcast.title : SAYS.broadcast.of(name(target))),
      cannot: (target) => mute(node(target)), run: (target) => composer.broadcast(target?.node ?? -1) },
    { id: "traffic", acts: true, group: TEXTS.groups.send, on: "picture", keys: ["r"], ...SAYS.traffic, run: () => traffic.open() },
    { id: "traffic-stop", acts: true, group: TEXTS.groups.send, ...SAYS.trafficStop,
      cannot: () => (traffic.running ? "" : SAYS.noTraffic), run: () => traffic.stop() },
  ];

  /** @type {Command[]} */
  const finding = [
    { id: "palette", group: TEXTS.groups.find, keys: ["Mod+K", "p"], whileTyping: true, unlisted: true, ...SAYS.palette, run: palette },
    { id: "find", group: TEXTS.groups.find, keys: ["/"], ...SAYS.find, run: find },
    { id: "copy-link", group: TEXTS.groups.find, on: "picture", keys: ["y"], ...SAYS.copyLink, run: copyLink },
  ];

  /** @type {Command[]} */
  const pictured = [
    { id: "fit", group: TEXTS.groups.picture, on: "picture", keys: ["f"], ...SAYS.fit, run: () => picture.fit() },
    { id: "zoom-in", group: TEXTS.groups.picture, on: "picture", keys: ["+", "="], ...SAYS.zoomIn, run: () => picture.zoom(ZOOM) },
    { id: "zoom-out", group: TEXTS.groups.picture, on: "picture", keys: ["-"], ...SAYS.zoomOut, run: () => picture.zoom(1 / ZOOM) },
    { id: "relayout", group: TEXTS.groups.picture, on: "picture", keys: ["n"], ...SAYS.relayout, run: anew },
    { id: "unpin-all", group: TEXTS.groups.picture, on: "picture", ...SAYS.unpinAll,
      cannot: () => (picture.pins > 0 ? "" : SAYS.noPins),
      run: () => {
        const { pins } = picture;
        picture.unpin();
        done(SAYS.unpinned(pins), { label: SAYS.undoes, run: undo });
      } },
    { id: "undo", group: TEXTS.groups.picture, on: "picture", keys: ["Mod+Z"], ...SAYS.undo,
      title: () => (picture.undoes === null ? SAYS.undo.title : SAYS.undo.of(picture.undoes)),
      cannot: () => (picture.undoes === null ? SAYS.nothingToUndo : ""), run: undo },
    { id: "redo", group: TEXTS.groups.picture, on: "picture", keys: ["Mod+Shift+Z", "Mod+Y"], ...SAYS.redo,
      title: () => (picture.redoes === null ? SAYS.redo.title : SAYS.redo.of(picture.redoes)),
      cannot: () => (picture.redoes === null ? SAYS.nothingToRedo : ""), run: redo },
  ];

  /** @type {Command[]} */
  const drawn = [
    { id: "colour", group: TEXTS.groups.drawn, keys: ["c"], ...SAYS.colour,
      run: () => done(SAYS.coloured(SAYS.colours[/** @type {keyof typeof SAYS.colours} */ (settings.next("colour"))])) },
    ...CHOICES.colour.map((value) => /** @type {Command} */ ({ id: `colour:${value}`, group: TEXTS.groups.drawn, ...SAYS.colour, title: SAYS.colour.of(SAYS.colours[value]),
      cannot: () => (settings.get("colour") === value ? SAYS.soItIs : ""), run: () => settings.set("colour", value) })),
    { id: "knows", group: TEXTS.groups.drawn, keys: ["k"], ...SAYS.knows,
      run: () => done(SAYS.known(SAYS.knowns[/** @type {keyof typeof SAYS.knowns} */ (settings.next("knows"))])) },
    ...CHOICES.knows.map((value) => /** @type {Command} */ ({ id: `knows:${value}`, group: TEXTS.groups.drawn, ...SAYS.knows, title: SAYS.knows.of(SAYS.knowns[value]),
      cannot: () => (settings.get("knows") === value ? SAYS.soItIs : ""), run: () => settings.set("knows", value) })),
    ...CHOICES.flight.map((value) => /** @type {Command} */ ({ id: `flight:${value}`, group: TEXTS.groups.drawn, ...SAYS.flight, title: SAYS.flight.of(SAYS.flights[value]),
      cannot: () => (settings.get("flight") === value ? SAYS.soItIs : ""), run: () => settings.set("flight", value) })),
  ];

  /** @type {Command[]} */
  const ofNode = [
    { id: "open", group: TEXTS.groups.node, on: "node", ...SAYS.open,
      title: (target) => (target === null ? SAYS.open.title : SAYS.open.of(name(target))), run: (target) => open(target?.node ?? -1, true) },
    { id: "show", group: TEXTS.groups.node, on: "node", ...SAYS.show,
      title: (target) => (target === null ? SAYS.show.title : SAYS.show.of(name(target))), run: (target) => picture.centre(target?.node ?? -1) },
    { id: "pin", group: TEXTS.groups.node, on: "node", keys: ["u"], words: SAYS.pin.words,
      short: (target) => (picture.pinned(target.node ?? -1) ? SAYS.pin.shortUnpin : SAYS.pin.shortPin),
      title: (target) => (target === null ? SAYS.pin.title : picture.pinned(target.node ?? -1) ? SAYS.pin.ofUnpin(name(target)) : SAYS.pin.ofPin(name(target))),
      run: (target) => {
        const key = target?.node ?? -1;
        const pinned = picture.pinned(key);
        if (pinned) picture.unpin([key]);
        else picture.pin(key);
        done(pinned ? SAYS.pin.unpinned(name(target)) : SAYS.pin.pinned(name(target)), { label: SAYS.undoes, run: undo });
      } },
    { id: "copy-address", group: TEXTS.groups.node, on: "node", ...SAYS.copyAddress,
      title: (target) => (target === null ? SAYS.copyAddress.title : SAYS.copyAddress.of(name(target))),
      run: (target) => {
        const one = node(target);
        if (one !== undefined) copy(SAYS.copyAddress.what, one.public_url ?? one.url);
      } },
    { id: "copy-curl", group: TEXTS.groups.node, on: "node", ...SAYS.copyCurl,
      title: (target) => (target === null ? SAYS.copyCurl.title : SAYS.copyCurl.of(name(target))),
      cannot: (target) => mute(node(target)),
      run: (target) => {
        const one = node(target);
        const other = [...model.nodes.values()].find((some) => some.key !== one?.key && some.state === "alive");
        const line = one && curlLines(one, other?.name ?? "node2").find(({ what }) => what === TEXTS.curl.send);
        if (line !== undefined) copy(SAYS.copyCurl.what, line.line);
      } },
    { id: "heal", acts: true, group: TEXTS.groups.breaking, on: "node", ...SAYS.heal,
      title: (target) => (target === null ? SAYS.heal.title : SAYS.heal.of(name(target))),
      cannot: (target) => (node(target)?.kind === "plain" ? SAYS.noFaults : ""),
      run: async (target) => {
        const one = node(target);
        if (one === undefined) return;
        done(SAYS.healed(one.name, await healNode(one)));
      } },
  ];

  /** @type {Command[]} */
  const ofLink = [
    ...(/** @type {const} */ ([[0, 1], [1, 0]])).map(([from, to]) => /** @type {Command} */ ({ id: `link-send-${from}`, acts: true, group: TEXTS.groups.link, on: "link", words: SAYS.linkSend.words,
      title: (target) => (target === null ? SAYS.linkSend[from === 0 ? "first" : "second"] : SAYS.linkSend.of(endName(target, from), endName(target, to))),
      cannot: (target) => mute(ends(target)[from]),
      run: (target) => composer.write(ends(target)[from]?.key ?? -1, ends(target)[to]?.key ?? -1) })),
    ...(/** @type {const} */ ([0, 1])).map((which) => /** @type {Command} */ ({ id: `link-open-${which}`, group: TEXTS.groups.link, on: "link", words: SAYS.linkOpen.words,
      title: (target) => (target === null ? SAYS.linkOpen[which === 0 ? "first" : "second"] : SAYS.linkOpen.of(endName(target, which))),
      run: (target) => open(ends(target)[which]?.key ?? -1, true) })),
  ];

  /** @type {Command[]} */
  const ofPage = [
    { id: "messages", group: TEXTS.groups.page, keys: ["m"], ...SAYS.messages, run: () => void settings.next("messages") },
    { id: "side", group: TEXTS.groups.page, ...SAYS.side, run: () => void settings.next("side") },
    { id: "theme", group: TEXTS.groups.page, keys: ["t"], ...SAYS.theme, run: toggleTheme },
    { id: "reconnect", group: TEXTS.groups.page, ...SAYS.reconnect,
      cannot: () => (net.phase === "waiting" ? "" : SAYS.connected), run: () => net.tryNow() },
    { id: "help", group: TEXTS.groups.page, on: "picture", keys: ["?"], ...SAYS.help, run: help },
    { id: "tour", group: TEXTS.groups.page, ...SAYS.tour, run: tour },
    { id: "escape", group: TEXTS.groups.page, keys: ["Esc"], whileTyping: true, unlisted: true, ...SAYS.escape, run: escape },
  ];
  return [...sending, ...finding, ...pictured, ...drawn, ...ofNode, ...ofLink, ...ofPage];
}
