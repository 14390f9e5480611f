/**
 * The picture of the network: nodes, links, and every message as a dot that travels.
 *
 * This file puts the parts together and is all that the rest of the page knows of them: the
 * layout (where nodes are), the view (which part is seen), the flights (what moves), the
 * painters (two canvases, render.js) and the input (pointer, wheel, touch).
 *
 * Time runs only while something moves. A frame is asked for when there is news, and each
 * frame asks for the next one only if that will look different. So a page on which nothing
 * happens costs nothing, whatever is on it.
 *
 * Events: `select` {key|null}, `message` {id} (a dot or a path was clicked), `hover` {key|null, x, y},
 * `picked` {from, to}, `pickcancelled`, `fieldclick`, `view`, `layout` (something of it was changed
 * by a person), `rest` (all nodes stand, and are painted there), `menu` {key|null, link|null, x, y}:
 * somebody wants to know what can be done there; `toggle` {key}, `lasso` {keys}; `dots`:
 * there are more or fewer of them on their way; `first`: nodes are seen for the first time.
 */
import { badgeText, badgeWidth, placeBadges } from "./badges.js";
import { caught } from "./faults/lasso.js";
import { signBox } from "./faults/paint.js";
import { LayoutUndo } from "./finding/undo.js";
import { Flights } from "./flights.js";
import { hasNumeral } from "./glyph.js";
import { cutsOf } from "./health/cuts.js";
import { listen } from "./input.js";
import { labelBox, placeLabels } from "./labels.js";
import { GLIDE, Layout } from "./layout.js";
import { messageAt } from "./messages/hit.js";
import { readPalette } from "./palette.js";
import { Remembered } from "./remembered.js";
import { arcs, paintNetwork, paintTraffic, shortName } from "./render.js";
import { TEXTS } from "./texts.js";
import { View } from "./view.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Key} Key */
/** @typedef {import("./time/time.js").Time} Time */
/** @typedef {import("./render.js").Scene} Scene */

/** A network with more links and (twice) nodes than this is not repainted for every frame in
 * which it moves: what was painted is moved by the compositor, and repainted at rest, or at
 * most at 4 Hz. (1,000 nodes and 5,000 links, repainted for each frame: 12 frames a second,
 * moved: 58; 100 and 500 make no difference. Measured, dashboard brief.) */
const SMOOTH = 1500;
const BIG_PAINT_EVERY = 250;
/** … and for news only, while nothing else moves: painting such a network takes as long as four
 * frames, and links come and go all the time in one of a thousand [measured: 60 to 70 ms]. */
const BIG_NEWS_EVERY = 700;
/** ... and in a smaller picture, while dots fly: painting a hundred names and dashed lines at each
 *  of 15 news a second took a third of the frames [measured: 37 frames/s]. */
const NEWS_EVERY = 200;
/** The view has come to rest when it has not changed for so long. Milliseconds [guess]. */
const RESTS = 140;
/** Painted beyond each edge of the stage where the picture is moved as it is: CSS pixels that
 * a hand can pan before there is something to paint [guess]. */
const OVERSCAN = 320;
/** Numbers are written into nodes where so many of those can be read [by eye]. */
const NUMERALS_FOR = 0.5;
/** From this zoom on a single message is followed well enough [by eye]. */
const ZOOM_FRAMED = 0.75;
/** How far beside a node still hits it. CSS pixels. */
const REACH = 6;
/** ... and beside a link, which is thin. CSS pixels [by hand]. */
const LINK_REACH = 7;

export class Picture extends EventTarget {
  #stage;
  #model;
  #time;
  #waiting;
  #network;
  #traffic;
  #layout;
  #undo;
  #view = new View();
  #flights = new Flights();
  /** @type {Scene} */
  #scene;
  #picking = false;
  #lassoing = false;
  #dragging = false;
  /** @type {string|null} the message whose path is shown */
  #message = null;
  /** Who has it, where the model does not have it any more. */
  #find = (/** @type {string} */ id) => this.#model.messages.get(id);
  /** @type {((id: string) => boolean)|null} which messages fly; null: all */
  #wanted = null;
  #looks = "";
  /** @type {string|null} */
  #run = null;

  /** With which zoom and shift the network was painted last, and how far beyond the stage. */
  #painted = { zoom: 1, x: 0, y: 0, margin: 0 };
  #viewMovedAt = -Infinity;
  #networkDirty = true;
  /** What was changed by the person's hand is painted at once, however large the network is. */
  #urgent = true;
  #viewDirty = true;
  #trafficDirty = true;
  #labelsDirty = true;
  #paintedAt = -Infinity;
  #trafficShown = false;
  #rested = false;
  #frame = 0;
  #dots = 0;
  #networks = 0;
  /** @type {number|null} */
  #firstAt = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #alarm;
  #meter = new Meter();

  /** @param {{stage: HTMLElement, model: Model, time: Time,
   *           waiting: import("./waiting.js").Waiting}} parts */
  constructor({ stage, model, time, waiting }) {
    super();
    this.#stage = stage;
    this.#model = model;
    this.#time = time;
    this.#waiting = waiting;
    this.#network = layer(stage);
    this.#traffic = layer(stage);
    this.#layout = new Layout({
      worker: new Worker(new URL("./layout-worker.js", import.meta.url)),
      remembered: new Remembered(storage()),
    });
    this.#undo = new LayoutUndo(this.#layout);
    this.#scene = {
      model, spots: new Map(), palette: readPalette(stage), zoom: 1, width: 1, height: 1,
      sides: new Map(), labelSize: 12, badges: [], knows: "selected", colour: "state", selected: null,
      hovered: null, rubber: null, shown: null, lit: null, still: false, numerals: true, cuts: null, margin: 0,
      faults: null, chosen: new Set(), lasso: null,
    };
    this.#view.scale = this.#scene.palette.scale;
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    const setCalm = () => {
      this.#scene.still = calm.matches;
      this.#layout.glide = calm.matches ? 0 : GLIDE;
      this.#repaint();
    };
    calm.addEventListener("change", setCalm);
    setCalm();

    model.follow((change) => this.#changed(change));
    time.addEventListener("change", () => this.#repaintTraffic());
    waiting.addEventListener("change", () => {
      this.#placeBadges();
      this.#repaintTraffic();
    });
    this.#layout.addEventListener("target", () => {
      // A formed picture stands still: it is not zoomed for a newcomer that is in sight.
      const stays = !this.#layout.forming && this.#view.shows(this.#layout.bounds());
      if (this.#view.following && !(stays && this.#scene.spots.size > 0)) {
        this.#fit(this.#scene.spots.size > 0);
      }
      this.#labelsDirty = true;
      this.#repaint();
    });
    this.#layout.addEventListener("still", () => {
      this.#labelsDirty = true;
      this.#repaint();
    });
    new ResizeObserver(() => this.#resize()).observe(stage);
    onDensityChange(stage, () => this.#repaint());
    this.#resize();
    this.#listen();
  }

  /** Mark a node as the chosen one; null: none. @param {Key|null} key */
  select(key) {
    if (this.#scene.selected === key) return;
    this.#scene.selected = key;
    this.#labelsDirty = true;
    this.#repaint();
  }

  /** Show everything, and keep showing it while the network grows. */
  fit() {
    this.#view.following = true;
    this.#fit(true);
    this.#viewChanged();
  }

  /** Zoom around the middle. @param {number} factor */
  zoom(factor) {
    const { x, y, zoom } = this.#view.look;
    this.#view.show({ x, y, zoom: zoom * factor }, performance.now(), !this.#scene.still);
    this.#labelsDirty = true;
    this.#viewChanged();
  }

  /** What is seen; null: all of it, whatever comes. @returns {import("./finding/look.js").Look|null} */
  get look() {
    return this.#view.following ? null : this.#view.look;
  }

  /** See this part; null: all. @param {import("./finding/look.js").Look|null} look */
  show(look) {
    if (look === null) {
      if (!this.#view.following) this.fit();
      return;
    }
    this.#view.show(look, performance.now(), !this.#scene.still && this.#scene.spots.size > 0);
    this.#labelsDirty = true;
    this.#repaint();
  }

  /** Compute all places anew, from where every viewer starts. Dragged nodes stay. */
  relayout() {
    this.#changing(TEXTS.picture.anew);
    this.#view.following = true;
    this.#layout.relayout();
    this.#viewChanged();
  }

  /** Whether a node stays where a person has put it. @param {Key} key */
  pinned(key) {
    return this.#layout.places.get(key)?.pinned ?? false;
  }

  /** How many do. */
  get pins() {
    let pins = 0;
    for (const place of this.#layout.places.values()) if (place.pinned) pins += 1;
    return pins;
  }

  /** Let a node stay where it is. @param {Key} key */
  pin(key) {
    this.#changing(TEXTS.picture.pinning(this.#nameOf(key)), [key]);
    this.#layout.pin(key);
  }

  /** Let nodes be moved again. @param {Key[]} [keys]  all that are pinned */
  unpin(keys = [...this.#layout.places.keys()]) {
    const pinned = keys.filter((key) => this.pinned(key));
    if (pinned.length === 0) return;
    const what = pinned.length === 1 ? TEXTS.picture.letting(this.#nameOf(pinned[0])) : TEXTS.picture.lettingMany(pinned.length);
    this.#changing(what); // of all: others make room
    for (const key of pinned) this.#layout.unpin(key);
  }

  /** Take the last change of the layout back. @returns {string|null} what that was; null: nothing */
  undo() {
    return this.#undone(this.#undo.undo());
  }

  /** Do again what was taken back. @returns {string|null} */
  redo() {
    return this.#undone(this.#undo.redo());
  }

  /** What would be taken back, or done again; null: nothing. */
  get undoes() { return this.#undo.undoes; }

  get redoes() { return this.#undo.redoes; }

  /**
   * @param {{knows?: "none"|"selected"|"all", colour?: "state"|"degree"|"known",
   *          flight?: number, cuts?: boolean}} options  flight: milliseconds that a dot takes;
   *   cuts: whether to show what the network hangs on
   */
  setOptions({ knows, colour, flight, cuts }) {
    if (cuts !== undefined) this.#scene.cuts = cuts ? cutsOf(this.#model) : null;
    this.#scene.knows = knows ?? this.#scene.knows;
    this.#scene.colour = colour ?? this.#scene.colour;
    this.#flights.duration = flight ?? this.#flights.duration;
    this.#repaint();
  }

  /** Pan so that a node can be seen. @param {Key} key */
  focusNode(key) {
    const place = this.#layout.places.get(key);
    if (!place) return;
    const before = this.#view.following;
    this.#view.reveal({ x: place.toX, y: place.toY }, performance.now());
    if (this.#view.following !== before) this.#viewChanged();
    this.#repaint();
  }

  /** Bring a node to the middle, and near. @param {Key} key */
  centre(key) {
    const place = this.#layout.places.get(key);
    if (place) this.show({ x: place.toX, y: place.toY, zoom: Math.max(1.2, this.#view.look.zoom) });
    if (place) this.#tell("view", { zoom: this.#view.look.zoom });
  }

  /** Whether everything stands: nothing is gliding, or about to. */
  get settled() {
    return this.#layout.placed && !this.#layout.moving && !this.#view.moving && this.#scene.spots.size > 0;
  }

  /** Let the person choose a receiver for a message from this node. @param {Key} fromKey */
  startPick(fromKey) {
    this.#picking = true;
    this.#rubber({ from: fromKey, at: null, over: null });
    this.#cursor();
  }

  /** When the dots of a message that fly will all have arrived; null where none does.
   * @param {string} id */
  flightEnds(id) {
    return this.#flights.ends(id);
  }

  /** Pan and zoom so that some nodes are seen well, with what is between them. @param {Key[]} keys */
  frame(keys) {
    let box = null;
    for (const key of keys) {
      const place = this.#layout.places.get(key);
      if (place === undefined) continue;
      box ??= { left: place.toX, top: place.toY, right: place.toX, bottom: place.toY };
      box.left = Math.min(box.left, place.toX);
      box.right = Math.max(box.right, place.toX);
      box.top = Math.min(box.top, place.toY);
      box.bottom = Math.max(box.bottom, place.toY);
    }
    if (box === null) return;
    if (this.#view.zoom >= ZOOM_FRAMED && this.#view.shows(box)) return; // it is seen well where it is
    const room = 60; // in world units: who stands around is seen, too
    box = { left: box.left - room, top: box.top - room, right: box.right + room, bottom: box.bottom + room };
    this.#view.following = false;
    this.#view.fit(box, performance.now(), !this.#scene.still);
    this.#labelsDirty = true;
    this.#viewChanged();
  }

  /** The node that a line is drawn from. @returns {Key|null} */
  get drawing() {
    return this.#scene.rubber?.from ?? null;
  }

  cancelPick() {
    this.#picking = false;
    this.#rubber(null);
    this.#cursor();
  }

  /** Draw what is broken on purpose. @param {import("./faults/standing.js").Standing} standing */
  showFaults(standing) {
    this.#scene.faults = standing;
    this.#placeBadges();
    this.#repaint();
  }

  /** Mark several nodes as chosen. @param {ReadonlySet<Key>} keys */
  choose(keys) {
    this.#scene.chosen = keys;
    this.#repaintTraffic();
  }

  /** Whether every drag is a lasso. */
  get lassoing() { return this.#lassoing; }

  set lassoing(on) {
    this.#lassoing = on;
    this.#scene.lasso = null;
    this.#cursor();
    this.#repaintTraffic();
  }

  /** The colours of the page have changed. */
  refreshTheme() {
    const { palette } = this.#scene;
    this.#scene.palette = readPalette(this.#stage);
    this.#view.scale = this.#scene.palette.scale;
    if (this.#view.following && palette.scale !== this.#view.scale) this.#fit(false);
    this.#labelsDirty = true;
    this.#repaint();
  }

  /**
   * Where messages are found by their ids.
   * @param {(id: string) => import("./model.js").MessageView|undefined} find
   */
  messagesOf(find) {
    this.#find = find;
  }

  /**
   * Light the ways of some messages, dim the rest, and let only them fly; null: all as ever.
   * @param {import("./messages/lit.js").Lit|null} lit
   * @param {((id: string) => boolean)|null} wanted
   */
  light(lit, wanted) {
    this.#scene.lit = lit;
    this.#wanted = wanted;
    this.#network.canvas.style.opacity = lit === null ? "" : "0.3";
    this.#repaintTraffic();
  }

  /** Show the path of one message; null: of none. @param {string|null} id */
  showMessage(id) {
    this.#message = id;
    this.#followMessage();
    this.#repaintTraffic();
  }

  /**
   * Where a node is, in CSS pixels from the stage's top left corner.
   * @param {Key} key
   * @returns {{x: number, y: number}|null}
   */
  screenPosition(key) {
    const place = this.#layout.places.get(key);
    return place ? this.#view.toScreen(place) : null;
  }

  /**
   * fps: over the last second in which something moved; dots: messages on their way now;
   * frames: painted since the page was opened; drawMs: time a frame takes, on average;
   * networks: how often the network itself was painted; firstAt: when it was for the first time,
   * in milliseconds since the page was asked for, or null; resting: nobody will move until the
   * network changes; forming: each new link still moves everybody a little.
   * @returns {{fps: number, dots: number, frames: number, drawMs: number, networks: number, firstAt: number|null, resting: boolean, forming: boolean}}
   */
  stats() {
    return { ...this.#meter.read(), resting: this.#layout.resting, forming: this.#layout.forming, networks: this.#networks, firstAt: this.#firstAt, dots: this.#flights.frame(this.#time.now()).inFlight };
  }

  /**
   * Paint what is to be seen now on another surface, as large as the stage: all of it, but for
   * what follows the pointer.
   * @param {CanvasRenderingContext2D} context
   * @param {(context: CanvasRenderingContext2D, scene: Scene) => void} [then]  paints more
   */
  paintOn(context, then) {
    const scene = { ...this.#scene, hovered: null, rubber: null, margin: 0 };
    context.fillStyle = scene.palette.stage;
    context.fillRect(0, 0, scene.width, scene.height);
    paintNetwork(context, scene);
    paintTraffic(context, scene, this.#flights.frame(this.#time.now()));
    then?.(context, scene);
  }

  /** CSS pixels of the stage. */
  get size() {
    return { width: this.#scene.width, height: this.#scene.height };
  }

  /** What the network hangs on, as it is drawn; null: it is not. */
  get cuts() { return this.#scene.cuts; }

  /** Names that are written, with their places on the screen. @returns {(import("./labels.js").Box & {name: string})[]} */
  labels() {
    const { sides, spots, labelSize, palette } = this.#scene;
    const { context } = this.#network;
    context.font = `${labelSize}px ${palette.font}`;
    return [...sides].flatMap(([key, side]) => {
      const spot = spots.get(key);
      const name = shortName(this.#model.nodes.get(key)?.name ?? "");
      const width = context.measureText(name).width;
      return spot ? [{ key, name, ...labelBox({ ...spot, width, height: labelSize + 2 }, side) }] : [];
    });
  }

  /** At which nodes messages wait, as it is drawn. @returns {import("./render.js").Badge[]} */
  badges() {
    return this.#scene.badges;
  }

  /** The hops that are drawn as dots now. @returns {import("./flights.js").Dot[]} */
  dots() {
    return this.#flights.frame(this.#time.now(), this.#wanted).dots;
  }

  /**
   * The link at a point of the stage. @param {{x: number, y: number}} at
   * @returns {{a: Key, b: Key}|null}
   */
  linkAt(at) {
    const { spots, model } = this.#scene;
    let best = null;
    let least = LINK_REACH;
    for (const { a, b } of model.links.values()) {
      const [one, two] = [spots.get(a), spots.get(b)];
      if (!one || !two) continue;
      const far = beside(at, one, two);
      if (far < least) [best, least] = [{ a, b }, far];
    }
    return best;
  }

  /** @param {string|null} done */
  #undone(done) {
    if (done === null) return null;
    this.#labelsDirty = true;
    this.#repaint();
    this.#tell("layout");
    return done;
  }

  /** A person changes the layout. @param {string} label @param {Key[]} [keys]  all */
  #changing(label, keys) {
    const ids = keys?.flatMap((key) => this.#layout.places.get(key)?.id ?? []);
    this.#undo.remember(label, ids);
    this.#tell("layout");
  }

  /** @param {Key} key */
  #nameOf(key) {
    return this.#model.nodes.get(key)?.name ?? TEXTS.picture.aNode;
  }

  // --- what comes in ---------------------------------------------------------------------

  /** @param {import("./model.js").Change} change */
  #changed(change) {
    if (change.jump) this.#flights.forget();
    if (change.snapshot && this.#model.run !== this.#run) {
      this.#run = this.#model.run;
      this.#flights.clear();
      this.#undo.clear();
    }
    if (change.nodes || change.links) {
      this.#layout.update(this.#model, this.#view.width / this.#view.height);
      const { selected, hovered } = this.#scene;
      if (selected !== null && !this.#model.nodes.has(selected)) this.#scene.selected = null;
      if (hovered !== null && !this.#model.nodes.has(hovered)) this.#scene.hovered = null;
      // Most news about nodes are counts, which are not drawn.
      const looks = this.#describe();
      if (change.links || looks !== this.#looks) {
        if (this.#scene.cuts) this.#scene.cuts = cutsOf(this.#model);
        this.#looks = looks;
        this.#labelsDirty = true;
        this.#networkDirty = true; // in its own time, where it is large
        this.#repaintTraffic();
      }
    }
    if (change.learnt.length > 0 || change.jump) {
      const now = this.#time.now();
      for (const { message, at } of change.learnt) this.#flights.take(message, at ?? now);
      this.#followMessage();
      this.#repaintTraffic();
    }
  }

  /** All that is drawn of the nodes, as one text. */
  #describe() {
    const known = this.#scene.colour === "known";
    let looks = "";
    for (const { key, name, kind, state, knows } of this.#model.nodes.values()) {
      looks += `${key} ${name} ${kind} ${state} ${known ? knows : ""}\n`;
    }
    return looks;
  }

  #followMessage() {
    const message = this.#message === null ? undefined : this.#find(this.#message);
    if (message === undefined) {
      this.#scene.shown = null;
      return;
    }
    const { kind, from, to, state, path } = message;
    const straight = path.length === 0 && kind === "message";
    this.#scene.shown = { kind, from, state, legs: straight ? [[from, to, message.sent_at ?? 0]] : path };
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.#stage;
    if (width === 0 || height === 0) return;
    this.#view.resize(width, height);
    this.#scene.width = width;
    this.#scene.height = height;
    if (this.#view.following) this.#fit(false);
    this.#labelsDirty = true;
    this.#repaint();
  }

  /** @param {boolean} glide */
  #fit(glide) {
    this.#view.fit(this.#layout.bounds(), performance.now(), glide && !this.#scene.still);
  }

  #listen() {
    listen(this.#traffic.canvas, {
      hit: (at) => this.#hit(at),
      hover: (key, at) => this.#hover(key, at),
      click: (key, at) => this.#click(key, at),
      toggle: (key) => this.#tell("toggle", { key }),
      lassoing: () => this.#lassoing,
      lasso: (at) => {
        this.#hover(null, at);
        (this.#scene.lasso ??= []).push(at);
        this.#repaintTraffic();
      },
      lassoEnd: (how) => {
        const { lasso, spots, chosen } = this.#scene;
        this.#scene.lasso = null;
        this.#repaintTraffic();
        if (lasso !== null) this.#tell("lasso", { keys: caught(lasso, spots, chosen, how) });
      },
      doubleClick: (key) => this.unpin([key]),
      drag: (key, at) => {
        if (!this.#dragging) this.#changing(TEXTS.picture.moving(this.#nameOf(key)), [key]);
        this.#dragging = true;
        this.#view.following = false;
        const { x, y } = this.#view.toWorld(at);
        this.#layout.drag(key, x, y);
        this.#hover(null, at);
        this.#labelsDirty = true;
        this.#cursor();
        this.#repaint();
      },
      dragEnd: () => {
        this.#dragging = false;
        this.#layout.dragged();
        this.#cursor();
      },
      line: (from, at) => {
        this.#hover(null, at);
        this.#rubber({ from, at, over: this.#hit(at) });
      },
      lineEnd: (from, at) => {
        const to = this.#hit(at);
        this.#rubber(null);
        if (to !== null && to !== from) this.#picked(from, to);
        else this.#tell("pickcancelled");
      },
      pan: (dx, dy) => {
        this.#view.panBy(dx, dy);
        this.#viewChanged();
      },
      zoom: (at, factor) => {
        this.#view.zoomBy(at, factor);
        this.#labelsDirty = true;
        this.#viewChanged();
      },
      cancel: () => {
        this.#dragging = false;
        this.#scene.lasso = null;
        if (!this.#picking) this.#rubber(null);
        this.#layout.dragged();
      },
      picking: () => this.#picking,
      hold: (key) => {
        // A finger rests on a node: a line may be drawn now, and it is seen that it may.
        this.#hover(null, { x: 0, y: 0 });
        this.#rubber({ from: key, at: null, over: null });
      },
      menu: (key, at) => {
        this.#rubber(null);
        this.#hover(null, at);
        if (this.#picking) this.#tell("pickcancelled");
        this.#tell("menu", { key, link: key === null ? this.linkAt(at) : null, x: at.x, y: at.y });
      },
    });
  }

  /** @param {Key|null} key @param {{x: number, y: number}} at */
  #hover(key, at) {
    const { rubber, hovered } = this.#scene;
    if (this.#picking && rubber) {
      this.#rubber({ ...rubber, at, over: key });
    }
    if (key === hovered) return;
    this.#scene.hovered = key;
    this.#cursor();
    this.#repaintTraffic();
    const spot = key === null ? null : this.screenPosition(key);
    this.#tell("hover", { key, x: spot?.x ?? at.x, y: spot?.y ?? at.y });
  }

  /** @param {Key|null} key @param {{x: number, y: number}} at */
  #click(key, at) {
    const from = this.#scene.rubber?.from;
    if (this.#picking && from !== undefined) {
      if (key === from) return; // a node does not write to itself; he may still choose
      this.cancelPick();
      if (key === null) this.#tell("pickcancelled");
      else this.#picked(from, key);
      return;
    }
    const id = key === null ? this.#messageAt(at) : null;
    if (id !== null) return this.#tell("message", { id });
    if (key === null) this.#tell("fieldclick");
    this.#tell("select", { key });
  }

  /** The message that flies, has flown, or is lit, at a point. @param {{x: number, y: number}} at */
  #messageAt(at) {
    const { dots, trails } = this.#flights.frame(this.#time.now(), this.#wanted);
    return messageAt(at, { dots, ways: [...trails, ...(this.#scene.lit?.ways ?? [])] }, arcs(this.#scene));
  }

  /** @param {Key} from @param {Key} to */
  #picked(from, to) {
    this.cancelPick();
    this.#tell("picked", { from, to });
  }

  /** @param {{x: number, y: number}} at @returns {Key|null} */
  #hit(at) {
    let best = null;
    let least = Infinity;
    for (const [key, { x, y, radius }] of this.#scene.spots) {
      const far = Math.hypot(x - at.x, y - at.y) - radius;
      if (far < REACH && far < least) [best, least] = [key, far];
    }
    return best;
  }

  /** @param {import("./render.js").Rubber|null} rubber */
  #rubber(rubber) {
    const before = this.#scene.rubber;
    this.#scene.rubber = rubber;
    // Who has a name plate loses the label under it, and that one is painted with the nodes.
    if (before?.from !== rubber?.from || before?.over !== rubber?.over) this.#repaint();
    else this.#repaintTraffic();
  }

  #viewChanged() {
    this.#viewMovedAt = performance.now();
    this.#viewDirty = true;
    if (!this.#big) this.#networkDirty = true;
    this.#repaintTraffic();
    this.#tell("view", { zoom: this.#view.zoom });
  }

  /** Whether there is too much to be painted for every frame. */
  get #big() {
    return 2 * this.#layout.places.size + this.#model.links.size > SMOOTH;
  }

  #cursor() {
    const over = this.#scene.hovered !== null;
    this.#traffic.canvas.style.cursor = this.#dragging ? "grabbing"
      : this.#picking || this.#lassoing ? "crosshair" : over ? "pointer" : "grab";
  }

  /** @param {string} type @param {Record<string, unknown>} [detail] */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  // --- what goes out ---------------------------------------------------------------------

  #repaint() {
    this.#networkDirty = true;
    this.#urgent = true;
    this.#repaintTraffic();
  }

  #repaintTraffic() {
    this.#trafficDirty = true;
    this.#wake();
  }

  #wake() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.#frame = 0;
    clearTimeout(this.#alarm);
    const now = performance.now();
    const time = this.#time.now();
    const placesMoved = this.#layout.moving;
    const viewMoved = this.#view.moving;
    this.#layout.advance(now);
    this.#view.advance(now);
    const moving = this.#layout.moving || this.#view.moving;
    if (viewMoved) {
      this.#viewDirty = true;
      this.#viewMovedAt = now;
    }
    if (placesMoved) this.#networkDirty = true;
    if ((placesMoved || viewMoved) && !moving) this.#labelsDirty = true;

    const big = this.#big;
    if (this.#viewDirty && !big) this.#networkDirty = true;
    const viewMoves = now - this.#viewMovedAt < RESTS;
    // What is painted serves until the view rests; it ends where the margin does.
    const serves = big && viewMoves && this.#covered();
    const every = this.#urgent ? 0
      : big ? (moving || viewMoves ? BIG_PAINT_EVERY : BIG_NEWS_EVERY)
        : moving || viewMoves || !this.#trafficShown ? 0 : NEWS_EVERY;
    const later = serves || now - this.#paintedAt < every;
    const stale = this.#networkDirty || this.#outOfStep();
    if (stale && !later) this.#paintNetwork(now, big ? OVERSCAN : 0);
    else if (this.#viewDirty) this.#moveNetwork();
    this.#viewDirty = false;

    const frame = this.#flights.frame(time, this.#wanted);
    if (this.#trafficDirty || this.#trafficShown || frame.moving) {
      this.#trafficDirty = false;
      this.#trafficShown = frame.moving;
      this.#traffic.clean(this.#scene, 0);
      paintTraffic(this.#traffic.context, this.#scene, frame);
    }
    if (frame.inFlight !== this.#dots) {
      this.#dots = frame.inFlight;
      this.#tell("dots");
    }
    const rested = this.settled;
    if (rested && !this.#rested) this.#tell("rest");
    this.#rested = rested;
    // Where time stands, dots do; `change` says when it runs again.
    const flying = frame.moving && this.#time.rate > 0;
    const waits = this.#networkDirty || this.#outOfStep();
    const goesOn = moving || flying;
    this.#meter.count(now, performance.now() - now, goesOn || viewMoves);
    if (goesOn) this.#wake();
    else {
      const rest = waits ? Math.max(viewMoves ? this.#viewMovedAt + RESTS : 0, this.#paintedAt + every) - now : Infinity;
      const next = Math.min(rest, frame.wakeAt < Infinity ? this.#time.until(frame.wakeAt) : Infinity);
      if (next < Infinity) this.#alarm = setTimeout(() => this.#repaintTraffic(), Math.max(0, next) + 1);
    }
  }

  /** @param {number} now @param {number} margin  CSS pixels beyond the stage's edges */
  #paintNetwork(now, margin) {
    this.#paintedAt = now;
    this.#networkDirty = false;
    this.#urgent = false;
    this.#trafficDirty = true;
    this.#takePlaces();
    this.#project();
    if (this.#labelsDirty) this.#placeLabels();
    this.#scene.margin = margin;
    this.#network.clean(this.#scene, margin);
    this.#painted = { zoom: this.#view.zoom, x: this.#view.x, y: this.#view.y, margin };
    this.#network.canvas.style.transform = "";
    paintNetwork(this.#network.context, this.#scene);
    this.#networks += 1;
    if (this.#firstAt !== null || this.#scene.spots.size === 0) return;
    this.#firstAt = performance.mark("p2p-picture", { detail: this.#scene.spots.size }).startTime;
    this.#tell("first");
  }

  /** The view has changed and what is painted has not: the compositor moves it. */
  #moveNetwork() {
    const { zoom, x, y, margin } = this.#painted;
    const scale = this.#view.zoom / zoom;
    // The canvas begins `margin` before the stage, and scales around its own corner.
    const dx = this.#view.x - x * scale + margin * (1 - scale);
    const dy = this.#view.y - y * scale + margin * (1 - scale);
    this.#network.canvas.style.transform = `translate(${dx}px, ${dy}px) scale(${scale})`;
    this.#project();
    this.#trafficDirty = true;
  }

  /** Whether what is painted is seen through another view than the present one. */
  #outOfStep() {
    const { zoom, x, y } = this.#painted;
    return zoom !== this.#view.zoom || x !== this.#view.x || y !== this.#view.y;
  }

  /** Whether what is painted still fills the stage, sharp enough to be looked at. */
  #covered() {
    const { zoom, x, y, margin } = this.#painted;
    const scale = this.#view.zoom / zoom;
    const left = this.#view.x - (x + margin) * scale;
    const top = this.#view.y - (y + margin) * scale;
    const { width, height } = this.#scene;
    return scale < 2 && left <= 0 && top <= 0
      && left + (width + 2 * margin) * scale >= width
      && top + (height + 2 * margin) * scale >= height;
  }

  /** Where everything stands now, as it is painted. */
  #takePlaces() {
    const { spots } = this.#scene;
    const { places, placed } = this.#layout;
    for (const key of spots.keys()) if (!placed || !places.has(key)) spots.delete(key);
    if (!placed) return;
    for (const { key, x, y } of places.values()) {
      const spot = spots.get(key);
      if (spot) {
        spot.worldX = x;
        spot.worldY = y;
      } else {
        spots.set(key, { x: 0, y: 0, radius: 0, worldX: x, worldY: y });
      }
    }
  }

  /** Where that is on the screen. */
  #project() {
    const { zoom, x, y } = this.#view;
    const radius = nodeRadius(zoom) * this.#scene.palette.scale;
    this.#scene.zoom = zoom;
    for (const spot of this.#scene.spots.values()) {
      spot.x = spot.worldX * zoom + x;
      spot.y = spot.worldY * zoom + y;
      spot.radius = radius;
    }
  }

  #placeLabels() {
    const { spots, palette, width, height } = this.#scene;
    const size = (this.#view.zoom >= 0.75 ? 12 : 11) * palette.scale;
    this.#scene.labelSize = size;
    this.#labelsDirty = false;
    const { context } = this.#network;
    // Numbers for some of them only would look like a mistake.
    const legible = [...this.#model.nodes.values()].filter((node) => hasNumeral(node.name, nodeRadius(this.#view.zoom) * palette.scale));
    this.#scene.numerals = legible.length >= NUMERALS_FOR * this.#model.nodes.size;
    context.font = `${size}px ${palette.font}`;
    const named = [];
    for (const node of this.#model.nodes.values()) {
      const spot = spots.get(node.key);
      if (!spot || spot.x < -50 || spot.y < -20 || spot.x > width + 50 || spot.y > height + 20) continue;
      const numbered = this.#scene.numerals && hasNumeral(node.name, spot.radius);
      named.push({
        key: node.key, ...spot, numbered,
        weight: (node.state === "alive" ? 1 : 0) + (numbered ? 0 : 2),
        width: context.measureText(shortName(node.name)).width, height: size + 2,
      });
    }
    this.#scene.sides = placeLabels(named, this.#scene.sides, { width, height });
    this.#placeBadges();
  }

  /** Names come first: no badge moves one. */
  #placeBadges() {
    const { spots, sides, palette, labelSize, badges: before } = this.#scene;
    const { context } = this.#traffic;
    const nodes = [...spots].map(([key, spot]) => ({ key, ...spot }));
    context.font = `600 10.5px ${palette.font}`;
    const badges = [...this.#waiting.counts].flatMap(([key, count]) => {
      const spot = spots.get(key);
      const text = badgeText(count);
      return spot ? [{ key, ...spot, text, width: badgeWidth(context.measureText(text).width) }] : [];
    });
    if (badges.length === 0 && before.length === 0) return;
    context.font = `${labelSize}px ${palette.font}`;
    const labels = [...sides].flatMap(([key, side]) => {
      const spot = spots.get(key);
      if (!spot) return [];
      const width = context.measureText(shortName(this.#model.nodes.get(key)?.name ?? "")).width;
      return [{ key, ...labelBox({ ...spot, width, height: labelSize + 2 }, side) }];
    });
    for (const [key, signs] of this.#scene.faults?.marks ?? []) {
      const spot = spots.get(key);
      if (spot) signs.slice(0, 2).forEach((_, place) => labels.push({ key, ...signBox(spot, place) }));
    }
    const corners = placeBadges(badges, nodes, labels, new Map(before.map(({ key, corner }) => [key, corner])));
    this.#scene.badges = badges.map(({ key, text, width }) => ({ key, text, width, corner: corners.get(key) ?? null }));
  }
}

/**
 * How far a point is from the line between two nodes, CSS pixels; what is on a node is none.
 * @param {{x: number, y: number}} at
 * @param {import("./render.js").Spot} a
 * @param {import("./render.js").Spot} b
 */
function beside(at, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const square = dx * dx + dy * dy;
  if (square === 0) return Infinity;
  const t = ((at.x - a.x) * dx + (at.y - a.y) * dy) / square;
  if (t < 0 || t > 1) return Infinity;
  return Math.hypot(a.x + t * dx - at.x, a.y + t * dy - at.y);
}

/**
 * Nodes grow with the zoom, but less: a small picture stays legible, a large one calm.
 * @param {number} zoom
 */
function nodeRadius(zoom) {
  return Math.max(4, Math.min(20, 13.5 * Math.sqrt(zoom)));
}

/**
 * One canvas over the whole stage, sharp on every screen.
 * @param {HTMLElement} stage
 */
function layer(stage) {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true"); // the list of nodes says the same in words
  Object.assign(canvas.style, {
    position: "absolute", left: "0", top: "0", transformOrigin: "0 0", willChange: "transform", touchAction: "none",
  });
  stage.append(canvas);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  return {
    canvas, context,
    /**
     * Make it clean, and match the pixels of the screen, one to one.
     * @param {{width: number, height: number}} size @param {number} margin  beyond the stage
     */
    clean({ width, height }, margin) {
      const density = densityFor(width, height);
      const wide = Math.max(1, Math.round((width + 2 * margin) * density));
      const high = Math.max(1, Math.round((height + 2 * margin) * density));
      if (canvas.width !== wide || canvas.height !== high) {
        canvas.width = wide;
        canvas.height = high;
      }
      // Of the pixels it has, not of the stage: with 1.25 pixels a CSS pixel a width of "100%"
      // would be stretched by a part of a pixel, and everything blurred.
      const style = { width: `${wide / density}px`, height: `${high / density}px`, left: `${-margin}px`, top: `${-margin}px` };
      for (const [name, value] of Object.entries(style)) {
        if (canvas.style.getPropertyValue(name) !== value) canvas.style.setProperty(name, value);
      }
      context.setTransform(density, 0, 0, density, margin * density, margin * density);
      context.clearRect(-margin, -margin, width + 2 * margin + 1, height + 2 * margin + 1);
    },
  };
}

/** Pixels that one canvas may have: a screen of 4K. More costs time that nobody sees [guess]. */
const PIXELS_MOST = 3840 * 2160;

/** Milliseconds between two looks at whether the screen is another one. */
const LOOK_AT_DENSITY = 1000;

/** Pixels a CSS pixel: those of the screen. @param {number} width @param {number} height */
function densityFor(width, height) {
  return Math.min(window.devicePixelRatio || 1, Math.sqrt(PIXELS_MOST / Math.max(1, width * height)));
}

/**
 * Tells when the pixels are others: the window has come to another screen, or the browser's own
 * zoom was changed. The stage's size in CSS pixels need not change then.
 * @param {HTMLElement} stage @param {() => void} changed
 */
function onDensityChange(stage, changed) {
  let density = window.devicePixelRatio;
  const look = () => {
    if (window.devicePixelRatio === density) return;
    density = window.devicePixelRatio;
    changed();
  };
  try {
    new ResizeObserver(look).observe(stage, { box: "device-pixel-content-box" });
  } catch {
    addEventListener("resize", look); // Safari has no such box; it tells of most changes so
  }
  setInterval(look, LOOK_AT_DENSITY); // not every change is told: Chromium is silent of an emulated screen
}

/** The browser's memory, or one that forgets, where the person allows none. */
function storage() {
  try {
    return window.localStorage;
  } catch {
    return { getItem: () => null, setItem: () => {} };
  }
}

/** Counts frames and times them; only those that follow another directly. */
class Meter {
  frames = 0;
  #drawMs = 0;
  /** @type {number[]} */
  #gaps = [];
  /** @type {number|null} */
  #last = null;

  /** @param {number} now @param {number} took @param {boolean} goesOn */
  count(now, took, goesOn) {
    this.frames += 1;
    this.#drawMs += (took - this.#drawMs) / Math.min(this.frames, 60);
    if (this.#last !== null) {
      this.#gaps.push(now - this.#last);
      if (this.#gaps.length > 60) this.#gaps.shift();
    }
    this.#last = goesOn ? now : null;
  }

  read() {
    const sum = this.#gaps.reduce((a, b) => a + b, 0);
    return {
      fps: sum > 0 ? (1000 * this.#gaps.length) / sum : 0,
      frames: this.frames, drawMs: this.#drawMs,
    };
  }
}
