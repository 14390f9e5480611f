"""Overlays with one mistake each: the invariants must see them, or they see nothing."""

from typing import Any, ClassVar

import msgspec

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.core import Overlay
from node.overlay.frames import Neighbour, Prune, Record, Unicast


class ForgetsToRefute(Overlay):
    def _merge(self, record: Record, *, spread: bool = True, told_by: Any = None) -> None:
        if record.id != self.own.id:
            super()._merge(record, spread=spread, told_by=told_by)


class KnowsItself(Overlay):
    def _merge(self, record: Record, *, spread: bool = True, told_by: Any = None) -> None:
        if record.id == self.own.id:
            self.members.merge(record, self._now)
        super()._merge(record, spread=spread, told_by=told_by)


class SpeaksForOthers(Overlay):
    def _mark(self, record: Record, state: Any, reason: str) -> None:  # noqa: ARG002 - as in the overlay
        raised = msgspec.structs.replace(record, incarnation=record.incarnation + 1)
        self._merge(msgspec.structs.replace(raised, state=state))


class BelievesTheLast(Overlay):
    def _merge(self, record: Record, *, spread: bool = True, told_by: Any = None) -> None:
        before = self.members.get(record.id)
        if before is not None and record.id != self.own.id:
            self.members._put(before, record, self._now)
        else:
            super()._merge(record, spread=spread, told_by=told_by)


class LowersCounters(Overlay):
    def _mark(self, record: Record, state: Any, reason: str) -> None:  # noqa: ARG002 - as in the overlay
        lower = msgspec.structs.replace(record, epoch=record.epoch - 1, state=state)
        self.members._put(record, lower, self._now)


class EndsTwice(Overlay):
    def handle(self, happened: i.Input, now: float) -> list[o.Output]:
        outputs = super().handle(happened, now)
        return outputs + [output for output in outputs if isinstance(output, o.MessageEnded)]


class KeepsNoOrder(Overlay):
    def _submit(self, happened: i.Submit) -> None:
        record = self.members.get(happened.to)
        if record is not None:
            self._out.append(o.Post(happened.message, record.id, record.url, False, 1))

    _INPUTS: ClassVar[dict[Any, Any]] = {**Overlay._INPUTS, i.Submit: _submit}


class MixesReceiversUp(Overlay):
    def handle(self, happened: i.Input, now: float) -> list[o.Output]:
        outputs = super().handle(happened, now)
        for at, post in enumerate(outputs):
            if isinstance(post, o.Post):
                other = next(r for r in self.members.living() if r.id != post.to)
                outputs[at] = msgspec.structs.replace(post, to=other.id, url=other.url)
        return outputs


class LeavesNoTraceOnMessages(Overlay):
    def handle(self, happened: i.Input, now: float) -> list[o.Output]:
        outputs = super().handle(happened, now)
        for at, output in enumerate(outputs):
            if isinstance(output, o.Send) and isinstance(output.frame, Unicast):
                frame = msgspec.structs.replace(output.frame, visited=output.frame.visited[:-1])
                outputs[at] = msgspec.structs.replace(output, frame=frame)
        return outputs


class LosesMessages(Overlay):
    def _post_ended(self, happened: i.PostEnded) -> None:
        if happened.outcome != "unreachable":
            super()._post_ended(happened)

    _INPUTS: ClassVar[dict[Any, Any]] = {**Overlay._INPUTS, i.PostEnded: _post_ended}


class IsDeafToSubmissions(Overlay):
    def _submit(self, happened: i.Submit) -> None:
        pass

    _INPUTS: ClassVar[dict[Any, Any]] = {**Overlay._INPUTS, i.Submit: _submit}


class KeepsHalfALink(Overlay):
    def handle(self, happened: i.Input, now: float) -> list[o.Output]:
        links = dict(self.links._links)
        outputs = super().handle(happened, now)
        for member, record in links.items():
            known = self.members.get(member)
            lives = known is not None and known.state == "alive"
            if lives and len(self.links) < self.config.links_most:
                self.links._links.setdefault(member, record)
                self.passive.drop(member)  # this mistake, and no other
        return outputs


class TakesAnyNumberOfLinks(Overlay):
    def _neighbour(self, sender: Record, frame: Any) -> None:
        for record in self.members.living_peers():
            self.links._add(record, self._now, chosen=False)
        super()._neighbour(sender, frame)

    _FRAMES: ClassVar[dict[Any, Any]] = {**Overlay._FRAMES, Neighbour: _neighbour}


class NeverPrunes(Overlay):
    def _prune(self, sender: Record, frame: Prune) -> None:
        """Every broadcast is a flood."""

    _FRAMES: ClassVar[dict[Any, Any]] = {**Overlay._FRAMES, Prune: _prune}


class LeaksTimers(Overlay):
    def _gossip_round(self, key: str) -> None:
        super()._gossip_round(key)
        for n in range(100):
            self._timer(f"probe {self._now} {n}", 1e6)

    _TIMERS: ClassVar[dict[Any, Any]] = {**Overlay._TIMERS, "gossip": _gossip_round}


class Fails(Overlay):
    def _silent(self, happened: i.Silent) -> None:
        raise KeyError(happened.to)

    _INPUTS: ClassVar[dict[Any, Any]] = {**Overlay._INPUTS, i.Silent: _silent}
