"""`send`: one message between two nodes, followed until it has arrived."""

import argparse
import json
import sys
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from lab import LabError, called
from lab.dashboard import PATIENCE, Dashboard, RefusedError
from lab.folder import Folder, network_name
from lab.following import asking, follow, follow_options
from lab.messages import how_far, shown, why
from lab.spinner import Spinner
from lab.status import last_run

DESCRIPTION = """Send a message from one node to another and wait until it is delivered. A message
for a node that is down waits for it, and the line says why; Ctrl-C ends the looking and not the
message. The exit status is 0 when it was delivered, 1 when it failed or is still on its way at
the end of the time, 130 after Ctrl-C. With --no-wait it is 0 once the sender has accepted it."""
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
    dashboard = Dashboard(known.layout.dashboard, PATIENCE)
    began = time.monotonic()
    with asking():
        sent = dashboard.post(
            "/api/send", {"from": chosen.sender, "to": chosen.to, "msg": chosen.text}
        )
        message_id = str(sent.get("id"))
        if not chosen.wait:
            accepted = f"Accepted: {chosen.sender} has it on disk, as {shown(message_id)}."
            print(json.dumps(sent) if chosen.json else accepted)
            return 0
        message = _follow(chosen, dashboard, message_id)
    if message is None:
        return 130
    status = str(message.get("status"))
    if chosen.json:
        print(json.dumps(message))
    elif status == "delivered":
        took = f"{(time.monotonic() - began) * 1000:.0f} ms"
        way = how_far(message).removeprefix("delivered")
        print(f"Delivered to {chosen.to} after {took}{way}.{_promise(message)}")
    elif status == "failed":
        print(f"F{how_far(message)[1:]}.")
        print(f"{chosen.sender} keeps it among its dead letters: {_look_at(chosen, message_id)}")
    else:
        print(
            f"Not delivered within {chosen.timeout} s: {how_far(message)}. "
            f"{chosen.sender} keeps trying: {_look_at(chosen, message_id)}"
        )
    return 0 if status == "delivered" else 1


def _follow(
    chosen: argparse.Namespace, dashboard: Dashboard, message_id: str
) -> dict[str, Any] | None:
    """What became of it; None where the person has seen enough."""
    spinner = Spinner(quiet=chosen.json)
    try:
        return follow(
            lambda: _look(dashboard, chosen.sender, message_id),
            lambda seen: seen.get("status") in {"delivered", "failed"},
            chosen.timeout,
            lambda seen: spinner.show(how_far(seen), why(seen)),
        )
    except KeyboardInterrupt:
        spinner.close()
        print(
            f"\nStopped looking; the message stays. {chosen.sender} keeps trying: "
            f"{_look_at(chosen, message_id)}",
            file=sys.stderr,
        )
        return None
    finally:
        spinner.close()


def _look(dashboard: Dashboard, sender: str, message_id: str) -> dict[str, Any]:
    """How far its sender says that it is."""
    try:
        return dashboard.node(sender, f"/outbox/{quote(message_id, safe='')}")
    except RefusedError as error:
        if error.answered == HTTPStatus.NOT_FOUND:
            raise LabError("It is no longer in the outbox: somebody has dropped it.") from None
        if error.answered < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        # The sender does not answer now. What it has accepted is on its disk.
        return {"id": message_id, "status": "queued", "reason": str(error)}


def _look_at(chosen: argparse.Namespace, message_id: str) -> str:
    """The command that shows it, and that can drop it."""
    name = f" --name {chosen.name}" if chosen.name else ""
    return f"`{called()} outbox {chosen.sender}{name}` shows {shown(message_id)[:8]}."


def _promise(message: dict[str, Any]) -> str:
    least = " It is a plain node, so it gets each message at least once."
    return least if message.get("promise") == "at-least-once" else ""
