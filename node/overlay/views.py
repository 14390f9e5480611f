"""Records as events show them: the NODE and the MEMBER of `contract.events`."""

from typing import Any

from node.overlay.frames import Record
from node.overlay.members import Members


def node_view(record: Record) -> dict[str, str]:
    """A NODE."""
    return {"id": record.id, "name": record.name, "url": record.url}


def member_view(record: Record) -> dict[str, Any]:
    """A MEMBER."""
    return {
        **node_view(record),
        "kind": record.kind,
        "state": record.state,
        "epoch": record.epoch,
        "incarnation": record.incarnation,
    }


def view_of(member: str, members: Members) -> dict[str, str]:
    """A NODE by its id, also where it is not known any more."""
    record = members.own if member == members.own.id else members.get(member)
    return node_view(record) if record else {"id": member, "name": "", "url": ""}
