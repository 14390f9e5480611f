"""The map of a node: what it knows of the living it knows by looking through all."""

from random import Random

from contract.limits import MAX_MEMBERS
from node.overlay.frames import Record, State
from node.overlay.members import Members

STATES: list[State] = ["alive", "suspect", "dead", "left"]
LIVING = {"alive", "suspect"}


def test_who_lives_and_where_is_what_the_records_say_whatever_comes() -> None:
    rng = Random(3)
    members = Members(Record(id="own", name="node1", url="http://node1:5000"), 30)
    assert MAX_MEMBERS > 30, "so that the map gets full"
    for step in range(5_000):
        number, comings = rng.randrange(40), members.comings
        before = {r.id: r.epoch for r in members.others() if r.state in LIVING}
        said = Record(
            id=f"m{number}",
            name=f"node{number}",
            url=f"http://host{rng.randrange(12)}:5000",
            epoch=rng.randrange(4),
            incarnation=rng.randrange(4),
            state=rng.choice(STATES),
            kind=rng.choice(["peer", "plain"]),
        )
        what = rng.random()
        if what < 0.9:
            members.merge(said, step)
        elif what < 0.93:
            members.correct(said, step)
        elif what < 0.95:
            members.forget_before(step - 50)
        elif what < 0.97:
            members.keep_only({f"m{k}" for k in range(40) if rng.random() < 0.8})
        elif what < 0.99:
            members.make_room()
        else:
            members.raise_incarnation(said.id, step)
        living = {r.id: r for r in members.others() if r.state in LIVING}
        assert {r.id: r for r in members.living()} == living
        assert members.alive == len(living)
        for host in range(12):
            url = f"http://host{host}:5000"
            there = {r.id for r in living.values() if r.url == url}
            assert {r.id for r in members.all_at(url)} == there
            at = members.at(url)
            assert (at is None) == (not there)
            assert at is None or at.id in there
        if {r.id: r.epoch for r in living.values()} != before:
            assert members.comings > comings, "what was reckoned from the map is outdated"
