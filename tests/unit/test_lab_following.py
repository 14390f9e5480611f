"""Following what was sent: `send` and `broadcast` wait for its fate, and say what went wrong."""

from typing import Any

import pytest

from lab import LabError, broadcast
from lab.dashboard import NoAnswerError, RefusedError
from lab.following import asking, follow

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
        assert path == "/api/messages/a%2Fb"
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
