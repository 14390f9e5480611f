"""Routing: a message to one member, hop by hop over the links.

Theory of operation. A node can hand a message to its receiver by a call of its own. Where
that way does not exist, a firewall say, or a cut between the two, or a machine that has no
room for one more pair of talkers, the links lead there nevertheless: any two members are
some three links apart.

*The way there.* `linkstate` knows everybody's links. Each node that holds the message picks,
of its own links, the one that is nearest to the receiver (`nexthop`), chosen afresh, as it
may know better than those before it. While views change two nodes can each hold the other
for the shorter way; so the list of visited nodes travels along, none of them is ever chosen
again, and after sixteen hops it is over. No loop, no ping-pong.

*The way back.* The receiver stores the message and then says so: the acknowledgement goes
back the way that the message came, and cuts it short wherever a link leads nearer to the
origin. Only the origin remembers anything (`journeys`); who passes a message on is free to
forget it. Whoever finds no way on says `stuck`, by the same way back.

*Once, and in order.* A message can arrive several times, since an acknowledgement can get
lost, or by a call and over the links: its id is in the inbox, and it is not stored again. An
old copy can arrive after its sender has given the message up and sent the next. So each
message has its place in the origin's outbox, and where a later one of the same origin is in
the inbox already, the receiver stores nothing and answers `overtaken`.

*Whom it believes.* Links only. A link that has a message in its hands can keep it or change
it, and nobody else can answer in the receiver's name (`journeys`). False neighbour lists draw
no messages (`linkstate`); and nobody can make a node keep, send or remember more than the
bounds: a frame that comes in makes one go out, to a link, and nothing stays.

What goes in: frames from links, what became of a message that arrived, links that come and
go, the timer.
What comes out: frames, `Arrived`, the event `message.forwarded`; of our own messages `Left`
and `Ended`.
Timers: one, of `journeys`.
"""

from collections.abc import Callable
from random import Random

import msgspec

from contract.limits import MAX_ROUTE
from node.overlay import outputs as o
from node.overlay.config import Config
from node.overlay.floods import Floods
from node.overlay.frames import (
    Acknowledged,
    Discover,
    Found,
    Frame,
    Neighbourhood,
    Outcome,
    Record,
    Unicast,
    Versions,
    fits,
)
from node.overlay.journeys import Journeys, Tell
from node.overlay.links import Links, Say
from node.overlay.linkstate import LinkState
from node.overlay.members import Members
from node.overlay.nexthop import NextHop
from node.overlay.views import node_view


def unicast(
    own: Record,
    launch: o.Launch,
    sender: str,
    text: str,
    number: int,
    sent_at: float | None = None,
) -> Unicast:
    """A stored message as it leaves; whoever keeps the outbox fills it in."""
    frame = Unicast(
        message=launch.message,
        receiver=launch.to,
        sender=sender,
        text=text,
        number=number,
        token=launch.token,
        visited=(own.id,),
        way=launch.way,
        avoid=launch.avoid,
        insist=launch.insist,
        sent_at=sent_at,
    )
    return fitting(frame)


def fitting(frame: Unicast) -> Unicast:
    """It, where it fits into a frame. Else without what only helps to choose a way.

    A text of 10,000 characters that JSON makes six bytes of each leaves room for the list of
    visited nodes, and where their ids are of the longest not for much besides.
    """
    return frame if fits(frame) else msgspec.structs.replace(frame, way=(), avoid=())


class Routing:
    """What a node does for the messages of others, and the rest of layer 5 behind one door."""

    def __init__(
        self,
        config: Config,
        rng: Random,
        members: Members,
        links: Links,
        say: Say,
        set_timer: Callable[[str, float], None],
        put: Callable[[o.Output], None],
        tell: Tell,
    ) -> None:
        self._members = members
        self._say = say
        self._put = put
        self.map = LinkState(config, members, links)
        self.hops = NextHop(config, rng, members, links, self.map)
        self.floods = Floods(config, rng, members, links, say, self._back)
        self.journeys = Journeys(
            config, rng, members, self.map, self.hops, self.floods, set_timer, tell
        )
        self.passed = 0
        self.stuck = 0
        """Messages of others: passed on, and not, as no way led on."""
        self.refusals = 0
        """Frames that nobody can have sent so."""

    def sizes(self) -> dict[str, int]:
        """How much is held and was done, by name: what is held is bounded."""
        return {
            "lists": len(self.map),
            "under_way": len(self.journeys),
            "floods": len(self.floods),
            "distrusted": len(self.hops),
            "passed": self.passed,
            "stuck": self.stuck,
            "refused": self.refusals + self.map.refusals + self.floods.refusals,
            "unasked": self.journeys.unasked,
            "forged": self.journeys.forged,
        }

    def leads_to(self, member: str) -> bool:
        """Whether the links lead to a member, as far as we know."""
        return bool(self.map.distances(member, ()))

    # --- what happens ----------------------------------------------------------------------

    def heard(self, link: Record, frame: Frame, now: float) -> None:
        """A link says something that belongs to this layer."""
        match frame:
            case Neighbourhood():
                self.map.heard(link.id, frame, now)
            case Versions():
                self.map.versions(link.id, frame, now)
            case Unicast() if self._came_from(link, frame.visited):
                self._unicast(frame, now)
            case Acknowledged():
                if frame.back:
                    self._back(frame)
                else:
                    self.journeys.acknowledged(link, frame, now)
            case Discover() if self._came_from(link, frame.path):
                self.floods.discover(frame, now)
            case Found():
                if frame.back:
                    self._back(frame)
                else:
                    self.journeys.found(frame, now)

    def taken(self, frame: Unicast, outcome: Outcome) -> None:
        """What became of a message for us."""
        self._answer(frame, outcome)

    def link_up(self, link: str) -> None:
        """There is a new link."""
        self.map.link_up(link)

    def link_down(self, link: str, now: float) -> None:
        """There is one less."""
        self.hops.trust(link)
        self.map.link_down(link)
        self.journeys.link_down(link, now)

    # --- passing on --------------------------------------------------------------------------

    def _came_from(self, link: Record, visited: tuple[str, ...]) -> bool:
        """Whether a frame can have come that way: from this link, and not by us before."""
        honest = (
            visited[-1] == link.id
            and self._members.own.id not in visited
            and len(set(visited)) == len(visited)
        )
        self.refusals += not honest
        return honest

    def _unicast(self, frame: Unicast, now: float) -> None:
        """A link hands us a message: for us, or to be passed on."""
        own = self._members.own
        if frame.receiver == own.id:
            self._put(o.Arrived(frame))
            return
        receiver = self._members.get(frame.receiver)
        via, way = self._next_hop(frame, now)
        visited = (*frame.visited, own.id)
        onward = fitting(msgspec.structs.replace(frame, visited=visited, way=way))
        short = len(frame.visited) < MAX_ROUTE and fits(onward)
        if receiver is None or via is None or not short:
            self.stuck += 1
            self._answer(frame, "stuck")
            return
        self.passed += 1
        data = {"message": frame.message, "from": node_view(own), "via": node_view(via)}
        hop = {"hop": frame.hop + 1}
        self._put(o.Emit("message.forwarded", {**data, "to": node_view(receiver), **hop}))
        self._say(via, onward)

    def _next_hop(self, frame: Unicast, now: float) -> tuple[Record | None, tuple[str, ...]]:
        """Where it goes from here, and what is left of the way that a flood found."""
        if frame.way and frame.way[0] not in frame.visited:
            via = self.hops.link(frame.way[0])
            if via is not None:
                return via, frame.way[1:]
        avoid = (*frame.visited, *(hop for hop in frame.avoid if hop != frame.receiver))
        via = self.hops.nearest(frame.receiver, avoid, now)
        return via or self.hops.nearest(frame.receiver, frame.visited, now), ()

    # --- the way back ------------------------------------------------------------------------

    def _answer(self, frame: Unicast, outcome: Outcome) -> None:
        path = frame.visited if outcome == "stored" else ()
        said = Acknowledged(frame.message, frame.token, outcome, frame.hop, frame.visited, path)
        self._back(said)

    def _back(self, frame: Acknowledged | Found) -> None:
        """One step back, the longest that a link allows.

        Without one it is lost: the origin's patience ends, and it tries another way.
        """
        for at, member in enumerate(frame.back):
            link = self.hops.link(member)
            if link is not None:
                self._say(link, msgspec.structs.replace(frame, back=frame.back[:at]))
                return
