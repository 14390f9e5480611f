"""Schedules of faults that Hypothesis makes up, and makes small where one breaks something.

A random schedule of forty faults that breaks an invariant says little. Hypothesis takes
faults out, and makes those that are left shorter and simpler, as long as it still breaks.
"""

import gc

import msgspec
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from simulator.faults import AnyFault, Cut, Isolate, Kill, Leave, Partition, Pause, Slow, Storm
from simulator.plan import Plan
from simulator.run import run

PLAN = Plan(nodes=10, seconds=20.0, rate=5.0, encoding=False, broadcasts=2)

whens = st.integers(0, 18)
lengths = st.integers(1, 12)
shares = st.sampled_from((0.1, 0.2, 0.3, 0.5))
some = st.sampled_from((0.0, 0.05, 0.3))

faults = st.one_of(
    st.builds(Kill, at=whens, lasts=lengths, share=shares, lose_disk=st.booleans()),
    st.builds(Kill, at=whens, lasts=lengths, share=shares, vanish=st.booleans()),
    st.builds(Leave, at=whens, lasts=lengths, share=shares),
    st.builds(Pause, at=whens, lasts=lengths, share=shares),
    st.builds(Slow, at=whens, lasts=lengths, share=shares, by=st.sampled_from((0.2, 1.0, 3.0))),
    st.builds(Cut, at=whens, lasts=lengths, share=shares, both_ways=st.booleans()),
    st.builds(Partition, at=whens, lasts=lengths, share=shares),
    st.builds(Isolate, at=whens, lasts=lengths, share=shares),
    st.builds(Storm, at=whens, lasts=lengths, loss=some, duplicate=some, late=some, busy=some),
)


@settings(
    max_examples=60,
    derandomize=True,  # the same schedules each time: chance is for the night
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(schedule=st.lists(faults, min_size=1, max_size=12), seed=st.integers(1, 1_000))
def test_whatever_schedule_one_thinks_of_breaks_nothing(
    schedule: list[AnyFault], seed: int
) -> None:
    note(f"seed {seed}: {schedule}")
    run(msgspec.structs.replace(PLAN, seed=seed), schedule=schedule)
    gc.collect()
