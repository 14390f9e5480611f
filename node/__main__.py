"""`python -m node`: one peer, from start to stop."""

from contract import server

server.patch()  # before anything else is imported

import sqlite3
import sys
from functools import partial

from contract.http import host_allowed
from contract.text import one_line
from node.api import create_app
from node.identity import find_out
from node.peer import Peer
from node.settings import SettingsError, from_environment
from node.store import Store
from node.subscribe import Subscriptions


def main() -> None:
    """Run a node until it is told to stop. Ends with a clear line where it cannot start."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        settings = from_environment()
        listener = server.listen(settings.host, settings.port)
        store = Store(settings.data)
    except SettingsError as error:
        sys.exit(f"This setting cannot work: {error}")
    except (OSError, sqlite3.OperationalError) as error:
        sys.exit(f"This node cannot start: {error}")
    peer = Peer(settings, find_out(settings), store)
    app = create_app(peer)
    subscriptions = Subscriptions(
        peer, partial(host_allowed, allowed=frozenset(settings.allowed_hosts))
    )
    own = peer.own
    print(f"Node {own.id} ({one_line(own.name)}) is listening, known to others as {own.url}")
    peer.start()
    server.serve(subscriptions.wrap(app.wsgi_app), listener, peer.stop)


if __name__ == "__main__":
    main()
