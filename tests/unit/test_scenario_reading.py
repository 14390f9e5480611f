"""A scenario's file: taken whole, or refused with line, column and field."""

from pathlib import Path

import pytest

from lab import ROOT
from scenario.document import ScenarioError
from scenario.reading import read, read_text
from scenario.schema import text as schema_text

SHIPPED = sorted((ROOT / "docs" / "scenarios").glob("*.yaml"))
GOOD = """
name: Halves
seed: 7
nodes: 20
groups:
  left: 1-10
workload: {messages: 5, broadcasts: 0.5, pairs: [[node1, left]]}
chapters:
  - {at: 0s, title: Calm}
  - {at: 10s, title: Cut, text: Nothing gets through}
steps:
  - {at: 10s, partition: left, bridge: node11, for: 30s}
  - {at: 1m, kill: {random: 3}, for: 5s, every: 10s, times: 3, apart: 300ms}
  - {at: 0.5, slow: [3, node4, 5-6], by: 300ms, for: 2s}
expect:
  delivery: 99.5%
  healing: {sim: 15s, bound: 30s, each-tenfold: 4s, why: the protocol}
"""


def refused(text: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as refusal:
        read_text(text)
    return refusal.value


def test_a_file_is_taken_whole() -> None:
    scenario = read_text(GOOD)
    assert (scenario.name, scenario.seed, scenario.nodes) == ("Halves", 7, 20)
    assert [step.kind for step in scenario.steps] == ["slow", "partition", "kill"]
    slow, partition, kill = scenario.steps
    assert (slow.at, slow.by, slow.whom[0].names) == (0.5, 0.3, ("node3", "node4", (5, 6)))
    assert (partition.at, partition.lasts) == (10.0, 30.0)
    assert (kill.at, kill.every, kill.times, kill.apart) == (60.0, 10.0, 3, 0.3)
    assert scenario.seconds == 60 + 20 + 5 + 10
    assert scenario.expect["delivery"]["sim"] == 0.995
    healing = scenario.expect["healing"]
    assert (healing["sim"], healing["docker"], healing["tenfold"]) == (15.0, 30.0, 4.0)


WRONG = [
    # text, line, column, field, words
    ("", 1, 1, "", "nothing in it"),
    ("- a\n", 1, 1, "", "a table of fields"),
    ("nodes: 3\n", 1, 1, "", "'name' is missing"),
    ("name: [\n", 2, 1, "", "no YAML"),
    ("name: a\n---\nname: b\n", 2, 1, "", "second document"),
    ("name: a\nname: b\n", 2, 1, "name", "said twice: in line 1"),
    ("name: a\nstesp: []\n", 2, 1, "stesp", "did you mean 'steps'"),
    ("name: a\nnodes: twelve\n", 2, 8, "nodes", "whole number"),
    ("name: a\nnodes: yes\n", 2, 8, "nodes", "whole number, not 'yes'"),
    ("name: a\nnodes: 1\n", 2, 8, "nodes", "from 2 to 10,000"),
    ("name: a\nnodes: .inf\n", 2, 8, "nodes", "whole number"),
    ("name: a\nseed: -1\n", 2, 7, "seed", "from 0"),
    ("name: a\nseconds: 2h\n", 2, 10, "seconds", "to 3600s"),
    ("name: &x a\nteaches: *x\n", 2, 10, "teaches", "circles"),
    ("name: !!python/object:os.system a\n", 1, 7, "name", "tags"),
    ("name: a\nsteps: {}\n", 2, 8, "steps", "a list of steps"),
    ("name: a\nsteps:\n  - kill: node1\n", 3, 5, "steps[1]", "'at' is missing"),
    ("name: a\nsteps:\n  - at: 1s\n", 3, 5, "steps[1]", "does nothing"),
    ("name: a\nsteps:\n  - {at: 1s, klil: node1}\n", 3, 14, "steps[1].klil", "'kill'"),
    ("name: a\nsteps:\n  - {at: 1s, kill: 1, freeze: 2}\n", 3, 23, "steps[1].freeze", "'kill'"),
    ("name: a\nsteps:\n  - {at: 1s, kill: 1, by: 3s}\n", 3, 23, "steps[1].by", "no field 'by'"),
    ("name: a\nsteps:\n  - {at: 1s, slow: 1}\n", 3, 5, "steps[1]", "'by' is missing"),
    ("name: a\nsteps:\n  - {at: soon, kill: 1}\n", 3, 10, "steps[1].at", "a time like 10s"),
    ("name: a\nsteps:\n  - {at: -1s, kill: 1}\n", 3, 10, "steps[1].at", "a time like 10s"),
    ("name: a\nsteps:\n  - {at: -1, kill: 1}\n", 3, 10, "steps[1].at", "from 0s"),
    ("name: a\nsteps:\n  - {at: 1s, kill: bob}\n", 3, 20, "steps[1].kill", "no node and no group"),
    ("name: a\nsteps:\n  - {at: 1s, kill: 0%}\n", 3, 20, "steps[1].kill", "more than 0%"),
    ("name: a\nsteps:\n  - {at: 1s, kill: 130%}\n", 3, 20, "steps[1].kill", "at most 100%"),
    ("name: a\nsteps:\n  - {at: 1s, kill: []}\n", 3, 20, "steps[1].kill", "names nobody"),
    ("name: a\nsteps:\n  - {at: 1s, kill: 9-3}\n", 3, 20, "steps[1].kill", "no range"),
    ("name: a\nsteps:\n  - {at: 1s, kill: {random: 0}}\n", 3, 29, "steps[1].kill.random", "from 1"),
    ("name: a\nsteps:\n  - {at: 1s, kill: 1, every: 5s}\n", 3, 14, "steps[1].kill", "'times'"),
    (
        "name: a\nsteps:\n  - {at: 1s, kill: 1, for: 9s, every: 5s, times: 2}\n",
        *(3, 28, "steps[1].for", "before it is over"),
    ),
    (
        "name: a\nsteps:\n  - {at: 1s, kill: 1, every: 5s, times: 1000000}\n",
        *(3, 41, "steps[1].times", "from 2 to 1,000"),
    ),
    ("name: a\nseconds: 5s\nsteps:\n  - {at: 6s, kill: 1}\n", 4, 14, "steps[1].kill", "end (5s)"),
    (
        "name: a\nseconds: 5s\nchapters:\n  - {at: 6s, title: x}\n",
        *(4, 5, "chapters[1]", "after the scenario's end"),
    ),
    (
        "name: a\nchapters:\n  - {at: 6s, title: x}\n  - {at: 6s, title: y}\n",
        *(4, 5, "chapters[2]", "not begin after"),
    ),
    ("name: a\ngroups:\n  one: [two]\n  two: one\n", 4, 8, "groups.two", "one → two → one"),
    ("name: a\ngroups: {node3: 1}\n", 2, 10, "groups.node3", "like a node"),
    ("name: a\ngroups: {Ä: 1}\n", 2, 10, "groups.Ä", "small letters"),
    ("name: a\nexpect: {detection: 5s}\n", 2, 10, "expect.detection", "no step"),
    ("name: a\nexpect: {delivery: 100%}\n", 2, 10, "expect.delivery", "'messages'"),
    ("name: a\nexpect: {delivry: 100%}\n", 2, 10, "expect.delivry", "'delivery'"),
    (
        "name: a\nworkload: {messages: 1}\nexpect: {delivery: {why: so}}\n",
        *(3, 20, "expect.delivery", "no bound"),
    ),
    ("name: a\nworkload: {messages: 1e9}\n", 2, 22, "workload.messages", "to 10,000"),
    ("name: a\nworkload: {pairs: [[1]]}\n", 2, 20, "workload.pairs[1]", "2 to 2"),
    ('name: a\nteaches: "bell \\a"\n', 2, 10, "teaches", "cannot be printed"),
]


@pytest.mark.parametrize(("text", "line", "column", "where", "words"), WRONG)
def test_what_is_wrong_is_said_with_line_column_and_field(
    text: str, line: int, column: int, where: str, words: str
) -> None:
    error = refused(text)
    assert words in str(error)
    assert (error.line, error.column, error.where) == (line, column, where), error


def test_a_million_steps_are_refused_at_the_first_too_many(tmp_path: Path) -> None:
    file = tmp_path / "much.yaml"
    file.write_text("name: a\nsteps:\n" + "  - {at: 1s, kill: 1}\n" * 1_000_000)
    with pytest.raises(ScenarioError) as refusal:
        read(file)
    assert (refusal.value.line, refusal.value.where) == (1_003, "steps[1001]")
    assert str(file) in str(refusal.value)


def test_what_does_too_much_in_all_is_refused() -> None:
    step = "  - {at: 1s, kill: 1, every: 1s, times: 1000}\n"
    error = refused("name: a\nseconds: 1h\nsteps:\n" + step * 11)
    assert "more than 10,000" in str(error)
    assert error.line == 14


def test_depth_and_bytes_are_bounded(tmp_path: Path) -> None:
    assert "inside each other" in str(refused("name: " + "[" * 10_000))
    file = tmp_path / "long.yaml"
    file.write_text("name: a\n" + "# nothing\n" * 120_000)
    with pytest.raises(ScenarioError, match="more than 1,048,576 bytes"):
        read(file)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    for content in (b"\xff\xfe\x00", b"name: a\nteaches: \x00\n"):
        file = tmp_path / "strange.yaml"
        file.write_bytes(content)
        with pytest.raises(ScenarioError, match=r"strange\.yaml, line"):
            read(file)
    with pytest.raises(ScenarioError, match="cannot be read"):
        read(tmp_path)


def test_nine_scenarios_are_shipped_and_teach() -> None:
    assert len(SHIPPED) >= 9
    for file in SHIPPED:
        scenario = read(file)
        assert scenario.teaches
        assert scenario.chapters
        assert scenario.steps
        assert scenario.expect
        first = file.read_text().splitlines()[0]
        assert first == "# yaml-language-server: $schema=scenario.schema.json"


def test_the_published_schema_is_made_of_the_code() -> None:
    published = ROOT / "docs" / "scenarios" / "scenario.schema.json"
    assert published.read_text() == schema_text(), "python -m scenario.schema > that file"
