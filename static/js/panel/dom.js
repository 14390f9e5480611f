/**
 * Building elements. Texts from the network become text nodes and attribute values, never
 * markup: there is no innerHTML in this page.
 */

/**
 * An element with attributes and children. `text` sets its text, `on` its listeners;
 * attributes whose value is null, undefined or false are left out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {{text?: string, on?: Record<string, (event: any) => void>} & Record<string, any>} [attributes]
 * @param {...(Node|string|null)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  const { text, on, ...rest } = attributes;
  for (const [name, value] of Object.entries(rest)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  if (text !== undefined) element.textContent = text;
  for (const [type, listener] of Object.entries(on ?? {})) element.addEventListener(type, listener);
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/**
 * A sentence of the texts in which something is set apart between backticks, as words and elements
 * in turn: where that stands is the language's business.
 * @param {string} sentence
 * @param {(part: string) => (Node|string)[]} make  the elements for what stands between backticks
 * @returns {(Node|string)[]}
 */
export function setApart(sentence, make) {
  return sentence.split("`").flatMap((part, at) => (at % 2 === 1 ? make(part) : part === "" ? [] : [part]));
}

/**
 * Sets a text where it changed: an equal text would still cost a layout.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets or removes an attribute where it changed.
 * @param {Element} element
 * @param {string} name
 * @param {string|null} value
 */
export function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * Puts children into exactly this order, moving only what is out of place: focus and
 * scroll position survive.
 * @param {Element} parent
 * @param {Element[]} wanted
 */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  let at = parent.firstElementChild;
  for (const child of wanted) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
}

/**
 * Runs a function at most once every `every` milliseconds: the first call at once, the
 * last one always. Nothing runs while nobody calls.
 * @param {() => void} run
 * @param {number} every
 */
export function paced(run, every) {
  let last = -Infinity;
  /** @type {number|undefined} */
  let timer;
  return () => {
    if (timer !== undefined) return;
    const wait = last + every - performance.now();
    const go = () => {
      timer = undefined;
      last = performance.now();
      run();
    };
    if (wait <= 0) go();
    else timer = setTimeout(go, wait);
  };
}
