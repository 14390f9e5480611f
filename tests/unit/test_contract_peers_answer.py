"""Somebody's answer to `GET /peers`, in any shape, never trusted."""

import json
from typing import Any

import pytest

from contract.limits import MAX_PEERS_ANSWER
from contract.peers_answer import MAX_ANSWER, NotPeersError, peers_answer

ONE, TWO = "http://node1:5000", "http://node2:5000"


@pytest.mark.parametrize(
    "shape", [{"peers": [ONE, TWO]}, [ONE, TWO], {"peers": {"id-1": ONE, "id-2": TWO}}]
)
def test_all_three_shapes_are_read(shape: Any) -> None:
    assert peers_answer(json.dumps(shape).encode()) == [ONE, TWO]


def test_bad_entries_are_left_out_and_the_good_ones_stay() -> None:
    answer = {"peers": [7, None, ONE, "node1", "ftp://x", {"url": TWO}, [TWO], "", TWO]}
    assert peers_answer(json.dumps(answer).encode()) == [ONE, TWO]


def test_an_entry_that_comes_twice_counts_once() -> None:
    assert peers_answer(json.dumps([ONE, "HTTP://NODE1:5000/", TWO]).encode()) == [ONE, TWO]


def test_no_more_are_taken_than_wanted() -> None:
    many = [f"http://node{number}:5000" for number in range(100)]
    assert peers_answer(json.dumps(many).encode(), most=3) == many[:3]


def test_a_long_list_of_nonsense_is_not_read_to_its_end() -> None:
    late = ["x"] * MAX_PEERS_ANSWER + [ONE]
    assert peers_answer(json.dumps(late).encode()) == []


def test_an_empty_list_is_an_answer() -> None:
    assert peers_answer(b'{"peers": []}') == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b'{"peers": null}',
        b'{"peers": "http://node1:5000"}',
        b"7",
        b"null",
        b"\xff\xfe",
        b'{"peers": ["\xff"]}',
        b'{"peers": [NaN]}',
        b"[" * 100_000,
        b" " * (MAX_ANSWER + 1),
        b'{"peers": [1' + b"0" * 10_000 + b"]",
    ],
)
def test_what_is_no_list_of_peers_says_so(body: bytes) -> None:
    with pytest.raises(NotPeersError):
        peers_answer(body)
