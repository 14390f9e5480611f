"""The HTTP server. All that is eventlet is in this file.

eventlet runs every connection in a green thread of one operating-system thread: a
hundred idle connections cost memory but no wake-ups, and one request never waits for the
GIL. Its makers call it deprecated (bug fixes only), so nobody else imports it: the other
modules use `threading`, `queue` and `socket`, which eventlet replaces underneath, and
`P2P_SERVER=threading` runs the same programs on Werkzeug's threaded server.

Two things to know. `patch()` has to come before any other import, since modules keep the
originals they find. And a call that waits inside C code, such as a DNS look-up, stops
every green thread: such a call goes through `off_loop`.
"""

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeVar

from contract import straight
from contract.lean import kept_away
from contract.locks import replace_all

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

T = TypeVar("T")
Kind = Literal["eventlet", "threading"]


def kind() -> Kind:
    """Which server this process uses, from `P2P_SERVER`. Ends the process on nonsense."""
    wanted = os.environ.get("P2P_SERVER", "eventlet")
    if wanted == "eventlet":
        return "eventlet"
    if wanted == "threading":
        return "threading"
    sys.exit(f"P2P_SERVER must be 'eventlet' or 'threading', not {wanted!r}")


TURN: Final = 0.005
"""Seconds that one connection may be answered without a pause while others wait. A browser that
fetched the page's 124 files held up its own other connections and everybody else's for 400 ms
[measured]; a pause costs 4 microseconds [measured]. The five milliseconds are a guess."""

_patched = False

_NO_TLS: Final = frozenset({"ssl", "eventlet.green.OpenSSL", "_hashlib"})
"""`_hashlib` is OpenSSL again: `hashlib` and `hmac` have what we need without it."""


def patch(*, tls: bool = True) -> None:
    """Make the standard library green. Call it before anything else is imported.

    A program that rarely speaks TLS leaves it out, imports `http.client` by `without_tls`,
    and gets it by `green_ssl` when somebody wants it: it costs 10 ms a process (measured).
    """
    # Imports make objects that stay, by the ten thousand, and nothing to collect: without
    # the collector they take a fifth less time (measured), and a hundred nodes share two
    # cores while they start. `serve` switches it on again.
    gc.disable()
    if kind() != "eventlet":
        return
    # Saves 0.2 s and 7 MiB a process, and greendns answers SERVFAIL differently (measured).
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    # Real threads for `off_loop`; eventlet would start 20.
    os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", "2")
    # asyncio is for one of eventlet's hubs, and not the one that we use; of what looks into
    # code and costs a node 6 ms only one function is called. No program of ours starts others.
    inspect = ModuleType("inspect")
    inspect.isclass = lambda thing: isinstance(thing, type)  # type: ignore[attr-defined]
    absent = frozenset() if tls else _NO_TLS
    with (
        kept_away(hollow=["asyncio"], absent=absent, instead=[inspect]),
        warnings.catch_warnings(),
    ):
        # It is for people who start a project; our choice is explained above.
        warnings.simplefilter("ignore")
        import eventlet

        _find_locks_quickly()
        eventlet.monkey_patch(subprocess=False, psycopg=False)
        import eventlet.tpool  # for `off_loop`; it looks for TLS, too

        _do_not_wake_for_what_was_cancelled()
    global _patched  # noqa: PLW0603 - as the interpreter is, from now on
    _patched = True


def _find_locks_quickly() -> None:
    """Put our search for locks in the place of eventlet's, which `locks` tells about."""
    from eventlet import patcher
    from eventlet.green.thread import get_ident

    def search(old_type: type) -> None:
        owner = get_ident()  # nothing green runs yet: no other thread can hold one
        replace_all(old_type, lambda lock: patcher._convert_py3_rlock(lock, owner))  # noqa: SLF001

    patcher._green_existing_locks = search  # noqa: SLF001 - as of eventlet 0.4x, pinned


def _do_not_wake_for_what_was_cancelled() -> None:
    """Let the hub sleep until the next timer that still counts.

    eventlet's own sleeps until the next of all, so that the time limit of a call that was
    answered long ago wakes the process up for nothing, once for each call.
    """
    import heapq

    from eventlet.hubs.hub import BaseHub

    def sleep_until(hub: Any) -> float | None:
        timers = hub.timers
        while timers and timers[0][1].called:
            heapq.heappop(timers)
            hub.timers_canceled -= 1
        return timers[0][0] if timers else None

    BaseHub.sleep_until = sleep_until


def without_tls() -> AbstractContextManager[None]:
    """For the imports of a program that left TLS out: what they import can do without, too."""
    return kept_away(absent=_NO_TLS)


def green_ssl() -> ModuleType:
    """The module `ssl`, with sockets that do not stop the other green threads."""
    if kind() != "eventlet":
        return importlib.import_module("ssl")
    if "eventlet.green.ssl" not in sys.modules:
        from eventlet import patcher

        # Its sockets are a kind of the system's own, and eventlet makes them green. Whoever has
        # loaded it since has got a kind of green ones, which cannot be made green again.
        green_socket = sys.modules["socket"]
        sys.modules.pop("ssl", None)
        sys.modules["socket"] = patcher.original("socket")
        try:
            importlib.import_module("ssl")
        finally:
            sys.modules["socket"] = green_socket
    return importlib.import_module("eventlet.green.ssl")


def off_loop(function: Callable[..., T], *args: Any) -> T:
    """Run a call that blocks in C without stopping the other green threads."""
    if kind() != "eventlet":
        return function(*args)
    from eventlet import tpool

    result: T = tpool.execute(function, *args)
    return result


class Alarm(Protocol):
    """A wait for a moment that others may move. Both calls are made with its lock held."""

    def wait(self, seconds: float | None) -> None:
        """Let the lock go and wait, None: until moved. It may return too early."""

    def move(self, seconds: float | None) -> None:
        """Whoever waits shall do so for so long from now on."""


def alarm(lock: threading.Lock) -> Alarm:
    """An alarm for one thread. With eventlet, to move it wakes nobody up."""
    return _GreenAlarm(lock) if _patched else _PlainAlarm(lock)


class _PlainAlarm:
    def __init__(self, lock: threading.Lock) -> None:
        self._moved = threading.Condition(lock)

    def wait(self, seconds: float | None) -> None:
        self._moved.wait(seconds)

    def move(self, _seconds: float | None) -> None:
        self._moved.notify()  # it reckons anew by itself


class _GreenAlarm:
    """The hub's own timer, which switches to the green thread that waits.

    A condition costs 0.16 ms each time that a thread waits at it for a while (measured): it makes
    a lock, a time limit and a queue. An idle node waits for timers four times a second.
    """

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self._sleeper: Any = None
        self._timer: Any = None

    def wait(self, seconds: float | None) -> None:
        from eventlet.hubs import get_hub
        from eventlet.support import greenlets

        self._sleeper = greenlets.getcurrent()
        self.move(seconds)
        self._lock.release()  # which switches to nobody, so nothing can be moved unseen
        try:
            get_hub().switch()
        finally:
            self._cancel()
            self._sleeper = None
            self._lock.acquire()

    def move(self, seconds: float | None) -> None:
        if self._sleeper is None:
            return
        from eventlet.hubs import get_hub

        self._cancel()
        if seconds is not None:
            self._timer = get_hub().schedule_call_global(seconds, self._sleeper.switch)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()  # which does no harm to one that has rung
            self._timer = None


class Gate(Protocol):
    """Where one thread waits until another lets it through. Opened twice, it lets through once."""

    def wait(self) -> None:
        """Until it is opened; at once where it was meanwhile."""

    def open(self) -> None:
        """Let through who waits, or else who comes next."""


def gate() -> Gate:
    """A gate. With eventlet a third as dear as an `Event`, which makes a lock each time."""
    return _GreenGate() if _patched else _PlainGate()


class _PlainGate:
    def __init__(self) -> None:
        self._opened = threading.Event()

    def wait(self) -> None:
        self._opened.wait()
        self._opened.clear()

    def open(self) -> None:
        self._opened.set()


class _GreenGate:
    def __init__(self) -> None:
        from eventlet.hubs import get_hub
        from eventlet.support import greenlets

        self._hub = get_hub()
        self._current = greenlets.getcurrent
        self._opened = False
        self._waiting: Any = None

    def wait(self) -> None:
        if not self._opened:
            self._waiting = self._current()
            try:
                self._hub.switch()
            finally:
                self._waiting = None
        self._opened = False

    def open(self) -> None:
        if not self._opened and self._waiting is not None:
            self._hub.schedule_call_global(0, self._waiting.switch)
        self._opened = True


def is_plain(connection: socket.socket) -> bool:
    """Whether a connection is the kernel's own, and no TLS is on it that keeps bytes for itself."""
    return type(connection) is socket.socket


def at_once(connection: socket.socket, size: int) -> bytes | None:
    """What has come on a plain connection by now; None: nothing. Raises OSError."""
    try:
        kernels: Any = getattr(connection, "fd", connection)  # of eventlet's the one below
        data: bytes = kernels.recv(size, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    return data


def real_epoll() -> "select.epoll | None":
    """An `epoll`, which eventlet takes away for its own use; None where there is none."""
    if kind() != "eventlet":
        make = getattr(select, "epoll", None)
    else:
        from eventlet import patcher

        make = getattr(patcher.original("select"), "epoll", None)
    return None if make is None else make()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Accepted connections inherit it. An answer that leaves in several pieces would wait for the
    # acknowledgement of the first (RFC 896), which the other side holds back for 40 ms (RFC 1122,
    # section 4.2.3.2): one in three files of the page did.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)  # room for a hundred nodes that all come in the same second
    except OSError:
        listener.close()
        raise
    return listener


def serve(
    app: "WSGIApplication",
    listener: socket.socket,
    on_stop: Callable[[], None] | None = None,
    taker: straight.Straight | None = None,
) -> None:
    """Answer requests until SIGTERM or SIGINT, then call `on_stop` and return.

    `taker` is asked first, by eventlet's server, where a request is plain (`straight`).
    """
    stopping = _stop_signal()
    # What the imports made lives as long as the process: the collector need not look at it
    # again and again, which would hold up a request by ten milliseconds now and then.
    gc.freeze()
    gc.enable()
    threading.Thread(
        target=_accept_eventlet if kind() == "eventlet" else _accept_threading,
        args=(app, listener, taker),
        name="http",
        daemon=True,
    ).start()
    stopping.wait()
    if on_stop is not None:
        on_stop()
    listener.close()


def hang_up(environ: "WSGIEnvironment") -> None:
    """End a request without an answer: what its WSGI application then says goes nowhere."""
    if "eventlet.input" in environ:
        from eventlet import wsgi

        wsgi.WSGI_LOCAL.already_handled = True
    elif "werkzeug.socket" in environ:
        with contextlib.suppress(OSError):  # the other end was quicker
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


def load() -> None:
    """Load what `serve` needs, which does so by itself."""
    if kind() == "eventlet":
        # Of the standard library's server the part that serves files is not used, and of `html`
        # one function, whose 2,231 names of letters are not needed for that.
        html = ModuleType("html")
        html.escape = _escaped  # type: ignore[attr-defined]
        with kept_away(hollow=["shutil", "mimetypes"], absent=_NO_TLS, instead=[html]):
            import eventlet.wsgi  # noqa: F401


def _escaped(text: str, quote: bool = True) -> str:
    """Text as HTML shows it: what the server's answer to a broken request line is made of."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#x27;") if quote else text


def _accept_eventlet(
    app: "WSGIApplication", listener: socket.socket, taker: straight.Straight | None
) -> None:
    load()
    import eventlet
    import eventlet.wsgi

    from contract.headers import BadHeadersError

    class Quiet(eventlet.wsgi.HttpProtocol):  # type: ignore[misc] # eventlet has no types
        turn_began = 0.0

        def handle_one_request(self) -> None:
            if taker is None or not _straight(self, taker):
                super().handle_one_request()
            # Whoever is quick has his next request here by now, so that reading it never waits,
            # and nobody else would have a turn for as long as he goes on.
            if time.monotonic() - self.turn_began > TURN:
                eventlet.sleep(0)
                self.turn_began = time.monotonic()

        def parse_request(self) -> bool:
            try:
                return bool(super().parse_request())
            except BadHeadersError as error:
                self.send_error(400, str(error))
                self.close_connection = True
                return False

        def log_message(self, *_: Any) -> None:
            """Say nothing: the error goes to who caused it, and no stranger writes our log."""

    eventlet.wsgi.server(
        listener,
        app,
        protocol=Quiet,
        log_output=False,  # one line a request would drown the messages
        socket_timeout=90,  # longer than the quiet time of a kept connection between peers
        max_size=1024,
        debug=False,
    )


def _straight(protocol: Any, taker: straight.Straight) -> bool:
    """Take a request that is plain; False where it is not, and nothing of it is taken then.

    `protocol` is eventlet's `HttpProtocol`, which has read nothing of the request yet.
    """
    import eventlet.wsgi

    try:
        begin = protocol.rfile.peek(1)
    except ConnectionError:  # the ordinary way meets it again, and knows what to do
        return False
    request = straight.parse(begin)
    if request is None or not taker.takes(request):
        return False
    protocol.conn_state[2] = eventlet.wsgi.STATE_REQUEST
    protocol.close_connection = True
    try:
        protocol.rfile.read(request.head)
        body = protocol.rfile.read(request.length)
        if len(body) == request.length:
            reply = _reply(taker, request, body)
            if reply is not None:
                protocol.close_connection = reply.status >= 500
                protocol.connection.sendall(straight.encode(reply))
    except ConnectionError:  # whoever asked is gone
        protocol.close_connection = True
    return True


def _reply(
    taker: straight.Straight, request: straight.Request, body: bytes
) -> straight.Reply | None:
    try:
        return taker.reply(request, body)
    except Exception:  # noqa: BLE001 - a fault of ours; the next request may fare better
        traceback.print_exc()
        return straight.Reply(500, (), b"")


def _accept_threading(
    app: "WSGIApplication", listener: socket.socket, _: straight.Straight | None
) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server

    from contract.headers import BadHeadersError

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def parse_request(self) -> bool:
            try:
                return super().parse_request()
            except BadHeadersError as error:
                self.send_error(400, str(error))
                self.close_connection = True
                return False

        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - inherited
            """Say nothing: one line a request would drown the messages."""

    host, port = listener.getsockname()[:2]
    make_server(
        host, port, app, threaded=True, request_handler=Quiet, fd=listener.fileno()
    ).serve_forever()


def _stop_signal() -> threading.Event:
    """An event that SIGTERM and SIGINT set.

    A signal handler cannot wake eventlet's hub from its `epoll`, so the interpreter
    writes the signal's number into a socket (`signal.set_wakeup_fd`) that a thread reads.
    """
    stopping = threading.Event()
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    wanted = {signal.SIGTERM, signal.SIGINT}
    for number in wanted:
        signal.signal(number, lambda *_: None)

    def watch(_keep: socket.socket) -> None:
        while not wanted & set(reader.recv(16)):
            pass
        stopping.set()

    threading.Thread(target=watch, args=(writer,), name="signals", daemon=True).start()
    return stopping
