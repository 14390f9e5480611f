"""`python -m bootstrap`."""

from contract import server

server.patch()  # before anything else is imported


def main() -> None:
    """Serve the registry until SIGTERM or SIGINT. Exits with a sentence when it cannot."""
    import os
    import random
    import sqlite3
    import sys

    from bootstrap.api import create_app
    from bootstrap.registry import Registry
    from bootstrap.settings import SettingsError, settings
    from contract.itself import Itself

    try:
        chosen = settings(os.environ)
    except SettingsError as error:
        sys.exit(f"The bootstrap cannot start: {error}.")
    try:
        listener = server.listen(chosen.host, chosen.port)
    except OSError as error:
        sys.exit(
            f"The bootstrap cannot listen on {chosen.host}:{chosen.port}: {error.strerror}. "
            "Choose another port with BOOTSTRAP_PORT (on macOS, AirPlay takes 5000)."
        )
    try:
        registry = Registry(chosen.data / "registry.db")
    except (OSError, sqlite3.Error) as error:
        sys.exit(f"The bootstrap cannot keep its registry in '{chosen.data}': {error}.")

    port = listener.getsockname()[1]
    itself = Itself(port)
    app = create_app(registry, itself, hosts=chosen.allowed_hosts)
    print(
        f"Bootstrap node listens on http://{chosen.host}:{port} ({len(registry)} peers known)",
        flush=True,
    )

    from bootstrap.checker import Checker, in_time, over_http  # late: brings `requests`

    checker = Checker(registry, itself, in_time(over_http()), chance=random.Random())  # noqa: S311 - an order, no secret
    checker.start()
    server.serve(app, listener, on_stop=checker.stop)
    registry.close()


if __name__ == "__main__":
    main()
