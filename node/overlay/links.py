"""Links: the few members that a node talks to all the time (HyParView's active view).

Theory of operation. A node does not talk to everybody: with N nodes that would be N²
conversations. It keeps about six links, chosen at random, each with two ends. Random
graphs of degree six are connected with high probability, stay so when half the nodes die,
and any two nodes are log N / log 5 hops apart (HyParView, section 2).

*Getting a link.* A node with too few links asks a member, `neighbour`. Who is full answers
`refuse`. Who has room first makes sure that it can reach the asker at all: it sends
`accept` by a request of its own, and counts the link when that is answered. So both ends
have seen both ways work, and a made-up address takes no place. A node with no link at all
asks urgently, and then whoever is full drops one of its links, so that nobody is left
outside.

*Keeping a link.* Of the two ends one pings: which one, the hashes of both ids say, so every
node pings about half of its links. Any batch from the other end is as good as an answer.

*Losing a link.* It is replaced at once: by a passive member (`passive`), or else by any
living one of the map.

Two of a node's links are of its own choosing and give way to nobody, and places are kept
free for them: otherwise whoever asks often enough could take all of a node's links, and
then shows it whatever network it likes (an eclipse).

A node asks few at a time and waits for a moment, since others ask it as well; and it
prefers those that it has just talked to. Both keep the number of different members that it
ever talks to small, and that number is scarce: Linux has one table of neighbours' hardware
addresses for all containers of a machine, with 1,024 entries (`net.ipv4.neigh.default.
gc_thresh3`), and each pair that talks needs two for half a minute. Where it is full, new
pairs cannot talk at all, and everybody suspects everybody (seen, with 50 containers).

What goes in: the wish for more, the frames above, the loss of a member.
What comes out: frames, and the events `link.up` and `link.down`.
"""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from random import Random
from typing import Final

import msgspec

from node.overlay.config import Config
from node.overlay.frames import Disconnect, Frame, Neighbour, Record, Refuse
from node.overlay.passive import Passive
from node.overlay.strangers import LASTS, Strangers

Say = Callable[[Record, Frame], None]
"""`say(to, frame)`"""
Tell = Callable[[str, Record, str], None]
"""`tell("link.up" | "link.down", record, reason)`"""

ANSWER_WITHIN: Final = 10.0
"""Seconds after which a question to a member counts as never asked [guess]."""
ASK_ANOTHER: Final = 0.5
"""Seconds after which another one is asked as well [guess]."""
ANSWER_SOON: Final = 2.0
"""... and after which a node without links asks one whom it did not meet [guess: a machine on
which a hundred nodes start is slow, and each of them is asked by others meanwhile]."""
MET_LATELY: Final = LASTS
"""Seconds for which a member that answered is no stranger: as long as there is an entry for it."""
REMEMBERED: Final = 32
"""Members that are remembered as met, or as those we went to [guess]."""
TROUBLES: Final = 3
"""Pings in a row that only others could bring to their end, until a link is given up: one
is a lost packet, three are a way that does not work [guess]."""
PATIENCE: Final = 4.0
"""Seconds from its first link until a node asks somebody whom it did not meet lately: its
contacts, walks and newcomers bring it links for no new pair, or for one that lasts
[simulated: a third fewer pairs while a hundred nodes start]."""
OWN_CHOICE: Final = 0.05
"""Share of rounds in which a node that has enough links looks for one of its own choosing
[guess: every twenty seconds; each try that is in vain takes room in the table]."""
WALKS: Final = 2
"""Walks in vain, after which a node asks somebody it did not meet [guess]."""
WALK_TAKES: Final = 2.0
"""Seconds for a walk of six steps and the question at its end [guess, for a slow machine]."""
AT_ONCE: Final = 4
"""Refusals in a row after each of which the next one is asked at once; then once a round, as
a network where nobody has room must not be asked for it all the time [guess]."""
THIN_OUT: Final = 0.2
"""Share of rounds in which a node lets go of a link that neither end needs [guess]."""
TURNED_AWAY: Final = 2
"""Refusals after which a node without links asks urgently [guess]: at a start most find an
open door, and need not make others drop the links that they have just made."""


class Link(msgspec.Struct):
    """Our end of a link."""

    record: Record
    chosen: bool
    """We asked for it."""
    ours_to_ping: bool
    heard: float
    turn: float
    """When it was last spoken to in a round."""
    around: tuple[str, ...] = ()
    """The other end's links, as it told us."""
    troubles: int = 0


class Links:
    """The ends of links that this node holds, and those it is asking for."""

    def __init__(
        self,
        config: Config,
        rng: Random,
        own: str,
        passive: Passive,
        strangers: Strangers,
        say: Say,
        tell: Tell,
    ) -> None:
        self._config = config
        self._rng = rng
        self._own = own
        self._passive = passive
        self._strangers = strangers
        self._say = say
        self._tell = tell
        self._links: dict[str, Link] = {}
        self._asked: dict[str, float] = {}  # since when
        self._pending: dict[str, float] = {}  # who asked us, until we have reached them
        self._met: dict[str, float] = {}  # when we last heard of a member that is no link
        self._to_replace = 0
        self._turned_away = 0
        self._large = False
        self._first_at = float("inf")
        self._greeted: dict[str, None] = {}  # members that we went to ourselves, oldest first
        self._walks = 0  # sent in vain
        self._walk_at = float("-inf")

    def __contains__(self, member: str) -> bool:
        return member in self._links

    def __len__(self) -> int:
        return len(self._links)

    def ids(self) -> list[str]:
        """The ids of our links."""
        return list(self._links)

    def some(self, count: int, besides: str | None = None) -> list[Record]:
        """So many links by chance, or all where there are not more."""
        others = [link.record for member, link in self._links.items() if member != besides]
        return self._rng.sample(others, min(count, len(others)))

    def waits_for(self, member: str) -> bool:
        """Whether we asked a member to be a link and have no answer yet."""
        return member in self._asked

    def counts(self, member: str) -> bool:
        """What we tell the other end: that it is our link, or about to be."""
        return member in self._links or member in self._pending

    # --- whose turn it is --------------------------------------------------------------

    def due(self, now: float) -> Record | None:
        """The link to ping now: the quietest of ours, or one whose other end should have."""
        due = [
            link
            for link in self._links.values()
            if link.ours_to_ping or now - link.heard > self._config.links_overdue
        ]
        return self._quietest(due)

    def quietest(self) -> Record | None:
        """The link that had its turn longest ago."""
        return self._quietest(list(self._links.values()))

    @staticmethod
    def _quietest(links: list[Link]) -> Record | None:
        return min(links, key=lambda link: link.turn).record if links else None

    def had_its_turn(self, record: Record, now: float) -> None:
        """A link was spoken to: others first."""
        link = self._links.get(record.id)
        if link is not None:
            link.turn = now

    def heard(self, record: Record, now: float) -> None:
        """A sign of life."""
        link = self._links.get(record.id)
        if link is not None:
            link.heard = link.turn = now
        elif record.kind == "peer":
            self._meet(record.id, now)

    def answered_call(self, member: str, now: float) -> None:
        """A message's call was answered: the next one is none to a stranger."""
        if member not in self._links:
            self._meet(member, now)

    def _meet(self, member: str, now: float) -> None:
        self._met.pop(member, None)
        self._met[member] = now
        while len(self._met) > REMEMBERED:
            del self._met[next(iter(self._met))]

    def is_near(self, member: str, now: float) -> bool:
        """Whether we talk to a member anyway, or did so lately."""
        return member in self._links or now - self._met.get(member, -MET_LATELY) < MET_LATELY

    def may_call(self, member: str, now: float) -> bool:
        """Whether a member may be spoken to: whoever is no stranger always may."""
        return self.is_near(member, now) or self._strangers.may_call(now)

    def may_write(self, member: str, members: int, now: float) -> bool:
        """Whether a message may go to it by a call; one of the pairs is taken for a stranger."""
        if self.is_near(member, now):
            return True
        calls = self._strangers.may_call(now)
        return calls and self._strangers.take_pair(members, len(self._links), now)

    def quiet_for(self, member: str, now: float) -> float:
        """Seconds since we last heard of a link."""
        link = self._links.get(member)
        return now - link.heard if link else float("inf")

    def answered(self, member: str) -> None:
        """It answered us ourselves: no trouble with the way to it."""
        link = self._links.get(member)
        if link is not None:
            link.troubles = 0

    def troubled(self, member: str) -> bool:
        """Only others could reach it. True where that happened once too often."""
        link = self._links.get(member)
        if link is None:
            return False
        link.troubles += 1
        return link.troubles >= TROUBLES

    def tells_its_links(self, member: str, around: tuple[str, ...]) -> None:
        """The other end's links."""
        link = self._links.get(member)
        if link is not None:
            link.around = around

    def around(self, member: str) -> tuple[str, ...]:
        """The other end's links, as far as we know."""
        link = self._links.get(member)
        return link.around if link else ()

    def moved(self, record: Record) -> None:
        """A link has a new record: another address, or it started again."""
        link = self._links.get(record.id)
        if link is not None:
            link.record = record

    # --- getting links ---------------------------------------------------------------

    def walk(self, now: float) -> Record | None:
        """A link to send a walk over that looks for one more: it ends where there is room.

        Asking somebody at random is quicker, but in vain where he is full, and then two have
        talked for nothing. So who has links and lost none sends a walk, or two.
        """
        if not self._links or self.in_need() or self._have() >= self._wanted():
            return None
        if self._is_patient(now) or self._walk_under_way(now) or self._walks >= WALKS:
            return None
        self._walks += 1
        self._walk_at = now
        return self.some(1)[0]

    def _walk_under_way(self, now: float) -> bool:
        return now - self._walk_at < WALK_TAKES

    def _is_patient(self, now: float) -> bool:
        """Whether its first contacts and their walks may still bring a newcomer links."""
        promised = bool(self._links or self._pending) or any(
            now - since < ANSWER_SOON for since in self._asked.values()
        )
        return promised and now - self._first_at < PATIENCE

    def seek(self, living: Iterable[Record], now: float, *, in_round: bool = False) -> bool:
        """Ask for some of the links that are missing. True where somebody was asked.

        Between the rounds only who is near is asked, unless a link broke: a newcomer hears of
        everybody at once, but its contacts and their walks come first.
        """
        for waiting in (self._asked, self._pending):
            for member in [m for m, since in waiting.items() if now - since > ANSWER_WITHIN]:
                del waiting[member]
        living = list(living)
        self._large = len(living) >= self._config.large
        asked = sum(now - since < ASK_ANOTHER for since in self._asked.values())
        have = len(self._links) + len(self._pending) + asked
        missing = max(
            self._wanted() - have,
            min(self._to_replace - asked, self._about() - have),
            self._own_choice_missing() - asked,
        )
        at_once = (1 if self._links else self._config.links_at_once) - asked
        count = min(missing, at_once, self._config.links_most - have)
        if count <= 0:
            return False
        candidates = self._candidates(living, now)
        waits = self._is_patient(now) or self._walk_under_way(now)
        if not self.in_need() and (waits or not in_round):
            candidates = [record for record in candidates if self.is_near(record.id, now)]
        asked_now = 0
        for record in candidates:
            if asked_now < count and self.may_call(record.id, now):
                self.ask(record, now, urgent=not self._links and self._turned_away >= TURNED_AWAY)
                asked_now += 1
        return asked_now > 0

    def _candidates(self, living: Iterable[Record], now: float) -> list[Record]:
        """Whom to ask, best first: who was met lately, the passive view, everybody else."""
        strangers = {
            record.id: record
            for record in (*living, *self._passive.some(len(self._passive)))
            if record.state == "alive"
            and not self.counts(record.id)
            and record.id not in self._asked
        }
        chosen = list(strangers.values())
        self._rng.shuffle(chosen)
        chosen.sort(
            key=lambda record: (
                now - self._met.get(record.id, -MET_LATELY) > MET_LATELY,
                record.id not in self._passive,
            )
        )
        return chosen

    def ask(self, record: Record, now: float, *, urgent: bool) -> None:
        """Ask one member to be our link."""
        if record.id in self._links:
            return
        self._asked[record.id] = now
        self._say(record, Neighbour(urgent))

    def asked(self, record: Record, now: float, *, urgent: bool) -> bool:
        """Somebody wants to be a link. True where it must be told `accept` by a request."""
        if record.id in self._links or record.id in self._pending or self._keeps_room():
            self._pending[record.id] = now
            return True
        if urgent and len(self._pending) < self._config.links_most and self._gives_way():
            self._pending[record.id] = now  # room is made when it was reached
            return True
        self._say(record, Refuse())
        return False

    def has_room(self) -> bool:
        """Whether a walk may end here: in a large network only where links are missing."""
        return self._have() < (self._wanted() if self._large else self._about())

    def has_place(self) -> bool:
        """Whether there is a place at all."""
        return self._have() < self._config.links_most

    def _have(self) -> int:
        return len(self._links) + len(self._pending) + len(self._asked)

    def _wanted(self) -> int:
        config = self._config
        return config.links_wanted_large if self._large else config.links_wanted

    def _about(self) -> int:
        config = self._config
        return config.links_replaced_large if self._large else config.links_replaced

    def concerned(self, *, met: bool = True) -> set[str]:
        """Everybody whose record is needed to keep links; those whom we met are a help."""
        return {*self._links, *self._asked, *self._pending, *(self._met if met else ())}

    def _keeps_room(self) -> bool:
        """Whether somebody who asks finds a place, besides those kept for our own choice."""
        kept = max(0, self._config.links_own - self._chosen())
        return len(self._links) + len(self._pending) < self._config.links_most - kept

    def chose(self, member: str) -> None:
        """It was us who went to a member: should it become a link, it is of our choosing."""
        self._greeted[member] = None
        while len(self._greeted) > REMEMBERED:
            del self._greeted[next(iter(self._greeted))]
        if member in self._links:
            self._links[member].chosen = True

    def _own_choice_missing(self) -> int:
        """Links that we should choose besides those we have: no hurry where these are enough."""
        missing = self._config.links_own - self._chosen()
        hurry = self._have() < self._wanted() or self._rng.random() < OWN_CHOICE
        return missing if hurry else 0

    def _chosen(self) -> int:
        return sum(link.chosen for link in self._links.values())

    def _gives_way(self) -> list[Link]:
        """The links that may be dropped for one in need: all but two of our own choosing."""
        own = [link for link in self._links.values() if link.chosen][: self._config.links_own]
        return [link for link in self._links.values() if link not in own]

    def accepts(self, member: str) -> bool:
        """Whether a member that asked us still waits for our `accept`."""
        return member in self._pending

    def reached(self, record: Record, now: float) -> None:
        """A member answered us: if it wanted to be a link, it is one."""
        if self._pending.pop(record.id, None) is None or record.id in self._links:
            return
        if len(self._links) >= self._config.links_most:
            victims = self._gives_way()
            if not victims:
                self._say(record, Disconnect())
                return
            victim = self._rng.choice(victims).record
            self._say(victim, Disconnect())
            self.drop(victim.id, "made room for a node without links")
            self._passive.add(victim)
        self._add(record, now, chosen=False)

    def accepted(self, record: Record, now: float) -> None:
        """Somebody whom we asked said yes. A yes to a question we never asked is a no."""
        asked = self._asked.pop(record.id, None) is not None
        wanted = self._pending.pop(record.id, None) is not None or asked
        if record.id in self._links:
            self._links[record.id].chosen |= asked
        elif wanted and len(self._links) < self._config.links_most:
            self._add(record, now, chosen=asked)
        else:
            self._say(record, Disconnect())

    def refused(self, record: Record) -> bool:
        """Somebody whom we asked, or who should have been our link, has enough links.

        True where another one may be asked at once.
        """
        self._met.pop(record.id, None)  # others first
        self._turned_away += 1
        self.drop(record.id, "the other end has enough links")
        return self.in_need() and self._turned_away <= AT_ONCE

    def in_need(self) -> bool:
        """Whether a link that broke is to be replaced, and soon."""
        return self._to_replace > 0 and self._have() < self._about()

    def claimed(self, record: Record, now: float, *, linked: bool) -> bool:
        """What the other end believes. A link that only one end holds is mended or cut.

        True where it must be told `accept` by a request.
        """
        if linked and not self.counts(record.id) and record.id not in self._asked:
            if self._keeps_room():
                self._pending[record.id] = now
                return True
            self._say(record, Disconnect())
        elif not linked and record.id in self._links:
            self._say(record, Neighbour())
        return False

    # --- losing links ----------------------------------------------------------------

    def drop(self, member: str, reason: str, *, replace: bool = False) -> None:
        """Let go of a link, or of the wish for one. `replace` where it broke."""
        self._asked.pop(member, None)
        self._pending.pop(member, None)
        self._met.pop(member, None)
        link = self._links.pop(member, None)
        if link is not None:
            if replace:
                self._to_replace = min(self._to_replace + 1, self._config.links_most)
            self._tell("link.down", link.record, reason)

    def surplus(self) -> Record | None:
        """A link to let go of, for a network that grew large while both ends had more links.

        Only where somebody is a link of both ends: so nothing falls apart. One end decides,
        and not in each round, so that its neighbours do not all let go of the same node.
        """
        enough = self._about()
        if not self._large or len(self._links) <= enough or self._rng.random() > THIN_OUT:
            return None
        ours = self._links.keys()
        spare = [
            link
            for link in self._links.values()
            if link.ours_to_ping
            and len(link.around) > enough
            and not ours.isdisjoint(link.around)
            and (not link.chosen or self._chosen() > self._config.links_own)
        ]
        return self._rng.choice(spare).record if spare else None

    def _add(self, record: Record, now: float, *, chosen: bool) -> None:
        chosen = chosen or record.id in self._greeted
        self._asked.pop(record.id, None)
        self._turned_away = 0
        self._walks = 0
        self._passive.drop(record.id)
        self._met.pop(record.id, None)
        if chosen:
            self._to_replace = max(0, self._to_replace - 1)
        if not self._links:
            self._first_at = now
        self._links[record.id] = Link(record, chosen, _pings(self._own, record.id), now, now)
        self._tell("link.up", record, "")


def _pings(one: str, other: str) -> bool:
    """Whether `one` is the end that pings: of two nodes just one, and each about as often."""

    def weight(first: str, second: str) -> bytes:
        return blake2b(f"{first}\0{second}".encode(), digest_size=8).digest()

    return weight(one, other) > weight(other, one)
