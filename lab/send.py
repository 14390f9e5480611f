"""`send`: one message between two nodes, followed until it has arrived."""

import argparse
import json
import time
from typing import Any, Final

from lab import LabError, called
from lab.dashboard import Dashboard, NoAnswerError, RefusedError
from lab.folder import Folder, network_name
from lab.options import name_option, number
from lab.status import last_run

DESCRIPTION = """Send a message from one node to another and wait until it is delivered. The exit
status is 0 when it was, 1 when it failed or is still on its way at the end of the time."""
EXAMPLES = """  {prog} send node7 node23 "Hello!"
  {prog} send node1 http://node2:5000 "by address"
  {prog} send node1 node2 again --timeout 60 --json"""

_PAUSE: Final = 0.05
"""Seconds between two questions how far it is; a delivery takes some 10 ms."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("sender", metavar="FROM", help="name or id of the node that sends")
    parser.add_argument("to", metavar="TO", help="name, id or URL of the node that gets it")
    parser.add_argument("text", metavar="TEXT", help="the message")
    parser.add_argument(
        "--timeout",
        type=number(1, 86_400),
        default=30,
        metavar="SECONDS",
        help="how long to follow it (30)",
    )
    parser.add_argument("--json", action="store_true", help="the message's state as JSON")
    name_option(parser)


def run(chosen: argparse.Namespace) -> int:
    """Send and follow."""
    known = last_run(Folder(network_name(chosen.name)))
    dashboard = Dashboard(known.layout.dashboard)
    began = time.monotonic()
    try:
        sent = dashboard.post(
            "/api/send", {"from": chosen.sender, "to": chosen.to, "msg": chosen.text}
        )
        message = _follow(dashboard, chosen.sender, str(sent.get("id")), chosen.timeout)
    except NoAnswerError as error:
        raise LabError(f"{error} `{called()} up` starts a network.") from None
    except RefusedError as error:
        raise LabError(str(error), 2) from None
    status = str(message.get("status"))
    if chosen.json:
        print(json.dumps(message))
    elif status == "delivered":
        print(f"Delivered to {chosen.to} after {(time.monotonic() - began) * 1000:.0f} ms.")
    elif status == "failed":
        print(f"Failed: {message.get('reason') or 'the node does not say why'}.")
    else:
        print(
            f"Not delivered within {chosen.timeout} s ({message.get('attempts', '?')} attempts; "
            f"{message.get('reason') or 'no answer yet'}); {chosen.sender} keeps trying."
        )
    return 0 if status == "delivered" else 1


def _follow(dashboard: Dashboard, sender: str, message_id: str, timeout: float) -> dict[str, Any]:
    """The message as its sender's outbox has it, once its fate is known or time is up."""
    deadline = time.monotonic() + timeout
    while True:
        message = _in_outbox(dashboard.node(sender, "/outbox"), message_id)
        if message.get("status") in {"delivered", "failed"} or time.monotonic() > deadline:
            return message
        time.sleep(_PAUSE)  # the pace of the questions; the message's state ends the loop


def _in_outbox(said: dict[str, Any], message_id: str) -> dict[str, Any]:
    messages = said.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and message.get("id") == message_id:
            return message
    return {"id": message_id, "status": "queued"}
