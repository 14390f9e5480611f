"""The seal on a batch: what passes, and what does not."""

import pytest

from contract.errors import ApiError
from node.seal import MAC, TIME, TOLERANCE, Seal

NOW = 1_700_000_000.0
BODY = b'{"v": 1}'


def seal(secret: str | None = "correct horse", at: float = NOW) -> Seal:
    return Seal(secret, lambda: at)


def test_a_sealed_body_passes() -> None:
    checking = seal()
    checking.check(seal().headers(BODY).get, BODY)
    checking.check(seal(at=NOW - TOLERANCE + 1).headers(BODY).get, BODY)
    checking.check(seal(at=NOW + TOLERANCE - 1).headers(BODY).get, BODY)
    assert checking.refused == 0


SEALED = seal().headers(BODY)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY),
        (SEALED, BODY + b" "),
        (seal("another secret").headers(BODY), BODY),
        (seal(at=NOW - TOLERANCE - 1).headers(BODY), BODY),
        (seal(at=NOW + TOLERANCE + 1).headers(BODY), BODY),
        ({**SEALED, TIME: str(int(NOW) + 1)}, BODY),
        ({TIME: SEALED[TIME]}, BODY),
        ({MAC: SEALED[MAC]}, BODY),
        ({**SEALED, MAC: SEALED[MAC].upper()}, BODY),
        ({**SEALED, MAC: "\u00e9"}, BODY),
        ({**SEALED, TIME: "9" * 5_000}, BODY),
        ({**SEALED, TIME: "-1"}, BODY),
        ({**SEALED, TIME: "\u0661"}, BODY),
    ],
)
def test_anything_else_is_refused_and_counted(headers: dict[str, str], body: bytes) -> None:
    checking = seal()
    with pytest.raises(ApiError) as refused:
        checking.check(headers.get, body)
    assert refused.value.status == 403
    assert checking.refused == 1


def test_without_a_secret_nothing_is_sealed_and_everything_passes() -> None:
    assert seal(None).headers(BODY) == {}
    seal(None).check({}.get, BODY)
