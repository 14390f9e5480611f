"""Many messages for one receiver: few calls, all of them once and in order."""

from routes import ended, joined

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.patience import Patience
from simulator.machine import Process
from simulator.weather import Trouble
from simulator.world import World


class Calls:
    """How many messages went with each call."""

    def __init__(self, world: World) -> None:
        self.sizes: list[int] = []
        world.watchers.append(self)

    def stepped(self, _: Process, __: i.Input, outputs: list[o.Output]) -> None:
        self.sizes += [len(output.all) for output in outputs if isinstance(output, o.Post)]

    def delivered(self, *_: object) -> None: ...
    def ended(self, *_: object) -> None: ...
    def raised(self, *_: object) -> None: ...


def came(world: World, name: str, sender: str) -> list[str]:
    """Ids in an inbox from one sender, in order."""
    inbox = world.machines[name].disk.inbox.values()
    return [one.id for one in inbox if one.origin == f"id-{sender}"]


def test_what_waited_for_a_node_that_was_down_comes_in_few_calls_once_and_in_order() -> None:
    world = joined(8, 1)
    world.crash("node2")
    sent = [world.send("node1", "node2") for _ in range(500)]
    world.run(30)
    calls = Calls(world)
    world.start("node2", ("node3",))
    world.until(ended(world, *sent), within=15)
    assert {world.endings[message].status for message in sent} == {"delivered"}
    assert came(world, "node2", "node1") == sent
    assert max(calls.sizes) == 64
    assert len(calls.sizes) < 20


def test_a_message_to_a_lane_that_is_empty_waits_for_nobody() -> None:
    world = joined(8, 2)
    calls = Calls(world)
    for _ in range(5):
        message = world.send("node1", "node2")
        world.until(ended(world, message), within=1)
    assert calls.sizes == [1] * 5


def test_in_bad_weather_and_with_crashes_the_order_stands() -> None:
    world = joined(8, 3)
    bad = Trouble(loss=0.2, duplicate=0.2, busy=0.1, late=0.2)
    world.weather.begin(bad)
    calls = Calls(world)
    sent: dict[str, list[str]] = {"node1": [], "node3": []}
    for round_ in range(30):
        for sender, messages in sent.items():
            messages += [world.send(sender, "node2") for _ in range(20)]
        if round_ in {10, 20}:
            world.crash("node1")
            world.run(1)
            world.start("node1", ("node3",))
        world.run(0.3)
    world.weather.end(bad)
    everything = [message for messages in sent.values() for message in messages]
    world.until(ended(world, *everything), within=120)
    for sender, messages in sent.items():
        assert came(world, "node2", sender) == messages
    assert max(calls.sizes) > 8, "many went together"


def test_a_slow_network_is_not_made_slower_by_messages_that_are_sent_again() -> None:
    """Acknowledgements take six seconds: whoever waits two for each sends everything thrice."""
    world = joined(20, 4)
    for machine in world.machines.values():
        machine.slow = 0.8
    world.run(30)
    names = list(world.nodes)
    attempts = []
    for _ in range(3):
        sent = [world.send(a, b, route="overlay") for a in names for b in names[:3] if a != b]
        world.until(ended(world, *sent), within=120)
        assert {world.endings[message].status for message in sent} == {"delivered"}
        attempts.append(sum(world.endings[message].attempts for message in sent) / len(sent))
    assert attempts[-1] < 1.1, attempts


def test_patience_follows_the_answers_within_its_bounds() -> None:
    patience = Patience(2.0, 15.0)
    assert patience.seconds == 2.0
    for _ in range(50):
        patience.answered(0.01)
    assert patience.seconds == 2.0
    for _ in range(50):
        patience.answered(4.0)
    assert 4.0 < patience.seconds < 5.0
    patience.answered(0.5)
    assert patience.seconds > 5.0, "they differ more: it waits longer"
    for _ in range(50):
        patience.answered(60.0)
    assert patience.seconds == 15.0
    for _ in range(100):
        patience.answered(0.01)
    assert patience.seconds == 2.0
