"""The body of `POST /register`, under all its names."""

from typing import Any

import pytest

from contract.errors import ApiError
from contract.registration import Registration, registration


@pytest.mark.parametrize("field", ["peer", "address", "peer_url", "url"])
def test_every_name_for_the_url_is_understood(field: str) -> None:
    assert registration({field: "http://node1:5000"}) == Registration("http://node1:5000")


@pytest.mark.parametrize("field", ["id", "node_id"])
def test_both_names_for_the_id_are_understood(field: str) -> None:
    body = {"url": "http://node1:5000", field: "abc", "name": "node1"}
    assert registration(body) == Registration("http://node1:5000", "abc", "node1")


def test_the_url_comes_out_in_its_normal_form() -> None:
    assert registration({"peer": " http://NODE1:5000/ "}).url == "http://node1:5000"


def test_two_names_may_say_the_same_thing_differently() -> None:
    body = {"peer": "http://node1:5000", "url": "http://NODE1:5000/"}
    assert registration(body).url == "http://node1:5000"


def test_null_counts_as_not_given() -> None:
    body = {"peer": None, "url": "http://node1:5000", "id": None, "name": None}
    assert registration(body) == Registration("http://node1:5000")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"peer": "http://node1:5000", "url": "http://node2:5000"}, "url"),
        ({"url": "http://node1:5000", "id": "a", "node_id": "b"}, "node_id"),
    ],
)
def test_names_that_disagree_are_refused(body: dict[str, Any], field: str) -> None:
    with pytest.raises(ApiError, match="disagree") as caught:
        registration(body)
    assert (caught.value.status, caught.value.field) == (422, field)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "url"),
        ({"url": None}, 400, "url"),
        ({"peers": ["http://node1:5000"]}, 400, "url"),
        ({"url": 7}, 400, "url"),
        ({"address": ["http://node1:5000"]}, 400, "address"),
        ({"peer": True}, 400, "peer"),
        ({"peer_url": "node1:5000"}, 422, "peer_url"),
        ({"url": ""}, 422, "url"),
        ({"url": "http://node1:5000", "id": 7}, 400, "id"),
        ({"url": "http://node1:5000", "id": "x" * 65}, 422, "id"),
        ({"url": "http://node1:5000", "node_id": " "}, 422, "node_id"),
        ({"url": "http://node1:5000", "name": {}}, 400, "name"),
        ({"url": "http://node1:5000", "name": "x" * 64}, 422, "name"),
        ({"url": "http://node1:5000", "name": "\ud800"}, 422, "name"),
    ],
)
def test_nonsense_is_refused_with_the_field_to_blame(
    body: dict[str, Any], status: int, field: str
) -> None:
    with pytest.raises(ApiError) as caught:
        registration(body)
    assert (caught.value.status, caught.value.field) == (status, field)
