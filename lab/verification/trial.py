"""A trial of a running network: messages and faults, then peace, then a look at everything."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from lab import LabError
from lab.progress import Progress
from lab.verification.asking import Node
from lab.verification.collecting import UnreadableError, inbox, outbox, until_quiet
from lab.verification.history import History, Sent
from lab.verification.nemesis import Nemesis, heal
from lab.verification.place import FaultNotDoneError, Place
from lab.verification.schedule import LONGEST, PAUSE, at_random
from lab.verification.workload import User

SETTLE: Final = 180.0
"""Seconds after the last fault until what is still under way counts as lost: as long as in the
simulator."""
ANSWER_WITHIN: Final = 60.0
"""Seconds after the last fault until a call without an answer is left as unknown."""
LOOK: Final = 0.25
"""Seconds between two looks at how far it is."""


@dataclass(frozen=True)
class Pace:
    """How much happens."""

    rate: float
    """Messages a second, in all."""
    pause: float = PAUSE
    """Seconds between two faults, on average."""
    longest: float = LONGEST
    """Seconds that a fault lasts at most."""
    settle: float = SETTLE


def trial(place: Place, seed: int, seconds: float, pace: Pace, progress: Progress) -> History:
    """Make it. Raises LabError where the network cannot be healed."""
    names = place.layout.names
    acts = at_random(seed, seconds, names, place.kinds, pace.pause, pace.longest)
    nemesis = Nemesis(place, acts)
    users = _users(place, seed, pace.rate / len(names))
    with _running(nemesis, users):
        _wait(nemesis, users, seconds, progress)
        progress.note("healing")
        _heal(place, nemesis, users)
    sent = [message for user in users for message in user.sent]
    history = History(place.words, seed, seconds, list(names), sent, faults=nemesis.faults)
    _collect(place, history, pace.settle, progress)
    return history


def _users(place: Place, seed: int, rate: float) -> list[User]:
    names = place.layout.names
    return [
        User(
            Node(name, place.layout.port(name)),
            [other for other in names if other != name],
            seed,
            rate,
        )
        for name in names
    ]


@contextmanager
def _running(nemesis: Nemesis, users: Sequence[User]) -> Iterator[None]:
    """Whatever happens, nobody goes on sending or breaking."""
    for thread in (nemesis, *users):
        thread.start()
    try:
        yield
    finally:
        nemesis.stop()
        for user in users:
            user.give_up()
        for thread in (nemesis, *users):
            thread.join()


def _wait(nemesis: Nemesis, users: Sequence[User], seconds: float, progress: Progress) -> None:
    began = time.monotonic()
    while (now := time.monotonic() - began) < seconds:
        progress.count("seconds", int(now), int(seconds))
        sent = sum(len(user.sent) for user in users)
        progress.note(f"{sent:,} messages, {len(nemesis.faults)} faults; {nemesis.now}")
        _raise_failure(nemesis, users)
        time.sleep(LOOK)  # the pace of the bar; the clock ends the loop
    progress.count("seconds", int(seconds), int(seconds))


def _heal(place: Place, nemesis: Nemesis, users: Sequence[User]) -> None:
    """End all faults, and let everybody hear the answer that he waits for."""
    nemesis.join(ANSWER_WITHIN)
    nemesis.stop()
    for user in users:
        user.stop()
    try:
        heal(place)
    except FaultNotDoneError as error:
        raise LabError(f"The network could not be healed: {error}.") from None
    deadline = time.monotonic() + ANSWER_WITHIN
    for user in users:
        user.join(max(0.0, deadline - time.monotonic()))
    _raise_failure(nemesis, users)


def _raise_failure(nemesis: Nemesis, users: Sequence[User]) -> None:
    for failure in (nemesis.failure, *(user.failure for user in users)):
        if failure is not None:
            raise failure


def _collect(place: Place, history: History, settle: float, progress: Progress) -> None:
    nodes = [Node(name, place.layout.port(name)) for name in history.nodes]
    broadcasts = _broadcasts(history.sent)
    took = until_quiet(
        nodes, broadcasts, settle, lambda left: progress.note(f"{left} nodes wait for messages")
    )
    progress.note("")
    progress.say(f"All was quiet {took:.1f} s after the network was healed.")
    for node in nodes:
        try:
            history.inboxes[node.name] = inbox(node)
            history.outboxes[node.name] = outbox(node)
        except UnreadableError as error:
            progress.say(f"{error}.")  # the checker takes what was in it for lost
        node.close()


def _broadcasts(sent: Sequence[Sent]) -> set[str]:
    return {m.id for m in sent if m.to_everybody and m.accepted_at is not None}
