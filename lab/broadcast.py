"""`broadcast`: one message to everybody, followed until it has reached them all."""

import argparse
import json
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from lab.dashboard import Dashboard, RefusedError
from lab.folder import Folder, network_name
from lab.following import asking, follow, follow_options
from lab.progress import Progress
from lab.status import last_run

DESCRIPTION = """Send a message from one node to all others and wait until it has reached them:
until the dashboard has seen it arrive everywhere, or until the sender knows that all have it. The
exit status is 0 when it has, 1 when somebody is not known to have it at the end of the time: then
it says who. With --no-wait it is 0 once the sender has accepted it."""
EXAMPLES = """  {prog} broadcast node7 "Hello, all!"
  {prog} broadcast node1 "whoever is there" --no-wait
  {prog} broadcast node1 again --timeout 60 --json"""
_NAMED: Final = 10
"""Members that are named as missing; the rest is counted."""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("sender", metavar="FROM", help="name or id of the node that sends")
    parser.add_argument("text", metavar="TEXT", help="the message")
    parser.add_argument(
        "--wait",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="until all have it, as without a word; or only until it is accepted",
    )
    follow_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Send and follow."""
    known = last_run(Folder(network_name(chosen.name)))
    dashboard = Dashboard(known.layout.dashboard)
    with asking():
        sent = dashboard.post("/api/broadcast", {"from": chosen.sender, "msg": chosen.text})
        shown = str(sent.get("id"))
        if not chosen.wait:
            accepted = f"Accepted: {chosen.sender} has it on disk, as {shown}."
            print(json.dumps(sent) if chosen.json else accepted)
            return 0
        progress = Progress(quiet=chosen.json)
        try:
            message = follow(
                lambda: _look(dashboard, chosen.sender, shown, progress), _settled, chosen.timeout
            )
        finally:
            progress.close()
    if chosen.json:
        print(json.dumps(message))
    else:
        print(_in_words(message, chosen.timeout))
    return 0 if _reached_all(message) or _covered(message) else 1


def _look(dashboard: Dashboard, sender: str, shown: str, progress: Progress) -> dict[str, Any]:
    """What the dashboard sees, and under `coverage` what the sender knows."""
    message = _seen(dashboard, shown)
    message["coverage"] = coverage = _known(dashboard, sender, shown)
    for reached, of in _counts(message, coverage):
        progress.count("nodes have it", reached, of)
    return message


def _counts(*told: dict[str, Any]) -> list[tuple[int, int]]:
    """The highest count that anybody tells; none where nobody counts."""
    counts = [(one.get("reached"), one.get("of")) for one in told]
    known = [
        (reached, of) for reached, of in counts if isinstance(reached, int) and isinstance(of, int)
    ]
    return [max(known)] if known else []


def _known(dashboard: Dashboard, sender: str, shown: str) -> dict[str, Any]:
    try:
        path = f"/broadcasts/{quote(shown, safe='')}"
        return dashboard.node(sender, path)
    except RefusedError as error:  # it has gone meanwhile, say: the dashboard still sees the rest
        return {"counted": False, "why": str(error)}


def _settled(message: dict[str, Any]) -> bool:
    return _told_whole(message) or _covered(message)


def _covered(message: dict[str, Any]) -> bool:
    """Whether its sender knows that all have it."""
    coverage = message.get("coverage")
    return isinstance(coverage, dict) and coverage.get("complete") is True


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
    of = message.get("of")
    if not _reached_all(message):
        return _what_is_known(message, timeout)
    if not of:
        return "Nobody else is there."
    hops = message.get("hops")
    far = f"{hops} hop{'' if hops == 1 else 's'} at most"
    sent, done = message.get("sent_at"), message.get("done_at")
    if not isinstance(sent, int) or not isinstance(done, int):
        return f"Reached all {of}, {far}."
    return f"Reached all {of} after {max(0, done - sent)} ms, {far}."


def _what_is_known(message: dict[str, Any], timeout: float) -> str:
    """Of one that the dashboard has not seen everywhere."""
    coverage = message.get("coverage")
    if not isinstance(coverage, dict) or not coverage.get("counted"):
        reached, of = message.get("reached"), message.get("of") or "?"
        why = coverage.get("why") if isinstance(coverage, dict) else None
        return (
            f"Seen at {reached} of {of} within {timeout} s, and not counted by its sender"
            f"{f': {why}' if why else ''}; the nodes keep trying."
        )
    reached, of, took = coverage.get("reached"), coverage.get("of"), coverage.get("took")
    if coverage.get("complete"):
        return f"Reached all {of}; its sender knew after {took or 0:.1f} s."
    missing = coverage.get("missing")
    names = [_called(one) for one in missing if isinstance(one, dict)] if missing else []
    more = len(names) - _NAMED + int(coverage.get("more_missing") or 0)
    who = ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return (
        f"Reached {reached} of {of} within {timeout} s; not known to be at {who}. "
        "Who comes back within a minute gets it."
    )


def _called(member: dict[str, Any]) -> str:
    state = member.get("state")
    name = str(member.get("name") or member.get("id"))
    return name if state == "alive" else f"{name} ({state or 'forgotten'})"
