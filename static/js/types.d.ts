/**
 * What goes over the wire, as types: what the dashboard sends to the page (docs/api.md, "The
 * live stream"; dashboard/shapes.py has the same for the server, and a test compares the two),
 * and what the page and its layout worker tell each other.
 *
 * Types only: `tsc --checkJs` reads this file, no browser does. Times are milliseconds since
 * 1970 by the dashboard's clock.
 */

/** What the dashboard calls a node: a small integer. */
export type Key = number;

export type NodeState = "alive" | "suspect" | "dead" | "left";

export interface NodeView {
  key: Key;
  id: string;
  name: string;
  url: string;
  public_url: string | null;
  kind: "peer" | "plain";
  state: NodeState;
  /** True while its events arrive. */
  watched: boolean;
  epoch: number;
  since: number | null;
  /** How many it believes alive. */
  knows: number;
  links: number;
  inbox: number;
  sent: number;
  waiting: number;
  /** The fewest that waited since the packet before. */
  least: number;
  failed: number;
  note: string | null;
  /** What does not fit together about it, in words. */
  conflicts?: string[];
}

/** What is done to a node on purpose. */
export interface FaultView {
  id: string;
  kind: string;
  /** Whom it concerns; null: all. */
  peers: Key[] | null;
  direction: "in" | "out" | "both";
  /** When it ends by itself. */
  until: number;
  by: string;
  /** What it is a part of; it begins with the act's kind. */
  act: string | null;
  probability?: number;
  mean_ms?: number;
}

/** One hop; `at` is null where nobody told, but there must have been one. */
export type Leg = [from: Key | null, to: Key | null, at: number | null];

export interface MessageView {
  id: string;
  kind: "message" | "broadcast";
  /** Null: it came from outside. */
  from: Key | null;
  /** Null for a broadcast. */
  to: Key | null;
  /** As claimed. */
  sender: string;
  text: string;
  /** Waiting: sent, and no attempt is under way. */
  state: "waiting" | "sent" | "received" | "delivered" | "failed";
  attempt: number;
  reason: string | null;
  /** Since when its sender has it. */
  queued_at: number | null;
  /** When the next attempt is due; null: unknown. */
  next_at: number | null;
  sent_at: number | null;
  received_at: number | null;
  done_at: number | null;
  /** How many it took, or has behind it; of a broadcast the most. */
  hops: number;
  /**
   * The way that it took so far, empty where it went straight; of a broadcast the tree, in
   * the order in which the dashboard heard of it.
   */
  path: Leg[];
  /** How many legs came before those of this packet. */
  path_at: number;
  /** Members that have a broadcast. */
  reached: number | null;
  /** Members that there are to reach. */
  of: number | null;
}

export interface Summary {
  state: "empty" | "forming" | "connected" | "split";
  /** One sentence for people. */
  line: string;
  expected: number | null;
  nodes: number;
  alive: number;
  suspect: number;
  dead: number;
  left: number;
  plain: number;
  watched: number;
  components: number;
  links: number;
  /** 0 … 1: how much of the network a node knows. */
  coverage: number;
  /** Where what two say does not fit together. */
  conflicts?: number;
  messages: number;
  events_per_second: number;
  /** More happens than can be told in time; null: it keeps up. */
  busy?: { behind: number; pace: number; left_out: number } | null;
}

/** The first packet, and the answer to `resync`; also what `/api/graph?at=` answers. */
export interface Snapshot {
  number: number;
  at: number;
  run: string;
  expected: number | null;
  summary: Summary;
  nodes: NodeView[];
  links: [Key, Key][];
  /** JSON objects have texts as keys. */
  knows: Record<string, Key[]>;
  /** Only of nodes that have some. */
  faults?: Record<string, FaultView[]>;
  messages: MessageView[];
}

/** As the stream tells it, with which page the server has now. */
export interface StreamSnapshot extends Snapshot {
  page?: string;
}

/** Every later packet: what changed. */
export interface Delta {
  number: number;
  at: number;
  summary?: Summary;
  nodes?: NodeView[];
  gone?: Key[];
  links?: { add?: [Key, Key][]; remove?: [Key, Key][] };
  knows?: Record<string, Key[]>;
  /** Whole lists of the nodes that changed; empty: none any more. */
  faults?: Record<string, FaultView[]>;
  messages?: MessageView[];
}

/** What the layout asks its worker for. */
export interface LayoutWish {
  run: number;
  /** [x, y, anchorX, anchorY, fixed] for each node. */
  nodes: Float64Array;
  /** [a, b] for each link: places in `nodes`. */
  links: Uint32Array;
  ticks: number;
  alpha: number;
  /** Of the stage, width by height. */
  aspect: number;
}

/** What the worker answers, more than once where a run takes long. */
export interface LayoutAnswer {
  run: number;
  /** [x, y] for each node. */
  positions: Float32Array;
  done: boolean;
}
