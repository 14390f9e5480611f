import socket

from free_ports import free_port


def test_no_port_is_given_twice_and_none_that_the_kernel_gives_away() -> None:
    given = [free_port() for _ in range(500)]
    assert len(set(given)) == len(given)
    assert max(given) < 32_768


def test_a_port_where_somebody_listens_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", free_port() + 1)) as listener:
        assert free_port() == listener.getsockname()[1] + 1
