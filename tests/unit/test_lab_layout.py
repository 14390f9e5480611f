"""Names and ports."""

from pathlib import Path

import pytest

from lab import LabError
from lab.folder import Folder, Run, network_name
from lab.layout import HIGHEST_HUNDREDS, LOWEST_HUNDREDS, MOST_NODES, Layout


def test_every_node_is_where_its_name_says() -> None:
    assert Layout().port("node7") == 5007
    assert Layout(100).port("node100") == 5100
    assert Layout(100, 61).port("node100") == 6200
    assert Layout().port("bootstrap") == 5000
    assert Layout(dashboard=9999).port("dashboard") == 9999


def test_it_is_what_compose_yaml_publishes() -> None:
    import yaml

    from lab import ROOT
    from lab.engine import environment

    layout = Layout(MOST_NODES, 61, 8081)
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert sorted(services) == sorted(layout.programs)
    known = environment("p2p", layout)
    for name, service in services.items():
        published = service["ports"][0]
        for variable in ("P2P_PORTS_100", "P2P_PORTS", "P2P_DASHBOARD_PORT"):
            for default in ("5100", "50", "8080"):
                published = published.replace(f"${{{variable}:-{default}}}", known[variable])
        assert published.split(":")[:2] == ["127.0.0.1", str(layout.port(name))]


@pytest.mark.parametrize("hundreds", [LOWEST_HUNDREDS, HIGHEST_HUNDREDS])
def test_all_ports_of_the_extremes_exist(hundreds: int) -> None:
    layout = Layout(MOST_NODES, hundreds)
    assert len(layout.ports) == MOST_NODES + 2
    assert min(layout.ports) > 1023
    assert max(layout.ports) < 65536


def test_what_was_started_is_found_again(tmp_path: Path) -> None:
    folder = Folder("p2p", tmp_path)
    assert folder.run() is None
    run = Run("local", Layout(12, 61, 9000))
    folder.remember(run)
    assert Folder("p2p", tmp_path).run() == run


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"mode": "docker"}', "\0"])
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    folder = Folder("p2p", tmp_path)
    folder.remember(Run("docker", Layout()))
    (folder.path / "run.json").write_text(text)
    assert folder.run() is None


@pytest.mark.parametrize("name", ["../x", "", "-x", "Upper", "a" * 42, "a b", "a/b", "."])
def test_a_name_that_compose_would_not_take_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not name:  # an empty one is none at all
        monkeypatch.delenv("COMPOSE_PROJECT_NAME", raising=False)
        assert network_name(name) == "p2p"
        return
    with pytest.raises(LabError) as refused:
        network_name(name)
    assert refused.value.status == 2
