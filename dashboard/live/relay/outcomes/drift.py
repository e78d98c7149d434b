"""What the vendor's own record of a running job tells: whether a doubtful change arrived, and what else differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dashboard.events.kinds import Compared, Kind
from dashboard.events.record import raise_sequence
from dashboard.jobs import commands, drift
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.states import ChangeState
from dashboard.live.relay.outcomes.shared import in_room, note
from dashboard.live.relay.outcomes.steering import COMPARABLE, LATE_S, sent_at, tell
from dashboard.vendors.port import RoomSummary
from dashboard.vendors.port_live import RoundItem


def compared(job: Job, theirs: RoomSummary, played: Sequence[RoundItem] | None, asked_at: datetime) -> None:
    """`played`: the paragraphs of the vendor's present round, None where it did not tell."""
    in_room(job, lambda: _compare(job, theirs, played, asked_at))


def _compare(job: Job, theirs: RoomSummary, played: Sequence[RoundItem] | None, asked_at: datetime) -> None:
    if not job.is_open:
        return
    if JobChange.objects.filter(job=job, state=ChangeState.ASKED, kind__in=COMPARABLE).exists():
        commands.compare(job, after_s=5.0)  # what is on its way would look like a difference
        return
    _settle_doubts(job, theirs, asked_at)
    job.refresh_from_db()
    _mend_position(job, played, asked_at)
    found = [field.name for field in drift.fields(job, theirs)]
    before = [field["name"] for field in job.drift]
    kept = [field.stored() for field in drift.fields(job, theirs)]
    if kept == job.drift:
        Job.objects.filter(pk=job.pk).update(compared_at=asked_at)
        return
    Job.objects.filter(pk=job.pk).update(compared_at=asked_at, drift=kept)
    if found != before:
        note(job, Kind.JOB_COMPARED, Compared(fields=tuple(found)), f"{asked_at.timestamp():.3f}")
    else:
        raise_sequence(job.topic)


def _settle_doubts(job: Job, theirs: RoomSummary, asked_at: datetime) -> None:
    """A doubtful change that the record shows was carried out. One that it does not show never arrived, once it is too
    late for that; where the record shows a third thing, it stays unknown."""
    for change in JobChange.objects.filter(job=job, state=ChangeState.UNKNOWN, kind__in=COMPARABLE).order_by("id"):
        arrived = drift.arrived(job, change, theirs)
        if arrived:
            tell(job, change, Kind.JOB_CHANGED, by="record")
        elif arrived is False:
            sent = sent_at(change)
            if sent is not None and asked_at < sent + timedelta(seconds=LATE_S):
                commands.compare(job, after_s=LATE_S)
            else:
                tell(job, change, Kind.JOB_CHANGE_LOST, by="record")


def _mend_position(job: Job, played: Sequence[RoundItem] | None, asked_at: datetime) -> None:
    """A place in the script that the vendor's present round does not have is no place."""
    if not played or job.script_no is None or (job.script_at is not None and job.script_at >= asked_at):
        return
    if job.script_no not in {item.no for item in played}:
        Job.objects.filter(pk=job.pk).update(script_no=None, script_at=asked_at)
        raise_sequence(job.topic)
