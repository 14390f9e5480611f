/**
 * The filter of the message list: words that the text must hold, and `from:`, `to:`,
 * `state:`, `kind:` for the rest. `node7` alone finds what node7 sent, got, or is named in;
 * `to:everybody` finds the broadcasts.
 */

/**
 * @param {string} query
 * @param {(key: number|null, otherwise: string) => string} nameOf
 * @returns {(message: import("../model.js").MessageView) => boolean}
 */
export function parseFilter(query, nameOf) {
  const tests = query.toLowerCase().split(/\s+/).filter(Boolean).map((word) => {
    const [, field, value] = /^(from|to|state|kind):(.*)$/.exec(word) ?? [];
    return { field, value: value ?? word };
  });
  return (message) => {
    const from = nameOf(message.from, message.sender).toLowerCase();
    const to = message.kind === "broadcast" ? "everybody" : nameOf(message.to, "").toLowerCase();
    return tests.every(({ field, value }) => {
      if (value === "") return true; // still being typed
      if (field === "from") return names(from, value);
      if (field === "to") return names(to, value);
      if (field === "state") return message.state.startsWith(value);
      if (field === "kind") return message.kind.startsWith(value);
      return from === value || to === value || message.text.toLowerCase().includes(value);
    });
  };
}

/** `node1` means node1, not node12; `node` means them all. @param {string} name @param {string} value */
function names(name, value) {
  return name === value || (!/\d$/.test(value) && name.startsWith(value));
}
