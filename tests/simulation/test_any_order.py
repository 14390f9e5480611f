"""A person who does whatever comes to mind: Hypothesis picks what happens next.

Rules are what can be done to a network: start, crash, stop, pause, cut, lose packets, send,
speak to all, or wait. Some make a *trouble*, which another rule ends at some later time, so
troubles overlap in every order. After each rule the invariants of this file hold; within it
the guard checks all safety at every single step of every node. In the end all troubles end,
and the network must be well again, as after a run of the command.

Where something breaks, Hypothesis takes rules out as long as it still breaks, and prints what
is left as a few lines of Python: a better bug report than the seed of forty random faults.
"""

import gc
from random import Random
from typing import TYPE_CHECKING

import pytest
from broken_overlays import BelievesTheLast, LosesMessages
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from node.overlay.core import Overlay
from simulator.broadcasts import Broadcasts
from simulator.faults import (
    BootstrapDown,
    Cut,
    Fault,
    Isolate,
    Join,
    Kill,
    Leave,
    Partition,
    Pause,
    Slow,
    Storm,
)
from simulator.guard import Guard
from simulator.invariant import BrokenInvariantError
from simulator.workload import can_send, knows
from simulator.world import FAREWELL, World

if TYPE_CHECKING:
    from collections.abc import Callable

NODES = tuple(f"node{k}" for k in range(1, 8))
NEWCOMERS = 3
"""More do not show more, and each makes every later step dearer."""
SETTLE = 180.0
"""Seconds in which all must be well again, as for the command (`simulator.plan`)."""
EVERYWHERE = 30.0
"""Seconds in which what is said then must be everywhere."""

one = st.sampled_from(NODES).map(lambda name: (name,))
few = st.lists(st.sampled_from(NODES), min_size=1, max_size=4, unique=True).map(tuple)
share = st.sampled_from((0.0, 0.1, 0.3))


class AnyOrder(RuleBasedStateMachine):
    """A network of seven and what is done to it."""

    overlay: type[Overlay] = Overlay

    troubles = Bundle("troubles")

    @initialize(seed=st.integers(1, 1_000))
    def begin(self, seed: int) -> None:
        """All start, and are one network."""
        self.rng = Random(seed)
        world = self.world = World(
            seed, overlay=self.overlay, encoding=False, skew=0.001, journal=frozenset()
        )
        self.guard = Guard(world)
        self.broadcasts = Broadcasts(world)
        self.ending: dict[int, Callable[[], None]] = {}
        world.start_bootstrap()
        for name in NODES:
            world.start(name)
            world.run(0.2)
        world.until(world.all_know_all, within=60)

    # --- rules ---------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from((0.1, 0.5, 1, 3, 10, 20)))
    def wait(self, seconds: float) -> None:
        self.world.run(seconds)

    @rule(target=troubles, nodes=few, lose_disk=st.booleans(), vanish=st.booleans())
    def crash(self, nodes: tuple[str, ...], lose_disk: bool, vanish: bool) -> int:
        """The end of this trouble is their restart, with the disk or as somebody new."""
        return self._begin(Kill(at=0, lasts=1, nodes=nodes, lose_disk=lose_disk, vanish=vanish))

    @rule(nodes=one)
    def crash_for_good(self, nodes: tuple[str, ...]) -> None:
        self._begin(Kill(at=0, nodes=nodes))

    @rule(target=troubles, nodes=one)
    def leave(self, nodes: tuple[str, ...]) -> int:
        return self._begin(Leave(at=0, lasts=1, nodes=nodes))

    @precondition(lambda self: len(self.world.running()) < len(NODES) + NEWCOMERS)
    @rule(count=st.integers(1, NEWCOMERS))
    def join(self, count: int) -> None:
        self._begin(Join(at=0, count=count))

    @rule(target=troubles, nodes=few)
    def pause(self, nodes: tuple[str, ...]) -> int:
        return self._begin(Pause(at=0, nodes=nodes))

    @rule(target=troubles, nodes=few, by=st.sampled_from((0.2, 1.0, 3.0)))
    def slow(self, nodes: tuple[str, ...], by: float) -> int:
        return self._begin(Slow(at=0, nodes=nodes, by=by))

    @rule(target=troubles, nodes=one, to=few, both_ways=st.booleans())
    def cut(self, nodes: tuple[str, ...], to: tuple[str, ...], both_ways: bool) -> int:
        return self._begin(Cut(at=0, nodes=nodes, to=to, both_ways=both_ways))

    @rule(target=troubles, nodes=few, bridge=one, bridged=st.booleans())
    def partition(self, nodes: tuple[str, ...], bridge: tuple[str, ...], bridged: bool) -> int:
        return self._begin(Partition(at=0, nodes=nodes, bridge=bridge if bridged else ()))

    @rule(target=troubles, nodes=few)
    def isolate(self, nodes: tuple[str, ...]) -> int:
        return self._begin(Isolate(at=0, nodes=nodes))

    @rule(target=troubles, loss=share, duplicate=share, late=share, garble=share, busy=share)
    def storm(self, loss: float, duplicate: float, late: float, garble: float, busy: float) -> int:
        return self._begin(
            Storm(
                at=0,
                loss=loss,
                duplicate=duplicate,
                late=late,
                late_by=6.0,
                garble=garble,
                busy=busy,
            )
        )

    @rule(target=troubles)
    def stop_the_bootstrap(self) -> int:
        return self._begin(BootstrapDown(at=0))

    @rule(trouble=consumes(troubles))
    def end(self, trouble: int) -> None:
        self.ending.pop(trouble)()

    @rule(sender=st.sampled_from(NODES), receiver=st.sampled_from(NODES))
    def send(self, sender: str, receiver: str) -> None:
        process = self.world.machines[sender].process
        if process is None or sender == receiver or not can_send(process):
            return
        if knows(self.world, process, receiver):
            self.world.send(sender, receiver)

    @rule(speaker=st.sampled_from(NODES))
    def broadcast(self, speaker: str) -> None:
        process = self.world.machines[speaker].process
        if process is not None and can_send(process):
            self.broadcasts.say(process)

    # --- what holds after each rule, besides all that the guard looks at ------------------------

    @invariant()
    def whatever_was_called_delivered_is_there(self) -> None:
        inboxes = {m.disk.id: m.disk.inbox for m in self.world.machines.values()}
        for process in self.world.running():
            for message in process.machine.disk.outbox.values():
                if message.status == "delivered" and message.to in inboxes:
                    assert message.id in inboxes[message.to]

    @invariant()
    def nobody_says_of_itself_that_it_is_dead(self) -> None:
        assert {p.overlay.own.state for p in self.world.running()} <= {"alive", "left"}

    @invariant()
    def the_world_can_do_whatever_a_node_wants(self) -> None:
        assert not self.world.unperformed

    # --- the end ---------------------------------------------------------------------------------

    def teardown(self) -> None:
        """No trouble outlives the rules. Then all must be well, and each is heard by all."""
        if not hasattr(self, "world"):
            return
        for trouble in sorted(self.ending):
            self.ending.pop(trouble)()
        self.world.run(FAREWELL + 0.1)  # who was just asked to stop is gone, or started again
        self._settle()
        said = [self.broadcasts.say(process) for process in self.world.running()]
        self.world.until(lambda: all(map(self.broadcasts.has_everybody, said)), EVERYWHERE)
        del self.world, self.guard, self.broadcasts
        gc.collect(0)

    def _settle(self) -> None:
        began = self.world.now
        while (broken := self.guard.settled()) is not None:
            if self.world.now - began >= SETTLE:
                raise broken
            self.world.run(0.5)

    def _begin(self, fault: Fault) -> int:
        number = len(self.ending) and max(self.ending) + 1
        self.ending[number] = fault.begin(self.world, self.rng)
        return number


BOUNDS = settings(
    max_examples=600,
    stateful_step_count=30,
    derandomize=True,  # the same each time: chance is for the night
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.long
def test_whatever_is_done_in_whatever_order_the_network_keeps_its_promises() -> None:
    run_state_machine_as_test(AnyOrder, settings=BOUNDS)


@pytest.mark.long
@pytest.mark.parametrize(("broken", "number"), [(BelievesTheLast, 7), (LosesMessages, 14)])
def test_a_broken_overlay_is_found_by_doing_things_in_any_order(
    broken: type[Overlay], number: int
) -> None:
    """Else this file would prove nothing. Found is enough: what is found is not made small."""

    class Broken(AnyOrder):
        overlay = broken

    only_found = settings(BOUNDS, phases=[Phase.generate])
    with pytest.raises(BrokenInvariantError) as found:
        run_state_machine_as_test(Broken, settings=only_found)
    assert found.value.invariant.number == number
