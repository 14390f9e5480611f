"""`broadcast`: one message to everybody, followed until it has reached them all."""

import argparse
import json
import time
from typing import Any, Final
from urllib.parse import quote

from lab import LabError, called
from lab.dashboard import Dashboard, NoAnswerError, RefusedError
from lab.folder import Folder, network_name
from lab.options import name_option, number
from lab.status import last_run

DESCRIPTION = """Send a message from one node to all others and wait until it has reached them,
as the dashboard sees it. The exit status is 0 when it has, 1 when somebody still misses it at
the end of the time."""
EXAMPLES = """  {prog} broadcast node7 "Hello, all!"
  {prog} broadcast node1 again --timeout 60 --json"""

_PAUSE: Final = 0.05
"""Seconds between two questions how far it is; among a hundred nodes it takes some 100 ms."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("sender", metavar="FROM", help="name or id of the node that sends")
    parser.add_argument("text", metavar="TEXT", help="the message")
    parser.add_argument(
        "--timeout",
        type=number(1, 86_400),
        default=30,
        metavar="SECONDS",
        help="how long to follow it (30)",
    )
    parser.add_argument("--json", action="store_true", help="how far it came as JSON")
    name_option(parser)


def run(chosen: argparse.Namespace) -> int:
    """Send and follow."""
    known = last_run(Folder(network_name(chosen.name)))
    dashboard = Dashboard(known.layout.dashboard)
    try:
        sent = dashboard.post("/api/broadcast", {"from": chosen.sender, "msg": chosen.text})
        message = _follow(dashboard, str(sent.get("id")), chosen.timeout)
    except NoAnswerError as error:
        raise LabError(f"{error} `{called()} up` starts a network.") from None
    except RefusedError as error:
        raise LabError(str(error), 2) from None
    if chosen.json:
        print(json.dumps(message))
    else:
        print(_in_words(message, chosen.timeout))
    return 0 if message.get("state") == "delivered" else 1


def _follow(dashboard: Dashboard, message_id: str, timeout: float) -> dict[str, Any]:
    """The broadcast as the dashboard has it, once all have it or time is up."""
    deadline = time.monotonic() + timeout
    while True:
        message = _seen(dashboard, message_id)
        if message.get("state") == "delivered" or time.monotonic() > deadline:
            return message
        time.sleep(_PAUSE)  # the pace of the questions; the broadcast's state ends the loop


def _seen(dashboard: Dashboard, message_id: str) -> dict[str, Any]:
    try:
        return dashboard.get(f"/api/messages/{quote(message_id, safe='')}")
    except RefusedError:  # no node has told of it yet
        return {"id": message_id, "kind": "broadcast", "state": "sent", "reached": 0}


def _in_words(message: dict[str, Any], timeout: float) -> str:
    reached, of = message.get("reached"), message.get("of")
    if message.get("state") != "delivered":
        return f"Reached {reached} of {of or '?'} within {timeout} s; the nodes keep trying."
    if not of:
        return "Nobody else is there."
    hops = message.get("hops")
    far = f"{hops} hop{'' if hops == 1 else 's'} at most"
    sent, done = message.get("sent_at"), message.get("done_at")
    if not isinstance(sent, int) or not isinstance(done, int):
        return f"Reached all {of}, {far}."
    return f"Reached all {of} after {max(0, done - sent)} ms, {far}."
