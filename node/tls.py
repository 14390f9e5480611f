"""HTTPS, for the rare plain node that wants it: loaded when the first one is met.

Python's own `http.client.HTTPSConnection` would have every node load TLS at its start
(`contract.server.patch`). So this is the same in short: a connection whose socket is wrapped
as soon as it stands, its certificate checked against the system's authorities and the name.
"""

import http.client

from contract.server import green_ssl


class TlsConnection(http.client.HTTPConnection):
    """A connection to a host by name. Raises OSError where the certificate is no good.

    `name` is whose certificate it must be, where the host is given by its address.
    """

    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, port: int, *, timeout: float, name: str | None = None) -> None:
        super().__init__(host, port, timeout=timeout)
        self._name = name or host

    def connect(self) -> None:
        """Connect and shake hands."""
        super().connect()
        context = green_ssl().create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self._name)
