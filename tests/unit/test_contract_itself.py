"""Which URLs lead back to the bootstrap."""

import pytest

from contract.errors import ApiError
from contract.itself import Itself, is_loopback, refuse_loopback_from_afar


@pytest.mark.parametrize(
    "url",
    [
        "http://bootstrap:5000",
        "http://localhost:5000",
        "http://127.0.0.1:5000",
        "http://127.1.2.3:5000",
        "http://[::1]:5000",
        "http://[::ffff:127.0.0.1]:5000",
    ],
)
def test_its_own_names_and_addresses_are_itself(url: str) -> None:
    assert Itself(5000, "Bootstrap").is_at(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://bootstrap:5001",
        "http://localhost:5001",
        "http://node1:5000",
        "http://203.0.113.1:5000",
        "http://bootstrap",
    ],
)
def test_other_ports_and_other_machines_are_not(url: str) -> None:
    assert not Itself(5000, "bootstrap").is_at(url)


def test_whatever_it_was_called_by_is_itself() -> None:
    itself = Itself(5000, "bootstrap")
    assert itself.is_at("http://203.0.113.7:8000", "203.0.113.7:8000")
    assert itself.is_at("http://directory", "DIRECTORY")
    assert not itself.is_at("http://203.0.113.7:8001", "203.0.113.7:8000")


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_is_known_in_every_form(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["node1", "203.0.113.1", "localhost.example", "2001:db8::1", ""])
def test_other_hosts_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("remote", "advice"),
    [("172.17.0.3", "http://172.17.0.3:5000"), ("2001:db8::1", "http://[2001:db8::1]:5000")],
)
def test_localhost_from_afar_is_refused_with_the_address_to_use(remote: str, advice: str) -> None:
    with pytest.raises(ApiError) as caught:
        refuse_loopback_from_afar("http://localhost:5000", remote)
    assert caught.value.status == 422
    assert advice in caught.value.message


@pytest.mark.parametrize("remote", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_localhost_from_here_is_taken(remote: str) -> None:
    refuse_loopback_from_afar("http://localhost:5000", remote)
