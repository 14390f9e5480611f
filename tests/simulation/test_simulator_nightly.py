"""A night of seeds: it can be stopped and goes on, and says how to see again what broke."""

import shlex
from pathlib import Path

import msgspec
import pytest

from simulator import nightly
from simulator.nightly import Done, main, mend, read
from simulator.plan import Plan


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Runs of eight nodes; which seeds were run."""
    ran: list[int] = []

    def plan(seed: int) -> Plan:
        ran.append(seed)
        return Plan(nodes=8, seconds=5.0, seed=seed, encoding=False, broadcasts=1)

    monkeypatch.setattr(nightly, "plan", plan)
    return ran


def words(file: Path, seeds: int) -> list[str]:
    return ["--first", "1", "--seeds", str(seeds), "--file", str(file)]


def test_a_night_that_was_stopped_goes_on_where_it_was(quick: list[int], tmp_path: Path) -> None:
    file = tmp_path / "nights" / "done.jsonl"
    assert main(words(file, 2)) == 0
    with file.open("ab") as out:
        out.write(b'{"code":"x","se')  # the power failed
    assert main(words(file, 4)) == 0
    assert quick == [1, 2, 3, 4]
    assert [line.seed for line in read(file)] == [1, 2, 3, 4]


def test_another_code_begins_anew(
    quick: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "done.jsonl"
    main(words(file, 1))
    monkeypatch.setattr(nightly, "digest", lambda: "another")
    main(words(file, 1))
    assert quick == [1, 1]


@pytest.mark.long
def test_what_breaks_is_told_with_its_command_and_told_again_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "done.jsonl"

    def plan(seed: int) -> Plan:
        broken = "broken_overlays:LosesMessages" if seed == 2 else "node.overlay.core:Overlay"
        whole = Plan(nodes=12, seconds=30.0, seed=seed, chaos=1.0, rate=30.0, encoding=False)
        return msgspec.structs.replace(whole, overlay=broken)

    monkeypatch.setattr(nightly, "plan", plan)
    assert main(words(file, 2)) == 1
    told = capsys.readouterr().out
    again = f"again: {plan(2).command()}"
    assert again in told
    assert shlex.split(again)[1:4] == ["python3", "p2p.py", "sim"]
    assert "Broken: 2" in told
    assert main(words(file, 2)) == 1, "also where all was done before"
    assert again in capsys.readouterr().out


def test_a_night_may_end_with_the_first_that_breaks(
    quick: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "done.jsonl"
    monkeypatch.setattr(nightly, "_one", lambda seed: "broken" if seed == 2 else "")
    assert main([*words(file, 5), "--stop"]) == 1
    assert [line.seed for line in read(file)] == [1, 2]
    assert main([*words(file, 5), "--stop"]) == 1, "and does not go on by itself"
    assert [line.seed for line in read(file)] == [1, 2]
    assert main(words(file, 5)) == 1
    assert [line.seed for line in read(file)] == [1, 2, 3, 4, 5], "unless it is asked to"
    assert quick == []


def test_only_a_line_that_was_cut_off_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "done.jsonl"
    mend(file)
    assert not file.exists()
    whole = msgspec.json.encode(Done("c", 1)) + b"\n"
    file.write_bytes(whole + b'{"cod')
    mend(file)
    assert file.read_bytes() == whole


def test_the_nights_runs_are_thirty_nodes_and_differ_in_all_that_may_matter() -> None:
    plans = [nightly.plan(seed) for seed in range(100)]
    assert {plan.nodes for plan in plans} == {30}
    assert len({plan.chaos for plan in plans}) == 8
    assert {plan.bootstrap for plan in plans} == {True, False}
    assert {plan.encoding for plan in plans} == {True, False}
