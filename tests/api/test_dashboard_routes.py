"""Messages over several hops, told by four nodes that a test speaks for: one way, as it was."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from laboratory import Browser, Dashboard, browsing, until
from liars import Liar, event, snapshot

from contract.events import rfc3339

NAMES = ("anna", "bert", "cleo", "dora")


class Teller:
    """A node that tells what the test wants it to tell."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._seq = 0
        self._emit: Any = None
        self._liar = Liar(self._says)
        self.stop = self._liar.stop
        self.url = self._liar.url

    @property
    def node(self) -> dict[str, str]:
        """NODE."""
        return {"id": self.name, "name": self.name, "url": self.url}

    def tells(self, type_: str, at: float, **data: Any) -> None:
        """Tell of an event that happened at a time."""
        self._seq += 1
        told = event(type_, {"message": "m", **data}, seq=self._seq, node=self.name)
        told["time"] = rfc3339(at)
        self._emit("events", {"at": time.time(), "events": [told]})

    def _says(self, emit: Any, url: str, _: Any) -> Any:
        node = {"id": self.name, "name": self.name}
        emit("snapshot", snapshot(url, node=node, at=time.time()))
        self._emit = emit
        return {"at": time.time()}


@pytest.fixture
def tellers() -> Iterator[list[Teller]]:
    running = [Teller(name) for name in NAMES]
    yield running
    for teller in running:
        teller.stop()


@pytest.fixture
def dashboard(tmp_path: Path, tellers: list[Teller]) -> Iterator[Dashboard]:
    running = Dashboard(tmp_path, " ".join(teller.url for teller in tellers))
    until(running.sees(watched=len(NAMES)))
    yield running
    running.end()
    assert "Traceback" not in running.printed()


def test_the_way_grows_hop_by_hop_and_ends_at_the_receiver(
    dashboard: Dashboard, tellers: list[Teller]
) -> None:
    anna, bert, cleo, dora = tellers
    with browsing(dashboard) as browser:
        keys = {node["name"]: node["key"] for node in browser.snapshots[0]["nodes"]}
        a, b, c, d = (keys[name] for name in NAMES)
        now = float(int(time.time()))
        of = {"from": anna.node, "to": dora.node, "sender": "anna", "text": "far"}
        anna.tells("message.sent", now, **of, hop=1, attempt=1, route="overlay", via=bert.node)
        seen(browser, [(a, b)])
        bert.tells(
            "message.forwarded",
            now + 0.01,
            **{"from": bert.node},
            via=cleo.node,
            to=dora.node,
            hop=2,
        )
        seen(browser, [(a, b), (b, c)])
        cleo.tells(
            "message.forwarded",
            now + 0.02,
            **{"from": cleo.node},
            via=dora.node,
            to=dora.node,
            hop=3,
        )
        dora.tells("message.received", now + 0.03, **of, hop=3)
        anna.tells("message.delivered", now + 0.04, **of, hop=3)
        until(lambda: browser.message("far")[-1]["state"] == "delivered")
        seen(browser, [(a, b), (b, c), (c, d)])
    last = browser.message("far")[-1]
    assert (last["kind"], last["hops"], last["path_at"]) == ("message", 3, 0)
    # To the millisecond, by the clock that all of them share.
    assert [at - last["sent_at"] for _, _, at in last["path"]] == [0, 10, 20]
    assert dashboard.get("/api/messages/m") == last


def seen(browser: Browser, legs: list[tuple[int, int]]) -> None:
    """Wait until the browser has been told of this way."""

    def told() -> bool:
        views = browser.message("far")
        return bool(views) and [(leg[0], leg[1]) for leg in views[-1]["path"]] == legs

    until(told)
