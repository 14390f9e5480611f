"""Following what was sent: `send` and `broadcast` wait for its fate, and say what went wrong."""

import io
from typing import Any

import pytest

from lab import LabError, broadcast
from lab.dashboard import NoAnswerError, RefusedError
from lab.following import asking, follow
from lab.progress import Progress

Message = dict[str, Any]


def test_it_is_looked_at_until_it_is_settled() -> None:
    looks = iter([{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}])
    assert follow(lambda: next(looks), lambda seen: seen["n"] == 3, 30) == {"n": 3}
    assert next(looks) == {"n": 4}, "and not once more"


def test_when_time_is_up_the_last_look_counts() -> None:
    assert follow(lambda: {"n": 1}, lambda _: False, 0) == {"n": 1}


def test_who_gets_no_answer_is_told_how_to_start_a_network() -> None:
    with pytest.raises(LabError, match="up` starts a network") as error, asking():
        raise NoAnswerError("No dashboard answers at port 1.")
    assert error.value.status == 1


def test_a_refusal_is_told_in_the_dashboards_words() -> None:
    with pytest.raises(LabError, match="no node is called so") as error, asking():
        raise RefusedError("no node is called so", 404)
    assert error.value.status == 2


class Dashboard:
    """Answers what it was given, in turn."""

    def __init__(self, *answers: Message | Exception) -> None:
        self._answers = iter(answers)

    def get(self, path: str) -> Message:
        assert path in {"/api/messages/a%2Fb", "/api/messages/b1"}
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_broadcast_is_followed_until_its_origin_has_told_as_well() -> None:
    whole = {"state": "delivered", "reached": 2, "of": 2, "sent_at": 5}
    dashboard = Dashboard(
        RefusedError("there is no such message here", 404),
        {"state": "sent", "reached": 1, "of": 2, "sent_at": None},
        {"state": "delivered", "reached": 2, "of": 2, "sent_at": None},
        whole,
    )
    look = lambda: broadcast._seen(dashboard, "a/b")  # type: ignore[arg-type] # noqa: E731
    assert follow(look, broadcast._told_whole, 30) == whole


def test_another_refusal_ends_it() -> None:
    with pytest.raises(RefusedError):
        broadcast._seen(Dashboard(RefusedError("no", 403)), "a/b")  # type: ignore[arg-type]


class Origin(Dashboard):
    """A dashboard that sees nothing yet, and an origin that counts."""

    def __init__(self, *reached: int, **more: Any) -> None:
        super().__init__(*[RefusedError("no such message", 404)] * 100)
        self._reached, self._more = list(reached), more

    def node(self, name: str, path: str) -> Message:
        assert (name, path) == ("node1", "/broadcasts/b1")
        reached = self._reached.pop(0) if len(self._reached) > 1 else self._reached[0]
        counted = {"counted": True, "of": 3, "reached": reached, "complete": reached == 3}
        return {**counted, "missing": [], "more_missing": 0, "took": 1.5, **self._more}


def followed(dashboard: Dashboard, timeout: float = 30) -> tuple[Message, str]:
    stream = io.StringIO()
    look = lambda: broadcast._look(dashboard, "node1", "b1", Progress(stream))  # type: ignore[arg-type] # noqa: E731
    return follow(look, broadcast._settled, timeout), stream.getvalue()


def test_a_broadcast_is_settled_as_well_when_its_sender_knows_that_all_have_it() -> None:
    message, shown = followed(Origin(0, 2, 3))
    assert broadcast._in_words(message, 30) == "Reached all 3; its sender knew after 1.5 s."
    assert "3 of 3 nodes have it" in shown


def test_who_is_not_known_to_have_it_is_named() -> None:
    dead = {"id": "i2", "name": "node2", "state": "dead"}
    alive = {"id": "i3", "name": "node3", "state": "alive"}
    message, _ = followed(Origin(1, missing=[dead, alive], more_missing=0), 0)
    assert broadcast._in_words(message, 5).startswith(
        "Reached 1 of 3 within 5 s; not known to be at node2 (dead), node3."
    )


def test_what_is_not_counted_is_said_to_be_so() -> None:
    why = "so large a network keeps no map of its members"
    message, _ = followed(Origin(0, counted=False, of=None, reached=None, why=why), 0)
    assert f"not counted by its sender: {why}" in broadcast._in_words(message, 5)
