"""Asking nodes for the person at the page.

A node's refusal (4xx) is passed on as it is, since it says what to do. That a node does
not answer is not the caller's fault: 502 where nobody is there or makes no sense, 504
where it takes too long.
"""

import difflib
import re
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from contract.errors import ApiError, out_of_range
from dashboard.asking import ANSWER_TIMEOUT, Asking, NoAnswerError, Reply
from dashboard.observer import Observer
from dashboard.records import Record
from dashboard.subscriptions import Subscriptions

_NEAR: Final = 3
FAULT_TIMEOUT: Final = 10.0
"""Seconds for a node to set a fault: its first one loads what faults need, and where many are asked
in the same moment on a busy machine that has taken more than the usual five [measured]."""


class Control:
    """Calls to nodes, by name or id."""

    def __init__(
        self,
        observer: Observer,
        subscriptions: Subscriptions,
        asking: Asking,
        token: str | None = None,
    ) -> None:
        """`token` is what nodes want to see of who sets faults (`P2P_OPERATOR_TOKEN`)."""
        self._token = token
        self._observer = observer
        self._subscriptions = subscriptions
        self._asking = asking

    def send(self, origin: str, receiver: str, text: str) -> dict[str, Any]:
        """Have a node send a message; what it answers, with the ids of both ends."""
        sender = self.speaking(origin, "from")
        known = self._observer.find(receiver)
        if known is not None and known.id == sender.id:
            raise out_of_range("a node sends no messages to itself", "to")
        to = receiver if known is None else known.id
        try:
            answer = self._ask(sender, "POST", "/send", {"to": to, "msg": text})
        except ApiError as error:
            if error.status != 404 or known is None:
                raise
            raise ApiError(
                404,
                f"{sender.name} has not heard of {known.name} yet; news takes a few seconds, "
                "so send it again then",
                field="to",
            ) from None
        return {
            "id": answer.get("id"),
            "status": answer.get("status"),
            "from": sender.id,
            "to": to,
        }

    def broadcast(self, origin: str, text: str) -> dict[str, Any]:
        """Have a node send a message to everybody; what it answers, with its id."""
        sender = self.speaking(origin, "from")
        answer = self._ask(sender, "POST", "/broadcast", {"msg": text})
        return {"id": answer.get("id"), "status": answer.get("status"), "from": sender.id}

    def status(self, node: str) -> dict[str, Any]:
        """A node's own `/status`."""
        return self._ask(self.speaking(node, "node"), "GET", "/status")

    def inbox(self, node: str, limit: int, before: int | None) -> dict[str, Any]:
        """A node's inbox."""
        query = {"limit": limit} | ({} if before is None else {"before": before})
        return self._ask(self.speaking(node, "node"), "GET", f"/messages?{urlencode(query)}")

    def outbox(
        self, node: str, limit: int, before: int | None = None, status: str | None = None
    ) -> dict[str, Any]:
        """A node's outbox, or what of it has a status."""
        wanted = {"limit": limit, "before": before, "status": status}
        query = urlencode({name: value for name, value in wanted.items() if value is not None})
        return self._ask(self.speaking(node, "node"), "GET", f"/send?{query}")

    def sent(self, node: str, message: str) -> dict[str, Any]:
        """How far a message is, as its sender says."""
        return self._of(node, "GET", message)

    def retry(self, node: str, message: str) -> dict[str, Any]:
        """Have a node try a message again that failed, or that waits."""
        return self._of(node, "POST", message, "/retry")

    def discard(self, node: str, message: str) -> dict[str, Any]:
        """Have a node drop a message of its own."""
        return self._of(node, "DELETE", message)

    def _of(self, node: str, method: str, message: str, what: str = "") -> dict[str, Any]:
        """A call about one message of a node's outbox."""
        record = self.speaking(node, "node")
        if message in {".", ".."}:  # in a path these are steps, and lead elsewhere
            raise ApiError(404, "this node has sent no message with this id", field="id")
        return self._ask(record, method, f"/send/{quote(message, safe='')}{what}")

    def coverage(self, node: str, message: str) -> dict[str, Any]:
        """Who has a broadcast of a node's, as far as that node knows."""
        path = f"/broadcast/{quote(message, safe='')}"
        return self._ask(self.speaking(node, "node"), "GET", path)

    def faults(self, node: str) -> dict[str, Any]:
        """The faults that are set at a node."""
        return self._ask(self.speaking(node, "node"), "GET", "/faults")

    def set_fault(self, node: str, body: Any) -> dict[str, Any]:
        """Have a node break itself."""
        record = self.speaking(node, "node")
        return self._ask(record, "POST", "/faults", body, timeout=FAULT_TIMEOUT)

    def heal(self, node: str) -> dict[str, Any]:
        """End all faults of a node."""
        return self._ask(self.speaking(node, "node"), "DELETE", "/faults")

    def heal_one(self, node: str, fault: str) -> dict[str, Any]:
        """End one fault of a node."""
        return self._ask(self.speaking(node, "node"), "DELETE", f"/faults/{quote(fault, safe='')}")

    def speaking(self, wanted: str, field: str) -> Record:
        """The node that is meant, which must be one that understands such calls."""
        record = self._observer.find(wanted)
        if record is None:
            raise ApiError(404, self._unknown(wanted), field=field)
        if record.kind == "plain":
            raise out_of_range(
                f"{record.name} is a plain node: it takes messages, but has no inbox to read "
                "and sends none for others",
                field,
            )
        return record

    def _unknown(self, wanted: str) -> str:
        near = difflib.get_close_matches(wanted[:100], self._observer.names(), _NEAR)
        hint = " or ".join(f"'{name}'" for name in near)
        return f"there is no node '{wanted[:100]}'" + (f"; did you mean {hint}?" if near else "")

    def _ask(
        self,
        record: Record,
        method: str,
        path: str,
        body: Any = None,
        *,
        timeout: float = ANSWER_TIMEOUT,
    ) -> dict[str, Any]:
        try:
            way = self._subscriptions.way_to(record)
            if self._token is not None and path.startswith("/faults"):
                shown = {"Authorization": f"Bearer {self._token}"}
                reply = self._asking.ask(method, way, path, body, timeout=timeout, more=shown)
            else:
                reply = self._asking.ask(method, way, path, body, timeout=timeout)
        except NoAnswerError as error:
            raise _bad_gateway(record, str(error), 504 if error.late else 502) from None
        if reply.headers.get("P2P-Node") != record.id:
            raise _bad_gateway(record, "another program answers at its address")
        answer = _object(reply)
        if 400 <= reply.status < 500:
            raise _passed_on(reply, answer)
        if answer is None or not 200 <= reply.status < 300:
            raise _bad_gateway(record, f"its answer makes no sense (status {reply.status})")
        return answer


def _object(reply: Reply) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _passed_on(reply: Reply, answer: dict[str, Any] | None) -> ApiError:
    said = answer or {}
    error, field = said.get("error"), said.get("field")
    wait = reply.headers.get("Retry-After", "")
    return ApiError(
        reply.status,
        error[:1_000] if isinstance(error, str) else f"the node refused with {reply.status}",
        field=field[:100] if isinstance(field, str) else None,
        retry_after=int(wait) if re.fullmatch(r"[0-9]{1,4}", wait) else None,
    )


def _bad_gateway(record: Record, why: str, status: int = 502) -> ApiError:
    return ApiError(status, f"{record.name}: {why}")
