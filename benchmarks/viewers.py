"""Browsers without a window: `python -m benchmarks.viewers`, clients of the dashboard's `/live`.

They speak Socket.IO as the page's library does (Engine.IO 4, JSON packets), take every packet
apart, see to it that no number is missing, and ask for a snapshot where one is. The first of them
also keeps the time: how long it took from a node's emitting an event about a message to the delta
here that tells it first. Clocks are those of one machine.

Lines of JSON tell them what to do, as with `benchmarks.swarm`:

    {"browsers": n}  how many there are from now on
    {"report": true} what came since the last report
"""

import argparse
import asyncio
import json
import resource
import sys
import time
from typing import Any, Final

import msgspec

from benchmarks import wire

_EVENT: Final = b"42/live,"
_OPEN: Final = b"40/live,"
_TIMES: Final = ("sent_at", "received_at", "done_at")


class Viewer:
    """One browser."""

    def __init__(self, port: int, *, timed: bool) -> None:
        self._port = port
        self._timed = timed
        self._seen: dict[str, set[str]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self.number: int | None = None
        self.run: str | None = None
        self.forget()
        self.busy_now: Any = None
        self.summary: dict[str, Any] = {}

    def forget(self) -> None:
        """Begin to count anew."""
        self.deltas = self.snapshots = self.holes = self.bytes = self.views = 0
        self.delays: list[float] = []
        self.late: list[float] = []
        """From the making of a delta to its coming here, in milliseconds."""
        self.busy: list[Any] = []

    async def look(self) -> None:
        """Follow the stream until the connection ends."""
        reader, self._writer = await wire.opened(
            "127.0.0.1", self._port, "/socket.io/?EIO=4&transport=websocket"
        )
        frames = wire.Frames()
        while data := await reader.read(2**18):
            for kind, payload in frames.feed(data):
                if kind == wire.PING:
                    self._send(payload, wire.PONG)
                elif kind == wire.TEXT:
                    self._packet(payload)

    def leave(self) -> None:
        """Close the page."""
        if self._writer is not None:
            self._writer.close()

    def _send(self, payload: bytes, kind: int = wire.TEXT) -> None:
        if self._writer is not None:
            self._writer.write(wire.frame(kind, payload, mask=True))

    def _packet(self, payload: bytes) -> None:
        if payload[:1] == b"0":
            self._send(b"40/live,")
        elif payload == b"2":
            self._send(b"3")
        elif payload.startswith(_EVENT):
            self.bytes += len(payload)
            name, said = msgspec.json.decode(payload[len(_EVENT) :])
            now = time.time() * 1000
            if name == "snapshot":
                self.snapshots += 1
                self.number = said["number"]
                if self._timed:
                    self._timing(said["messages"], None)
            elif self.number is not None:
                self._delta(said, now)
            self._summary(said)

    def _delta(self, said: dict[str, Any], now: float) -> None:
        self.deltas += 1
        if said["number"] != (self.number or 0) + 1:
            self.holes += 1
            self.number = None
            self._send(b'42/live,["resync"]')
            return
        self.number = said["number"]
        if self._timed:
            self.views += len(said.get("messages", ()))
            self.late.append(now - said["at"])
            self._timing(said.get("messages", ()), now)

    def _summary(self, said: dict[str, Any]) -> None:
        if "summary" in said:
            self.summary = said["summary"]
            busy = self.summary.get("busy")
            if busy is not None:
                self.busy.append(busy)
            self.busy_now = busy

    def _timing(self, views: Any, now: float | None) -> None:
        for view in views:
            if view["kind"] != "message":
                continue
            seen = self._seen.get(view["id"])
            if seen is None:
                seen = self._seen[view["id"]] = set()
                if len(self._seen) > 20_000:
                    del self._seen[next(iter(self._seen))]
            for field in _TIMES:
                if view[field] is not None and field not in seen:
                    seen.add(field)
                    if now is not None:
                        self.delays.append(now - view[field])

    def report(self) -> dict[str, Any]:
        """What came since the last time."""
        delays, late = sorted(self.delays), sorted(self.late)
        told = {
            "deltas": self.deltas,
            "snapshots": self.snapshots,
            "holes": self.holes,
            "bytes": self.bytes,
            "views": self.views,
            "timed": len(delays),
            "delay": {str(share): at(delays, share) for share in (0.5, 0.9, 0.99, 0.999, 1.0)},
            "late": {str(share): at(late, share) for share in (0.5, 0.99)},
            "busy": len(self.busy),
            "busy_now": self.busy_now,
            "summary": self.summary,
        }
        self.forget()
        return told


def at(values: list[float], share: float) -> float | None:
    """The value below which a share of them is."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else None


async def _main(port: int) -> None:
    viewers: list[tuple[Viewer, asyncio.Task[None]]] = []
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        said = json.loads(line)
        wanted = said.get("browsers", len(viewers))
        while len(viewers) < wanted:
            viewer = Viewer(port, timed=not viewers)
            viewers.append((viewer, loop.create_task(viewer.look())))
        while len(viewers) > wanted:
            viewer, task = viewers.pop()
            viewer.leave()
            task.cancel()
        used = resource.getrusage(resource.RUSAGE_SELF)
        told = {
            "cpu": used.ru_utime + used.ru_stime,
            "gone": sum(task.done() for _, task in viewers),
            "viewers": [viewer.report() for viewer, _ in viewers],
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    asyncio.run(_main(parser.parse_args().port))
