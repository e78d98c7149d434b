"""What vendors run and nobody here started, as the Jobs page offers it: adopt or close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.accounts.models import Team
from dashboard.console.bar import StopDialog
from dashboard.console.facts import POLLED_LIMITS
from dashboard.jobs.air import AirState, air
from dashboard.jobs.selectors import of_ended_job, rooms_that_may_adopt
from dashboard.jobs.states import told
from dashboard.rooms.models import Room
from dashboard.vendors.models import Decision, UnclaimedSession
from dashboard.vendors.said import NOTHING_SAID, Said, said
from dashboard.vendors.selectors import MOST_UNCLAIMED, unclaimed


@dataclass(frozen=True, slots=True)
class Ghost:
    """`room` is the one that the vendor runs it in, where it is here; `reason` why that can't take it over."""

    id: int
    account: str
    ref: str
    what: str
    state: str
    word: str
    since: datetime
    is_since_told: bool
    seen_at: datetime
    fresh: str
    limits: str
    room: str
    room_name: str
    reason: str
    rooms_list: str
    arm: str
    adopt_url: str
    is_closing: bool
    closing_since: datetime | None
    error: Said
    dialog: StopDialog


@dataclass(frozen=True, slots=True)
class Offer:
    """Rooms of one account that may take a job over, for its fields."""

    id: str
    rooms: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ghosts:
    seq: int
    topic: str
    found: tuple[Ghost, ...]
    offers: tuple[Offer, ...]


def ghosts(team: Team, slug: str, *, topic: str, seq: int) -> Ghosts:
    found = list(
        unclaimed(team).annotate(
            of_room=of_ended_job("job_id", "room__code"), of_number=of_ended_job("job_id", "number")
        )[:MOST_UNCLAIMED]
    )
    if not found:
        return Ghosts(seq, topic, (), ())
    accounts = sorted({one.account_id for one in found})
    rooms, known = rooms_that_may_adopt(accounts, [one.room_ref for one in found])
    held = {(room.account_id, room.vendor_ref): room for room in known}
    free = {room.pk for room in rooms}
    offers = tuple(
        Offer(_list_id(account), tuple((room.code, room.name) for room in rooms if room.account_id == account))
        for account in accounts
    )
    made = (_ghost(one, held.get((one.account_id, one.room_ref)), free, slug) for one in found)
    return Ghosts(seq, topic, tuple(made), offers)


def _list_id(account_id: int) -> str:
    return f"rooms-of-{account_id}"


def _ghost(one: UnclaimedSession, room: Room | None, free: set[int], slug: str) -> Ghost:
    state = air(told(one.state)).state
    what = _("The vendor runs a job that we did not start.")
    of_room: str | None = getattr(one, "of_room", None)
    if of_room:
        ours = f"{of_room}-{getattr(one, 'of_number', 0):04d}"
        what = _("The vendor still runs %(job)s, which counts as over here.") % {"job": ours}
    return Ghost(
        id=one.pk,
        account=one.account.name,
        ref=one.vendor_ref,
        what=what,
        state=str(state),
        word=str(state.label),
        since=one.started_at or one.first_seen_at,
        is_since_told=one.started_at is not None,
        seen_at=one.seen_at,
        fresh=f"account:{one.account_id}",
        limits=POLLED_LIMITS,
        room=room.code if room is not None else "",
        room_name=room.name if room is not None else "",
        reason=_reason(room, free),
        rooms_list=_list_id(one.account_id),
        arm=_("Adopt it and put it on air") if state == AirState.READY else _("Adopt it"),
        adopt_url=reverse("jobs:adopt", args=[slug, one.pk]),
        is_closing=one.decision == Decision.CLOSE,
        closing_since=one.decided_at,
        error=said(one.error, one.account.vendor, slug) if one.error else NOTHING_SAID,
        dialog=_dialog(one, slug),
    )


def _reason(room: Room | None, free: set[int]) -> str:
    if room is None or room.pk in free:
        return ""
    return _("%(code)s has another running job. Stop that first.") % {"code": room.code}


def _dialog(one: UnclaimedSession, slug: str) -> StopDialog:
    return StopDialog(
        id=f"close-ghost-{one.pk}",
        title=_("End %(ref)s at %(account)s") % {"ref": one.vendor_ref, "account": one.account.name},
        losses=((_("If it is on air, it ends for all viewers"), ""), (_("Who started it is not asked"), "")),
        viewers=None,
        post_url=reverse("jobs:close_session", args=[slug, one.pk]),
        verb=_("End it at the vendor"),
        keep=_("Let it run"),
        word=one.word,
        ask_reason=True,
        action="close_session",
    )
