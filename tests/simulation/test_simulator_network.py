"""Each thing that the simulated network can do to nodes does what it says."""

from typing import Any

import msgspec
import pytest

from node.overlay import inputs as i
from node.overlay.frames import Batch, Digest, Push, Update, encode
from node.overlay.outputs import Send
from node.overlay.window import MOST
from simulator import transport
from simulator.machine import Machine, Process
from simulator.network import ANSWER_TIMEOUT, CONNECT_TIMEOUT, Call
from simulator.weather import Latency, Trouble
from simulator.world import World

EXACT = Latency(least=0.1, most=0.1, jitter=0.0)
"""A tenth of a second one way, always."""


class Echo(Call):
    """A request that notes when it arrives and what its sender hears."""

    path = "/echo"

    def __init__(self, world: World, sender: str, receiver: str) -> None:
        process = world.machines[sender].process
        assert process is not None
        super().__init__(process, world.machines[receiver].url)
        self.world = world
        self.arrivals: list[float] = []
        self.heard: list[tuple[float, Any]] = []
        world.network.request(self)

    def arrives(self, machine: Machine, *, garbled: bool) -> str:
        self.arrivals.append(round(self.world.now, 6))
        return f"{machine.name}{' garbled' if garbled else ''}"

    def answered(self, answer: Any, *, garbled: bool) -> None:  # noqa: ARG002 - only overlay batches
        heard = getattr(answer, "status", answer)
        self.heard.append((round(self.world.now, 6), heard))

    def failed(self, reason: str) -> None:
        self.heard.append((round(self.world.now, 6), reason))


class Steps:
    """A trace that keeps who took a step."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def step(self, _number: int, _at: float, name: str, *_rest: object) -> None:
        self._names.append(name)


def three(latency: Latency = EXACT) -> World:
    """Three nodes that do not know each other: nothing moves but what a test sends."""
    world = World(5, latency=latency)
    for name in ("a", "b", "c"):
        world.start(name)
    return world


def test_an_answer_takes_one_way_there_and_one_way_back() -> None:
    world = three()
    call = Echo(world, "a", "b")
    world.run(10)
    assert call.arrivals == [0.1]
    assert call.heard == [(0.2, "b")]


def test_latencies_differ_from_pair_to_pair_and_stay_within_their_distribution() -> None:
    world = three(Latency(least=0.010, most=0.050, jitter=0.001))
    there = [Echo(world, "a", "b") for _ in range(300)]
    back = [Echo(world, "b", "a") for _ in range(300)]
    world.run(10)
    means = [sum(call.arrivals[0] for call in calls) / 300 for calls in (there, back)]
    assert abs(means[0] - means[1]) > 0.001, "each direction has its own base"
    assert all(0.010 <= call.arrivals[0] <= 0.070 for call in there + back)
    assert len({call.arrivals[0] for call in there}) > 250, "each packet has its own jitter"


def test_a_lost_request_never_arrives_and_its_sender_waits_in_vain() -> None:
    world = three()
    world.weather.begin(Trouble(loss=1.0))
    call = Echo(world, "a", "b")
    world.run(10)
    assert call.arrivals == []
    assert call.heard == [(CONNECT_TIMEOUT, "no answer in time")]


def test_on_a_kept_connection_silence_is_noticed_later_than_on_a_new_one() -> None:
    world = three()
    Echo(world, "a", "b")
    world.run(10)
    world.weather.begin(Trouble(loss=1.0))
    call = Echo(world, "a", "b")
    world.run(10)
    assert call.heard == [(10 + ANSWER_TIMEOUT, "no answer in time")]


@pytest.mark.parametrize(("share", "path", "concerned"), [(0.3, "/echo", 1), (0.3, "/other", 0)])
def test_loss_strikes_its_share_and_its_paths(share: float, path: str, concerned: int) -> None:
    world = three()
    world.weather.begin(Trouble(loss=share, paths=frozenset({path})))
    calls = [Echo(world, "a", "b") for _ in range(1000)]
    world.run(10)
    arrived = sum(len(call.arrivals) for call in calls)
    answered = sum(call.heard[0][1] == "b" for call in calls)
    assert abs(arrived - 1000 * (1 - share * concerned)) < 50
    assert abs(answered - 1000 * (1 - share * concerned) ** 2) < 50, "the answer can be lost too"


def test_a_cut_in_one_direction_lets_requests_through_whose_answers_never_come() -> None:
    world = three()
    world.weather.begin(Trouble(frozenset("b"), frozenset("a"), both_ways=False, loss=1.0))
    forth, back = Echo(world, "a", "b"), Echo(world, "b", "a")
    other = Echo(world, "b", "c")
    world.run(10)
    assert forth.arrivals == [0.1], "acted on"
    assert forth.heard == [(CONNECT_TIMEOUT, "no answer in time")]
    assert back.arrivals == []
    assert other.heard == [(0.2, "c")]


def test_a_partition_cuts_all_pairs_across_and_none_within_and_ends() -> None:
    world = three()
    halves = Trouble(frozenset({"a", "b"}), loss=1.0)
    world.weather.begin(halves)
    within, across, back = Echo(world, "a", "b"), Echo(world, "a", "c"), Echo(world, "c", "b")
    world.run(10)
    assert (within.arrivals, across.arrivals, back.arrivals) == ([0.1], [], [])
    world.weather.end(halves)
    later = Echo(world, "a", "c")
    world.run(10)
    assert later.arrivals == [10.1]


def test_a_bridge_reaches_both_halves() -> None:
    world = three()
    world.weather.begin(Trouble(frozenset({"a"}), frozenset({"b"}), loss=1.0))
    cut, here, there = Echo(world, "a", "b"), Echo(world, "c", "a"), Echo(world, "c", "b")
    world.run(10)
    assert (len(cut.arrivals), len(here.arrivals), len(there.arrivals)) == (0, 1, 1)


def test_a_doubled_request_arrives_twice_and_is_answered_once() -> None:
    world = three()
    world.weather.begin(Trouble(duplicate=1.0))
    call = Echo(world, "a", "b")
    world.run(10)
    assert call.arrivals == [0.1, 0.3]
    assert call.heard == [(0.2, "b")]


def test_a_late_request_is_overtaken_and_acted_on_after_its_sender_gave_up() -> None:
    world = three()
    late = Trouble(late=1.0, late_by=100.0)
    world.weather.begin(late)
    first = Echo(world, "a", "b")
    world.weather.end(late)
    second = Echo(world, "a", "b")
    world.run(200)
    assert first.arrivals[0] > second.arrivals[0]
    assert first.arrivals[0] > CONNECT_TIMEOUT
    assert first.heard == [(CONNECT_TIMEOUT, "no answer in time")]


def test_a_busy_receiver_answers_503_and_does_nothing() -> None:
    world = three()
    world.weather.begin(Trouble(busy=1.0))
    call = Echo(world, "a", "b")
    world.run(10)
    assert call.arrivals == []
    assert call.heard == [(0.2, 503)]


def test_a_dead_node_refuses_at_once_and_a_vanished_one_is_silent() -> None:
    world = three()
    world.crash("b")
    world.crash("c", vanish=True)
    dead, vanished = Echo(world, "a", "b"), Echo(world, "a", "c")
    world.run(10)
    assert dead.heard == [(0.2, "connection refused")]
    assert vanished.heard == [(CONNECT_TIMEOUT, "no answer in time")]


def test_a_paused_receiver_finds_what_piled_up_when_it_goes_on() -> None:
    world = three()
    world.pause("b")
    call = Echo(world, "a", "b")
    world.run(30)
    assert call.arrivals == []
    assert call.heard == [(CONNECT_TIMEOUT, "no answer in time")]
    world.resume("b")
    assert call.arrivals == [30.0]


def test_a_paused_sender_hears_its_answer_and_its_timers_late() -> None:
    world = three()
    call, a = Echo(world, "a", "b"), process(world, "a")
    steps: list[str] = []
    world.trace = Steps(steps)  # type: ignore[assignment]
    world.pause("a")
    world.run(30)
    assert call.heard == []
    assert "a" not in steps, "a paused process does nothing at all"
    assert {"b", "c"} == set(steps)
    world.resume("a")
    assert call.heard == [(30.0, "b")]
    assert steps.count("a") >= 4, "its timers ran out meanwhile"
    assert not a.backlog


def test_a_slow_machine_takes_longer_to_be_asked_and_to_hear() -> None:
    world = three()
    world.machines["b"].slow = 0.5
    asked, asks = Echo(world, "a", "b"), Echo(world, "b", "a")
    world.run(10)
    assert asked.heard == [(0.7, "b")]
    assert asks.heard == [(0.7, "a")]


def test_at_most_one_batch_is_in_flight_to_a_peer_and_what_comes_meanwhile_goes_together() -> None:
    world = three()
    a = process(world, "a")
    other = world.machines["b"]
    seen: list[tuple[float, int]] = []
    step = world.step

    def spy(one: Process, happened: i.Input, reply_to: str | None = None) -> Any:
        if isinstance(happened, i.Heard) and one.name == "b":
            digests = [f for f in happened.batch.frames if isinstance(f, Digest)]
            seen.append((round(world.now, 6), len(digests)))
        return step(one, happened, reply_to)

    world.step = spy  # type: ignore[method-assign]
    for _ in range(3):
        transport.send(a, Send(other.url, other.disk.id, Digest("0" * 16, False)))
        transport.flush(world, a)
    world.run(0.05)
    transport.send(a, Send(other.url, other.disk.id, Digest("0" * 16, False)))
    transport.flush(world, a)
    world.run(0.6)
    assert seen[:2] == [(0.1, 1), (0.3, 3)]


def test_of_many_silent_peers_only_eight_are_waited_for_at_a_time() -> None:
    world = three()
    a = process(world, "a")
    for k in range(20):
        transport.send(a, Send(f"http://gone{k}:5000", None, Digest("0" * 16, False)))
    transport.flush(world, a)
    assert a.busy == transport.WORKERS
    world.run(CONNECT_TIMEOUT * 3 + 0.1)
    assert a.busy == 0


def test_a_garbled_batch_is_refused_whole_and_changes_nothing() -> None:
    world = three()
    world.weather.begin(Trouble(garble=1.0))
    before = state(world, "b")
    a, b = process(world, "a"), world.machines["b"]
    stranger = msgspec.structs.replace(a.overlay.own, id="stranger", name="stranger")
    transport.send(a, Send(b.url, b.disk.id, Update((stranger,))))
    steps = world.steps
    transport.flush(world, a)
    world.run(0.15)
    assert world.steps == steps, "no overlay has heard of it"
    assert state(world, "b") == before


def test_a_batch_for_another_id_at_the_address_is_refused() -> None:
    world = three()
    a, b = process(world, "a"), world.machines["b"]
    transport.send(a, Send(b.url, "id-somebody", Digest("0" * 16, False)))
    transport.flush(world, a)
    world.run(0.15)
    assert state(world, "b") == state(three(), "b")


def test_a_restart_with_its_disk_is_the_same_member_one_epoch_later() -> None:
    world = World(6)
    world.start("a")
    world.start("b", ["a"])
    world.run(15)
    world.crash("b")
    message = world.send("a", "b")
    world.crash("a")
    world.run(20)
    again = world.start("a")
    world.start("b")
    assert (again.own.id, again.own.epoch) == ("id-a", 2)
    world.run(30)
    assert message in world.machines["b"].disk.inbox, "the outbox survived"
    assert world.all_know_all(), "and so did the known peers"


def test_a_restart_without_its_disk_is_somebody_new_with_nothing() -> None:
    world = World(6)
    world.start("a")
    world.start("b", ["a"])
    world.run(15)
    world.crash("b")
    message = world.send("a", "b")
    world.crash("a")
    world.run(20)
    fresh = world.start("a", new_disk=True)
    world.start("b")
    world.run(30)
    assert (fresh.own.id, fresh.own.epoch) == ("id-a.2", 1)
    assert message not in world.machines["b"].disk.inbox


def test_clocks_of_machines_disagree_and_go_at_their_own_rates() -> None:
    world = World(7, skew=0.2)
    for k in range(20):
        world.start(f"n{k}")
    clocks = [(one.offset, one.rate) for one in world.running()]
    assert len({offset for offset, _ in clocks}) == 20
    rates = [rate for _, rate in clocks]
    assert min(rates) < 0.95
    assert max(rates) > 1.05
    fast = max(world.running(), key=lambda one: one.rate)
    began = world.now
    world._set_timer(fast, msgspec.structs.replace(_timer(), after=10.0))
    number = fast.timers["greet x"]
    world.run(10 / fast.rate - 0.01)
    assert fast.timers.get("greet x") == number
    world.run(0.02)
    assert "greet x" not in fast.timers
    assert world.now - began < 9.6, "ten of its seconds are fewer of ours"


def _timer() -> Any:
    from node.overlay.outputs import SetTimer

    return SetTimer("greet x", 1.0)


def process(world: World, name: str) -> Process:
    found = world.machines[name].process
    assert found is not None
    return found


def state(world: World, name: str) -> bytes:
    """What a node's overlay shows of itself."""
    overlay = process(world, name).overlay
    return (
        encode(Batch(overlay.own, (Update(overlay.members.all()),)))
        + repr((overlay.links.ids(), overlay.peers(), overlay.unknown_frames)).encode()
    )


def test_where_the_way_is_long_broadcasts_leave_while_an_answer_is_awaited() -> None:
    def batches(latency: Latency) -> int:
        world = World(3, latency=latency, encoding=False)
        world.start("node1")
        world.start("node2", ("node1",))
        world.run(10)
        process, there = world.machines["node1"].process, world.nodes["node2"].own
        assert process is not None
        before = world.network.calls
        for number in range(1, 21):
            push = Push("x", 1, number, 1, f"m{number}", "x", "hello")
            transport.send(process, Send(there.url, there.id, push))
            transport.flush(world, process)
            world.run(0.002)
        world.run(1)
        assert not any(process.lanes.values()), "and all have left"
        assert not process.aside
        return world.network.calls - before

    assert batches(EXACT) >= MOST
    assert batches(Latency(least=0.012, most=0.012, jitter=0.0)) < MOST, "one after the other"
