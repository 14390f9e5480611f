"""Nodes with one mistake each, as a program: `verify` must see them, or it sees nothing.

`BREAK=dedup`: what comes again is stored again, under another id.
`BREAK=commit`: `202` comes before the commit, which is made now and then.
"""

import os
import runpy
import threading
import time
import uuid
from typing import Any

from contract import server

server.patch(tls=False)

from node.store import Store  # noqa: E402

SELDOM = 3.0
"""Seconds between two commits."""

_init, _receive, _write = Store.__init__, Store.receive, Store._write


def _forgetful(self: Store, message: str, *words: Any, **more: Any) -> bool:
    if any(there.id == message for there in self.inbox(1_000, None, None)):
        message = str(uuid.uuid4())
    return _receive(self, message, *words, **more)


def _lazy_init(self: Store, *words: Any, **more: Any) -> None:
    _init(self, *words, **more)
    self._grouped = True

    def commit() -> None:
        while True:
            time.sleep(SELDOM)
            with self._lock:
                self._commit_group(self._group)

    threading.Thread(target=commit, daemon=True).start()


def _lazy_write(self: Store, *words: Any, together: bool = False) -> int:
    return _write(self, *words, together=together or hasattr(self, "_grouped"))


match os.environ["BREAK"]:
    case "dedup":
        Store.receive = _forgetful  # type: ignore[method-assign]
    case "commit":
        Store.__init__ = _lazy_init  # type: ignore[method-assign]
        Store._write = _lazy_write  # type: ignore[method-assign]
        Store.settled = lambda _: None  # type: ignore[method-assign]

runpy.run_module("node", run_name="__main__")
