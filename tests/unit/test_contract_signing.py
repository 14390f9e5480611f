"""Standard Webhooks' signature: by the specification, with nothing but hashlib and hmac."""

import base64
import hashlib
import hmac

import pytest

from contract.signing import key_of, signature, verified, written

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
BODY = b'{"event_type":"ping","data":{"success":true}}'


def test_a_signature_is_what_the_specification_says() -> None:
    signed = b"msg_loFOjxBNrRLzqYUf.1731705121." + BODY
    wanted = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert signature(key_of(SECRET), "msg_loFOjxBNrRLzqYUf", 1731705121, BODY) == f"v1,{wanted}"


def test_it_is_that_of_a_published_vector() -> None:
    """The example of the specification's text, "Signature scheme": whatever it is written in."""
    key = key_of("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
    given = signature(
        key,
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1649367553,
        b'{"email":"test@example.com","username":"test_user"}',
    )
    assert given == "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="


def test_one_right_signature_among_several_is_enough() -> None:
    right = signature(KEY, "m", 1, BODY)
    assert verified(KEY, "m", 1, BODY, right)
    assert verified(KEY, "m", 1, BODY, f"v1,AAAA v1a,xyz {right}")


@pytest.mark.parametrize(
    ("message", "stamp", "body", "given"),
    [
        ("n", 1, BODY, None),
        ("m", 2, BODY, None),
        ("m", 1, BODY + b" ", None),
        ("m", 1, BODY, ""),
        ("m", 1, BODY, "v1,"),
        ("m", 1, BODY, "é\udcff"),
    ],
)
def test_anything_else_is_not(message: str, stamp: int, body: bytes, given: str | None) -> None:
    right = signature(KEY, "m", 1, BODY)
    assert not verified(KEY, message, stamp, body, right if given is None else given)
    assert not verified(KEY, "m", 1, BODY, right.removeprefix("v1,"))


def test_a_secret_comes_back_as_it_was_written() -> None:
    assert written(key_of(SECRET)) == SECRET


@pytest.mark.parametrize("size", [0, 23, 65])
def test_a_secret_has_a_length(size: int) -> None:
    with pytest.raises(ValueError, match="24 to 64 bytes"):
        key_of(written(bytes(size)))


@pytest.mark.parametrize("secret", ["", "geheim", SECRET[6:], "whsec_***", "whsec_é"])
def test_a_secret_has_a_form(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        key_of(secret)
