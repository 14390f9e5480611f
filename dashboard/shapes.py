"""The shapes of the dashboard's bodies and answers, as types: what `/openapi.json` is made of.

docs/api.md calls them SUMMARY, NODE_VIEW, MESSAGE_VIEW and so on, and tells what they mean. What
a node answers is passed on, so its shapes are the node's, and only their frame stands here.
"""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from contract.limits import MAX_ID, MAX_MEMBERS, MAX_NAME, MAX_SENDER, MAX_TEXT, MAX_URL
from dashboard.acts import MOST_GROUPS
from dashboard.traffic import MOST_RATE, MOST_SECONDS

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Time = Annotated[int, Meta(description="Milliseconds since 1970, by the dashboard's clock.")]
MaybeTime = Annotated[int | None, Meta(description="Milliseconds since 1970, or null.")]
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
Key = Annotated[int, Meta(description="The small number of a node in this life of the dashboard.")]
State = Literal["alive", "suspect", "dead", "left"]
Passed = Annotated[dict[str, Any], Meta(description="As the node's own document says.")]

Sending = TypedDict(
    "Sending",
    {
        "from": Annotated[
            str, Meta(min_length=1, max_length=MAX_SENDER, description="A node's name or id.")
        ],
        "to": Annotated[
            str, Meta(min_length=1, max_length=MAX_URL, description="A node's name, id or URL.")
        ],
        "msg": Text,
    },
)
Sending.__doc__ = "A message that a node is to send."

Sent = TypedDict("Sent", {"id": str, "status": str, "from": str, "to": str})
Sent.__doc__ = "The node has it on disk. The ends by their ids."

Broadcasting = TypedDict(
    "Broadcasting",
    {
        "from": Annotated[
            str, Meta(min_length=1, max_length=MAX_SENDER, description="A node's name or id.")
        ],
        "msg": Text,
    },
)
Broadcasting.__doc__ = "A message that a node is to send to everybody."

BroadcastSent = TypedDict("BroadcastSent", {"id": str, "status": str, "from": str})
BroadcastSent.__doc__ = "The node has it on disk, and it is on its way."


class Discarded(TypedDict):
    """The node has dropped it."""

    id: str
    status: Literal["discarded"]


class Page(TypedDict):
    """A page of a node's inbox or outbox, as the node's own document says."""

    messages: list[dict[str, Any]]
    next: int | None


class Busy(TypedDict):
    """More happens than can be told in time: BUSY."""

    behind: Annotated[float, Meta(ge=0, description="Seconds: how old news is when it comes in.")]
    pace: Annotated[int, Meta(ge=0, description="Milliseconds between two deltas.")]
    left_out: Annotated[int, Meta(ge=0, description="Messages whose last news was not told.")]


class Summary(TypedDict):
    """The state of the network in one sentence and some numbers: SUMMARY."""

    state: Literal["empty", "forming", "connected", "split"]
    line: Annotated[str, Meta(description="One sentence for people.")]
    expected: int | None
    nodes: Count
    alive: Count
    suspect: Count
    dead: Count
    left: Count
    plain: Count
    watched: Count
    components: Count
    links: Count
    coverage: Share
    conflicts: Annotated[Count, Meta(description="Where what two say does not fit together.")]
    messages: Count
    events_per_second: Annotated[float, Meta(ge=0)]
    busy: Busy | None


class NodeView(TypedDict):
    """A node that is shown: NODE_VIEW."""

    key: Key
    id: str
    name: str
    url: str
    public_url: str | None
    kind: Literal["peer", "plain"]
    state: State
    watched: bool
    epoch: int
    since: MaybeTime
    knows: Count
    links: Count
    inbox: int
    sent: int
    waiting: int
    least: int
    failed: int
    note: str | None
    conflicts: Annotated[
        list[str], Meta(description="What others say of it that does not fit, in words.")
    ]


class Believed(TypedDict):
    """How many watched nodes believe what of a node."""

    alive: Count
    suspect: Count
    dead: Count
    left: Count


class GraphNode(NodeView):
    """A node of the graph."""

    believed: Believed
    faults: Annotated[list[str], Meta(description="Kinds of what is done to it on purpose.")]


class Edge(TypedDict):
    """What a node says of another: that there is a link, or that it knows it."""

    source: str
    target: str
    key: Literal["link", "knows"]
    kind: Literal["link", "knows"]
    since: Time
    mutual: NotRequired[Annotated[bool, Meta(description="Of a link: both ends report it.")]]


class Named(TypedDict):
    """A node by its id and name."""

    id: str
    name: str


class Contradiction(TypedDict):
    """What two say that does not fit together: CONFLICT."""

    kind: Literal["link", "state", "id", "address"]
    nodes: list[Named]
    text: str


class Contradictions(TypedDict):
    """All of them; the list has at most 200."""

    count: Count
    list: list[Contradiction]


class AboutGraph(TypedDict):
    """What the graph as a whole has."""

    conflicts: Contradictions


class Graph(TypedDict):
    """The network of now as networkx's node-link JSON."""

    directed: bool
    multigraph: bool
    graph: AboutGraph
    nodes: list[GraphNode]
    edges: list[Edge]


class FaultShown(TypedDict):
    """What is done to a node on purpose, and until when: FAULT_VIEW."""

    id: str
    kind: str
    peers: Annotated[list[int] | None, Meta(description="Keys; null: all.")]
    direction: Literal["in", "out", "both"]
    until: Time
    by: str
    act: str | None
    probability: NotRequired[float]
    mean_ms: NotRequired[float]
    jitter_ms: NotRequired[float]
    bytes_per_second: NotRequired[float]
    down_seconds: NotRequired[float]
    offset_seconds: NotRequired[float]
    rate: NotRequired[float]


Leg = Annotated[
    tuple[int | None, int | None, int | None],
    Meta(description="From which key to which, and when."),
]

MessageView = TypedDict(
    "MessageView",
    {
        "id": str,
        "kind": Literal["message", "broadcast"],
        "from": Annotated[int | None, Meta(description="A key; null: from outside.")],
        "to": Annotated[int | None, Meta(description="A key; null: a broadcast.")],
        "sender": str,
        "text": str,
        "state": Literal["waiting", "sent", "received", "delivered", "failed"],
        "attempt": int,
        "reason": str | None,
        "queued_at": MaybeTime,
        "next_at": MaybeTime,
        "sent_at": MaybeTime,
        "received_at": MaybeTime,
        "done_at": MaybeTime,
        "hops": int | None,
        "path": list[Leg],
        "path_at": int,
        "reached": int | None,
        "of": int | None,
    },
)
MessageView.__doc__ = "A message or a broadcast, and how far it is: MESSAGE_VIEW."


class Messages(TypedDict):
    """The newest first."""

    messages: list[MessageView]


class Teller(TypedDict):
    """A node by its id and name."""

    id: str
    name: str


class _Past(TypedDict):
    shortest: Annotated[
        int | None,
        Meta(description="Links that it would have needed when it came; null: nobody knows."),
    ]
    as_of: Annotated[int, Meta(description="Up to when it was looked what became of it.")]


class OldMessage(MessageView, _Past):
    """A MESSAGE_VIEW whose nodes are places in the page's table, and how far it had been."""


class OldMessages(TypedDict):
    """Messages of the past, the newest first."""

    messages: list[OldMessage]
    nodes: Annotated[list[Teller], Meta(description="Whom the messages name by their places.")]
    next: Annotated[str | None, Meta(description="For `before`.")]
    since: Annotated[int | None, Meta(description="Back to when was looked; null: it is empty.")]


class Hole(TypedDict):
    """A time of which something is not known: HOLE."""

    since: Time
    until: Time
    node: Annotated[str | None, Meta(description="Null: the whole recording.")]
    lost: int | None
    why: str


class Snapshot(TypedDict):
    """The network as it was: a `snapshot` of the live stream."""

    number: int
    at: Time
    run: str
    expected: int | None
    summary: Summary
    nodes: list[NodeView]
    links: list[tuple[int, int]]
    knows: dict[str, list[int]]
    faults: Annotated[
        dict[str, list[FaultShown]], Meta(description="By key; who has none is not there.")
    ]
    messages: list[MessageView]
    hole: Hole | None


Playback = TypedDict(
    "Playback",
    {
        "from": Annotated[Time, Meta(description="Of the snapshot.")],
        "to": Annotated[Time, Meta(description="How far the deltas reach.")],
        "since": Annotated[Time, Meta(description="Where the run begins.")],
        "until": Annotated[Time, Meta(description="How far it reaches, so far.")],
        "last": Annotated[bool, Meta(description="There is nothing behind `to`, so far.")],
        "growing": Annotated[bool, Meta(description="It is being written.")],
        "cut": Annotated[bool, Meta(description="What comes then does not follow from this.")],
        "snapshot": Snapshot,
        "deltas": Annotated[
            list[dict[str, Any]],
            Meta(description="As the live stream has them, each with `told`: what happened."),
        ],
        "holes": Annotated[list[Hole], Meta(description="Those of the whole recording.")],
    },
)
"""A piece of a recording, to be played."""


class Mark(TypedDict):
    """Something befell nodes at about the same time."""

    at: Time
    kind: Literal["joined", "back", "left", "dead", "fault", "healed", "started", "stopped"]
    names: Annotated[list[str], Meta(description="Some of them.")]
    count: Count


Timeline = TypedDict(
    "Timeline",
    {
        "since": Annotated[Time, Meta(description="Where the run begins.")],
        "until": Annotated[Time, Meta(description="How far it reaches, so far.")],
        "growing": bool,
        "from": Time,
        "to": Time,
        "step": Annotated[int, Meta(description="Milliseconds of one place in the lists.")],
        "sent": Annotated[list[int], Meta(description="Messages that set out, in each step.")],
        "failed": Annotated[list[int], Meta(description="Messages that failed, in each step.")],
        "marks": list[Mark],
        "holes": list[Hole],
    },
)
"""A recording at a glance."""


class Record(TypedDict):
    """Something that happened: RECORD."""

    at: Annotated[float, Meta(description="When it came, in milliseconds since 1970.")]
    type: str
    node: Annotated[Teller | None, Meta(description="Who told it; null: the dashboard itself.")]
    epoch: int | None
    seq: int | None
    time: float | None
    node_time: float | None
    data: Annotated[Any, Meta(description="As contract/events.py has it.")]


class History(TypedDict):
    """What happened, oldest first."""

    records: list[Record]
    next: Annotated[str | None, Meta(description="For `after`.")]
    holes: list[Hole]


class Distances(TypedDict):
    """How far it is from one node of the largest component to another, in links."""

    of: Count
    exact: bool
    diameter: int | None
    radius: int | None
    mean_path: float | None


_From = TypedDict("_From", {"from": Annotated[int, Meta(description="From how many nodes.")]})


class DistancesFrom(Distances, _From):
    """How far it is from one node of the largest component to another, in links."""


class Points(TypedDict):
    """Nodes without which the network would fall apart."""

    count: Count
    list: list[Teller]


class Bridges(TypedDict):
    """Links without which the network would fall apart."""

    count: Count
    list: list[tuple[Teller, Teller]]


class Known(TypedDict):
    """How much of the living others a node knows."""

    name: str | None
    share: Share


class CoverageOf(TypedDict):
    """How much of the living others each node knows, the least first."""

    mean: float | None
    least: float | None
    nodes: dict[str, Known]


class Agreement(TypedDict):
    """Whether the nodes' maps of the network are the same."""

    maps: Count
    different: Count
    share: float | None
    mean_difference: float | None


class Sayers(TypedDict):
    """Who says so: ten of them."""

    count: Count
    nodes: list[Teller]


class StateConflict(TypedDict):
    """A node of which others say different things."""

    about: Teller
    say: dict[str, Sayers]


class StateConflicts(TypedDict):
    """Nodes of which others say different things."""

    count: Count
    list: list[StateConflict]


class OneSided(TypedDict):
    """A link that only one end reports."""

    told_by: Teller
    not_by: Teller


class OneSidedLinks(TypedDict):
    """Links that only one end reports."""

    count: Count
    list: list[OneSided]


class Conflicts(TypedDict):
    """What nodes contradict each other in."""

    states: StateConflicts
    one_sided_links: OneSidedLinks


class Analysis(TypedDict):
    """Numbers about the network of the living: ANALYSIS."""

    at: Time
    nodes: Count
    links: Annotated[int, Meta(description="Without directions.")]
    components: Annotated[list[int], Meta(description="Their sizes.")]
    distances: DistancesFrom
    clustering: float | None
    degrees: Annotated[dict[str, int], Meta(description="How many nodes have which degree.")]
    mean_degree: float | None
    articulation_points: Points
    bridges: Bridges
    coverage: CoverageOf
    agreement: Agreement
    conflicts: Conflicts


class Point(TypedDict):
    """The numbers of an analysis that are followed over time: POINT."""

    at: Time
    nodes: Count
    links: Count
    components: Count
    diameter: int | None
    mean_path: float | None
    exact: bool
    clustering: float | None
    mean_degree: float | None
    articulation_points: Count
    bridges: Count
    coverage: float | None
    agreement: float | None


class Series(TypedDict):
    """Points over time, the oldest first."""

    points: list[Point]


class Beats(TypedDict):
    """The pulse: a list for each number, all of the same length, the oldest first."""

    every: Annotated[int, Meta(ge=1, description="Milliseconds between two.")]
    at: list[Time]
    alive: list[Count]
    suspect: list[Count]
    dead: list[Count]
    left: list[Count]
    components: list[Count]
    links: list[Count]
    events: list[float]
    sent: list[float]
    delivered: list[float]
    failed: list[float]
    waiting: list[Count]
    p50: list[float | None]
    p99: list[float | None]


class Run(TypedDict):
    """A recording."""

    id: str
    name: str
    current: bool
    imported: bool
    since: MaybeTime
    until: MaybeTime
    records: Count
    bytes: Count


class Recording(TypedDict):
    """How the writing goes."""

    state: Literal["on", "failing", "off"]
    why: NotRequired[str | None]
    waiting: NotRequired[int]
    lost: NotRequired[int]


class Runs(TypedDict):
    """All recordings, the newest first."""

    runs: list[Run]
    recording: Recording


class Renaming(TypedDict):
    """What a run is to be called."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]


class Renamed(TypedDict):
    """What a run is called now."""

    id: str
    name: str


class Deleted(TypedDict):
    """The run is no more."""

    id: str
    status: Literal["deleted"]


class Imported(TypedDict):
    """A file has become a run."""

    id: str
    name: str
    records: Count
    bytes: Count


class Missed(TypedDict):
    """A node that started since, and that could not be given its part of an act."""

    name: str
    why: str


class Act(TypedDict):
    """One fault at several nodes: ACT."""

    id: str
    kind: str
    nodes: list[Teller]
    groups: Annotated[
        list[list[Teller]] | None, Meta(description="Of a partition that was done here.")
    ]
    ring: Annotated[bool, Meta(description="Each group hears the one before and the one after.")]
    left_out: Annotated[list[str], Meta(description="Names of those that did not live.")]
    joined: Annotated[list[str], Meta(description="Names of those that came later.")]
    missed: Annotated[list[Missed], Meta(description="Who came later and could not be asked.")]
    left_seconds: Annotated[float, Meta(ge=0)]
    by: str


class ActDone(TypedDict):
    """What was done."""

    act: Act


class ActsDone(TypedDict):
    """What was done here and has not ended by itself, the oldest first."""

    acts: list[Act]
    refused: Annotated[str | None, Meta(description="Why nothing can be broken from here.")]


class Undone(TypedDict):
    """An act is taken back."""

    id: str
    not_reached: Annotated[list[str], Meta(description="Names of nodes that did not answer.")]


class Healed(TypedDict):
    """Every fault at every living node has ended."""

    cleared: Count
    not_reached: Annotated[list[str], Meta(description="Names of nodes that did not answer.")]


class Acting(TypedDict):
    """A fault at several nodes: a node's own wish for one, and at whom.

    The fields besides these are those of the kind, as the node's own document says.
    """

    kind: Annotated[str, Meta(min_length=1, max_length=MAX_ID)]
    nodes: NotRequired[Annotated[list[str], Meta(min_length=1, max_length=MAX_MEMBERS)]]
    groups: NotRequired[Annotated[list[list[str]], Meta(min_length=1, max_length=MOST_GROUPS)]]
    shape: NotRequired[Literal["halves", "bridge", "ring"]]
    through: NotRequired[
        Annotated[str, Meta(max_length=MAX_SENDER, description="Of a bridge: the node between.")]
    ]
    seed: NotRequired[Annotated[int, Meta(description="Of a shape: an order by chance.")]]
    for_seconds: NotRequired[float]
    by: NotRequired[Annotated[str, Meta(max_length=MAX_SENDER)] | None]


class FaultAction(TypedDict):
    """Something that a person can do to a node, or to a link, with one press."""

    id: str
    name: str
    title: Annotated[str, Meta(description="What it does, in a sentence.")]
    on: Annotated[
        Literal["node", "link"],
        Meta(description="Of a link one end is asked; `peers` of the wish is the other."),
    ]
    destroys: Annotated[bool, Meta(description="Whether a person should be asked first.")]
    most_seconds: Annotated[int, Meta(description="For how long at most, in place of the wish's.")]
    wish: Annotated[dict[str, Any], Meta(description="For POST /api/faults, without `nodes`.")]


class FaultActions(TypedDict):
    """What can be done with one press."""

    actions: list[FaultAction]


class TrafficWanted(TypedDict):
    """Random traffic that is to begin."""

    rate: Annotated[int, Meta(ge=1, le=MOST_RATE, description="Messages a second.")]
    kinds: NotRequired[
        Annotated[
            list[Literal["messages", "broadcasts"]],
            Meta(min_length=1, max_length=2, description="Of both, one in ten is a broadcast."),
        ]
    ]
    for_seconds: NotRequired[
        Annotated[float, Meta(ge=1, le=MOST_SECONDS, description="After which it ends; 60.")]
    ]
    by: NotRequired[Annotated[str, Meta(min_length=1, max_length=MAX_SENDER)] | None]
    browser: NotRequired[
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=MAX_ID,
                description="The id of a page's connection to the live stream: it ends with it.",
            ),
        ]
        | None
    ]


class TrafficView(TypedDict):
    """A run of random traffic: TRAFFIC."""

    id: str
    rate: Count
    kinds: list[Literal["messages", "broadcasts"]]
    for_seconds: float
    left_seconds: float
    since: Time
    by: str
    sent: Annotated[Count, Meta(description="Their senders have taken them.")]
    failed: Annotated[Count, Meta(description="Refused, or not answered.")]
    skipped: Annotated[Count, Meta(description="Due while nobody was free to send them.")]
    error: Annotated[str | None, Meta(description="Why the last one that failed did.")]
    over: Annotated[
        Literal["time", "stopped", "closed"] | None,
        Meta(description="Why it has ended: its page was `closed`, say. Null while it runs."),
    ]


class TrafficTold(TypedDict):
    """The run that runs, or the last one; null where there was none."""

    traffic: TrafficView | None


class Why(TypedDict):
    """Why one event of a delivery was not taken."""

    index: Count
    error: str


class TakenIn(TypedDict):
    """What became of the events of a delivery, and of the first ones that were refused why."""

    accepted: Count
    repeated: NotRequired[Count]
    ignored: NotRequired[Count]
    refused: NotRequired[Count]
    watched: NotRequired[Count]
    unknown: NotRequired[Count]
    why: list[Why] | str


class Deliveries(TypedDict):
    """What has come so far."""

    signed: Annotated[bool, Meta(description="Whether deliveries have to be signed.")]
    counts: dict[str, Count]
