"""The origin of a broadcast knows who has it: exactly, soon, and nearly for nothing."""

from collections.abc import Callable
from random import Random

import pytest

from contract.limits import MARK
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.config import Config
from node.overlay.core import Overlay
from node.overlay.coverage import REPORTS, Coverage, Report
from node.overlay.frames import (
    Announced,
    Batch,
    Disconnect,
    Frame,
    HaveYou,
    Push,
    Receipt,
    Receipts,
    Record,
)
from node.overlay.payloads import Payload
from node.overlay.receipts import Returns, mark, marks
from simulator.guard import Guard
from simulator.machine import Process
from simulator.safety import safety
from simulator.weather import Trouble
from simulator.world import EVERYBODY, Sent, World


class NeverClaims:
    """Sees each step: nobody is ever said to have what is not in its inbox."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.looks = 0
        world.watchers.append(self)

    def stepped(self, process: Process, happened: i.Input, outputs: list[o.Output]) -> None:  # noqa: ARG002 - only when
        if not isinstance(happened, i.Heard | i.Answered):
            return
        disks = {machine.disk.id: machine.disk for machine in self._world.machines.values()}
        for message, report in process.overlay.coverage._reports.items():
            missing = set(report.missing())
            for member in report.expected or ():
                self.looks += 1
                assert member in missing or message in disks[member].inbox

    def delivered(self, *_: object) -> None: ...
    def ended(self, *_: object) -> None: ...
    def raised(self, *_: object) -> None: ...


def joined(count: int, seed: int, config: Config | None = None, rest: float = 20) -> World:
    world = World(seed, config)
    Guard(world, [*safety(world)])
    for k in range(1, count + 1):
        contacts = tuple(f"node{world.rng.randrange(1, k)}" for _ in range(3)) if k > 1 else ()
        world.start(f"node{k}", contacts)
        world.run(0.2)
    world.until(world.all_know_all, within=60)
    world.run(rest)
    return world


def report(world: World, message: str) -> Report:
    origin = world.sent[message].origin.removeprefix("id-")
    found = world.nodes[origin].coverage.get(message)
    assert found is not None
    return found


def complete(world: World, *messages: str) -> Callable[[], bool]:
    return lambda: all(report(world, message).complete for message in messages)


# --- exactly, and soon -----------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(("count", "seed"), [(2, 1), (12, 2), (50, 3), (100, 4)])
def test_the_origin_hears_within_seconds_that_all_have_it(count: int, seed: int) -> None:
    world = joined(count, seed)
    for k in range(3):
        message = world.broadcast(f"node{1 + k % count}")
        assert (report(world, message).reached, len(report(world, message).expected or ())) == (
            0,
            count - 1,
        )
        world.until(complete(world, message), within=3)
        assert report(world, message).missing() == []
        assert message in world.covered
        world.run(5)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_in_bad_weather_nobody_is_ever_said_to_have_what_it_has_not(seed: int) -> None:
    world = joined(20, seed)
    eyes = NeverClaims(world)
    world.weather.begin(Trouble(loss=0.1, duplicate=0.1, late=0.1, garble=0.02, busy=0.02))
    rng, sent = Random(seed), []
    for _ in range(20):
        sent.append(world.broadcast(rng.choice(sorted(world.nodes))))
        world.run(rng.random())
    world.run(10)
    world.weather.clear()
    took = world.until(complete(world, *sent), within=30)
    assert took < 20
    assert eyes.looks > 1_000


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_branches_that_die_with_receipts_in_their_hands_hide_nobody(seed: int) -> None:
    world = joined(40, 10 + seed)
    for _ in range(3):
        world.broadcast("node3")
        world.run(5)
    for wait in (0.0, 0.05, 0.4, 1.0):
        message = world.broadcast("node3")
        world.run(wait)
        inner = [
            name for name, node in world.nodes.items() if len(node.links) > 4 and name != "node3"
        ]
        dead = world.rng.sample(inner, 2)
        for name in dead:
            world.crash(name)
        world.run(15)
        missing = set(report(world, message).missing())
        assert missing <= {f"id-{name}" for name in dead}, f"after {wait} s"
        world.run(10)


def asks_nobody(_: Coverage, *__: object) -> tuple[dict[str, list[Announced]], bool]:
    return {}, False


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_receipts_that_are_lost_are_said_again_though_nobody_is_asked(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Coverage, "ask", asks_nobody)
    world = joined(20, seed)
    world.weather.begin(Trouble(loss=0.1, garble=0.02, busy=0.02))
    sent = []
    for k in range(20):
        sent.append(world.broadcast(f"node{1 + k % 5}"))
        world.run(0.5)
    world.weather.clear()
    world.until(complete(world, *sent), within=30)


def test_a_receipt_whose_parent_is_gone_goes_to_who_may_be_nearer_to_the_origin() -> None:
    world = joined(12, 14)
    node = world.nodes["node5"]
    parent, *others = (node.members.get(member) for member in node.links.ids())
    assert parent is not None
    world.sent["m"] = Sent(1, "id-node3", EVERYBODY, "text")
    push = Push("id-node3", 1, 1, 3, "m", "node3", "text")
    world.put("node5", i.Heard(Batch(parent, (push,))))
    held = node.broadcast._payloads.get(push.key)
    assert held is not None
    held.children = {others[0].id} if others[0] else set()
    held.hops = {others[1].id: 3} if others[1] else {}
    node.handle(i.Timer("broadcast receipts"), node._now + 5)
    assert list(held.said) == [parent.id]
    node.handle(i.Heard(Batch(parent, (Disconnect(done=True),))), node._now + 1)
    outputs = node.handle(i.Timer("broadcast receipts"), node._now + 5)
    heard = {x.to for x in outputs if isinstance(x, o.Send) and isinstance(x.frame, Receipts)}
    may_be = {record.id for record in others[2:] if record and record.id in node.links}
    assert heard == may_be
    assert heard, "or this test shows nothing"


def test_whom_no_receipt_has_named_is_asked_and_answers_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = joined(12, 15)
    monkeypatch.setattr(Returns, "stored", lambda self, held, _: hold(self, held))
    message = world.broadcast("node3")
    world.run(2)
    assert report(world, message).reached == 0
    world.until(complete(world, message), within=15)
    assert 11 <= world.frames[HaveYou] <= 16, "eight at a time, and nobody who has answered"


def hold(returns: Returns, held: Payload) -> None:
    """It has the message, and its receipt gets lost."""
    held.have |= returns._roll.own()


@pytest.mark.parametrize("case", ["stopped", "killed", "cut off"])
def test_who_is_away_is_named_and_counted_when_it_is_back(case: str) -> None:
    world = joined(12, 5)
    cut = Trouble(inside=frozenset({"node7"}), loss=1.0)
    if case == "stopped":
        world.pause("node7")
    elif case == "killed":
        world.crash("node7")
    else:
        world.weather.begin(cut)
    message = world.broadcast("node3")
    world.run(30)
    assert report(world, message).missing() == ["id-node7"]
    if case == "stopped":
        world.resume("node7")
    elif case == "killed":
        world.start("node7")
    world.weather.clear()
    world.until(complete(world, message), within=30)


def test_who_was_killed_with_the_message_on_disk_says_so_when_it_is_back() -> None:
    world = joined(12, 6)
    message = world.broadcast("node3")
    world.until(lambda: message in world.machines["node7"].disk.inbox, within=1, every=0.001)
    world.crash("node7")
    world.run(20)
    if report(world, message).complete:
        pytest.fail("it was killed too late for this test")
    world.start("node7")
    world.until(complete(world, message), within=20)


def test_who_comes_later_is_not_counted_though_it_gets_it() -> None:
    world = joined(6, 7)
    message = world.broadcast("node3")
    world.start("node7", ("node1",))
    world.until(complete(world, message), within=10)
    world.run(10)
    assert message in world.machines["node7"].disk.inbox
    assert (report(world, message).reached, len(report(world, message).expected or ())) == (5, 5)


def test_what_could_not_be_stored_is_not_claimed() -> None:
    """Its disk is full, or the id was used for another message."""
    world = joined(6, 8)
    store = World._store

    def refuse(process: Process, came: o.Deliver) -> i.Taken | i.Stored:
        if process.name == "node5":
            return i.Stored((came.origin, came.epoch, came.number), stored=False)
        return store(world, process, came)

    world._store = refuse
    message = world.broadcast("node3")
    world.run(20)
    assert report(world, message).missing() == ["id-node5"]


def test_without_a_map_nothing_is_counted_and_nothing_said() -> None:
    world = joined_without_map(8)
    message = world.broadcast("node3")
    world.run(5)
    assert report(world, message).expected is None
    assert not report(world, message).complete
    assert world.frames[Receipts] == 0
    assert world.frames[Push] > 0


def joined_without_map(count: int) -> World:
    world = World(3, Config(map=False))
    world.start_bootstrap()
    for k in range(1, count + 1):
        world.start(f"node{k}")
        world.run(0.3)
    world.run(20)
    return world


# --- nearly for nothing ----------------------------------------------------------------------


@pytest.mark.long
def test_receipts_make_few_requests_of_their_own_in_a_quiet_network_and_none_in_a_busy_one() -> (
    None
):
    world = joined(50, 9, rest=60)
    alone: list[tuple[str, str]] = []
    for pause, most in ((8.0, 0.3), (0.05, 0.02)):
        for _ in range(20):
            world.broadcast("node3")
            world.run(pause)
        alone.clear()
        request = world.network.request

        def count(call: object, request: Callable[..., None] = request) -> None:
            batch: Batch | None = getattr(call, "_batch", None)
            if batch is not None and {type(frame) for frame in batch.frames} == {Receipts}:
                alone.append((batch.sender.name, str(batch.to)))
            request(call)

        world.network.request = count
        for _ in range(20):
            world.broadcast("node3")
            world.run(pause)
        world.network.request = request
        world.run(10)
        assert len(alone) <= most * 20 * 49, f"{len(alone)} with {pause} s between"


# --- liars -----------------------------------------------------------------------------------


def a_link(node: Overlay) -> Record:
    record = node.members.get(node.links.ids()[0])
    assert record is not None
    return record


def say(world: World, name: str, sender: Record, *frames: Frame) -> list[o.Output]:
    node = world.nodes[name]
    return node.handle(i.Heard(Batch(sender, frames)), node._now + 0.001)


def test_nobody_makes_an_origin_believe_in_more_members_than_there_are() -> None:
    world = joined(8, 11)
    for other in world.nodes:
        if other != "node3":
            world.pause(other)
    message = world.broadcast("node3")
    node = world.nodes["node3"]
    link = a_link(node)
    made_up = "".join(mark(f"made up {k}") for k in range(1_000))
    lie = Receipt("id-node3", 1, 1, made_up)
    roll = len(node.broadcast.receipts._roll)
    for _ in range(50):
        assert not [
            x for x in say(world, "node3", link, Receipts((lie,) * 7)) if isinstance(x, o.Covered)
        ]
    assert report(world, message).reached == 0
    assert len(node.broadcast.receipts._roll) <= roll + 8, "and keeps none of them"
    other = Receipt("id-node3", 1, 2, mark("id-node5"))
    say(world, "node3", link, Receipts((other, Receipt("id-x", 1, 1, mark("id-node5")))))
    assert node.broadcast.sizes()["receipts"] == 0, "of messages that nobody sent"


def test_receipts_are_taken_from_links_only() -> None:
    world = joined(20, 12)
    message = world.broadcast("node3")
    node = world.nodes["node3"]
    before, reached = node.strange_frames, report(world, message).reached
    stranger = next(
        other.own
        for name, other in world.nodes.items()
        if name != "node3" and other.own.id not in node.links
    )
    say(world, "node3", stranger, Receipts((Receipt("id-node3", 1, 1, mark("id-node5")),)))
    assert report(world, message).reached == reached
    assert node.strange_frames == before + 1


def test_members_whose_marks_are_the_same_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.overlay.coverage.mark", lambda member: member[0] * MARK)
    coverage = Coverage()
    coverage.began("m", ("x", 1, 1), ["anna", "adam", "bert"], 0.0)
    assert not coverage.reached("m", "a" * MARK + "b" * MARK, 1.0)
    found = coverage.get("m")
    assert found is not None
    assert found.missing() == ["anna", "adam"]


def test_few_reports_are_kept_and_whom_nobody_waits_for_is_complete_at_once() -> None:
    coverage = Coverage()
    for k in range(REPORTS + 10):
        coverage.began(f"m{k}", ("x", 1, k + 1), [], float(k))
    assert len(coverage) == REPORTS
    assert coverage.get("m9") is None
    last = coverage.get("m10")
    assert last is not None
    assert (last.complete, last.done_at) == (True, 10.0)
    assert not coverage.reached("never sent", mark("x"), 1.0)


def test_a_mark_is_eight_characters_and_a_string_of_them_is_read_as_it_was_written() -> None:
    text = mark("one") + mark("two")
    assert list(marks(text)) == [mark("one"), mark("two")]
    assert len(mark("one")) == MARK
    assert mark("one") != mark("two")
