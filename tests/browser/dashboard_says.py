"""What the dashboard itself says, for a page to be compared with; and messages of a node's own."""

from typing import Any

import requests
from running import Laboratory


def analysis(laboratory: Laboratory) -> dict[str, Any]:
    """ANALYSIS of docs/api.md."""
    return _get(laboratory, "/api/analysis")


def pulse(laboratory: Laboratory) -> dict[str, Any]:
    """The numbers of the charts."""
    return _get(laboratory, "/api/pulse")


def current_run(laboratory: Laboratory) -> dict[str, Any]:
    """The run that is being written."""
    runs: list[dict[str, Any]] = _get(laboratory, "/api/runs")["runs"]
    return next(run for run in runs if run["current"])


def sent(laboratory: Laboratory, text: str) -> bool:
    """Whether the dashboard has heard of a message with a text."""
    messages: list[dict[str, Any]] = _get(laboratory, "/api/messages")["messages"]
    return any(message["text"] == text for message in messages)


def node_sends(laboratory: Laboratory, sender: str, receiver: str, text: str) -> None:
    """A person with `curl` has a node send a message."""
    answer = requests.post(
        f"{laboratory.url(sender)}/send", json={"to": receiver, "msg": text}, timeout=10
    )
    answer.raise_for_status()


def _get(laboratory: Laboratory, path: str) -> dict[str, Any]:
    answer = requests.get(laboratory.url("dashboard") + path, timeout=10)
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told
