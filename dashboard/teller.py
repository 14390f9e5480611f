"""What readers of a model are told: a snapshot, and then what changed since the last time.

The live stream and the playback of a recording say the same things in the same words, since
both are said here. No lock and no clock: whoever owns the model says when, and what time it is.
"""

from typing import Any, Final

from dashboard.model import Model
from dashboard.views import fault_views, message_view, milliseconds, node_view

MOST_CHANGED: Final = 500
"""Messages in one delta, the oldest of those that changed; the others are in the next [guess:
10,000 events a second make 220]."""


class Teller:
    """Follows one model. The packets' numbers have no holes."""

    def __init__(self, model: Model, expected: int | None) -> None:
        self._model = model
        self._expected = expected
        self.number = 0
        self.summary: dict[str, Any] = {}
        """The last one that was told."""
        self._added: list[list[int]] = []
        self._removed: list[list[int]] = []

    def settle(self) -> None:
        """Bring the graph up to date with the records."""
        added, removed = self._model.settle()
        self._added += added
        self._removed += removed

    def forget(self) -> None:
        """What changed until now is told to nobody: whoever comes gets a snapshot."""
        self.settle()
        self._model.reducer.take_changes()
        self._model.messages.take_changed()
        self._added, self._removed = [], []

    def snapshot(self, run: str, now: float, told: dict[str, Any]) -> dict[str, Any]:
        """A `snapshot` of docs/api.md; the model is settled. `told` is its summary."""
        picture = self._model.snapshot(self._expected, now, told)
        return {"number": self.number, "run": run, **picture}

    def delta(
        self, now: float, told: dict[str, Any] | None, most: int | None = None
    ) -> dict[str, Any] | None:
        """A `delta` of docs/api.md, if anything changed; the model is settled.

        Where more than `most` messages have changed the others are in the next one.
        `told` is the summary of now; without it none is told this time.
        """
        reducer = self._model.reducer
        changes = reducer.take_changes()
        changed = self._model.records(changes.nodes)
        parts: dict[str, Any] = {
            "nodes": [node_view(record) for record in changed],
            "gone": [key for key in changes.gone if not self._is_shown(key)],
            "knows": {
                str(record.key): self._model.topology.known(record)
                for record in self._model.records(changes.knows)
            },
            "faults": {
                str(record.key): fault_views(record, reducer.key)
                for record in self._model.records(changes.faults)
            },
            "messages": [
                message_view(view, reducer.key, new=True)
                for view in self._model.messages.take_changed(most)
            ],
        }
        for record in changed:
            record.least = record.waiting
        if self._added or self._removed:
            parts["links"] = {"add": self._added, "remove": self._removed}
            self._added, self._removed = [], []
        if told is not None and told != self.summary:
            self.summary = parts["summary"] = told
        parts = {name: part for name, part in parts.items() if part}
        if not parts:
            return None
        self.number += 1
        return {"number": self.number, "at": milliseconds(now), **parts}

    def _is_shown(self, key: int) -> bool:
        return any(record.key == key for record in self._model.reducer.shown())
