"""Coverage: what the origin of a broadcast knows about who has it.

Of each broadcast of our own it is written down who lived when it was sent: these are to have it.
Whoever is named in a receipt (`receipts`) and is one of these has it; anybody else does not
count. So the number never exceeds those who were there, whatever is said, and whoever has not
been heard of is missing, though it may have it: what is not known is not claimed. A few of those
are asked themselves, some seconds later, as a receipt may have died with who had it in hands.

Where there is no map nobody knows who is there: then nothing is counted, and that is said.

What goes in: our own messages and who is there, receipts, the timer.
What comes out: reports, members to be asked.
Timer: `coverage`, while a message of the last minute is not known to be with all.

What is held: of the newest broadcasts a few names each; who lived is written down once, as long
as it stays the same.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from node.overlay.frames import Announced
from node.overlay.receipts import mark, marks

REPORTS: Final = 1_024
"""Broadcasts that are remembered [guess: fifteen seconds of the most that is taken, and a day of
somebody who plays]."""


ASK_EVERY: Final = 4.0
"""Seconds after which those who live and were not heard of are asked, and asked again [guess:
twice what the receipts take]."""
ASK_FOR: Final = 60.0
"""... as long as a message is not older than this; who comes back later tells by itself."""
ASKED: Final = 8
"""Members asked at a time: most are strangers, and calls to these are scarce [guess]."""
ASKED_ABOUT: Final = 64
"""Messages that one is asked about, the newest [guess]."""


class Report(msgspec.Struct):
    """How far a broadcast of ours has come."""

    expected: Sequence[str] | None
    """The ids of those who lived when it was sent, ourselves not among them; None: not counted."""
    at: float
    key: tuple[str, int, int]
    """Its origin, which is us, epoch and number."""
    has: int = 0
    """Who has it: bits in the order of `expected`."""
    done_at: float | None = None
    """When the last one was heard to have it."""

    @property
    def reached(self) -> int:
        """How many have it."""
        return self.has.bit_count()

    @property
    def complete(self) -> bool:
        """Whether all have it."""
        return self.expected is not None and self.reached == len(self.expected)

    def missing(self) -> list[str]:
        """The ids of those who are not known to have it."""
        expected = self.expected or ()
        return [member for at, member in enumerate(expected) if not self.has >> at & 1]


class Coverage:
    """The reports of our newest broadcasts."""

    def __init__(self) -> None:
        self._reports: OrderedDict[str, Report] = OrderedDict()
        self._there: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self._reports)

    def began(
        self, message: str, key: tuple[str, int, int], there: Sequence[str] | None, now: float
    ) -> None:
        """A message of ours leaves for those who are there; None where nobody knows them."""
        if there is not None:
            if tuple(there) != self._there:
                self._there = tuple(there)
            there = self._there
        report = self._reports[message] = Report(there, now, key)
        if report.complete:
            report.done_at = now  # nobody else is there
        if len(self._reports) > REPORTS:
            self._reports.popitem(last=False)

    def reached(self, message: str, who: str, now: float) -> bool:
        """Some have it. True where these were the last."""
        report = self._reports.get(message)
        if report is None or report.expected is None or report.done_at is not None:
            return False
        places = _places(report.expected)
        for one in marks(who):
            place = places.get(one)
            if place is not None:
                report.has |= 1 << place
        if report.complete:
            report.done_at = now
        return report.complete

    def ask(
        self, lives: Callable[[str], bool], now: float
    ) -> tuple[dict[str, list[Announced]], bool]:
        """Whom to ask about which messages, and whether to come back."""
        whom: dict[str, list[Announced]] = {}
        again = False
        for report in reversed(self._reports.values()):
            if now - report.at > ASK_FOR:
                break
            if report.done_at is not None or report.expected is None:
                continue
            again = True
            if now - report.at < ASK_EVERY / 2:
                continue
            for member in report.missing():
                about = whom.get(member)
                if about is None and len(whom) < ASKED and lives(member):
                    about = whom[member] = []
                if about is not None and len(about) < ASKED_ABOUT:
                    about.append(Announced(*report.key, 0))
        return whom, again

    def get(self, message: str) -> Report | None:
        """How far a message is, where that is remembered."""
        return self._reports.get(message)


def _places(expected: Sequence[str]) -> dict[str, int]:
    """Whose mark stands for which place; what stands for two stands for none."""
    found = {mark(member): place for place, member in enumerate(expected)}
    if len(found) < len(expected):
        twice = Counter(map(mark, expected))
        found = {one: place for one, place in found.items() if twice[one] == 1}
    return found
