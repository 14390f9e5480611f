"""A moment of the past is what was seen then: the reducer is the same for live and replay."""

import random
from pathlib import Path

import pytest
from recorded import BEGAN, anything, comparable, lab, node

from dashboard import history as history_module
from dashboard.checkpoints import BrokenCheckpointError, frozen, packed, unpacked
from dashboard.messages import Message
from dashboard.past import moment as moment_of
from dashboard.reports import Member, OfBroadcast, OfMember, OfMessage


@pytest.mark.parametrize(("seed", "every"), [(0, 5), (1, 40), (2, 40), (3, 10_000)])
def test_every_moment_comes_back_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, every: int
) -> None:
    monkeypatch.setattr(history_module, "CHECKPOINT_RECORDS", every)
    chance = random.Random(seed)
    seen = {}
    with lab(tmp_path) as network:
        for k in range(1, 8):
            network.snapshot(k, range(1, 8))
        for _ in range(250):
            network.now = round(network.now + chance.random() / 7, 6)
            for _ in range(chance.randint(1, 3)):
                anything(network, chance, 7)
            seen[network.now] = comparable(network.observer.snapshot_now())
            if chance.random() < 0.2:
                network.history.turn()
        network.history.turn()
        for now in chance.sample(sorted(seen), 40):
            assert comparable(network.at(now)) == seen[now]


def test_the_network_at_three_minutes_past_is_told_with_its_messages(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        for k in (1, 2, 3):
            network.snapshot(k, range(1, 4))
        network.now = BEGAN + 60
        network.message(1, 2, "first")
        network.now = BEGAN + 120
        network.contact(3, "refused")
        network.now = BEGAN + 180
        network.message(1, 2, "second")
        early, late = network.at(BEGAN + 100), network.at(BEGAN + 180)
    assert [message["id"] for message in early["messages"]] == ["first"]
    assert [message["id"] for message in late["messages"]] == ["first", "second"]
    assert {one["name"]: one["state"] for one in early["nodes"]}["node3"] == "alive"
    assert {one["name"]: one["state"] for one in late["nodes"]}["node3"] == "dead"
    assert early["run"] == late["run"] == network.observer.run
    assert early["at"] == (BEGAN + 100) * 1000


def test_a_checkpoint_is_a_copy_that_goes_on_alone(tmp_path: Path) -> None:
    chance = random.Random(1)
    with lab(tmp_path) as network:
        for k in range(1, 6):
            network.snapshot(k, range(1, 6))
        for _ in range(100):
            anything(network, chance, 5)
        network.tells(1, "broadcast.sent", OfBroadcast("all", node(1)))
        network.tells(3, "message.forwarded", OfMessage("way", node(2), via=node(4), hop=2))
        copies = []
        network.observer.recorded(lambda model, at: copies.append(frozen(model, at, "run", None)))
        before = comparable(network.observer.snapshot_now())
        network.tells(2, "broadcast.received", OfBroadcast("all", node(1)))
        network.tells(4, "message.forwarded", OfMessage("way", node(2), via=node(2), hop=3))
        for _ in range(100):
            anything(network, chance, 5)
        network.passes(10_000)
    moment = unpacked(packed(copies[0]))
    moment.model.settle()
    told = {"run": before["run"], **moment.model.snapshot(50, before["at"] / 1000)}
    assert comparable(told) == before
    way = moment.model.messages.get("way")
    assert isinstance(way, Message)
    assert len(way.legs) == 1


def test_times_come_back_as_the_very_same_numbers(tmp_path: Path) -> None:
    with lab(tmp_path, BEGAN + 0.123456789) as network:
        network.snapshot(1, range(1, 3))
        network.message(1, 2, "m")
        network.tells(1, "message.delivered", OfMessage("m", node(2)), before=1e-7 * 3)
        seen: list[object] = []
        network.observer.recorded(lambda model, _: seen.append(model.messages.get("m")))
        with network.reads() as run:
            found = moment_of(run, round(network.now * 1e6))
    assert found is not None
    then, now = found[0].model.messages.get("m"), seen[0]
    assert isinstance(now, Message)
    assert then == now
    assert now.done_at is not None


def test_what_was_told_later_of_an_earlier_time_changes_no_earlier_moment(tmp_path: Path) -> None:
    with lab(tmp_path) as network:
        network.snapshot(1, range(1, 3))
        network.snapshot(2, range(1, 3))
        network.now = BEGAN + 10
        gone = Member("id2", "node2", "http://node2:5000", "dead")
        network.tells(1, "member.dead", OfMember(gone), before=9.0)
        assert network.at(BEGAN + 5)["summary"]["coverage"] == 1.0
        (record,) = network.history_of(node=node(1).name, since=round((BEGAN + 9) * 1e6))["records"]
    assert record["time"] == (BEGAN + 1) * 1000
    assert record["at"] == (BEGAN + 10) * 1000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing of the kind",
    ],
)
def test_bytes_that_are_no_checkpoint_are_refused(content: bytes) -> None:
    with pytest.raises(BrokenCheckpointError):
        unpacked(content)
