"""What follows some time after a change of a running job, and the rare question what its vendor runs."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs import commands
from dashboard.jobs.models import IS_OPEN, Job, JobChange
from dashboard.jobs.states import ON_AIR, ChangeState, StreamLink
from dashboard.lib import clock
from dashboard.live.relay.outcomes.shared import in_room
from dashboard.live.relay.outcomes.steering import tell
from dashboard.vendors.models import Command, CommandKind, VendorKind

#: How often the vendor's record of a job is held against ours where nothing gives cause.
EVERY = timedelta(minutes=3)
#: Jobs that are asked about per sweep: they may have begun in the same second.
AT_ONCE = 3


def outputs(relay: str) -> None:
    """Whether the picture reached the platform at its new address in time."""
    now = clock.now()
    waiting = JobChange.objects.filter(due_at__isnull=False, state=ChangeState.ACCEPTED, job__owner=relay)
    for change in waiting.select_related("job__room", "job__account"):
        job = change.job
        # By our own clock: the vendor's time counts whole seconds (A11 c), and may be off.
        told = Event.objects.filter(job_id=job.pk, kind=Kind.JOB_STREAM, received_at__gte=change.asked_at)
        is_up = job.stream_link == StreamLink.UP and told.filter(data__link=StreamLink.UP).exists()
        if is_up or (change.due_at is not None and now >= change.due_at):
            _note(job, change, "up" if is_up else "not_up")


def _note(job: Job, change: JobChange, seen: str) -> None:
    in_room(job, lambda: tell(job, change, Kind.JOB_CHANGE_SEEN, by="sweep", seen=seen))


def ask_records(relay: str) -> None:
    """Ask what the vendor runs: of each job now and then, and soon where another relay kept it before (its epoch)."""
    mine = Job.objects.filter(IS_OPEN, owner=relay, account__vendor=VendorKind.METASTUDIO, state__in=sorted(ON_AIR))
    since = clock.now() - EVERY
    asked = Command.objects.filter(job_id=OuterRef("pk"), kind=CommandKind.RECORD, created_at__gte=since)
    by_this_keeper = asked.filter(Q(epoch=None) | Q(epoch=OuterRef("epoch")))
    for job in mine.filter(~Exists(by_this_keeper), live_at__lt=since).order_by("pk")[:AT_ONCE]:
        commands.compare(job)
