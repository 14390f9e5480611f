"""The page's types of what comes over the wire are those of the server."""

import re
from pathlib import Path
from typing import Any

import pytest

from dashboard import shapes

TYPES = Path(__file__).parents[2] / "static" / "js" / "types.d.ts"


def fields(interface: str) -> set[str]:
    """The fields of one interface of types.d.ts: those that stand two spaces in."""
    source = TYPES.read_text(encoding="utf-8")
    found = re.search(
        rf"^export interface {interface} \{{\n(.*?)^\}}", source, re.MULTILINE | re.DOTALL
    )
    assert found is not None, f"types.d.ts has no interface {interface}"
    return set(re.findall(r"^  (\w+)\??:", found[1], re.MULTILINE))


@pytest.mark.parametrize("name", ["Summary", "NodeView", "MessageView", "Snapshot"])
def test_the_page_reads_no_field_that_the_server_does_not_send(name: str) -> None:
    sent: Any = getattr(shapes, name)
    assert fields(name) - set(sent.__annotations__) == set()


@pytest.mark.parametrize("name", ["Summary", "NodeView", "MessageView"])
def test_the_page_knows_every_field_of_what_it_shows(name: str) -> None:
    sent: Any = getattr(shapes, name)
    assert set(sent.__annotations__) - fields(name) == set()
