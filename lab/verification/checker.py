"""The judge: a history goes in, a verdict comes out.

What must hold, in the words of the README's promise, *every accepted message arrives exactly
once, in order, or its sender is told that it failed*:

    lost       accepted, in no inbox, and its sender does not hold it for failed
    doubled    more than one entry in an inbox, or an entry in another one
    disorder   of one sender and one receiver, one entry stands before an earlier message
    invented   an entry that nobody sent, or whose sending was refused
    changed    another text or another sender than it was sent with
    untold     it arrived, and long after its sender still does not know
    invariant  in the simulator: one of its invariants broke, and the run ended there

A broadcast is in every inbox once; a tree promises no order.

*Two generals.* Whose time ran out while an attempt was under way may have arrived or not, and
nobody can know (Akkoyunlu, Ekanadham, Huber 1975). Its sender says *failed*, as it cannot say
*delivered*. Such a message in an inbox is counted as `unsure` and breaks nothing.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Final, NamedTuple

from lab.verification.history import End, Found, History, Sent

KINDS: Final = ("lost", "doubled", "disorder", "invented", "changed", "untold", "invariant")


class Problem(NamedTuple):
    """One promise that was not kept."""

    kind: str
    message: str
    words: str


class Wait(NamedTuple):
    """How long something took."""

    seconds: float
    message: Sent


@dataclass
class Verdict:
    """What came out."""

    asked: int = 0
    accepted: int = 0
    """Messages to one receiver."""
    broadcasts: int = 0
    """Accepted messages to everybody."""
    delivered: int = 0
    copies: int = 0
    """Entries of broadcasts in all inboxes."""
    failed: int = 0
    """Not delivered, and their senders know it."""
    unsure: int = 0
    refused: int = 0
    unknown: int = 0
    """Asked for, and nobody answered to the very end."""
    exempt: int = 0
    """From or to a node that is gone."""
    tried: int = 0
    done: int = 0
    """Faults that were meant to be, and those that could be done."""
    problems: list[Problem] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """Seconds from accepted to in the inbox, of each delivered message; ascending."""
    longest: Wait | None = None
    unavailable: Wait | None = None
    """The longest that anybody asked a node again and again until it took a message."""

    @property
    def holds(self) -> bool:
        """Whether everything that was promised was kept, and there was something to keep.

        A verdict over faults that never were would be worth nothing.
        """
        return not self.problems and self.accepted > 0 and (self.done > 0 or self.tried == 0)

    def count(self, kind: str) -> int:
        """How many problems of a kind."""
        return sum(problem.kind == kind for problem in self.problems)


def check(history: History) -> Verdict:
    """Judge a run."""
    return _Check(history).verdict


class _Check:
    def __init__(self, history: History) -> None:
        self._history = history
        self.verdict = Verdict(
            asked=len(history.sent),
            tried=len(history.faults),
            done=sum(fault.done for fault in history.faults),
        )
        self._sent = {message.id: message for message in history.sent}
        self._exempt = set(history.gone)
        self._entries: dict[str, list[tuple[str, Found]]] = defaultdict(list)
        for node, inbox in history.inboxes.items():
            for found in inbox:
                self._entries[found.id].append((node, found))
        for node in history.nodes:
            if node not in history.inboxes and node not in self._exempt:
                self._problem("lost", node, f"the inbox of {node} cannot be read")
        for message in history.sent:
            self._judge(message)
        self._nothing_else()
        for node, inbox in history.inboxes.items():
            self._in_order(node, inbox)
        self.verdict.waits.sort()

    def _problem(self, kind: str, message: str, words: str) -> None:
        self.verdict.problems.append(Problem(kind, message, words))

    def _judge(self, message: Sent) -> None:
        verdict = self.verdict
        if {message.sender, message.to} & self._exempt:
            verdict.exempt += 1
            return
        entries = self._entries.get(message.id, [])
        if message.refused is not None:
            verdict.refused += 1
            for node, _ in entries:
                self._problem(
                    "invented", message.id, f"{_words(message)} was refused; {node} has it"
                )
            return
        if message.accepted_at is None:
            verdict.unknown += 1
        else:
            if message.accepted_at - message.asked_at > (
                verdict.unavailable.seconds if verdict.unavailable else 0.0
            ):
                took = message.accepted_at - message.asked_at
                verdict.unavailable = Wait(took, message)
            if message.to_everybody:
                verdict.broadcasts += 1
            else:
                verdict.accepted += 1
        self._unchanged(message, entries)
        if message.to_everybody:
            self._everywhere(message, entries)
        else:
            self._once(message, entries)

    def _unchanged(self, message: Sent, entries: list[tuple[str, Found]]) -> None:
        for node, found in entries:
            if found.text != message.text:
                words = f"{_words(message)} reached {node} as {found.text[:80]!r}"
                self._problem("changed", message.id, words)
            if found.sender != message.sender:
                words = f"{_words(message)} reached {node} in the name of {found.sender[:40]!r}"
                self._problem("changed", message.id, words)

    def _once(self, message: Sent, entries: list[tuple[str, Found]]) -> None:
        verdict = self.verdict
        here = [found for node, found in entries if node == message.to]
        for node, _ in entries:
            if node != message.to:
                self._problem("doubled", message.id, f"{_words(message)} is in the inbox of {node}")
        if len(here) > 1:
            self._problem("doubled", message.id, f"{_words(message)} is there {len(here)} times")
        if message.accepted_at is None:
            return
        end = self._history.outboxes.get(message.sender, {}).get(message.id)
        status = end.status if end is not None else "not in its outbox"
        if not here:
            if status == "failed":
                verdict.failed += 1
            elif message.to in self._history.inboxes:  # else that is the problem
                self._problem("lost", message.id, f"{_words(message)}: {_knows(end)}")
            return
        verdict.delivered += 1
        self._waited(message, here[0])
        if status == "failed":
            verdict.unsure += 1
        elif status != "delivered":
            self._problem("untold", message.id, f"{_words(message)}, arrived, and {_knows(end)}")

    def _everywhere(self, message: Sent, entries: list[tuple[str, Found]]) -> None:
        copies: dict[str, int] = defaultdict(int)
        for node, found in entries:
            copies[node] += 1
            self._waited(message, found)
        self.verdict.copies += sum(copies.values())
        for node, count in copies.items():
            if count > 1:
                words = f"{_words(message)} is in the inbox of {node} {count} times"
                self._problem("doubled", message.id, words)
        if message.accepted_at is None:
            return
        joined = self._history.joined
        there = [
            node
            for node in self._history.inboxes
            if node not in self._exempt and joined.get(node, -inf) <= message.accepted_at
        ]
        missing = [node for node in there if node not in copies]
        if missing:
            whom = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
            words = f"{_words(message)} is missing at {len(missing)} of {len(there)}: {whom}"
            self._problem("lost", message.id, words)

    def _waited(self, message: Sent, found: Found) -> None:
        if message.accepted_at is None:
            return
        wait = Wait(max(0.0, found.at - message.accepted_at), message)
        self.verdict.waits.append(wait.seconds)
        if self.verdict.longest is None or wait.seconds > self.verdict.longest.seconds:
            self.verdict.longest = wait

    def _nothing_else(self) -> None:
        texts: dict[str, list[str]] = defaultdict(list)
        for message, entries in self._entries.items():
            known = self._sent.get(message)
            for node, found in entries:
                texts[found.text].append(message)
                if known is None:
                    words = f"{node} has {found.text[:80]!r} from {found.sender[:40]!r}"
                    self._problem("invented", message, words)
        # Each text was sent once; under a second id it would be the same message again.
        for text, ids in texts.items():
            if len(set(ids)) > 1:
                words = f"{text[:80]!r} arrived under {len(set(ids))} ids"
                self._problem("doubled", ids[0], words)

    def _in_order(self, node: str, inbox: list[Found]) -> None:
        for earlier, later in _overtaken(self._sent, node, inbox):
            words = f"{_words(later)} stands behind number {earlier.number} of the same two"
            self._problem("disorder", later.id, words)


def _overtaken(sent: dict[str, Sent], node: str, inbox: list[Found]) -> Iterator[tuple[Sent, Sent]]:
    last: dict[str, Sent] = {}
    for found in inbox:
        message = sent.get(found.id)
        if message is None or message.to != node:
            continue
        before = last.get(message.sender)
        if before is not None and before.number > message.number:
            yield before, message
        else:
            last[message.sender] = message


def _words(message: Sent) -> str:
    if message.to_everybody:
        return f"the broadcast {message.id} of {message.sender}"
    return f"{message.id}, number {message.number} from {message.sender} to {message.to}"


def _knows(end: End | None) -> str:
    if end is None:
        return "its sender does not know it any more"
    if end.status == "queued":
        why = f" ({end.reason})" if end.reason else ""
        return f"its sender has it still queued{why}"
    return f"its sender holds it for {end.status}"
