"""`send`: one message between two nodes, followed until it has arrived."""

import argparse
import json
import time
from typing import Any

from lab.dashboard import Dashboard
from lab.folder import Folder, network_name
from lab.following import asking, follow, follow_options
from lab.status import last_run

DESCRIPTION = """Send a message from one node to another and wait until it is delivered. The exit
status is 0 when it was, 1 when it failed or is still on its way at the end of the time.
With --no-wait it is 0 once the sender has accepted it."""
EXAMPLES = """  {prog} send node7 node23 "Hello!"
  {prog} send node1 http://node2:5000 "by address"
  {prog} send node1 node2 "while it is down" --no-wait
  {prog} send node1 node2 again --timeout 60 --json"""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("sender", metavar="FROM", help="name or id of the node that sends")
    parser.add_argument("to", metavar="TO", help="name, id or URL of the node that gets it")
    parser.add_argument("text", metavar="TEXT", help="the message")
    parser.add_argument(
        "--wait",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="until it is delivered or failed, as without a word; or only until it is accepted",
    )
    follow_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Send and follow."""
    known = last_run(Folder(network_name(chosen.name)))
    dashboard = Dashboard(known.layout.dashboard)
    began = time.monotonic()
    with asking():
        sent = dashboard.post(
            "/api/send", {"from": chosen.sender, "to": chosen.to, "msg": chosen.text}
        )
        message_id = str(sent.get("id"))
        if not chosen.wait:
            accepted = f"Accepted: {chosen.sender} has it on disk, as {message_id}."
            print(json.dumps(sent) if chosen.json else accepted)
            return 0
        message = follow(
            lambda: _in_outbox(dashboard.node(chosen.sender, "/outbox"), message_id),
            lambda seen: seen.get("status") in {"delivered", "failed"},
            chosen.timeout,
        )
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


def _in_outbox(said: dict[str, Any], message_id: str) -> dict[str, Any]:
    messages = said.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and message.get("id") == message_id:
            return message
    return {"id": message_id, "status": "queued"}
