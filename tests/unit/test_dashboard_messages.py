"""One view a message, whatever order the news comes in, and however often."""

from itertools import permutations
from typing import Any

import msgspec
import pytest

from dashboard.messages import LATE, MOST_ATTEMPTS, Message, Messages
from dashboard.reports import Node, OfMessage
from dashboard.ways import MOST_LEGS

ANNA, BERT, CLEO = (Node(name, name, f"http://{name}:5000") for name in ("anna", "bert", "cleo"))


def of(message: str = "m", **more: Any) -> OfMessage:
    return OfMessage(**{"message": message, "to": BERT, **more})


REPORTS = [
    ("anna", "message.sent", of(sender="anna", text="hi", origin=ANNA), 10.0),
    ("anna", "message.retried", of(origin=ANNA, attempt=1, reason="no answer in time"), 11.0),
    ("anna", "message.sent", of(sender="anna", text="hi", origin=ANNA, attempt=2), 12.0),
    ("bert", "message.received", of(sender="anna", text="hi", origin=ANNA), 13.0),
    ("anna", "message.delivered", of(origin=ANNA), 14.0),
]


def told(*reports: tuple[str, str, OfMessage, float]) -> Messages:
    messages = Messages()
    for report in reports:
        messages.report(*report)
    return messages


def only(messages: Messages) -> Message:
    (view,) = messages.newest(10)
    assert isinstance(view, Message)
    return view


def test_in_order_it_is_the_whole_story() -> None:
    view = only(told(*REPORTS))
    assert (view.id, view.origin, view.receiver) == ("m", "anna", "bert")
    assert (view.sender, view.text, view.state) == ("anna", "hi", "delivered")
    assert (view.attempt, view.reason) == (2, None)
    assert (view.sent_at, view.received_at, view.done_at) == (12.0, 13.0, 14.0)


@pytest.mark.parametrize("receiver_first", range(5))
def test_the_two_streams_may_be_shifted_against_each_other(receiver_first: int) -> None:
    """Each node's own events stay in order; the other's may come before or after any of them."""
    anna = [report for report in REPORTS if report[0] == "anna"]
    anna.insert(receiver_first, REPORTS[3])
    view = only(told(*anna))
    assert (view.state, view.sent_at) == ("delivered", 12.0)
    assert (view.received_at, view.done_at) == (13.0, 14.0)
    assert (view.origin, view.sender, view.text, view.attempt) == ("anna", "anna", "hi", 2)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_one_attempt_in_any_order_is_the_same(order: tuple[int, ...]) -> None:
    reports = [REPORTS[0], REPORTS[3], REPORTS[4]]
    view = only(told(*(reports[index] for index in order)))
    assert (view.state, view.sent_at, view.received_at, view.done_at) == (
        "delivered",
        10.0,
        13.0,
        14.0,
    )


def test_repetition_changes_nothing_and_is_no_news() -> None:
    messages = told(*REPORTS)
    before = msgspec.structs.astuple(only(messages))
    messages.take_changed()
    for report in REPORTS:
        messages.report(report[0], report[1], report[2], report[3] + 100)
    assert msgspec.structs.astuple(only(messages)) == before
    assert messages.take_changed() == []
    assert messages.total == 1


def test_the_attempt_that_arrived_counts_and_not_a_later_one() -> None:
    early = ("bert", "message.received", of(sender="anna", text="hi", origin=ANNA), 11.5)
    assert only(told(*REPORTS[:3], early)).sent_at == 10.0
    assert only(told(early, *REPORTS[:3])).sent_at == 10.0


def test_of_very_many_attempts_the_one_that_arrived_is_among_those_that_are_kept() -> None:
    via = Node("cleo", "cleo", "http://cleo:5000")
    tries = [
        ("anna", "message.sent", of(sender="anna", origin=ANNA, attempt=k, via=via), 60.0 * k)
        for k in range(1, 200)
    ]
    passed = ("cleo", "message.forwarded", of(origin=ANNA, via=BERT, hop=2), 60.0 * 199 + 1)
    got = ("bert", "message.received", of(sender="anna", origin=ANNA, hop=2), 60.0 * 199 + 2)
    messages = told(*tries, passed, got)
    view = only(messages)
    assert view.sent_at == 60.0 * 199
    assert [(leg.start, leg.end) for leg in view.path] == [("anna", "cleo"), ("cleo", "bert")]
    assert len(view.attempts) == MOST_ATTEMPTS
    assert len(view.legs) <= MOST_LEGS
    messages.take_changed()
    messages.report(*tries[0])
    assert messages.take_changed() == [], "an old one that comes again changes nothing"


def test_a_failure_that_the_receiver_disproves() -> None:
    failed = ("anna", "message.failed", of(origin=ANNA, reason="gave up after 60 s"), 15.0)
    assert only(told(REPORTS[0], failed)).state == "failed"
    assert only(told(REPORTS[0], failed)).reason == "gave up after 60 s"
    assert only(told(REPORTS[0], failed, REPORTS[3])).state == "received"
    assert only(told(REPORTS[0], REPORTS[3], failed)).state == "received"


def test_a_message_from_outside_has_no_origin() -> None:
    view = only(told(("bert", "message.received", of(sender="Node1", text="Hello"), 5.0)))
    assert (view.origin, view.sender, view.state, view.sent_at) == (None, "Node1", "received", None)


def test_nobody_speaks_about_the_messages_of_others() -> None:
    messages = told(*REPORTS[:3])
    messages.take_changed()
    messages.report("cleo", "message.delivered", of(origin=ANNA), 13.0)
    messages.report("cleo", "message.failed", of(origin=CLEO, reason="so there"), 13.0)
    assert only(messages).state == "sent"
    assert messages.take_changed() == []


def test_one_id_at_two_receivers_is_two_messages() -> None:
    messages = told(*REPORTS)
    messages.report("cleo", "message.received", of(sender="anna", text="stolen"), 20.0)
    first, second = messages.newest(10)
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert (first.id, first.receiver, first.text) == ("m", "bert", "hi")
    assert second.id != "m"
    assert (second.receiver, second.text) == ("cleo", "stolen")


def test_the_oldest_make_room() -> None:
    messages = Messages(keep=3)
    for number in range(10):
        messages.report("bert", "message.received", of(f"m{number}"), float(number))
    assert [view.id for view in messages.newest(10)] == ["m7", "m8", "m9"]
    assert [view.id for view in messages.take_changed()] == ["m7", "m8", "m9"]
    assert messages.total == 10


def test_changes_are_taken_once_and_in_order() -> None:
    messages = told(("bert", "message.received", of("one"), 1.0))
    messages.report("bert", "message.received", of("two"), 2.0)
    messages.report("anna", "message.sent", of("one", origin=ANNA), 0.5)
    assert [view.id for view in messages.take_changed()] == ["one", "two"]
    assert messages.take_changed() == []


# --- waiting ----------------------------------------------------------------------------------

RESTS = ("anna", "message.retried", of(origin=ANNA, attempt=1, reason="no", again_in=2.5), 11.0)
BEHIND = (
    "anna",
    "message.queued",
    of(sender="anna", text="hi", origin=ANNA, number=7, attempt=0),
    9.0,
)
FAILED = ("anna", "message.failed", of(origin=ANNA, reason="its time ran out"), 15.0)


def shown(*reports: tuple[str, str, OfMessage, float]) -> tuple[str, float | None, str | None]:
    """What readers see: the state, when the next attempt is due, and why there is one."""
    view = only(told(*reports))
    return view.shown_state, view.again_at, view.reason


def test_one_behind_others_waits_from_the_moment_it_is_told_of() -> None:
    assert shown(BEHIND) == ("waiting", None, None)
    view = only(told(BEHIND))
    assert (view.text, view.queued_at, view.sent_at) == ("hi", 9.0, None)
    assert shown(BEHIND, REPORTS[0])[0] == "sent"
    assert only(told(BEHIND, REPORTS[0])).queued_at == 9.0


def test_between_two_attempts_it_waits_and_says_until_when() -> None:
    assert shown(REPORTS[0], RESTS) == ("waiting", 13.5, "no")
    assert only(told(REPORTS[0], RESTS)).queued_at == 10.0
    assert shown(REPORTS[0], RESTS, REPORTS[2])[0] == "sent"
    assert shown(REPORTS[0], RESTS, REPORTS[2], *REPORTS[3:])[0] == "delivered"
    assert shown(REPORTS[0], RESTS, REPORTS[3])[0] == "received", "it had arrived"


def test_where_the_next_attempt_follows_at_once_it_does_not_wait() -> None:
    at_once = ("anna", "message.retried", of(origin=ANNA, attempt=1, reason="no"), 11.0)
    assert shown(REPORTS[0], at_once)[0] == "sent"


def test_what_a_restart_of_the_dashboard_missed_is_not_made_up() -> None:
    late = ("anna", "message.sent", of(sender="anna", text="hi", origin=ANNA, attempt=9), 99.0)
    assert only(told(late)).queued_at is None


def test_waiting_told_twice_is_no_news() -> None:
    story = (BEHIND, REPORTS[0], RESTS, REPORTS[2])
    for known in range(1, len(story) + 1):
        messages = told(*story[:known])
        messages.take_changed()
        for who, type_, said, at in story[:known]:
            messages.report(who, type_, said, at + 100)
        assert messages.take_changed() == []


def test_a_failed_one_that_a_person_has_tried_again_is_on_its_way_again() -> None:
    anew = (
        "anna",
        "message.queued",
        of(sender="anna", text="hi", origin=ANNA, number=9, attempt=1),
        20.0,
    )
    left = ("anna", "message.sent", of(sender="anna", text="hi", origin=ANNA, attempt=2), 21.0)
    assert shown(REPORTS[0], FAILED, anew) == ("waiting", None, None)
    assert only(told(REPORTS[0], FAILED, anew)).queued_at == 20.0
    assert shown(REPORTS[0], FAILED, anew, left)[0] == "sent"
    again = only(told(REPORTS[0], FAILED, anew, left, ("anna", *FAILED[1:3], 30.0)))
    assert (again.shown_state, again.done_at) == ("failed", 30.0)
    assert shown(REPORTS[0], FAILED, anew, left, *REPORTS[3:])[0] == "delivered"
    failed_again = (REPORTS[0], FAILED, anew, left, ("anna", *FAILED[1:3], 30.0))
    assert shown(*failed_again, anew)[0] == "failed", "of the wish before: it comes twice"


def test_a_failed_one_that_is_dropped_says_so_once() -> None:
    dropped = ("anna", "message.discarded", of(origin=ANNA), 16.0)
    messages = told(REPORTS[0], FAILED, dropped)
    assert only(messages).reason == "its time ran out; discarded"
    messages.take_changed()
    messages.report(*dropped)
    assert messages.take_changed() == []
    delivered = told(REPORTS[0], REPORTS[4], ("anna", "message.discarded", of(origin=ANNA), 16.0))
    assert (only(delivered).state, only(delivered).reason) == ("delivered", None)


def test_a_node_that_lives_again_counts_its_attempts_anew_and_they_are_not_taken_for_old_ones() -> (
    None
):
    messages = told(*REPORTS[:3])
    messages.take_changed()
    messages.restarted("cleo")
    assert messages.take_changed() == []
    messages.restarted("anna")
    assert only(messages).shown_state == "waiting"
    messages.report("anna", "message.sent", of(origin=ANNA, attempt=1), 30.0)
    view = only(messages)
    assert (view.shown_state, view.attempt, view.sent_at) == ("sent", 3, 30.0)
    messages.report("anna", "message.retried", of(origin=ANNA, attempt=1, again_in=4.0), 31.0)
    assert (only(messages).shown_state, only(messages).again_at) == ("waiting", 35.0)
    messages.report(*REPORTS[4])
    messages.restarted("anna")
    assert only(messages).shown_state == "delivered"


# --- very many at a time -------------------------------------------------------------------------


def test_news_of_a_message_that_had_to_go_just_now_does_not_count_it_again() -> None:
    messages = Messages(keep=2)
    for number in range(4):
        messages.report("anna", "message.sent", of(f"m{number}", origin=ANNA), 10.0)
    messages.report("bert", "message.received", of("m0", origin=ANNA), 10.5)
    messages.report("anna", "message.delivered", of("m0", origin=ANNA), 11.0)
    assert messages.total == 4
    assert [view.id for view in messages.newest(10)] == ["m2", "m3"]
    messages.report("anna", "message.sent", of("m0", origin=ANNA, attempt=2), 10.0 + LATE)
    assert [view.id for view in messages.newest(10)] == ["m3", "m0"], "that is another matter"
    assert messages.total == 5


def test_what_is_remembered_of_those_that_had_to_go_has_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboard.messages.MOST_FORGOTTEN", 3)
    messages = Messages(keep=1)
    for number in range(20):
        messages.report("anna", "message.sent", of(f"m{number}", origin=ANNA), 10.0)
    assert len(messages._forgotten) == 3


def test_more_changes_than_a_delta_holds_are_told_by_and_by() -> None:
    messages = Messages(keep=10)
    for number in range(10):
        messages.report("anna", "message.sent", of(f"m{number}", origin=ANNA), 10.0)
    assert [view.id for view in messages.take_changed(4)] == ["m0", "m1", "m2", "m3"]
    messages.report("bert", "message.received", of("m1", origin=ANNA), 10.5)
    assert [view.id for view in messages.take_changed(4)] == ["m1", "m4", "m5", "m6"]
    assert messages.untold == 0
    for number in range(10, 19):
        messages.report("anna", "message.sent", of(f"m{number}", origin=ANNA), 11.0)
    assert messages.untold == 2, "m7 and m8 went before anybody was told of them"
    assert next(view.id for view in messages.take_changed()) == "m9"
