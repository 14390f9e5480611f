"""Who may post events: the signature, its time, and a delivery that comes twice."""

import pytest

from contract.errors import ApiError
from contract.signing import ID, SIGNATURE, TIMESTAMP, TOLERANCE, signature
from dashboard import proof
from dashboard.proof import ForgedError, Proof

KEY = bytes(32)
NOW = 1_800_000_000


def signed(
    message: str = "m", at: int = NOW, body: bytes = b"[]", key: bytes = KEY
) -> dict[str, str]:
    return {ID: message, TIMESTAMP: str(at), SIGNATURE: signature(key, message, at, body)}


@pytest.fixture
def judge() -> Proof:
    return Proof(KEY, lambda: float(NOW))


def kind(judge: Proof, headers: dict[str, str], body: bytes = b"[]") -> str:
    with pytest.raises(ForgedError) as refused:
        judge.check(headers.get, body)
    assert refused.value.status == (409 if refused.value.kind == "replayed" else 401)
    return refused.value.kind


def test_what_is_signed_is_new_once(judge: Proof) -> None:
    assert judge.check(signed().get, b"[]")
    assert kind(judge, signed()) == "replayed"
    assert kind(judge, signed(at=NOW - 1)) == "replayed"
    assert judge.check(signed("n").get, b"[]")


def test_who_tries_again_signs_anew_and_is_told_that_it_was_taken(judge: Proof) -> None:
    assert judge.check(signed().get, b"[]")
    assert not judge.check(signed(at=NOW + 1).get, b"[]")
    assert kind(judge, signed(at=NOW + 1)) == "replayed"


def test_what_was_not_taken_may_come_again(judge: Proof) -> None:
    assert judge.check(signed().get, b"[]")
    judge.give_back(signed().get)
    assert judge.check(signed().get, b"[]")


@pytest.mark.parametrize(
    ("changed", "body"),
    [
        ({}, b"[ ]"),
        ({ID: "other"}, b"[]"),
        ({TIMESTAMP: str(NOW + 1)}, b"[]"),
        ({SIGNATURE: "v1,AAAA"}, b"[]"),
        ({SIGNATURE: ""}, b"[]"),
        ({ID: ""}, b"[]"),
        ({ID: "x" * 257}, b"[]"),
        ({TIMESTAMP: ""}, b"[]"),
        ({TIMESTAMP: "now"}, b"[]"),
        ({TIMESTAMP: "-1"}, b"[]"),
        ({TIMESTAMP: "9" * 400}, b"[]"),
        ({TIMESTAMP: "²"}, b"[]"),
        ({SIGNATURE: signed(key=b"1" * 24)[SIGNATURE]}, b"[]"),
    ],
)
def test_a_wrong_signature_is_refused(judge: Proof, changed: dict[str, str], body: bytes) -> None:
    assert kind(judge, signed() | changed, body) == "unsigned"
    assert judge.check(signed().get, b"[]"), "and its id is not taken by that"


@pytest.mark.parametrize("off", [-TOLERANCE - 1, TOLERANCE + 1, -NOW + 1, 4_102_444_800 - NOW])
def test_an_old_signature_is_refused_and_one_of_the_future(judge: Proof, off: float) -> None:
    assert kind(judge, signed(at=int(NOW + off))) == "stale"


def test_ids_are_known_for_as_long_as_their_time_may_be_right() -> None:
    now = float(NOW)
    judge = Proof(KEY, lambda: now)
    assert judge.check(signed(at=NOW + 299).get, b"[]")
    now += 598
    assert kind(judge, signed(at=NOW + 299)) == "replayed"
    now += 3
    assert kind(judge, signed(at=NOW + 299)) == "stale"
    judge.check(signed("another", at=int(now)).get, b"[]")
    assert len(judge._seen) == 1, "what is too old to be played again is forgotten"


def test_there_is_an_end_to_what_is_remembered(
    judge: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "REMEMBERED", 2)
    judge.check(signed("a").get, b"[]")
    judge.check(signed("b").get, b"[]")
    with pytest.raises(ApiError) as refused:
        judge.check(signed("c").get, b"[]")
    assert (refused.value.status, refused.value.retry_after) == (429, 60)


@pytest.mark.parametrize(
    ("remote", "may"), [("127.0.0.1", True), ("::1", True), ("192.0.2.7", False)]
)
def test_without_a_secret_only_who_is_near_may(remote: str, may: bool) -> None:
    assert Proof(None).may_ask(remote) is may
    assert Proof(KEY).may_ask(remote)
    assert Proof(None).check({}.get, b"[]")
