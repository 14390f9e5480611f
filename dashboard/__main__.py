"""`python -m dashboard`."""

import os
from typing import TYPE_CHECKING

os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", "16")  # names that vanished hold ten seconds each

from contract import server

server.patch()  # before anything else is imported

if TYPE_CHECKING:
    import socket

    from dashboard.settings import Settings


def main() -> None:
    """Watch and show until SIGTERM or SIGINT. Exits with a sentence when it cannot."""
    import sys

    from dashboard import heap
    from dashboard.settings import SettingsError, settings

    heap.share()
    try:
        chosen = settings(os.environ)
    except SettingsError as error:
        sys.exit(f"The dashboard cannot start: {error}.")
    try:
        listener = server.listen(chosen.host, chosen.port)
    except OSError as error:
        sys.exit(
            f"The dashboard cannot listen on {chosen.host}:{chosen.port}: {error.strerror}. "
            "Choose another port with DASHBOARD_PORT."
        )
    if chosen.replay is not None:
        from dashboard import replay

        sys.exit(replay.show(chosen, chosen.replay, listener))
    watch(chosen, listener)


def watch(chosen: "Settings", listener: "socket.socket") -> None:
    """Watch the network and show it."""
    import sys

    from contract.errors import ApiError
    from contract.itself import Itself
    from dashboard import pages, webhooks_api
    from dashboard.acting import Acting
    from dashboard.addresses import Addresses
    from dashboard.asking import Asking
    from dashboard.control import Control
    from dashboard.directory import Directory, start
    from dashboard.history import History, Limits
    from dashboard.incoming import Incoming
    from dashboard.observer import Observer
    from dashboard.proof import Proof
    from dashboard.recall import Recall
    from dashboard.series import Series
    from dashboard.subscriptions import Subscriptions
    from dashboard.web import create_app

    limits = Limits(chosen.history_mb * 1_000_000, chosen.history_hours * 3_600)
    history = History(chosen.data, limits) if limits.size else None
    observer = Observer(chosen.expect, recorder=history)
    if history is not None:
        history.start(observer)
    addresses = Addresses()
    asking = Asking(addresses)
    port = listener.getsockname()[1]
    itself = Itself(port)
    subscriptions = Subscriptions(observer, addresses, asking, itself)
    directory = Directory(chosen, asking, observer, subscriptions, itself)
    series = Series(observer)
    app, live = create_app(
        observer,
        Control(observer, subscriptions, asking, chosen.operator_token),
        hosts=chosen.allowed_hosts,
        recall=Recall(chosen.data, history),
        series=series,
        acting=Acting(chosen.operator_token, read_only=chosen.read_only),
        no_faults=None
        if chosen.faults
        else ApiError(403, "faults are switched off (P2P_FAULTS=off)"),
    )
    incoming = Incoming(observer, subscriptions.told_from, itself)
    app.register_blueprint(webhooks_api.blueprint(incoming, Proof(chosen.webhook_key)))
    if not pages.is_there():
        print(
            f"There is no page: {pages.TEMPLATES / pages.PAGE} is missing; only the API is served",
            file=sys.stderr,
        )
    print(f"Dashboard listens on http://{chosen.host}:{port}", flush=True)
    live.start()
    start(directory, subscriptions)
    series.start()
    if history is not None:
        from dashboard.backfill import Backfill  # nobody waits for it

        Backfill(history, observer, subscriptions, asking).start()
    server.serve(app, listener, on_stop=None if history is None else history.stop)


if __name__ == "__main__":
    main()
