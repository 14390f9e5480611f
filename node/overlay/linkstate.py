"""Link state: who is whose link, as far as this node knows, and how far it is to somebody.

Theory of operation (OSPF, RFC 2328, and lashup, in small). Every member says who its links
are, in a list with a version that only it raises. The lists travel to everybody, so every
node holds a map of all links. An edge of that map counts only where *both* ends report it:
one end may not know yet that a link is gone, and a liar who lists the whole network as its
links gains none, since nobody else says so.

*How lists travel.* They are in no hurry and must cost nothing, so they never make a request
of their own: they wait for the next batch that goes to a link anyway, which is the ping of
every three seconds or its answer. Whoever hears a newer list owes it to its other links, but
not to one that has told it meanwhile; so a change floods the network once, and many changes
to one link are one frame. Of a hundred members half know a change after 2.5 s, and all
after 4 to 6 [simulated]. A list that changes again and again gets a
new version every other second at most.

*What gets lost.* Every ten seconds a node tells one link the sum of all its lists. Where it
differs, the link answers with the versions it has and gets the lists that are newer, and the
other way round. The same happens when a link comes up, which is how a newcomer gets all. An
idle network whose lists agree thus sends a sum a node in ten seconds, however many we are.

The sum is not part of `members`' digest: that one may make two nodes exchange whole maps,
and must not differ because a link changed somewhere.

*What is believed.* Lists come from links only, of members that the map has, in the epoch
that it has. A list of ours that we did not write is outdone by a higher version, as a
false suspicion is refuted. Where there is no map, or it is full, no list is sent or taken.

*What it costs to ask.* Distances are looked for when a message needs them, and remembered
until a list, a link or a member changes. A breadth-first search through a hundred members
takes 0.2 ms, the next message to the same receiver less than a microsecond [measured].

What goes in: links that come and go, frames from links, the question which frames go along.
What comes out: frames to go along, and distances.
Timers: none.
"""

from collections import deque
from collections.abc import Collection, Iterator
from hashlib import blake2b
from math import inf
from sys import intern

from contract.limits import MAX_LISTS
from node.overlay.config import Config
from node.overlay.frames import Frame, ListVersion, Neighbourhood, NeighbourList, Versions
from node.overlay.links import Links
from node.overlay.members import LEAP, MOST_AT_FIRST, Members
from node.overlay.pieces import neighbourhoods, versions

_MOST_LINKS = 16
"""Links in a list: what a frame allows, twice what a node holds."""
_MOST_LISTS = 2 * MAX_LISTS
"""Lists in one batch, which others must fit into as well; the rest goes with the next."""
_LAST_VERSION = 2**31 - 1
_MOST_SEARCHES = 128
"""Distances that are remembered [guess: some for each of those whom a person writes to]."""


class LinkState:
    """Everybody's neighbour lists, our own too, and which link may lack which of them."""

    def __init__(self, config: Config, members: Members, links: Links) -> None:
        self._config = config
        self._members = members
        self._links = links
        own = members.own
        self._lists: dict[str, NeighbourList] = {}
        self._sums: dict[str, int] = {}
        self._keep(NeighbourList(own.id, own.epoch, 0, ()))
        self._changes = 0  # of lists and of our own links
        self._known_at: tuple[int, int] | None = None  # changes, and the members' comings
        # What was reckoned from the above, until one of them changes:
        self._total: str | None = None
        self._near: dict[str, tuple[str, ...]] = {}
        self._searches: dict[tuple[str, frozenset[str]], dict[str, int]] = {}
        self._owed: dict[str, dict[str, None]] = {}  # link: members whose list it may lack
        self._comparing: dict[str, bool] = {}  # link: it gets our versions; and its, please
        self._stale = False  # our links are not what our list says
        self._outdone = -1  # a version of our list that somebody else invented
        self._raised_at = -inf
        self._summed_at = -inf
        self._compared_at = -inf
        # link: when it last got what it lacked, and up to which id, if more pieces follow
        self._told: dict[str, tuple[float, str | None]] = {}
        self.refusals = 0
        """Lists that nobody can have written."""

    def __len__(self) -> int:
        return len(self._lists)

    @property
    def used(self) -> bool:
        """Whether there is a map of members to draw links into: not where they are too many."""
        return self._members.mapped and not self._members.full

    def forget(self) -> None:
        """Let go of the lists of those whom the map has forgotten."""
        own = self._members.own.id
        for member in [m for m in self._lists if m != own and self._members.get(m) is None]:
            del self._lists[member], self._sums[member]
            self._changes += 1

    # --- links ---------------------------------------------------------------------------

    def link_up(self, link: str) -> None:
        """A new link: one of the two ends, by their ids, begins to compare."""
        self._stale = True
        self._changes += 1
        if self._members.own.id < link:
            self._comparing[link] = True

    def link_down(self, link: str) -> None:
        """It is owed nothing any more."""
        self._stale = True
        self._changes += 1
        self._told.pop(link, None)
        self._owed.pop(link, None)
        self._comparing.pop(link, None)

    # --- what goes along -------------------------------------------------------------------

    def owes(self, link: str, now: float) -> bool:
        """Whether something would go along with a batch to this member."""
        if not self.used or link not in self._links:
            return False
        self._refresh(now)
        return (
            link in self._owed
            or link in self._comparing
            or now - self._summed_at >= self._config.lists_compare
        )

    def luggage(self, link: str, now: float) -> list[Frame]:
        """What goes along with a batch to this member, and is not owed any longer."""
        if not self.owes(link, now):
            return []
        owed = self._owed.pop(link, {})
        now_owed, later = list(owed)[:_MOST_LISTS], list(owed)[_MOST_LISTS:]
        if later:
            self._owed[link] = dict.fromkeys(later)
        lists = [self._lists[member] for member in now_owed if member in self._lists]
        frames: list[Frame] = [*neighbourhoods(lists)]
        if link in self._comparing:
            frames += versions(self._versions(), and_you=self._comparing.pop(link))
        if now - self._summed_at >= self._config.lists_compare:
            self._summed_at = now
            self.forget()
            frames.append(Neighbourhood((), self.sum()))
        return frames

    def sum(self) -> str:
        """Of the lists of all who live, as `members.digest` is of their records."""
        self._forget_outdated()
        if self._total is None:
            total = 0
            for member, said in self._lists.items():
                if self._is_current(said):
                    total ^= self._sums[member]
            self._total = f"{total:016x}"
        return self._total

    def _refresh(self, now: float) -> None:
        """Write a new list of our own, where the last one is wrong and old enough."""
        epoch = self._members.own.epoch
        own = self._lists[self._members.own.id]
        if own.epoch != epoch:  # a former self of ours was outdone (`members.refute`)
            own = NeighbourList(own.member, epoch, 0, ())
            self._stale = True
        if not self._stale or now - self._raised_at < self._config.lists_pause:
            return
        self._stale = False
        links = tuple(sorted(self._links.ids())[:_MOST_LINKS])
        if links == own.links and self._outdone < own.version:
            return
        self._raised_at = now
        version = min(max(own.version, self._outdone) + 1, _LAST_VERSION)
        self._put(NeighbourList(own.member, epoch, version, links))
        self._owe(own.member)

    def _owe(self, member: str, besides: str | None = None) -> None:
        for link in self._links.ids():
            if link != besides:
                self._owed.setdefault(link, {})[member] = None

    def _versions(self) -> tuple[ListVersion, ...]:
        return tuple(
            ListVersion(said.member, said.epoch, said.version) for said in self._lists.values()
        )

    # --- frames ----------------------------------------------------------------------------

    def heard(self, link: str, frame: Neighbourhood, now: float) -> None:
        """A link tells lists, or the sum of all that it has."""
        if not self.used:
            return
        for said in frame.lists:
            if said.member == self._members.own.id:
                self._outdo(said)
            elif self._believes(said):
                self._put(said)
                self._owe(said.member, besides=link)
            self._has(link, said)
        if frame.sum is not None and frame.sum != self.sum():
            self._compare(link, now)

    def _has(self, link: str, said: NeighbourList) -> None:
        """A link told a list, so it is not owed an older one, nor this one."""
        owed, known = self._owed.get(link), self._lists.get(said.member)
        if owed is None or said.member not in owed or known is None or known.order > said.order:
            return
        del owed[said.member]
        if not owed:
            del self._owed[link]

    def versions(self, link: str, frame: Versions, now: float) -> None:
        """A link tells which lists it has: it is owed those that we have newer.

        Not again and again: a small question must not be worth all lists each time. But where
        the versions come in pieces, the next piece belongs to the same question.
        """
        before, end = self._told.get(link, (-inf, None))
        goes_on = (
            end is not None
            and frame.after == end
            and (frame.upto is None or frame.upto > end)  # else it could go round for ever
        )
        if not self.used or (now - before < self._config.lists_pause and not goes_on):
            return
        self._told[link] = (now, frame.upto)
        theirs = {said.member: (said.epoch, said.version) for said in frame.of}
        for said in self._lists.values():
            if frame.covers(said.member) and theirs.get(said.member, (-1, -1)) < said.order:
                self._owed.setdefault(link, {})[said.member] = None
        if frame.and_you and any(self._lacks(member, at) for member, at in theirs.items()):
            self._comparing.setdefault(link, False)

    def _lacks(self, member: str, order: tuple[int, int]) -> bool:
        record, known = self._members.get(member), self._lists.get(member)
        if record is None or record.epoch != order[0]:
            return False
        return known is None or known.order < order

    def _compare(self, link: str, now: float) -> None:
        """Tell a link our versions: not often, as news on their way make all sums differ."""
        if now - self._compared_at >= self._config.lists_pause:
            self._compared_at = now
            self._comparing[link] = True

    def _believes(self, said: NeighbourList) -> bool:
        """Whether a list is news, and can be what the member said."""
        record = self._members.get(said.member)
        if record is None or record.kind != "peer" or record.epoch != said.epoch:
            return False
        known = self._lists.get(said.member)
        if known is None or known.epoch != said.epoch:
            plausible = said.version <= MOST_AT_FIRST
        elif said.version <= known.version:
            return False
        else:
            plausible = said.version - known.version <= LEAP
        self.refusals += not plausible
        return plausible

    def _outdo(self, said: NeighbourList) -> None:
        """Somebody tells a list of ours: where it is not the one we wrote, we write a newer."""
        own = self._lists[said.member]
        if said.epoch != own.epoch or said.version < own.version or said == own:
            return
        if said.version - own.version > LEAP:
            self.refusals += 1
            return
        self._outdone = max(self._outdone, said.version)
        self._stale = True

    def _put(self, said: NeighbourList) -> None:
        """Keep a list, with each id once in memory, however many lists name it."""
        member, links = intern(said.member), tuple(map(intern, said.links))
        self._keep(NeighbourList(member, said.epoch, said.version, links))
        self._changes += 1

    def _keep(self, said: NeighbourList) -> None:
        self._lists[said.member] = said
        self._sums[said.member] = _sum(said)

    # --- the map of links --------------------------------------------------------------------

    def neighbours(self, member: str) -> tuple[str, ...]:
        """The links of a member, as both ends report them; of those who live."""
        self._forget_outdated()
        near = self._near.get(member)
        if near is None:
            near = self._near[member] = tuple(self._both_ends(member))
        return near

    def is_linked(self, member: str) -> bool:
        """Whether it has any link: one is found sooner than all."""
        self._forget_outdated()
        near = self._near.get(member)
        return any(True for _ in self._both_ends(member)) if near is None else bool(near)

    def _both_ends(self, member: str) -> Iterator[str]:
        said = self._lists.get(member)
        if said is None or not self._is_current(said):
            return
        for other in said.links:
            back = self._lists.get(other)
            if back is not None and member in back.links and self._is_current(back):
                yield other

    def distances(self, to: str, without: Collection[str]) -> dict[str, int]:
        """Hops from each of our links to a member, on ways that avoid some members."""
        self._forget_outdated()
        search = (to, frozenset(without))
        found = self._searches.get(search)
        if found is None:
            found = self._search(*search)
            if len(self._searches) >= _MOST_SEARCHES:
                self._searches.clear()
            self._searches[search] = found
        return found

    def _search(self, to: str, without: frozenset[str]) -> dict[str, int]:
        """Breadth first from the far end, so that one search serves all links.

        Our own end of a link we know best, so what the other end says of it is not asked.
        """
        ours = set(self._links.ids()) - without
        found = {to: 0} if to in ours else {}
        reached = {to, self._members.own.id, *without}
        edge = deque([(to, 0)])
        while edge and len(found) < len(ours):
            member, hops = edge.popleft()
            for other in self.neighbours(member):
                if other not in reached:
                    reached.add(other)
                    edge.append((other, hops + 1))
                    if other in ours:
                        found[other] = hops + 1
        return found

    def _forget_outdated(self) -> None:
        """Let go of what was reckoned before something changed."""
        now = (self._changes, self._members.comings)
        if now != self._known_at:
            self._known_at = now
            self._total = None
            self._near = {}
            self._searches = {}

    def _is_current(self, said: NeighbourList) -> bool:
        record = self._members.get(said.member)
        if record is None:
            return said.member == self._members.own.id
        return record.epoch == said.epoch and record.state in {"alive", "suspect"}


def _sum(said: NeighbourList) -> int:
    text = f"{said.member}\0{said.epoch}\0{said.version}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
