"""The pulse: what lives, what travels and how quickly, at each moment."""

from pathlib import Path
from typing import Any

from recorded import BEGAN, Lab, lab, node

from dashboard.pulse import BEATS, EVERY, Pulse, quantiles
from dashboard.reports import OfBroadcast, OfMessage


def network(one: Lab) -> Pulse:
    for number in (1, 2, 3):
        one.snapshot(number, range(1, 4))
    return Pulse(one.observer)


def beat(one: Lab, pulse: Pulse) -> dict[str, Any]:
    """The next one, after its time."""
    one.now += EVERY
    pulse.look()
    return pulse.after(0)[-1]._asdict()


def test_nobody_has_no_pulse(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        pulse = Pulse(one.observer)
        pulse.look()
        assert pulse.after(0) == []


def test_a_beat_says_who_lives(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        pulse = network(one)
        first = beat(one, pulse)
        assert first["at"] == round((BEGAN + EVERY) * 1000)
        assert (first["alive"], first["dead"], first["components"], first["links"]) == (3, 0, 1, 3)
        assert (first["events"], first["sent"], first["p50"]) == (0, 0, None)
        one.contact(3, "refused")
        assert (beat(one, pulse)["alive"], beat(one, pulse)["dead"]) == (2, 1)


def of(name: str, sender: int, receiver: int) -> OfMessage:
    return OfMessage(name, node(receiver), node(sender).name, "hi", 1, "", node(sender))


def test_messages_are_counted_by_the_second_with_what_they_took(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        pulse = network(one)
        beat(one, pulse)
        for count in range(4):
            one.tells(1, "message.sent", of(f"m{count}", 1, 2), before=0.1)
            one.tells(2, "message.received", of(f"m{count}", 1, 2), before=0.1 - 0.02 * count)
        told = beat(one, pulse)
        assert (told["events"], told["sent"], told["delivered"]) == (4.0, 2.0, 2.0)
        assert (told["p50"], told["p99"]) == (20.0, 60.0)
        again = beat(one, pulse)
        assert (again["sent"], again["delivered"], again["p50"]) == (0, 0, None), "and only once"


def test_news_that_come_late_are_counted_all_the_same(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        pulse = network(one)
        one.now += 0.05
        beat(one, pulse)
        one.tells(1, "message.sent", of("m", 1, 2), before=0.3)
        one.tells(2, "message.received", of("m", 1, 2), before=0.2)  # it was before that beat
        assert beat(one, pulse)["delivered"] == 0.5
        assert beat(one, pulse)["delivered"] == 0


def test_what_failed_is_no_arrival_and_what_waits_is_said(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        pulse = network(one)
        beat(one, pulse)
        one.tells(1, "message.sent", of("m", 1, 2))
        one.tells(1, "message.failed", OfMessage("m", node(2), origin=node(1), reason="no answer"))
        record = one.observer.known(node(1).id)
        assert record is not None
        record.waiting = 7
        told = beat(one, pulse)
        assert (told["failed"], told["delivered"], told["waiting"]) == (0.5, 0, 7)


def test_a_broadcast_arrives_when_the_last_has_it(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        pulse = network(one)
        beat(one, pulse)
        said = OfBroadcast("b", node(1), None, "node1", "to all")
        one.tells(1, "broadcast.sent", said)
        one.tells(2, "broadcast.received", said)
        assert (beat(one, pulse)["delivered"], beat(one, pulse)["delivered"]) == (0, 0)
        one.tells(3, "broadcast.received", said)
        assert beat(one, pulse)["delivered"] == 0.5


def test_only_what_is_later_is_told_and_two_hours_are_kept(tmp_path: Path) -> None:
    with lab(tmp_path) as one:
        pulse = network(one)
        for _ in range(5):
            beat(one, pulse)
        middle = pulse.after(0)[2].at
        assert [told.at for told in pulse.after(middle)] == [middle + 2_000, middle + 4_000]
        assert BEATS * EVERY == 7_200


def test_quantiles_are_values_that_were() -> None:
    assert quantiles(()) == (None, None)
    assert quantiles((5.0,)) == (5.0, 5.0)
    assert quantiles(tuple(map(float, range(1, 201)))) == (100.0, 198.0)
