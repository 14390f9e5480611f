"""When all is healed: wait until nothing is under way any more, then read what is there."""

import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from lab.verification.asking import Answer, NoAnswerError, Node
from lab.verification.history import End, Found

PAGE: Final = 1_000
PACE: Final = 0.25
"""Seconds between two questions whether anything is still under way."""


class UnreadableError(Exception):
    """A node does not show what it has; the message says why."""


def until_quiet(
    nodes: list[Node], broadcasts: set[str], seconds: float, tell: Callable[[int], None]
) -> float:
    """Wait until no outbox has a queued message and these broadcasts are everywhere.

    Returns the seconds that it took; gives up, without a word, after `seconds`: what is
    missing then is for the checker to judge. `tell(left)` hears how much is missing.
    """
    began = time.monotonic()
    busy = {node.name: node for node in nodes}
    short = dict(busy)
    while True:
        for name, node in list(busy.items()):
            if _queued(node) == 0:
                del busy[name]
        if not busy:
            for name, node in list(short.items()):
                try:
                    if broadcasts <= {found.id for found in inbox(node)}:
                        del short[name]
                except UnreadableError:
                    pass  # asked again; at the end the checker hears of it
        left = len(busy) or len(short)  # broadcasts are looked at when all else is done
        took = time.monotonic() - began
        tell(left)
        if left == 0 or took > seconds:
            return took
        time.sleep(PACE)  # the pace; that nothing is missing ends the loop


def inbox(node: Node) -> list[Found]:
    """All of it, oldest first. Raises UnreadableError."""
    rows = _pages(node, "/messages", {})
    rows.reverse()
    try:
        return [
            Found(str(row["id"]), str(row["sender"]), str(row["msg"]), float(row["at"]))
            for row in rows
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"the inbox of {node.name} has an entry without {error}") from None


def outbox(node: Node) -> dict[str, End]:
    """How each message of a node ended. Raises UnreadableError."""
    try:
        return {
            str(row["id"]): End(str(row["status"]), str(row["reason"] or ""))
            for row in _pages(node, "/send", {})
        }
    except (KeyError, TypeError) as error:
        raise UnreadableError(f"the outbox of {node.name} has an entry without {error}") from None


def _queued(node: Node) -> int | None:
    """Whether anything is queued: 0 or 1; None where it does not say."""
    try:
        answer = node.get("/send?status=queued&limit=1")
    except NoAnswerError:
        return None
    messages = answer.said.get("messages")
    return len(messages) if answer.status == 200 and isinstance(messages, list) else None


def _pages(node: Node, path: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    before: int | None = None
    while True:
        asked = {**query, "limit": PAGE, **({} if before is None else {"before": before})}
        said = _answer(node, f"{path}?{urlencode(asked)}").said
        page = said.get("messages")
        following = said.get("next")
        if not isinstance(page, list) or not all(isinstance(row, dict) for row in page):
            raise UnreadableError(f"{node.name} answers {path} with no list")
        rows += page
        if not isinstance(following, int):
            return rows
        if before is not None and following >= before:
            raise UnreadableError(f"{node.name} turns the pages of {path} backwards")
        before = following


def _answer(node: Node, path: str) -> Answer:
    try:
        answer = node.get(path)
    except NoAnswerError as error:
        raise UnreadableError(f"{node.name} does not answer {path} ({error})") from None
    if answer.status != 200:
        raise UnreadableError(f"{node.name} answers {path} with {answer.error}")
    return answer
