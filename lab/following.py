"""What `send` and `broadcast` share: following something that was sent until it is settled."""

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from lab import LabError, called
from lab.dashboard import NoAnswerError, RefusedError
from lab.options import name_option, number

_PAUSE: Final = 0.05
"""Seconds between two questions how far it is: a delivery takes some 10 ms, a broadcast to a
hundred nodes some 100."""
_LONGEST: Final = 0.5
"""Seconds between two questions about what takes longer: who waits for a node to come back for
an hour need not ask twenty times a second."""


def follow_options(parser: argparse.ArgumentParser) -> None:
    """How long to follow it, and how to tell."""
    parser.add_argument(
        "--timeout",
        type=number(1, 86_400),
        default=30,
        metavar="SECONDS",
        help="how long to follow it (30)",
    )
    parser.add_argument("--json", action="store_true", help="how far it came as JSON")
    name_option(parser)


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """Turn what the dashboard does not answer or refuses into errors that say what to do."""
    try:
        yield
    except NoAnswerError as error:
        raise LabError(f"{error} `{called()} up` starts a network.") from None
    except RefusedError as error:
        raise LabError(str(error), 2) from None


def follow(
    look: Callable[[], dict[str, Any]],
    settled: Callable[[dict[str, Any]], bool],
    timeout: float,
    tell: Callable[[dict[str, Any]], None] = lambda _: None,
) -> dict[str, Any]:
    """What `look` sees once that is settled, or once time is up; `tell` hears what it sees."""
    deadline = time.monotonic() + timeout
    pause = _PAUSE
    while True:
        seen = look()
        if settled(seen) or time.monotonic() > deadline:
            return seen
        tell(seen)
        time.sleep(pause)  # the pace of the questions; what is seen ends the loop
        pause = min(_LONGEST, pause * 1.25)
