"""A message of a node's outbox in words for a terminal.

What a node says may hold anything: texts, names and reasons are printed with whatever is no
sign made visible, so that nobody plays with the terminal of whoever looks (CWE-117).
"""

from typing import Any

from contract.text import one_line
from lab.progress import counted


def shown(value: Any) -> str:
    """A text of the network, on one line."""
    return one_line(value) if isinstance(value, str) else "?"


def how_far(message: dict[str, Any]) -> str:
    """Where it is, why it waits, how it ended."""
    status = message.get("status")
    if status == "failed":
        return f"failed: {_reason(message) or 'the node does not say why'}"
    if status == "delivered":
        return f"delivered{_by(message)}"
    if message.get("under_way") is True:
        return f"on its way{_so_far(message)}{_tries(message)}"
    return waits(message) + _tries(message)


def waits(message: dict[str, Any]) -> str:
    """Why it waits, and when it is tried again."""
    reason, next_in = _reason(message), message.get("next_in")
    if isinstance(next_in, int | float) and not isinstance(next_in, bool):
        why = f"waiting: {reason}" if reason else "waiting"
        return f"{why}; next try in {next_in:.0f} s"
    return f"waiting: {reason}" if reason else "waiting for its turn"


def why(message: dict[str, Any]) -> str:
    """What of that is news: without numbers that change all the time."""
    if message.get("status") == "queued" and message.get("under_way") is not True:
        reason = _reason(message)
        return f"waiting: {reason}" if reason else "waiting for its turn"
    return "on its way" if message.get("status") == "queued" else how_far(message)


def route(message: dict[str, Any]) -> list[str]:
    """The names of the nodes that it came by, as far as they are known."""
    path = message.get("path")
    steps = path if isinstance(path, list) else []
    return [shown(step.get("name")) for step in steps if isinstance(step, dict)]


def _reason(message: dict[str, Any]) -> str:
    reason = message.get("reason")
    return shown(reason) if isinstance(reason, str) else ""


def _so_far(message: dict[str, Any]) -> str:
    names = route(message)
    return f": {' → '.join(names)} →" if len(names) > 1 else ""


def _by(message: dict[str, Any]) -> str:
    """The way that it took."""
    hops, names = message.get("hops"), route(message)
    if hops == 1:
        return ", straight"
    if not isinstance(hops, int) or isinstance(hops, bool):
        return ""
    return f", over {counted(hops, 'links')}" + (f": {' → '.join(names)}" if names else "")


def _tries(message: dict[str, Any]) -> str:
    attempts = message.get("attempts")
    known = isinstance(attempts, int) and not isinstance(attempts, bool) and attempts > 0
    return f" ({counted(attempts, 'attempts')})" if known and isinstance(attempts, int) else ""
