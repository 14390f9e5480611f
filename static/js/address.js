/**
 * The URL's hash holds the selection (`#node=node7`), so that a reload, a bookmark or a
 * link in a mail shows the same node.
 */

/** @returns {string|null} the name or id that the address asks for */
export function wantedNode() {
  return new URLSearchParams(location.hash.slice(1)).get("node");
}

/** @param {string|null} name */
export function showInAddress(name) {
  const parts = new URLSearchParams(location.hash.slice(1));
  if (name === null) parts.delete("node");
  else parts.set("node", name);
  const hash = parts.toString();
  history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
}
