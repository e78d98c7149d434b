"""What follows from a microphone at the vendor: facts about its takeover."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.events.kinds import Kind
from dashboard.lib import clock
from dashboard.live.intake.accept import accept
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import TERMINAL, TakeoverState
from dashboard.takeover.voices.ends import look_after
from dashboard.vendors.port import VendorError


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rows say of a voice now. `is_wanted`: it may speak on; `state` is its takeover's."""

    is_wanted: bool
    why: str
    state: str

    @property
    def is_over(self) -> bool:
        """Ended, or nobody will tell how."""
        return self.state in TERMINAL or self.state == TakeoverState.UNKNOWN


def _voice(trace_id: str) -> Takeover:
    return Takeover.objects.whole(trace_id)


def standing(trace_id: str) -> Standing:
    row = Takeover.objects.filter(trace_id=trace_id).values_list(
        "state", "cancel_requested_at", "params__floor", "job__floor__epoch"
    )
    state, cancelled_at, mine, epoch = row[0]
    if state in (TakeoverState.DONE, TakeoverState.FAILED, TakeoverState.REJECTED):
        return Standing(False, "stopped", state)
    if cancelled_at is not None or state in (TakeoverState.CANCELLED, TakeoverState.CANCELLING):
        return Standing(False, "silenced", state)
    return Standing(mine == epoch, "" if mine == epoch else "floor", state)


def is_in_the_way(trace_id: str) -> bool:
    """Whether something of this job is still at the vendor; what has an unknown outcome may be, or not."""
    others = Takeover.objects.filter(IS_OPEN, job__takeovers__trace_id=trace_id, claimed_at__isnull=False)
    return others.exclude(trace_id=trace_id).exclude(state=TakeoverState.UNKNOWN).exists()


def accepted(trace_id: str) -> None:
    """The vendor opened it, and the first of its sound has left."""
    accept(item_fact(_voice(trace_id), Kind.ITEM_ACCEPTED))


def refused(trace_id: str, error: VendorError) -> None:
    accept(item_fact(_voice(trace_id), Kind.ITEM_REFUSED, error=error))


def without_sound(trace_id: str, error: VendorError) -> None:
    """The vendor opened it, and not one frame left us: a console that died, or a press without a word."""
    accept(item_fact(_voice(trace_id), Kind.ITEM_FAILED, error=error))


def taken_back(trace_id: str) -> None:
    """It never opened, and nobody heard a thing."""
    item = _voice(trace_id)
    if item.is_open:
        accept(item_fact(item, Kind.ITEM_CANCELLED))


def broken(trace_id: str, why: str) -> None:
    """The link or the vendor left us without a word. What was heard to begin is looked after; the rest is unknown."""
    item = _voice(trace_id)
    if item.started_at is None:
        accept(item_fact(item, Kind.ITEM_UNSURE, why=why))
    else:
        look_after(item, clock.now())


def ended(trace_id: str, *, cancelled: bool) -> None:
    """Its end was sent. `cancelled`: because somebody wished it silent, so what ends here is a cancellation."""
    item = _voice(trace_id)
    if cancelled and item.is_open:
        facts = [item_fact(item, kind) for kind in (Kind.ITEM_CANCEL_SENT, Kind.ITEM_CANCELLED)]
        accept(*facts)
    elif item.is_open:
        look_after(item, clock.now())
