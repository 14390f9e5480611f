"""Where nothing may be sent, in all its disguises."""

import pytest

from contract.reach import refusal

NEVER = [
    *("169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "100.100.100.200"),
    *("fd00:ec2::254", "224.0.0.1", "239.255.255.250", "ff02::1", "255.255.255.255"),
    *("0.0.0.0", "0.1.2.3", "::", "::ffff:169.254.169.254", "::ffff:0.0.0.0"),  # noqa: S104
    *("64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::169.254.169.254"),
    *("2001:0:a9fe:a9fe::1", "localhost", "", "169.254.169.254:80"),
]
LOOPBACK = ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "::127.0.0.1"]
FINE = ["172.18.0.7", "10.0.0.1", "192.168.1.2", "192.0.2.1", "fd12::7", "2001:db8::1"]


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_nobodys_to_choose(address: str) -> None:
    assert refusal(address, loopback=True)
    assert refusal(address, loopback=False)


@pytest.mark.parametrize("address", LOOPBACK)
def test_the_loopback_is_for_those_who_are_there(address: str) -> None:
    assert refusal(address, loopback=True) is None
    assert refusal(address, loopback=False) == "is this very machine"


@pytest.mark.parametrize("address", FINE)
def test_networks_of_containers_and_the_world_may_be_sent_to(address: str) -> None:
    assert refusal(address, loopback=False) is None
