"""A recording at a glance: how many messages set out when, and what befell the nodes.

A page draws this along the bottom of its picture. An hour of a busy network is half a million
rows, which cannot be counted anew whenever somebody looks. So each run that was asked for has a
`Survey`, which counts each row once: messages by the second, and marks. What has come since is
added at the next question.

A death is told by everybody who notices. It is one mark, where the first told it; the node can
die again once it is back.
"""

from array import array
from collections import OrderedDict
from typing import Any, Final, NamedTuple

import msgspec

from dashboard import rows
from dashboard.past import hole_view
from dashboard.playback import FRESH, EmptyRunError
from dashboard.rows import CODES, Book
from dashboard.runfile import RunFile

MOST_POINTS: Final = 600
"""Bars of one answer: nobody sees more on a screen of 4,000 pixels [guess]."""
MOST_MARKS: Final = 20_000
"""Marks that are kept of one run; the oldest go first [guess: a day of constant trouble]."""
MOST_HOLES: Final = 200
NAMED: Final = 4
"""Nodes that are named at one mark; more are counted."""
SURVEYS: Final = 8
"""Runs whose surveys are kept: some megabytes each at most [guess]."""
MOST_SECONDS: Final = 8 * 86_400
"""Seconds of a run that are counted one by one: beyond a week nothing is kept."""
_SECOND: Final = 1_000_000
DOUBT: Final = 5 * _SECOND
"""After a death, so long nobody is believed who finds that node alive: news cross each other."""

_SENT: Final = (CODES["message.sent"], CODES["broadcast.sent"])
_FAILED: Final = (CODES["message.failed"],)
_TOLD: Final = CODES["dashboard.snapshot"]
_CONTACT: Final = CODES["dashboard.contact"]
_ANSWERED: Final = CODES["dashboard.answered"]
_STARTING: Final = CODES["node.started"]
_STOPPING: Final = CODES["node.stopping"]
_DEAD: Final = CODES["member.dead"]
_LEFT: Final = CODES["member.left"]
_ALIVE: Final = CODES["member.alive"]
_OTHER: Final = CODES["unknown"]
"""What older recordings have instead of faults."""
_MARKING: Final = (
    _TOLD, _CONTACT, _ANSWERED, _STARTING, _STOPPING, _DEAD, _LEFT, _ALIVE, _OTHER,
    rows.STARTED, rows.STOPPED, CODES["fault.set"], CODES["fault.cleared"],
)  # fmt: skip
_FAULTS: Final = {"fault.set": "fault", "fault.cleared": "healed"}
_FAULT_CODES: Final = {CODES[type_]: kind for type_, kind in _FAULTS.items()}


class Mark(NamedTuple):
    """Something befell a node, or the dashboard. `at` in microseconds."""

    at: int
    kind: str
    name: str


class Survey:
    """What was counted of one run."""

    def __init__(self, begins: int) -> None:
        self.begins = begins // _SECOND
        self.counted = begins - 1
        """Up to this microsecond."""
        self.sent: array[int] = array("I")
        self.failed: array[int] = array("I")
        self.marks: list[Mark] = []
        self._lives: dict[str, tuple[int, str, int]] = {}  # epoch, how it is, and since when

    def go_on(self, run: RunFile, until: int) -> None:
        """Count what came since."""
        if until <= self.counted:
            return
        for kinds, counts in ((_SENT, self.sent), (_FAILED, self.failed)):
            for second, count in _by_second(run, kinds, self.counted + 1, until):
                place = second - self.begins
                if 0 <= place < MOST_SECONDS:
                    if place >= len(counts):
                        counts.extend([0] * (place + 1 - len(counts)))
                    counts[place] += count
        book = run.book()
        for at, kind, node, epoch, data in run.db.execute(
            "SELECT at, kind, node, epoch, data FROM records WHERE at > ? AND at <= ? "  # noqa: S608
            f"AND kind IN ({','.join('?' * len(_MARKING))}) ORDER BY at, n",
            (self.counted, until, *_MARKING),
        ):
            self._look(at, kind, node, epoch, data, book)
        del self.marks[:-MOST_MARKS]
        self.counted = until

    def _look(self, at: int, kind: int, node: Any, epoch: int, data: str, book: Book) -> None:
        if kind in (rows.STARTED, rows.STOPPED):
            what = "started" if kind == rows.STARTED else "stopped"
            self.marks.append(Mark(at, what, "the panel"))
            return
        try:
            said = msgspec.json.decode(data) if data else None
            told_by = _named(book, node)
            if kind in (_TOLD, _ANSWERED, _STARTING):
                self._lives_on(at, told_by, epoch)
            elif kind == _STOPPING:
                self._ends(at, told_by, "left")
            elif kind == _CONTACT and isinstance(said, list) and said[:1] == ["refused"]:
                self._ends(at, told_by, "dead")
            elif kind in (_DEAD, _LEFT) and isinstance(said, list):
                self._ends(at, _named(book, said[0]), "dead" if kind == _DEAD else "left")
            elif kind == _ALIVE and isinstance(said, list):
                about = _named(book, said[0])
                before = self._lives.get(about[0])
                # Who is slow still says what was; who was cut off is back without a restart.
                if before is not None and before[1] != "alive" and at - before[2] > DOUBT:
                    self._lives_on(at, about, int(said[3]))
            elif kind in _FAULT_CODES:
                self.marks.append(Mark(at, _FAULT_CODES[kind], told_by[1]))
            elif kind == _OTHER and isinstance(said, str) and said in _FAULTS:
                self.marks.append(Mark(at, _FAULTS[said], told_by[1]))
        except (msgspec.DecodeError, LookupError, TypeError, ValueError):
            return  # a row that says nothing to us: who plays this moment is told what is wrong

    def _lives_on(self, at: int, who: tuple[str, str], epoch: int) -> None:
        before = self._lives.get(who[0])
        self._lives[who[0]] = (max(epoch, before[0] if before else 0), "alive", at)
        if before is None:
            self.marks.append(Mark(at, "joined", who[1]))
        elif before[1] != "alive" or epoch > before[0]:
            self.marks.append(Mark(at, "back", who[1]))

    def _ends(self, at: int, who: tuple[str, str], how: str) -> None:
        epoch, state, _ = self._lives.get(who[0], (0, "alive", 0))
        if state == "alive":
            self._lives[who[0]] = (epoch, how, at)
            self.marks.append(Mark(at, how, who[1]))


class Surveys:
    """Those of the runs that were asked for last. For one thread at a time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Survey] = OrderedDict()

    def timeline(
        self, run: RunFile, since: int | None, until: int | None, points: int, now: int | None
    ) -> dict[str, Any]:
        """TIMELINE of docs/api.md, between two times in milliseconds: without, of all of it.

        `now`, in microseconds, where the run is being written.
        """
        ends = run.ends()
        if ends is None and now is None:
            raise EmptyRunError("this run is empty: nothing has been recorded yet")
        begins = (now or 0) if ends is None else ends[0].at
        over = max(begins, 0 if ends is None else ends[1].at, 0 if now is None else now - FRESH)
        since = begins // 1000 if since is None else since
        until = over // 1000 + 1 if until is None else until
        until = max(until, since + 1)
        step = max(1, -(-(until - since) // points))
        survey = self._of(run, begins)
        survey.go_on(run, over)
        marks = [mark for mark in survey.marks if since <= mark.at // 1000 <= until]
        sent, failed = (
            _bars(run, kinds, counts, survey.begins, (since, until, step))
            for kinds, counts in ((_SENT, survey.sent), (_FAILED, survey.failed))
        )
        return {
            "since": begins // 1000,
            "until": over // 1000 + 1,
            "growing": now is not None,
            "from": since,
            "to": until,
            "step": step,
            "sent": sent,
            "failed": failed,
            "marks": _joined(marks, since, step),
            "holes": [hole_view(one) for one in run.holes(since * 1000, until * 1000, MOST_HOLES)],
        }

    def _of(self, run: RunFile, begins: int) -> Survey:
        # What is read from the nodes' own logs afterwards comes into what was counted already;
        # then the holes are others.
        holes = run.db.execute("SELECT count(*), max(number) FROM holes").fetchone()
        name = (run.about().id, *holes)
        survey = self._kept.pop(name, None) or Survey(begins)
        self._kept[name] = survey
        while len(self._kept) > SURVEYS:
            self._kept.popitem(last=False)
        return survey


def _by_second(
    run: RunFile, kinds: tuple[int, ...], since: int, until: int
) -> list[tuple[int, int]]:
    return run.db.execute(
        f"SELECT at / {_SECOND} AS second, count(*) FROM records WHERE at >= ? AND at <= ? "  # noqa: S608
        f"AND kind IN ({','.join('?' * len(kinds))}) GROUP BY second",
        (since, until, *kinds),
    ).fetchall()


def _bars(
    run: RunFile,
    kinds: tuple[int, ...],
    counts: "array[int]",
    begins: int,
    span: tuple[int, int, int],
) -> list[int]:
    """How many in each step, of a span in milliseconds."""
    since, until, step = span
    bars = [0] * -(-(until - since) // step)
    if step >= 1000:
        first = max(0, since // 1000 - begins)
        for place in range(first, min(len(counts), until // 1000 - begins + 1)):
            at = (begins + place) * 1000
            if since - 1000 < at < until:
                at = min(max(at + 500, since), until - 1)
                bars[(at - since) // step] += counts[place]
        return bars
    found = run.db.execute(
        f"SELECT (at / 1000 - ?) / ? AS bar, count(*) FROM records WHERE at >= ? AND at < ? "  # noqa: S608
        f"AND kind IN ({','.join('?' * len(kinds))}) GROUP BY bar",
        (since, step, since * 1000, until * 1000, *kinds),
    )
    for bar, count in found:
        if 0 <= bar < len(bars):
            bars[bar] = count
    return bars


def _joined(marks: list[Mark], since: int, step: int) -> list[dict[str, Any]]:
    """Marks of one kind that would stand on each other are one."""
    joined: OrderedDict[tuple[str, int], dict[str, Any]] = OrderedDict()
    for mark in marks:
        place = (mark.kind, (mark.at // 1000 - since) // max(1, step))
        one = joined.get(place)
        if one is None:
            at = mark.at // 1000
            joined[place] = {"at": at, "kind": mark.kind, "names": [mark.name], "count": 1}
            continue
        one["count"] += 1
        if len(one["names"]) < NAMED and mark.name not in one["names"]:
            one["names"].append(mark.name)
    return list(joined.values())


def _named(book: Book, who: Any) -> tuple[str, str]:
    """The id and name of a node as rows have it. Raises BrokenRowError, a ValueError."""
    if isinstance(who, list):
        return str(who[0]), str(who[1])
    if isinstance(who, str):
        return who, who
    node = book.node(who)
    return node.id, node.name
