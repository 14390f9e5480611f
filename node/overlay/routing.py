"""Routing: a message to one member, hop by hop over the links.

Theory of operation. A node can hand a message to its receiver directly, by a call of its
own (`delivery`). Where that way does not exist, a firewall say, or a cut between the two,
the links lead there nevertheless: any two members are some three links apart.

*The way there.* `linkstate` knows everybody's links. Each node that holds the message picks,
of its own links, the one from which it is the fewest hops to the receiver, chosen afresh, as
it may know better than those before it. While views change two nodes can each hold the
other for the shorter way; so the list of visited nodes travels along, none of them is ever
chosen again, and after sixteen hops it is over. No loop, no ping-pong.

*The way back.* The receiver stores the message and then says so: the acknowledgement goes
back the way that the message came, and cuts it short wherever a link leads nearer to the
origin. Only the origin remembers anything; who passes a message on is free to forget it.

*When nothing comes back* for two seconds, or somebody says that he is stuck, the origin tries
another first hop, and after a few of them lets the links be searched: a small question is
flooded, each node passes it on once, and the receiver answers along the way on which it
came, up to three times. The message then takes the ways that were found. If that leads
nowhere either, `delivery` keeps the message and comes again later. A link that lost a
message comes last for a minute, so whoever swallows messages is asked once and not for ever.

*Once, and in order.* A message can arrive several times, since an acknowledgement can get
lost: its id is in the inbox, and it is not stored again. An old copy can arrive after the
sender has given its message up and sent the next. So each message has its place in the
origin's outbox, and where a later one of the same origin is in the inbox already, the
receiver stores nothing and answers `overtaken`. Should somebody have used too high a number
in the origin's name, the origin, which knows that this message is its oldest, insists.

Whom it believes: links only. A link that has a message in its hands can keep it or change
it, and one that knows its id can say that it was stored (nothing is signed, unless the
network has a secret). But false neighbour lists draw no messages (`linkstate`), and nobody
can make a node keep, send or remember more than the bounds below.

What goes in: the wish to send, frames from links, what became of a message that arrived,
a link that is gone, timers.
What comes out: frames, timers, and what is told: `Leg`, `Passed`, `Arrived`, `Ended`.
Timers: one a message of our own under way.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection
from random import Random
from typing import Final, Literal

import msgspec

from contract.limits import MAX_AVOIDED, MAX_ROUTE
from node.overlay.config import Config
from node.overlay.frames import Acknowledged, Discover, Found, Outcome, Record, Unicast
from node.overlay.joins import Bucket
from node.overlay.links import Links, Say
from node.overlay.linkstate import LinkState
from node.overlay.members import Members
from node.overlay.outputs import Launch

ANSWERS: Final = 3
"""Ways that a member answers to one flood, and that an origin tries: the first may lead
through somebody who swallows messages, or lies about the way [guess]."""
FLOODS: Final = 1_024
"""Floods that are remembered, so that each is passed on once [guess: five a second for three
minutes, a hundred times as long as a flood lasts]."""


class Leg(msgspec.Struct, frozen=True):
    """A message of our own leaves for a first hop."""

    message: str
    to: str
    via: Record
    way: tuple[str, ...]
    avoid: tuple[str, ...]
    insist: bool
    why: str
    """Why the attempt before this one led nowhere; empty on the first."""


class Passed(msgspec.Struct, frozen=True):
    """Somebody's message was passed on; `frame` as it left."""

    frame: Unicast
    via: Record


class Arrived(msgspec.Struct, frozen=True):
    """A message for us: store it, and say what became of it (`Routing.taken`)."""

    frame: Unicast


class Ended(msgspec.Struct, frozen=True):
    """A message of our own has its answer, or there is no way any more."""

    message: str
    outcome: Literal["stored", "refused", "unreachable"]
    reason: str
    hop: int = 1


def unicast(own: Record, launch: Launch, sender: str, text: str, number: int) -> Unicast:
    """A stored message as it leaves; whoever keeps the outbox fills it in."""
    return Unicast(
        message=launch.message,
        receiver=launch.to,
        sender=sender,
        text=text,
        number=number,
        visited=(own.id,),
        way=launch.way,
        avoid=launch.avoid,
        insist=launch.insist,
    )


Tell = Callable[[Leg | Passed | Arrived | Ended], None]
SetTimer = Callable[[str, float], None]


class Journey(msgspec.Struct):
    """A message of our own under way."""

    message: str
    to: str
    why: str
    """What became of the last attempt, a direct one perhaps; empty: there was none."""
    tried: list[str] = msgspec.field(default_factory=list)
    """First hops that the map named."""
    via: str = ""
    """The first hop of the leg under way; empty while a flood looks for one."""
    way: tuple[str, ...] = ()
    insist: bool = False
    flood: int = 0
    """Its number; 0: none yet."""
    ways: list[tuple[str, ...]] = msgspec.field(default_factory=list)
    """Found by the flood, from the first hop to the receiver."""
    starts: set[str] = msgspec.field(default_factory=set)
    """The first hops of these."""


class Routing:
    """The messages of our own that are under way, and help for those of others."""

    def __init__(
        self,
        config: Config,
        rng: Random,
        members: Members,
        links: Links,
        say: Say,
        set_timer: SetTimer,
        tell: Tell,
    ) -> None:
        self._config = config
        self._rng = rng
        self._members = members
        self._links = links
        self._say = say
        self._set_timer = set_timer
        self._tell = tell
        self.map = LinkState(config, members, links)
        self.passed = 0
        self.stuck = 0
        """Messages of others: passed on, and not, as no way led on."""
        self.refusals = 0
        """Frames that nobody can have sent so, and floods that were too many."""
        self._journeys: dict[str, Journey] = {}
        self._distrust: dict[str, float] = {}  # link: until when
        self._floods: OrderedDict[tuple[str, int], int] = OrderedDict()  # answers given
        self._own_floods = Bucket(config.discoveries_own, 2.0)
        self._others_floods = Bucket(
            config.discoveries_others, max(1.0, 2 * config.discoveries_others)
        )

    def sizes(self) -> dict[str, int]:
        """How much is held and was done, by name: what is held is bounded."""
        return {
            "lists": len(self.map),
            "under_way": len(self._journeys),
            "floods": len(self._floods),
            "distrusted": len(self._distrust),
            "passed": self.passed,
            "stuck": self.stuck,
        }

    # --- our own ---------------------------------------------------------------------------

    def send(self, message: str, to: Record, why: str, now: float) -> str | None:
        """Let a stored message leave. Returns why it cannot, or None: its end will be told.

        `why`: what became of a direct attempt before this one.
        """
        if not self.map.used:
            return "so large a network keeps no map to route by"
        if to.state not in {"alive", "suspect"}:
            return f"the receiver is {to.state}"
        journey = self._journeys[message] = Journey(message, to.id, why)
        if self._onward(journey, now):
            return None
        del self._journeys[message]
        return "no link leads to the receiver"

    def forget(self, message: str) -> None:
        """It came to its end otherwise."""
        self._journeys.pop(message, None)

    def ran_out(self, message: str, now: float) -> None:
        """No answer in time."""
        journey = self._journeys.get(message)
        if journey is None:
            return
        if journey.via:
            self._distrust[journey.via] = now + self._config.route_distrust
        why = "no acknowledgement in time" if journey.via else "nobody found a way"
        self._again(journey, why, now)

    def link_down(self, link: str, now: float) -> None:
        """A link is gone: what went over it may be lost."""
        self._distrust.pop(link, None)
        self.map.link_down(link)
        for journey in [j for j in self._journeys.values() if j.via == link]:
            self._again(journey, "the link to the first hop is gone", now)

    def _again(self, journey: Journey, why: str, now: float) -> None:
        """Try the next way, or give up for now."""
        journey.why = why
        if not self._onward(journey, now):
            del self._journeys[journey.message]
            self._tell(Ended(journey.message, "unreachable", why))

    def _onward(self, journey: Journey, now: float) -> bool:
        """Let it leave on the next way that there is. False where there is none."""
        journey.via = ""
        if len(journey.tried) < self._config.route_tries:
            via = self._nearest(journey.to, journey.tried, now)
            if via is not None:
                journey.tried.append(via.id)
                self._leaves(journey, via, (), now)
                return True
        journey.ways.sort(key=lambda way: self._distrust.get(way[0], now) > now)
        while journey.ways:
            first, *rest = journey.ways.pop(0)
            via = self._link(first)
            if via is not None:
                self._leaves(journey, via, tuple(rest), now)
                return True
        return self._seek(journey, now)

    def _leaves(self, journey: Journey, via: Record, way: tuple[str, ...], now: float) -> None:
        journey.via, journey.way = via.id, way
        self._set_timer(journey.message, self._config.route_within)
        lost_some = [link for link, until in self._distrust.items() if until > now]
        avoid = [hop for hop in dict.fromkeys((*journey.tried, *lost_some)) if hop != via.id]
        told = (tuple(avoid[:MAX_AVOIDED]), journey.insist, journey.why)
        self._tell(Leg(journey.message, journey.to, via, way, *told))

    # --- choosing ----------------------------------------------------------------------------

    def _link(self, member: str) -> Record | None:
        return self._members.get(member) if member in self._links else None

    def _nearest(self, to: str, besides: Collection[str], now: float) -> Record | None:
        """The link from which it is nearest; one that lost a message comes last."""
        distances = self.map.distances(to, besides)
        if not distances:
            return None
        chosen = min(
            distances,
            key=lambda link: (
                self._distrust.get(link, now) > now,
                distances[link],
                self._rng.random(),
            ),
        )
        return self._members.get(chosen)

    # --- passing on --------------------------------------------------------------------------

    def unicast(self, link: Record, frame: Unicast, now: float) -> None:
        """A link hands us a message: for us, or to be passed on."""
        if not self._came_from(link, frame.visited):
            return
        if frame.receiver == self._members.own.id:
            self._tell(Arrived(frame))
            return
        visited = (*frame.visited, self._members.own.id)
        via, way = self._next_hop(frame, now)
        if via is None or len(visited) > MAX_ROUTE:
            self.stuck += 1
            self._back(Acknowledged(frame.message, "stuck", frame.hop, frame.visited))
            return
        onward = msgspec.structs.replace(frame, visited=visited, way=way)
        self.passed += 1
        self._tell(Passed(onward, via))
        self._say(via, onward)

    def _next_hop(self, frame: Unicast, now: float) -> tuple[Record | None, tuple[str, ...]]:
        if frame.way and frame.way[0] not in frame.visited:
            via = self._link(frame.way[0])
            if via is not None:
                return via, frame.way[1:]
        avoid = (*frame.visited, *(hop for hop in frame.avoid if hop != frame.receiver))
        via = self._nearest(frame.receiver, avoid, now)
        return via or self._nearest(frame.receiver, frame.visited, now), ()

    def _came_from(self, link: Record, visited: tuple[str, ...]) -> bool:
        """Whether a frame can have come that way: from this link, and not by us before."""
        honest = (
            visited[-1] == link.id
            and self._members.own.id not in visited
            and len(set(visited)) == len(visited)
        )
        self.refusals += not honest
        return honest

    def taken(self, frame: Unicast, outcome: Outcome) -> None:
        """What became of a message for us."""
        self._back(Acknowledged(frame.message, outcome, frame.hop, frame.visited))

    # --- the way back ------------------------------------------------------------------------

    def _back(self, frame: Acknowledged | Found) -> None:
        """One step back, the longest that a link allows.

        Without one it is lost: the origin's patience ends, and it tries another way.
        """
        for at, member in enumerate(frame.back):
            link = self._link(member)
            if link is not None:
                self._say(link, msgspec.structs.replace(frame, back=frame.back[:at]))
                return

    def acknowledged(self, link: Record, frame: Acknowledged, now: float) -> None:
        """What became of a message: of somebody's further back, or of ours."""
        if frame.back:
            self._back(frame)
            return
        journey = self._journeys.get(frame.message)
        if journey is None:
            return  # it has its answer already
        if frame.outcome == "stuck":
            if link.id == journey.via:  # else it is of a leg that we have given up
                self._again(journey, "somebody on the way knew no way on", now)
        elif frame.outcome == "overtaken":
            if not journey.insist:
                journey.insist = True
                self._insist(journey, now)
        else:
            self._distrust.pop(journey.via, None)
            del self._journeys[frame.message]
            outcome = "unreachable" if frame.outcome == "later" else frame.outcome
            reason = "" if outcome == "stored" else f"the receiver answered {frame.outcome}"
            self._tell(Ended(frame.message, outcome, reason, frame.hop))

    def _insist(self, journey: Journey, now: float) -> None:
        journey.why = "the receiver took it for an old copy"
        via = self._link(journey.via)
        if via is not None:
            self._leaves(journey, via, journey.way, now)
        else:
            self._again(journey, journey.why, now)

    # --- looking for a way -------------------------------------------------------------------

    def _seek(self, journey: Journey, now: float) -> bool:
        """Flood a question, once a journey. False where that cannot be."""
        if journey.flood or not len(self._links) or not self._own_floods.take(now):
            return False
        own = self._members.own.id
        journey.flood = self._rng.randrange(1, 2**31)
        self._remember((own, journey.flood))
        for link in self._links.some(len(self._links)):
            self._say(link, Discover(journey.to, journey.flood, (own,)))
        self._set_timer(journey.message, self._config.discover_within)
        return True

    def discover(self, link: Record, frame: Discover, now: float) -> None:
        """Somebody looks for a member: for us, or let it go on, once."""
        if not self._came_from(link, frame.path):
            return
        own = self._members.own.id
        flood = (frame.path[0], frame.number)
        if frame.receiver == own:
            answers = self._floods.get(flood, 0)
            if answers < ANSWERS:
                self._remember(flood, answers + 1)
                self._back(Found(frame.number, (*frame.path, own), frame.path))
            return
        if flood in self._floods or len(frame.path) == MAX_ROUTE:
            return
        if not self._others_floods.take(now):
            self.refusals += 1
            return
        self._remember(flood)
        onward = msgspec.structs.replace(frame, path=(*frame.path, own))
        receiver = self._link(frame.receiver)
        for other in [receiver] if receiver is not None else self._links.some(len(self._links)):
            if other.id not in onward.path:
                self._say(other, onward)

    def _remember(self, flood: tuple[str, int], answers: int = 0) -> None:
        self._floods[flood] = answers
        if len(self._floods) > FLOODS:
            self._floods.popitem(last=False)

    def found(self, _: Record, frame: Found, now: float) -> None:
        """A flood has met the one that it looked for."""
        if frame.back:
            self._back(frame)
            return
        journey = next((j for j in self._journeys.values() if j.flood == frame.number), None)
        if (
            journey is None
            or frame.way[1] in journey.starts  # one way each: a liar may answer again and again
            or len(journey.starts) >= ANSWERS
            or (frame.way[0], frame.way[-1]) != (self._members.own.id, journey.to)
            or len(set(frame.way)) < len(frame.way)
        ):
            return
        journey.starts.add(frame.way[1])
        journey.ways.append(frame.way[1:])
        if not journey.via:
            self._again(journey, journey.why, now)
