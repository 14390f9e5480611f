"""`outbox`: what a node has sent, what of it waits, what failed; try it again, drop it."""

import argparse
import json
import time
from typing import Any, Final
from urllib.parse import quote

from lab import LabError, called
from lab.dashboard import PATIENCE, Dashboard
from lab.folder import Folder, network_name
from lab.following import asking
from lab.messages import how_far, shown
from lab.options import name_option, number
from lab.status import last_run

DESCRIPTION = """Show a node's outbox, newest first: what waits and why, what failed, what was
delivered by which way. A message can be tried again or dropped by its id, or by as much of its
beginning as tells it from the others. A node keeps what waits on disk, for a day if need be."""
EXAMPLES = """  {prog} outbox node7
  {prog} outbox node7 --waiting
  {prog} outbox node7 --failed
  {prog} outbox node7 --retry 1b2c3d4e
  {prog} outbox node7 --discard 1b2c3d4e"""

_MOST: Final = 200
"""Messages in one answer of the dashboard [docs/api.md]."""
_ID: Final = 8
"""Characters of an id that are shown: of ten thousand random ones two begin alike once in
ninety outboxes, and then `--retry` says so."""
_TEXT: Final = 40
"""Characters of a text that are shown [guess: a line of a terminal]."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("node", metavar="NODE", help="name or id of the node")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--waiting", action="store_true", help="only what waits or is on its way")
    which.add_argument("--failed", action="store_true", help="only the dead letters")
    which.add_argument("--retry", metavar="ID", help="try this one again: at once, or anew")
    which.add_argument("--discard", metavar="ID", help="drop this one for good")
    parser.add_argument(
        "--limit",
        type=number(1, _MOST),
        default=20,
        metavar="N",
        help="how many are listed (20)",
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    name_option(parser)


def run(chosen: argparse.Namespace) -> int:
    """Look into the outbox, or deal with one message of it."""
    known = last_run(Folder(network_name(chosen.name)))
    dashboard = Dashboard(known.layout.dashboard, PATIENCE)
    with asking():
        if chosen.retry is not None:
            message = _meant(dashboard, chosen.node, chosen.retry)
            said = dashboard.post(f"{_path(chosen.node, message)}/retry", {})
            _tell(chosen, said, f"{shown(chosen.node)} tries it again: {how_far(said)}.")
            return 0
        if chosen.discard is not None:
            message = _meant(dashboard, chosen.node, chosen.discard)
            said = dashboard.delete(_path(chosen.node, message))
            _tell(chosen, said, f"{shown(chosen.node)} has dropped {shown(message)}.")
            return 0
        status = "&status=queued" if chosen.waiting else "&status=failed" if chosen.failed else ""
        said = dashboard.node(chosen.node, f"/outbox?limit={chosen.limit}{status}")
    listed = _messages(said)
    none = "Nothing waits." if chosen.waiting else "No dead letters." if chosen.failed else "Empty."
    _tell(chosen, said, "\n".join(_line(message) for message in listed) or none)
    return 0


def _meant(dashboard: Dashboard, node: str, wanted: str) -> str:
    """The whole id of a message that is named by it or by its beginning."""
    found: dict[str, None] = {}
    for status in ("failed", "queued"):
        said = dashboard.node(node, f"/outbox?limit={_MOST}&status={status}")
        found |= dict.fromkeys(str(message.get("id")) for message in _messages(said))
    if wanted in found or not wanted:
        return wanted
    beginning = [message for message in found if message.startswith(wanted)]
    if len(beginning) > 1:
        raise LabError(f"{len(beginning)} messages begin with {wanted[:40]!r}: say more of it.", 2)
    return beginning[0] if beginning else wanted  # it may be an old one; the node knows


def _path(node: str, message: str) -> str:
    if not message:
        raise LabError(f"Say which message: `{called()} outbox {shown(node)}` lists them.", 2)
    return f"/api/nodes/{quote(node, safe='')}/outbox/{quote(message, safe='')}"


def _messages(said: dict[str, Any]) -> list[dict[str, Any]]:
    messages = said.get("messages")
    listed = messages if isinstance(messages, list) else []
    return [message for message in listed if isinstance(message, dict)]


def _line(message: dict[str, Any]) -> str:
    at = message.get("at")
    known = isinstance(at, int | float) and not isinstance(at, bool) and 0 <= at < 2**40
    when = time.strftime("%H:%M:%S", time.localtime(at)) if known else "--:--:--"
    text = shown(message.get("msg"))
    text = text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
    least = ", at least once" if message.get("promise") == "at-least-once" else ""
    head = f"{shown(message.get('id'))[:_ID]:<{_ID}}  {when}  to {shown(message.get('to_name'))}"
    return f'{head}  "{text}"\n          {how_far(message)}{least}'


def _tell(chosen: argparse.Namespace, said: dict[str, Any], words: str) -> None:
    print(json.dumps(said) if chosen.json else words)
