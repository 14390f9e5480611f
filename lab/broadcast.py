"""`broadcast`: one message to everybody, followed until it has reached them all."""

import argparse
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from lab.dashboard import Dashboard, RefusedError
from lab.folder import Folder, network_name
from lab.following import asking, follow, follow_options
from lab.status import last_run

DESCRIPTION = """Send a message from one node to all others and wait until it has reached them,
as the dashboard sees it. The exit status is 0 when it has, 1 when somebody still misses it at
the end of the time."""
EXAMPLES = """  {prog} broadcast node7 "Hello, all!"
  {prog} broadcast node1 again --timeout 60 --json"""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("sender", metavar="FROM", help="name or id of the node that sends")
    parser.add_argument("text", metavar="TEXT", help="the message")
    follow_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Send and follow."""
    known = last_run(Folder(network_name(chosen.name)))
    dashboard = Dashboard(known.layout.dashboard)
    with asking():
        sent = dashboard.post("/api/broadcast", {"from": chosen.sender, "msg": chosen.text})
        shown = str(sent.get("id"))
        message = follow(lambda: _seen(dashboard, shown), _told_whole, chosen.timeout)
    if chosen.json:
        print(json.dumps(message))
    else:
        print(_in_words(message, chosen.timeout))
    return 0 if _reached_all(message) else 1


def _reached_all(message: dict[str, Any]) -> bool:
    return message.get("state") == "delivered"


def _told_whole(message: dict[str, Any]) -> bool:
    """Whether all have it, and its origin has told when it began: the others may be quicker."""
    return _reached_all(message) and message.get("sent_at") is not None


def _seen(dashboard: Dashboard, message_id: str) -> dict[str, Any]:
    try:
        return dashboard.get(f"/api/messages/{quote(message_id, safe='')}")
    except RefusedError as error:
        if error.answered != HTTPStatus.NOT_FOUND:
            raise
        # No node has told of it yet.
        return {"id": message_id, "kind": "broadcast", "state": "sent", "reached": 0}


def _in_words(message: dict[str, Any], timeout: float) -> str:
    reached, of = message.get("reached"), message.get("of")
    if not _reached_all(message):
        return f"Reached {reached} of {of or '?'} within {timeout} s; the nodes keep trying."
    if not of:
        return "Nobody else is there."
    hops = message.get("hops")
    far = f"{hops} hop{'' if hops == 1 else 's'} at most"
    sent, done = message.get("sent_at"), message.get("done_at")
    if not isinstance(sent, int) or not isinstance(done, int):
        return f"Reached all {of}, {far}."
    return f"Reached all {of} after {max(0, done - sent)} ms, {far}."
