"""`traffic`: let nodes send each other messages at random, for a while."""

import argparse
import json
import time
from typing import Any, Final

from lab.dashboard import Dashboard, RefusedError
from lab.folder import Folder, network_name
from lab.following import asking
from lab.options import name_option, number
from lab.progress import Progress
from lab.status import last_run

DESCRIPTION = """Let the running network talk: so many messages a second between nodes that chance
picks, done by the dashboard, one run at a time. It ends by itself after its time, with Ctrl-C, or
with `traffic --stop` from elsewhere; the page can stop it, too. The exit status is 1 where one
failed."""
EXAMPLES = """  {prog} traffic                            ten a second, for a minute
  {prog} traffic --rate 100 --for 300
  {prog} traffic --kinds broadcasts --rate 2
  {prog} traffic --no-wait                  only start it
  {prog} traffic --stop"""
_PAUSE: Final = 0.5
"""Seconds between two looks at it: a person reads no faster."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument(
        "--rate", type=number(1, 200), default=10, metavar="N", help="messages a second (10)"
    )
    parser.add_argument(
        "--for",
        dest="seconds",
        type=number(1, 600),
        default=60,
        metavar="SECONDS",
        help="for how long (60)",
    )
    parser.add_argument(
        "--kinds",
        nargs="+",
        choices=("messages", "broadcasts"),
        default=["messages"],
        help="of what; of both, one in ten is a broadcast (messages)",
    )
    parser.add_argument("--no-wait", action="store_true", help="start it, and return")
    parser.add_argument("--stop", action="store_true", help="stop what runs")
    parser.add_argument("--json", action="store_true", help="what became of it as JSON")
    name_option(parser)


def run(chosen: argparse.Namespace) -> int:
    """Start it through the dashboard, and follow it."""
    dashboard = Dashboard(last_run(Folder(network_name(chosen.name))).layout.dashboard)
    with asking():
        if chosen.stop:
            told = _of(dashboard.delete("/api/traffic"))
        else:
            told = _of(
                dashboard.post(
                    "/api/traffic",
                    {
                        "rate": chosen.rate,
                        "kinds": sorted(set(chosen.kinds)),
                        "for_seconds": chosen.seconds,
                        "by": "the command line",
                    },
                )
            )
            if not chosen.no_wait:
                told = _followed(dashboard, told, quiet=chosen.json)
    print(json.dumps(told) if chosen.json else _in_words(told))
    return 1 if told.get("failed") else 0


def _followed(dashboard: Dashboard, told: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    """Look until it is over; what became of it. Ctrl-C ends it."""
    run = told.get("id")
    goal = int(float(told.get("rate") or 0) * float(told.get("for_seconds") or 0))
    progress = Progress(quiet=quiet)
    try:
        while told.get("id") == run and told.get("over") is None:
            progress.count("messages", int(told.get("sent") or 0), goal)
            time.sleep(_PAUSE)  # the pace of the looks; the end of the run ends the loop
            told = _of(dashboard.get("/api/traffic"))
    except KeyboardInterrupt:
        try:
            told = _of(dashboard.delete("/api/traffic"))
        except RefusedError:  # it had just ended by itself
            told = _of(dashboard.get("/api/traffic"))
    finally:
        progress.close()
    return told


def _of(said: dict[str, Any]) -> dict[str, Any]:
    told = said.get("traffic")
    return told if isinstance(told, dict) else {}


def _in_words(told: dict[str, Any]) -> str:
    if told.get("over") is None:
        return (
            f"{told.get('rate')} a second for {told.get('for_seconds'):.0f} s; "
            "`traffic --stop` ends it sooner."
        )
    parts = [f"{told.get('sent')} sent"]
    if told.get("skipped"):
        parts.append(f"{told['skipped']} skipped, as nobody was free to send them")
    if told.get("failed"):
        parts.append(f"{told['failed']} failed, the last one with: {told.get('error')}")
    return "; ".join(parts) + "."
