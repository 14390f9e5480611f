/**
 * A surface that is painted on like a canvas, and comes out as SVG.
 *
 * The painters (render.js) call a canvas: their calls *are* the list of what is drawn. This
 * takes the same calls and writes an element for each `fill`, `stroke` and text. So the vector
 * picture shows what the screen shows, by construction, and a painter that learns something new
 * needs no second hand. Only what the painters use is here; a call that is missing is an error
 * and no silent gap. Shifts go into the numbers, other transformations become an attribute.
 *
 * Names come from the network. Texts are escaped, and characters that XML 1.0 has no place for
 * (section 2.2: most control characters, halves of surrogate pairs) become U+FFFD, so the file
 * is well-formed whatever somebody calls his node. Nothing else in it is from outside. No DOM.
 */

/** @typedef {(font: string, text: string) => number} Measure  width of a text, in pixels */

/** What no XML 1.0 document can hold. */
const NO_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const MARKUP = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" });

/** A text as XML has it, in elements and attributes. @param {string} text */
export function escaped(text) {
  return text.replace(NO_XML, "\uFFFD").replace(/[&<>"]/g, (sign) => MARKUP[sign]);
}

/** What `save` keeps. */
const STATE = /** @type {const} */ ([
  "fillStyle", "strokeStyle", "lineWidth", "lineCap", "lineJoin", "globalAlpha", "font", "textAlign", "textBaseline",
]);

export class SvgContext {
  fillStyle = "#000000";
  strokeStyle = "#000000";
  lineWidth = 1;
  lineCap = "butt";
  lineJoin = "miter";
  globalAlpha = 1;
  font = "10px sans-serif";
  textAlign = "left";
  textBaseline = "alphabetic";

  #measure;
  /** @type {number[]} */
  #dash = [];
  /** The path under way. @type {string[]} */
  #path = [];
  /** @type {string[]} */
  #elements = [];
  /** Patterns of fills. @type {string[]} */
  #patterns = [];
  /** As a canvas has it: a b c d e f. */
  #matrix = [1, 0, 0, 1, 0, 0];
  /** @type {Record<string, any>[]} */
  #saved = [];

  /** @param {Measure} measure */
  constructor(measure) {
    this.#measure = measure;
  }

  /** Everything from here on is shifted. @param {number} x @param {number} y */
  translate(x, y) {
    this.#multiply([1, 0, 0, 1, x, y]);
  }

  /** @param {number} angle */
  rotate(angle) {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    this.#multiply([cos, sin, -sin, cos, 0, 0]);
  }

  /** @param {number} x @param {number} y */
  scale(x, y) {
    this.#multiply([x, 0, 0, y, 0, 0]);
  }

  save() {
    this.#saved.push({ state: Object.fromEntries(STATE.map((name) => [name, this[name]])), dash: this.#dash, matrix: this.#matrix });
  }

  restore() {
    const before = this.#saved.pop();
    if (before === undefined) return;
    Object.assign(this, before.state);
    this.#dash = before.dash;
    this.#matrix = before.matrix;
  }

  /**
   * What a fill is made of, from a small picture that is repeated.
   * @param {{width: number, height: number, toDataURL: (type: string) => string}} tile
   */
  createPattern(tile) {
    const id = `pattern${this.#patterns.length}`;
    const size = `width="${short(tile.width)}" height="${short(tile.height)}"`;
    this.#patterns.push(`<pattern id="${id}" patternUnits="userSpaceOnUse" ${size}>`
      + `<image ${size} href="${escaped(tile.toDataURL("image/png"))}"/></pattern>`);
    return `url(#${id})`;
  }

  /** @param {number[]} dash */
  setLineDash(dash) { this.#dash = [...dash]; }

  beginPath() { this.#path = []; }
  closePath() { this.#path.push("Z"); }

  /** @param {number} x @param {number} y */
  moveTo(x, y) { this.#path.push(`M${this.#at(x, y)}`); }

  /** @param {number} x @param {number} y */
  lineTo(x, y) { this.#path.push(`L${this.#at(x, y)}`); }

  /** @param {number} cx @param {number} cy @param {number} x @param {number} y */
  quadraticCurveTo(cx, cy, x, y) { this.#path.push(`Q${this.#at(cx, cy)} ${this.#at(x, y)}`); }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) {
    this.#path.push(`M${this.#at(x, y)}h${short(width)}v${short(height)}h${short(-width)}Z`);
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height @param {number} radius */
  roundRect(x, y, width, height, radius) {
    const r = Math.min(radius, width / 2, height / 2);
    const corner = (/** @type {number} */ dx, /** @type {number} */ dy) => `a${short(r)} ${short(r)} 0 0 1 ${short(dx)} ${short(dy)}`;
    this.#path.push(`M${this.#at(x + r, y)}h${short(width - 2 * r)}${corner(r, r)}v${short(height - 2 * r)}${corner(-r, r)}`
      + `h${short(2 * r - width)}${corner(-r, -r)}v${short(2 * r - height)}${corner(r, -r)}Z`);
  }

  /**
   * A whole circle is two halves, since an SVG arc cannot end where it begins.
   * @param {number} x @param {number} y @param {number} radius @param {number} from @param {number} to
   */
  arc(x, y, radius, from, to) {
    const r = short(radius);
    const end = (/** @type {number} */ angle) => this.#at(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    const join = this.#path.length === 0 || this.#path.at(-1) === "Z" ? "M" : "L";
    const whole = Math.abs(to - from) >= 2 * Math.PI - 1e-9;
    if (whole) {
      // A canvas joins a circle to what was before; here it is after a `moveTo` to its start.
      this.#path.push(`M${end(from)}A${r} ${r} 0 1 1 ${end(from + Math.PI)}A${r} ${r} 0 1 1 ${end(from)}`);
    } else {
      const large = Math.abs(to - from) > Math.PI ? 1 : 0;
      this.#path.push(`${join}${end(from)}A${r} ${r} 0 ${large} ${to > from ? 1 : 0} ${end(to)}`);
    }
  }

  /** @param {{d?: string}} [path]  one that says how it goes; else the one under way */
  fill(path) {
    const d = path?.d ?? this.#path.join("");
    if (d === "") return;
    this.#add("path", { d, fill: this.fillStyle, ...this.#faint(), ...(path?.d === undefined ? {} : this.#moved) });
  }

  /** @param {{d?: string}} [path] */
  stroke(path) {
    const d = path?.d ?? this.#path.join("");
    if (d === "") return;
    this.#add("path", { d, fill: "none", ...this.#line(), ...this.#faint(), ...(path?.d === undefined ? {} : this.#moved) });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    const [left, top] = this.#at(x, y).split(" ");
    this.#add("rect", { x: left, y: top, width: short(width), height: short(height), fill: this.fillStyle, ...this.#faint() });
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    this.#text(text, x, y, { fill: this.fillStyle });
  }

  /** @param {string} text @param {number} x @param {number} y */
  strokeText(text, x, y) {
    this.#text(text, x, y, { fill: "none", ...this.#line() });
  }

  /** @param {string} text */
  measureText(text) {
    return { width: this.#measure(this.font, text) };
  }

  /**
   * The whole picture as a document.
   * @param {{width: number, height: number, title: string}} about
   */
  document({ width, height, title }) {
    const [wide, high] = [short(width), short(height)];
    return '<?xml version="1.0" encoding="UTF-8"?>\n'
      + `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" role="img">\n`
      + `<title>${escaped(title)}</title>\n`
      + (this.#patterns.length > 0 ? `<defs>${this.#patterns.join("")}</defs>\n` : "")
      + `${this.#elements.join("\n")}\n</svg>\n`;
  }

  /** @param {string} text @param {number} x @param {number} y @param {Record<string, string>} paint */
  #text(text, x, y, paint) {
    const [, weight, size, family] = /^(?:(\w+) )?([\d.]+)px (.+)$/.exec(this.font) ?? ["", "", "10", "sans-serif"];
    const [left, top] = this.#at(x, y).split(" ");
    const anchor = { left: "start", center: "middle", right: "end" }[this.textAlign] ?? "start";
    this.#add("text", {
      x: left, y: top, "font-family": family, "font-size": size,
      ...(weight ? { "font-weight": weight } : {}), ...(anchor === "start" ? {} : { "text-anchor": anchor }),
      ...(this.textBaseline === "middle" ? { "dominant-baseline": "central" } : {}), ...paint, ...this.#faint(),
    }, escaped(text));
  }

  /** @returns {Record<string, string>} */
  #line() {
    return {
      stroke: this.strokeStyle, "stroke-width": short(this.lineWidth),
      ...(this.lineCap === "butt" ? {} : { "stroke-linecap": this.lineCap }),
      ...(this.lineJoin === "miter" ? {} : { "stroke-linejoin": this.lineJoin }),
      ...(this.#dash.length > 0 ? { "stroke-dasharray": this.#dash.map(short).join(" ") } : {}),
    };
  }

  /** @returns {Record<string, string>} */
  #faint() {
    return this.globalAlpha < 1 ? { opacity: short(this.globalAlpha) } : {};
  }

  /** @param {string} name @param {Record<string, string>} attributes @param {string} [content] */
  #add(name, attributes, content) {
    const said = Object.entries({ ...attributes, ...this.#turned }).map(([key, value]) => `${key}="${escaped(value)}"`).join(" ");
    this.#elements.push(content === undefined ? `<${name} ${said}/>` : `<${name} ${said}>${content}</${name}>`);
  }

  /** @param {number} x @param {number} y */
  #at(x, y) {
    const [, , , , dx, dy] = this.#shifted ? this.#matrix : [0, 0, 0, 0, 0, 0];
    return `${short(x + dx)} ${short(y + dy)}`;
  }

  /** Whether it is only shifted, so that no element needs to be told. */
  get #shifted() {
    const [a, b, c, d] = this.#matrix;
    return a === 1 && b === 0 && c === 0 && d === 1;
  }

  /** Of a path that says itself how it goes: its numbers know of no shift. @returns {Record<string, string>} */
  get #moved() {
    const [, , , , dx, dy] = this.#matrix;
    return this.#shifted && (dx !== 0 || dy !== 0) ? { transform: `translate(${short(dx)} ${short(dy)})` } : {};
  }

  /** @returns {Record<string, string>} */
  get #turned() {
    return this.#shifted ? {} : { transform: `matrix(${this.#matrix.map((value) => String(Math.round(value * 1e5) / 1e5)).join(" ")})` };
  }

  /** @param {number[]} by */
  #multiply([a2, b2, c2, d2, e2, f2]) {
    const [a, b, c, d, e, f] = this.#matrix;
    this.#matrix = [a * a2 + c * b2, b * a2 + d * b2, a * c2 + c * d2, b * c2 + d * d2, a * e2 + c * f2 + e, b * e2 + d * f2 + f];
  }
}

/** A number without needless digits; what is no number would break the file. @param {number} value */
function short(value) {
  return Number.isFinite(value) ? String(Math.round(value * 100) / 100) : "0";
}
