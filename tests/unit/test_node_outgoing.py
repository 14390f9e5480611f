"""What lies between the outbox and the overlay."""

from pathlib import Path
from threading import RLock
from types import SimpleNamespace
from typing import Any, cast

import pytest

from node.outgoing import Outgoing
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.store import Store

TTL = 10.0


class Ticking:
    """A clock that is read again and again around the moment when a message's time runs out."""

    def __init__(self, moments: list[float]) -> None:
        self.moments = moments

    def __call__(self) -> float:
        return self.moments.pop(0) if len(self.moments) > 1 else self.moments[0]


@pytest.mark.parametrize("reads_before", range(6))
def test_a_message_whose_time_runs_out_between_two_looks_is_in_one_of_them(
    tmp_path: Path, reads_before: int
) -> None:
    """It was in neither, and waited for ever (found by `verify` with fifty containers)."""
    clock = Ticking([0.0])
    store = Store(tmp_path, lambda: 0.0, steady=clock)
    start = store.now()
    store.accept("m", "receiver", "text", ttl=TTL)
    heard: list[i.Input] = []
    nothing = cast("Any", SimpleNamespace())
    outgoing = Outgoing(store, nothing, RLock(), nothing, heard.append, nothing, nothing)
    runs_out = clock.moments[0] + TTL
    assert start == 0.0
    clock.moments = [runs_out - 1e-6] * reads_before + [runs_out + 1e-6]
    outgoing.wanted(o.Expire())
    (told,) = heard
    assert isinstance(told, i.Expired)
    assert told.messages == (("m", "receiver"),) or 0 < told.left < 1
    store.close()
