"""The passive view: members to turn to when a link is lost, and the walks that keep it fresh.

Theory of operation (HyParView, sections 4.1 to 4.4). The links are a node's active view;
beside them it keeps some sixty members that it does not talk to. When a link breaks, one
of them takes its place at once, and nobody has to be asked who is there. The view is never
right and need not be: whoever does not answer is dropped, and the next one tried. Sixty
entries, chosen at random, are all dead only with probability p^60 where a share p is dead.

It is filled by *walks* along the links, of a length that makes where they end a matter of
chance:

    join      a newcomer's contact sends its record on a walk of six steps. Where three are
              left it is written into the passive view, where none is left it is asked to
              be a link.
    shuffle   now and then a node sends a few of its links and passive members on a walk of
              six. Where it ends, as many others come back, and both have fresh entries.

The answer of a walk goes back along it, step by step, and not straight to its origin: that
would make two members talk that never talked before, and such pairs are scarce (`links`).
Shuffles are in no hurry, so each step waits for a batch that leaves for that link anyway
(`core`), and costs no exchange of its own.

Below 1,000 members there is also the map (`members`), and the view is filled from it too.
Above, this view is all that a node knows of others.

What goes in: records from walks, from lost links, from the map.
What comes out: candidates, and the frames `shuffle` and `shuffled`.
"""

from collections.abc import Iterable
from random import Random

from node.overlay.config import Config
from node.overlay.frames import Record, Shuffle, Shuffled


class Passive:
    """At most sixty members that are no links. Who is in whose view is kept by `links`."""

    def __init__(self, config: Config, rng: Random, own: str) -> None:
        self._config = config
        self._rng = rng
        self._own = own
        self._view: dict[str, Record] = {}
        self._sent: frozenset[str] = frozenset()
        self._waiting = False  # for the answer to our own shuffle

    def __contains__(self, member: str) -> bool:
        return member in self._view

    def __len__(self) -> int:
        return len(self._view)

    def ids(self) -> list[str]:
        """Who is in the view."""
        return list(self._view)

    def some(self, count: int) -> list[Record]:
        """So many of the view by chance, or all where there are not more."""
        return self._rng.sample(list(self._view.values()), min(count, len(self._view)))

    def add(self, record: Record) -> None:
        """Take a member in; where the view is full, another one has to go."""
        if record.id == self._own or record.kind != "peer" or record.state != "alive":
            return
        if record.id not in self._view and len(self._view) >= self._config.passive_most:
            # Rather one that went out with our shuffle: somebody else has it now [paper].
            gone = [member for member in self._view if member in self._sent]
            del self._view[self._rng.choice(gone or list(self._view))]
        self._view[record.id] = record

    def drop(self, member: str) -> None:
        """It is a link now, or does not answer."""
        self._view.pop(member, None)

    # --- shuffling ---------------------------------------------------------------------

    def shuffle(self, own: Record, links: Iterable[Record]) -> Shuffle:
        """The frame that starts a walk of ours."""
        passive = self.some(self._config.shuffle_passive)
        self._sent = frozenset(record.id for record in passive)
        self._waiting = True
        return Shuffle((own, *links, *passive), self._config.walk_active, (own.id,))

    def ended(self, shuffle: Shuffle, links: Iterable[str]) -> Shuffled:
        """A walk of somebody ends here: what goes back along it."""
        back = Shuffled(tuple(self.some(len(shuffle.records))), shuffle.path)
        self._take(shuffle.records, links)
        return back

    def came_back(self, shuffled: Shuffled, links: Iterable[str]) -> None:
        """The answer to a walk of ours; one to each, so nobody can fill our view unasked."""
        if self._waiting:
            self._waiting = False
            self._take(shuffled.records, links)

    def _take(self, records: Iterable[Record], links: Iterable[str]) -> None:
        known = set(links)
        for record in records:
            if record.id not in known:
                self.add(record)
