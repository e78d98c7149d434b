"""Reads of rehearsals: what runs, what ran, and what people did meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import models
from django.db.models import QuerySet

from dashboard.accounts.models import Team
from dashboard.audit.models import AuditEntry
from dashboard.jobs.models import Job
from dashboard.jobs.states import CAN_SPEAK
from dashboard.rehearsal.models import IS_OPEN, Run
from dashboard.rehearsal.rules import Did, Heard, Outcome, judge
from dashboard.rehearsal.scenarios import Deed
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.vendors.models import VendorAccount

#: After its end the desk still offers the debrief for this long.
REMEMBERED = timedelta(minutes=3)

_DEEDS = {
    "take_over": Deed.SAY,
    "mark_spoken": Deed.MARK_SPOKEN,
    "check_again": Deed.CHECK_AGAIN,
    "cancel_takeover": Deed.CANCEL,
    "silence": Deed.SILENCE,
    "resume": Deed.RESUME,
    "start_job": Deed.START,
    "stop_job": Deed.STOP,
}


def sandbox_accounts(team: Team) -> QuerySet[VendorAccount]:
    return VendorAccount.objects.filter(team=team, is_sandbox=True, archived_at=None).order_by("name")


def sandbox_rooms(team: Team) -> QuerySet[Room]:
    rooms = Room.objects.filter(team=team, archived_at=None, account__is_sandbox=True, account__archived_at=None)
    return rooms.select_related("account").order_by("code")


def rooms_on_air(rooms: Sequence[Room]) -> dict[str, Room]:
    """The rooms in which something can be disturbed, by the vendor's name of what runs there."""
    by_id = {room.pk: room for room in rooms}
    running = Job.objects.filter(room_id__in=by_id, state__in=sorted(CAN_SPEAK)).exclude(vendor_ref="")
    return {ref: by_id[room_id] for ref, room_id in running.order_by("room__code").values_list("vendor_ref", "room_id")}


def runs_of(team: Team) -> QuerySet[Run]:
    return Run.objects.filter(team=team).select_related("room", "started_by", "noticed_by").order_by("-id")


def open_run(room: Room) -> Run | None:
    return Run.objects.filter(IS_OPEN, room=room).select_related("room__account", "started_by").first()


def secret_faults(team: Team) -> set[str]:
    """What the sandbox holds for surprises that still run: nobody may read there what is coming."""
    kept = Run.objects.filter(IS_OPEN, team=team, is_surprise=True).values_list("fault_ids", flat=True)
    return {fault_id for fault_ids in kept for fault_id in fault_ids}


def shown_run(room: Room, now: datetime) -> Run | None:
    """What the desk shows of rehearsals: the one that runs, or one that has just ended."""
    found = Run.objects.filter(IS_OPEN | models.Q(ended_at__gte=now - REMEMBERED), room=room)
    return found.select_related("room__account").order_by("-id").first()


def previous_run(run: Run) -> Run | None:
    """The same incident the time before, on the same kind of vendor: both make the figures comparable."""
    same = runs_of(run.team).filter(scenario_slug=run.scenario_slug, room__account__vendor=run.room.account.vendor)
    return same.filter(pk__lt=run.pk, ended_at__gte=models.F("incident_at"), heard__isnull=False).first()


def sessions_of(run: Run) -> list[str]:
    """The vendor's names of all that was on air in the room while the rehearsal ran."""
    jobs = Job.objects.filter(room_id=run.room_id).exclude(vendor_ref="").filter(requested_at__lte=_end(run))
    alive = jobs.filter(models.Q(ended_at=None) | models.Q(ended_at__gte=run.started_at))
    return list(alive.order_by("id").values_list("vendor_ref", flat=True))


def deeds_of(run: Run) -> list[Did]:
    entries = AuditEntry.objects.filter(
        room_id=run.room_id,
        at__gte=run.started_at,
        at__lte=_end(run),
        actor_id__isnull=False,
        result="done",
        action__in=_DEEDS,
    ).order_by("at", "id")
    items = Takeover.objects.in_bulk([entry.target_id for entry in entries if entry.action == "take_over"])
    return [_did(entry, items.get(entry.target_id)) for entry in entries]


def _did(entry: AuditEntry, item: Takeover | None) -> Did:
    if entry.action != "take_over" or item is None:
        return Did(entry.at, entry.actor_label, _DEEDS[entry.action])
    deed = Deed.AGAIN if item.again_of_id else Deed.ANSWER if item.cause_event_id else Deed.SAY
    return Did(entry.at, entry.actor_label, deed, item.words)


def outcome_of(run: Run) -> Outcome:
    return judge(
        run.scenario,
        incident_at=run.incident_at,
        noticed_at=run.noticed_at,
        deeds=deeds_of(run),
        heard=heard_of(run),
    )


def heard_of(run: Run) -> list[Heard]:
    """What the sandbox heard during the rehearsal, session by session; empty where its record is not known."""
    rows = [
        Heard(row["ref"], row["text"], _time(row["started_real"]), _maybe(row["ended_real"]), bool(row["cut"]))
        for row in run.heard or ()
    ]
    return [one for one in rows if one.started_at <= _end(run) and (one.ended_at or _end(run)) >= run.started_at]


def _end(run: Run) -> datetime:
    return run.ended_at or run.over_at


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return _time(text) if text else None
