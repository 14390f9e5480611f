"""Bring your own node: what Compose and the supervisor are told, and what is refused."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from lab import ROOT, LabError, up
from lab.engine import environment as compose_environment
from lab.folder import Folder, Run
from lab.layout import Layout
from lab.own import own, own_names
from lab.programs import environment, programs
from lab.wanted import Own, Wanted, wanted

LAYOUT = Layout(12, 61, 8081)


def chosen(**more: Any) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    up.options(parser)
    parsed = parser.parse_args([])
    for name, value in more.items():
        setattr(parsed, name, value)
    return parsed


def test_the_last_ones_are_somebodys_own_or_all_are() -> None:
    line = f"{sys.executable} mynode.py"
    assert own_names(chosen(), LAYOUT) == frozenset()
    assert own_names(chosen(command=line, mix=3), LAYOUT) == {"node10", "node11", "node12"}
    assert own_names(chosen(image="mynode"), LAYOUT) == set(LAYOUT.names)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mix": 3}, "--command or --image"),
        ({"command": "python x.py", "mix": 13}, "more than there are nodes"),
        ({"command": "there-is-no-such-program x"}, "no program 'there-is-no-such-program'"),
        ({"command": "'unclosed"}, "cannot be read"),
        ({"command": " "}, "1 to 64 words"),
        ({"command": "true " * 65}, "1 to 64 words"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(LabError, match=words) as refusal:
        own(chosen(**options), LAYOUT)
    assert refusal.value.status == 2


def test_a_process_is_told_where_it_is_by_its_environment(tmp_path: Path) -> None:
    theirs = own(chosen(command=f"{sys.executable} 'my node.py' --x", mix=1), LAYOUT)
    assert theirs is not None
    there = {program.name: program for program in programs(LAYOUT, tmp_path, Wanted(own=theirs))}
    mine, ours = there["node12"], there["node11"]
    assert mine.line("ours") == [sys.executable, "my node.py", "--x"]
    assert mine.folder == str(Path.cwd())
    told = environment(mine, {"PATH": "/bin", "NODE_DATA": "/else"})
    assert (told["PORT"], told["NODE_PORT"], told["NODE_NAME"]) == ("6112", "6112", "node12")
    assert told["BOOTSTRAP_URL"] == "http://127.0.0.1:6100"
    assert told["NODE_URL"] == "http://127.0.0.1:6112"
    assert "NODE_DATA" not in told
    assert ours.line("python") == ["python", "-m", "node"]


def test_a_plan_keeps_what_is_wanted_and_an_old_plan_wants_nothing() -> None:
    more = Wanted(3, frozenset({"node2"}), Own(("a", "b"), "/x", frozenset({"node1"})))
    assert wanted(json.loads(json.dumps(more.said()))) == more
    assert wanted({"nodes": 3}) == Wanted()


def test_later_nodes_have_names_and_ports_of_their_own(tmp_path: Path) -> None:
    there = programs(LAYOUT, tmp_path, Wanted(later=2))
    assert [program.name for program in there[-2:]] == ["node13", "node14"]
    assert there[-1].port == 6114
    expect = {p.settings.get("DASHBOARD_EXPECT") for p in there if p.name == "dashboard"}
    assert expect == {"12"}  # so that the dashboard goes on as it is


def test_compose_is_told_of_an_image_and_of_ours_again() -> None:
    folder = Folder("p2p-own-test")
    asked = chosen(image="registry.example/my/node:2", mix=2)
    theirs = own(asked, LAYOUT)
    try:
        folder.remember(Run("docker", LAYOUT), theirs)
        up._say_image(asked, folder, theirs)
        told = compose_environment(folder.name, LAYOUT)["COMPOSE_FILE"].split(os.pathsep)
        assert told == [str(ROOT / "compose.yaml"), str(folder.path / "own.yaml")]
        services = json.loads(Path(told[1]).read_text())["services"]
        assert list(services) == ["node11", "node12"]
        assert services["node12"]["image"] == "registry.example/my/node:2"
        assert services["node12"]["read_only"] is False
        known = folder.own()
        assert known is not None
        assert known.names == {"node11", "node12"}
        up._say_image(chosen(), folder, None)
        assert compose_environment(folder.name, LAYOUT)["COMPOSE_FILE"] == str(
            ROOT / "compose.yaml"
        )
    finally:
        folder.remove()


def test_every_service_of_the_second_file_is_one_of_the_first() -> None:
    import yaml

    first = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    from lab.own import override

    second = json.loads(override("mynode", frozenset(Layout(100).names)))["services"]
    assert second.keys() <= first.keys()
    for service in second.values():  # only what the first file says in the same words
        assert service.keys() <= {*first["node1"], "image", "pull_policy", "read_only"}


@pytest.mark.parametrize("image", ["-v", "a b", "", "x" * 300, "a\nb", "ä"])
def test_an_image_that_is_none_is_refused(image: str) -> None:
    from lab.own import checked_image

    with pytest.raises(LabError, match="no image"):
        checked_image(image)
