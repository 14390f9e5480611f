"""The words of a scenario: what can be done to a network, and what can be expected of it.

Only what can be done in the simulator, to processes and to containers alike has a word here,
since the same file runs in all three places.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from scenario.document import Fields, Many, Tree, Value
from scenario.grammar import (
    Amount,
    Duration,
    Flag,
    Kind,
    ListOf,
    Schema,
    Share,
    Table,
    Text,
    Whole,
    Word,
    near,
    share_in_words,
    share_of,
)

Place = Literal["sim", "local", "docker"]
PLACES: Final[tuple[Place, ...]] = ("sim", "local", "docker")
MOST_NODES: Final = 10_000
"""As many as the simulator takes; a real network has 100 at most, which is said when it runs."""
LONGEST: Final = 3_600.0
"""Seconds of a scenario, and of a fault in it: as long as a node's own faults last at most."""
MOST_TIMES: Final = 1_000
MOST_STRIKES: Final = 10_000
"""What a scenario does in all, repetitions counted [guess: more is a load test]."""
MOST_DELAY: Final = 10.0
"""Seconds by which a node can be slow: a node's own bound (`node.faults.kinds`)."""
NAME: Final = r"[a-z][a-z0-9-]{0,30}"


# --- whom ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a step strikes, as it was written; `scenario.cast` draws from it."""

    names: tuple[str | tuple[int, int], ...] = ()
    """Nodes, groups, and ranges of numbers."""
    share: float | None = None
    """... or a share of those that run then, by chance."""
    count: int | None = None
    """... or so many of them."""
    line: int = 1
    column: int = 1
    where: str = ""


class WhomKind:
    """Names, numbers, ranges, groups, shares, or so many by chance."""

    about = (
        "Whom: a name (node7), a number (7), a range (3-9), a group's name, a list of these, a "
        "share of those that run (half, 30%, all), or so many by chance ({random: 3})"
    )

    def read(self, tree: Tree) -> Whom:
        """As it was written."""
        at: dict[str, Any] = {"line": tree.line, "column": tree.column, "where": tree.where}
        if isinstance(tree, Fields):
            random = Table({"random": _Random()}, ("random",)).read(tree)["random"]
            count = random if isinstance(random, int) else None
            return Whom(count=count, share=None if count else random, **at)
        if (share := share_of(tree)) is not None:
            if not 0 < share <= 1:
                raise tree.error(f"must be more than 0% and at most 100%, not {tree.words}")
            return Whom(share=share, **at)
        if isinstance(tree, Many):
            if not tree.items:
                raise tree.error("names nobody")
            return Whom(names=tuple(_named(item) for item in tree.items), **at)
        return Whom(names=(_named(tree),), **at)

    def schema(self) -> Schema:
        """By reference: it stands there often."""
        return {"$ref": "#/$defs/whom"}

    def definition(self) -> Schema:
        """What the reference means."""
        one = [
            {"type": "string", "pattern": f"^({NAME}|[0-9]{{1,5}}-[0-9]{{1,5}})$"},
            {"type": "integer", "minimum": 1, "maximum": MOST_NODES},
        ]
        return {
            "description": self.about,
            "anyOf": [
                *one,
                Share().schema(),
                {"type": "array", "items": {"anyOf": one}, "minItems": 1, "maxItems": 1_000},
                Table({"random": _Random()}, ("random",)).schema(),
            ],
        }


class _Random:
    """`{random: 3}` or `{random: 30%}`."""

    about = "How many, or which share, by chance"

    def read(self, tree: Tree) -> int | float:
        """A count as a whole number, a share as a fraction."""
        share = share_of(tree)
        if share is not None:
            if not 0 < share <= 1:
                raise tree.error(f"must be more than 0% and at most 100%, not {tree.words}")
            return float(share)
        return Whole(1, MOST_NODES).read(tree)

    def schema(self) -> Schema:
        """Either."""
        return {
            "description": self.about,
            "anyOf": [Whole(1, MOST_NODES).schema(), Share().schema()],
        }


class Groups:
    """Of a partition: one group (and the rest), or several."""

    about = "One group, the rest being the other; or a list of groups (who is in none hears all)"

    def read(self, tree: Tree) -> tuple[Whom, ...]:
        """At least one."""
        if isinstance(tree, Many) and any(not isinstance(item, Value) for item in tree.items):
            if len(tree.items) < 2:
                raise tree.error("one group in a list of groups: write it without the list")
            return tuple(WhomKind().read(item) for item in tree.items)
        return (WhomKind().read(tree),)

    def schema(self) -> Schema:
        """Whom, or several of that."""
        whom = WhomKind().schema()
        several = {"type": "array", "items": whom, "minItems": 2, "maxItems": 16}
        return {"description": self.about, "anyOf": [whom, several]}


def _named(tree: Tree) -> str | tuple[int, int]:
    value = tree.value if isinstance(tree, Value) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return f"node{Whole(1, MOST_NODES).read(tree)}"
    if isinstance(value, str) and value:
        first, dash, last = value.partition("-")
        if dash and first.isdecimal() and last.isdecimal() and len(value) <= 11:
            low, high = int(first), int(last)
            if not 1 <= low <= high <= MOST_NODES:
                raise tree.error(f"{value} is no range from a node's number to a higher one")
            return (low, high)
        if len(value) <= 31:
            return value
    raise tree.error(f"must be a node's name or number, a range or a group, not {tree.words}")


# --- steps -----------------------------------------------------------------------------------

_AT: Final = Duration(0, LONGEST, "When: seconds after the network was one")
_COMMON: Final[Mapping[str, Kind]] = {
    "at": _AT,
    "every": Duration(0.1, LONGEST, "Again and again, so far apart; the same nodes each time"),
    "times": Whole(2, MOST_TIMES, "... and how often in all"),
}
_FOR: Final = {"for": Duration(0.1, LONGEST, "How long; without it until the end, or a heal")}
_APART: Final = {"apart": Duration(0.1, LONGEST, "One node after the other, so far apart")}


@dataclass(frozen=True)
class Doing:
    """One kind of step."""

    about: str
    value: Kind
    """What stands behind its name."""
    more: Mapping[str, Kind]
    """Its own fields."""
    required: tuple[str, ...] = ()

    @property
    def fields(self) -> dict[str, Kind]:
        """All but its own name."""
        return {**_COMMON, **self.more}


STEPS: Final[Mapping[str, Doing]] = {
    "kill": Doing(
        "Crash, as kill -9: no good-bye; memory is gone, the disk stays. Back after `for`",
        WhomKind(),
        {**_FOR, **_APART},
    ),
    "leave": Doing("Stop with a good-bye. Back after `for`", WhomKind(), {**_FOR, **_APART}),
    "restart": Doing("Stop with a good-bye, and start again at once", WhomKind(), _APART),
    "freeze": Doing(
        "Do nothing and answer nothing, as a laptop that sleeps (SIGSTOP)",
        WhomKind(),
        {**_FOR, **_APART},
    ),
    "isolate": Doing("Each of them hears nobody and is heard by nobody", WhomKind(), _FOR),
    "partition": Doing(
        "Nobody hears those of another group",
        Groups(),
        {**_FOR, "bridge": WhomKind()},
    ),
    "cut": Doing(
        "A cable with one direction: nothing gets from these to those in `towards`",
        WhomKind(),
        {**_FOR, "towards": WhomKind()},
    ),
    "slow": Doing(
        "Everything that they say and hear takes longer",
        WhomKind(),
        {**_FOR, "by": Duration(0.001, MOST_DELAY, "How much longer")},
        ("by",),
    ),
    "lossy": Doing(
        "A share of what they say and hear is lost",
        WhomKind(),
        {**_FOR, "loss": Share("Which share")},
        ("loss",),
    ),
    "join": Doing("So many new nodes start", Whole(1, MOST_NODES), _APART),
    "bootstrap": Doing(
        "Stop the bootstrap, or start it again", Word(("stop", "start")), dict(_FOR)
    ),
    "heal": Doing("End every fault; whoever was killed or left comes back", Flag(), {}),
}

# --- what is expected ------------------------------------------------------------------------


@dataclass(frozen=True)
class Promise:
    """Something that can be expected."""

    about: str
    bound: Kind
    least: bool = False
    """Whether the figure must reach the bound, instead of staying below it."""
    unit: Literal["s", "%", "/s", ""] = ""
    needs: tuple[str, ...] = ()
    """Steps of which there must be one, or nothing could be measured."""
    workload: str = ""
    """What there must be of the workload."""


_SECONDS: Final = Duration(0, LONGEST)
_AWAY: Final = ("kill", "leave", "freeze", "isolate")
EXPECT: Final[Mapping[str, Promise]] = {
    "delivery": Promise(
        "Share of the accepted messages that arrive; those from or to a node that is gone in "
        "the end are left out",
        Share(),
        least=True,
        unit="%",
        workload="messages",
    ),
    "everywhere": Promise(
        "Share of the copies of broadcasts that are where they should be",
        Share(),
        least=True,
        unit="%",
        workload="broadcasts",
    ),
    "throughput": Promise(
        "Messages that arrive in a second, over the whole time",
        Amount(0, 1e6),
        least=True,
        unit="/s",
        workload="messages",
    ),
    "latency-p50": Promise(
        "From accepted to arrived, the middle one", _SECONDS, unit="s", workload="messages"
    ),
    "latency-p99": Promise(
        "From accepted to arrived, the hundredth worst", _SECONDS, unit="s", workload="messages"
    ),
    "detection": Promise(
        "From a node's crash, freeze, isolation or leave until no other holds it for alive, p99",
        _SECONDS,
        unit="s",
        needs=_AWAY,
    ),
    "false-deaths": Promise(
        "Nodes that were held for dead though they ran and nothing was done to them",
        Whole(0, MOST_NODES),
    ),
    "joining": Promise(
        "From the last start of a join until every node knows every other", _SECONDS, unit="s",
        needs=("join",),
    ),
    "healing": Promise(
        "From the end of the last fault until the links are one network again",
        _SECONDS,
        unit="s",
        needs=tuple(name for name in STEPS if name not in {"join", "heal"}),
    ),
    "agreement": Promise(
        "From the end of the last fault until every map is true: the living alive, no other",
        _SECONDS,
        unit="s",
        needs=tuple(name for name in STEPS if name != "heal"),
    ),
    "drained": Promise(
        "From the end of the last fault until no message waits any more",
        _SECONDS,
        unit="s",
        workload="messages",
    ),
    "redundancy": Promise(
        "Copies too many of each broadcast of one node, after its tree has grown with ten; a "
        "flood has 4",
        Amount(0, 100),
    ),
}  # fmt: skip


class Bound:
    """A bound, the same everywhere or one for each place; it may grow with the network."""

    def __init__(self, promise: Promise) -> None:
        self.about = promise.about
        self._bound = promise.bound
        self._seconds = promise.unit == "s"

    def read(self, tree: Tree) -> dict[str, Any]:
        """By place; `tenfold`: added for each tenfold of a hundred nodes."""
        if not isinstance(tree, Fields):
            value = self._bound.read(tree)
            return {**dict.fromkeys(PLACES, value), "tenfold": 0.0}
        read = self._table().read(tree)
        if "bound" not in read and not any(place in read for place in PLACES):
            raise tree.error("there is no bound in it: say 'bound', or one for a place")
        return {
            **{place: read.get(place, read.get("bound")) for place in PLACES},
            "tenfold": read.get("each-tenfold", 0.0),
            "why": read.get("why", ""),
        }

    def schema(self) -> Schema:
        """Either."""
        return {"description": self.about, "anyOf": [self._bound.schema(), self._table().schema()]}

    def _table(self) -> Table:
        grows = Duration(0, 600, "Added for each tenfold of a hundred nodes (1,000: once)")
        return Table(
            {
                "bound": self._bound,
                **dict.fromkeys(PLACES, self._bound),
                **({"each-tenfold": grows} if self._seconds else {}),
                "why": Text(300, "Where the number is from"),
            }
        )


# --- the whole -------------------------------------------------------------------------------

_PAIR: Final = ListOf(WhomKind(), 2, 2, "Sender and receiver")
WORKLOAD: Final = Table(
    {
        "messages": Amount(0, 10_000, "A second in the whole network, between random pairs"),
        "pairs": ListOf(_PAIR, 1, 1_000, "... or only between these: [[node1, node2], …]"),
        "route": Word(("auto", "direct", "overlay"), "Which way they go (auto)"),
        "broadcasts": Amount(0, 100, "To everybody, a second in the whole network"),
    },
    about="What people do meanwhile",
)
CHAPTER: Final = Table(
    {
        "at": Duration(0, LONGEST, "When it begins"),
        "title": Text(80),
        "text": Text(2_000, "What a class is told"),
    },
    ("at", "title"),
)
HEAD: Final[Mapping[str, Kind]] = {
    "name": Text(80, "What it is called"),
    "teaches": Text(2_000, "What is to be learned from it"),
    "seed": Whole(0, 2**31 - 1, "Of all chance in it (1)"),
    "nodes": Whole(2, MOST_NODES, "How many, unless the command line says otherwise (12)"),
    "seconds": Duration(1, LONGEST, "How long it lasts; else ten seconds beyond the last step"),
    "settle": Duration(1, 600, "How long everything may take to be well afterwards (3m)"),
    "workload": WORKLOAD,
    "chapters": ListOf(CHAPTER, 0, 50, "What a teacher talks about, and when"),
}
REQUIRED: Final = ("name",)
_READ_APART: Final = ("steps", "groups", "expect")
_ALL: Final = (*HEAD, *_READ_APART)


def kind_of(tree: Tree) -> tuple[str, Doing]:
    """Which kind of step a table is. Raises ScenarioError."""
    if not isinstance(tree, Fields):
        raise tree.error(f"a step must be a table like {{at: 10s, kill: node3}}, not {tree.words}")
    found = [name for name in tree.items if name in STEPS]
    if len(found) > 1:
        raise tree.names[found[1]].error(f"a step does one thing, and this one does {found[0]!r}")
    if not found:
        known = {field for doing in STEPS.values() for field in doing.fields}
        strange = [name for name in tree.items if name not in known]
        there = ", ".join(STEPS)
        if strange:
            at = tree.names[strange[0]]
            raise at.error(
                f"there is no step {strange[0][:60]!r}{near(strange[0], STEPS)} (there are {there})"
            )
        raise tree.error(f"it does nothing: there is none of {there}")
    return found[0], STEPS[found[0]]


def step_table(name: str, doing: Doing) -> Table:
    """All fields of a kind of step."""
    return Table({name: doing.value, **doing.fields}, ("at", name, *doing.required), doing.about)


def bound_in_words(promise: Promise, value: Any) -> str:
    """`≤ 12 s`."""
    return f"{'≥' if promise.least else '≤'} {figure_in_words(promise, value)}"


def figure_in_words(promise: Promise, value: float | None) -> str:
    """A figure with its unit."""
    if value is None:
        return "not reached" if promise.unit == "s" else "none"
    match promise.unit:
        case "%":
            return share_in_words(value)
        case "s":
            return f"{value:.3g} s" if value < 1 else f"{value:.1f} s"
        case "/s":
            return f"{value:.3g}/s"
    return f"{value:g}" if value == int(value) else f"{value:.3f}"
