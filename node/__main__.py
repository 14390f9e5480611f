"""`python -m node`: one peer, from start to stop."""

from contract import bundle

bundle.use(f"{bundle.ROOT}/node.bundle")  # the image has it

from contract import server
from contract.lean import kept_away

server.patch(tls=False)  # before anything else is imported

# The first time, for all who import them later. Left out is what a node never does: schemas,
# e-mails with letters that are not ASCII (HTTP's header lines are read by the parser for
# e-mails), Windows' paths, other Pythons.
_SCHEMAS = ["msgspec.inspect", "msgspec._json_schema"]
_MAILS = ["email.header", "email.charset", "email._encoded_words", "email.iterators", "quopri"]
with (
    server.without_tls(),
    kept_away(hollow=[*_SCHEMAS, *_MAILS, "ntpath"], absent=["typing_extensions"]),
):
    import hmac  # noqa: F401
    import http.client  # noqa: F401
    import pathlib  # noqa: F401

    import msgspec  # noqa: F401

import os
import sqlite3
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

from contract import headers
from contract.exits import BROKEN
from contract.hosts import host_allowed
from contract.text import one_line
from node.clock import Clock
from node.door import Door
from node.identity import find_out
from node.peer import Peer
from node.settings import DOWN, SettingsError, from_environment
from node.store import Store
from node.subscribe import Subscriptions

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def main() -> None:
    """Run a node until it is told to stop. Ends with a clear line where it cannot start."""
    headers.install()
    threading.excepthook = _end
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        settings = from_environment()
        if (settings.data / DOWN).exists():
            from node.faults import down  # late: hardly a start has it

            down.wait_out(settings.data)
        listener = server.listen(settings.host, settings.port)
        clock = Clock()
        store = Store(
            settings.data,
            clock.wall,
            durability=settings.durability,
            steady=clock.steady,
        )
    except SettingsError as error:
        sys.exit(f"This setting cannot work: {error}")
    except (OSError, sqlite3.OperationalError) as error:
        sys.exit(f"This node cannot start: {error}")
    peer = Peer(settings, find_out(settings), store, clock=clock)
    allowed = partial(host_allowed, allowed=frozenset(settings.allowed_hosts))
    door = Door(peer, Subscriptions(peer, allowed), partial(_flask_app, peer), allowed)
    own = peer.own
    print(f"Node {own.id} ({one_line(own.name)}) is listening, known to others as {own.url}")
    peer.start()
    threading.Thread(target=door.warm, name="warm", daemon=True).start()
    server.serve(door, listener, peer.stop, door)
    sys.exit(peer.exit_status)


def _end(failed: threading.ExceptHookArgs) -> None:
    """A thread failed for a reason that nobody thought of: end, rather than go on without it."""
    if issubclass(failed.exc_type, SystemExit):
        return
    threading.__excepthook__(failed)
    print(f"This node ends: its thread {failed.thread and failed.thread.name} failed.", flush=True)
    os._exit(BROKEN)  # what was acknowledged is on disk


def _flask_app(peer: Peer) -> "WSGIApplication":
    from node.api import create_app  # late: see `node.door`

    return create_app(peer)


if __name__ == "__main__":
    main()
