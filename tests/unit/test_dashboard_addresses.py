"""Where the dashboard looks for nodes, and where nobody may send it."""

import socket
from typing import Any

import pytest

from dashboard import addresses as module
from dashboard.addresses import Addresses, ForbiddenError
from dashboard.asking import Asking, NoAnswerError
from dashboard.stream import Stream, StreamError

BAD = [
    "169.254.169.254",
    "169.254.0.1",
    "fe80::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "100.100.100.200",
    "fd00:ec2::254",
    "224.0.0.1",
    "0.0.0.0",  # noqa: S104 - nobody listens here
]
GOOD = ["127.0.0.1", "::1", "10.0.0.7", "172.18.0.2", "192.168.1.9", "fd00::7", "93.184.216.34"]


@pytest.mark.parametrize("address", BAD)
def test_what_nobody_may_send_us_to_is_refused_and_counted(address: str) -> None:
    counted: list[None] = []
    addresses = Addresses()
    addresses.refused = lambda: counted.append(None)
    with pytest.raises(ForbiddenError):
        addresses.of(address)
    assert len(counted) == 1


@pytest.mark.parametrize("address", GOOD)
def test_where_nodes_may_be_is_allowed(address: str) -> None:
    assert Addresses().of(address) == address


def test_a_name_is_judged_by_where_it_leads_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    leads = "10.0.0.7"

    def look_up(*_: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (leads, 0))]

    monkeypatch.setattr(module, "off_loop", look_up)
    addresses = Addresses()
    assert addresses.of("node7") == "10.0.0.7"
    leads = "169.254.169.254"
    addresses.forget("node7")
    for _ in range(2):  # looked up, and remembered
        with pytest.raises(ForbiddenError, match=r"node7: 169\.254\.169\.254 is link-local"):
            addresses.of("node7")


@pytest.mark.parametrize("url", ["http://169.254.169.254", "https://169.254.169.254"])
def test_nobody_is_connected_to_there(url: str) -> None:
    with pytest.raises(NoAnswerError, match="nobody is asked there"):
        Asking(Addresses()).ask("GET", url, "/latest/meta-data/")
    with pytest.raises(StreamError, match="nobody is asked there"):
        Stream(url, Addresses()).open()
