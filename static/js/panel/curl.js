/**
 * The same calls by hand: each thing that the page can ask a node, as a `curl` line.
 */

import { TEXTS } from "../texts.js";

/**
 * @param {{public_url: string|null, url: string, kind: string}} node
 * @param {string} other the name of another node, to send to
 * @returns {{what: string, line: string}[]}
 */
export function curlLines(node, other) {
  const base = node.public_url ?? node.url;
  const json = `-H ${quoted("Content-Type: application/json")} -d`;
  const at = (/** @type {string} */ path) => word(base + path);
  const lines = [
    { what: TEXTS.curl.running, line: `curl ${at("/")}` },
    { what: TEXTS.curl.peers, line: `curl ${at("/peers")}` },
    { what: TEXTS.curl.message, line: `curl -X POST ${at("/message")} ${json} ${quoted(JSON.stringify({ sender: TEXTS.curl.sender, msg: TEXTS.curl.hello }))}` },
  ];
  if (node.kind === "plain") return lines;
  return [
    ...lines,
    { what: TEXTS.curl.send, line: `curl -X POST ${at("/send")} ${json} ${quoted(JSON.stringify({ to: other, msg: TEXTS.curl.hello }))}` },
    { what: TEXTS.curl.broadcast, line: `curl -X POST ${at("/broadcast")} ${json} ${quoted(JSON.stringify({ msg: TEXTS.curl.helloAll }))}` },
    { what: TEXTS.curl.inbox, line: `curl ${at("/messages")}` },
    { what: TEXTS.curl.outbox, line: `curl ${at("/send")}` },
    { what: TEXTS.curl.status, line: `curl ${at("/status")}` },
  ];
}

/** A text as one word of a POSIX shell, whatever is in it. @param {string} text */
export function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Quoted only where it must be, so that the lines look like the assignment's. @param {string} text */
function word(text) {
  return /^[A-Za-z0-9:/._-]+$/.test(text) ? text : quoted(text);
}
