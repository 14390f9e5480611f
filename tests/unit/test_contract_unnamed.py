"""Nodes and dashboard call a plain node the same, whoever meets it first."""

import pytest

from contract.limits import MAX_NAME
from contract.unnamed import id_of, name_of
from node.overlay.plain import plain_record


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://node7:5000", "node7"),
        ("http://node7", "node7"),
        ("http://127.0.0.1:24307", "127.0.0.1:24307"),
        ("http://[::1]:5001", "::1:5001"),
        ("http://" + "a" * 100 + ":5000", "a" * MAX_NAME),
    ],
)
def test_a_plain_node_is_called_by_its_address(url: str, name: str) -> None:
    assert name_of(url) == name
    record = plain_record(url, None)
    assert (record.name, record.id) == (name, id_of(url))
    assert plain_record(url, "mine").name == "mine"
    assert plain_record(url, "m" * 1_000).name == "m" * MAX_NAME
