"""What a job asks of its vendor, as rows of the outbox: begin, go on air, end."""

from __future__ import annotations

from datetime import timedelta

from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.states import ChangeKind, JobState
from dashboard.lib import clock
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, Rank, VendorKind

_CHANGES = {
    ChangeKind.SCRIPT: CommandKind.REWRITE_SCRIPT,
    ChangeKind.RULES: CommandKind.REWRITE_RULES,
    ChangeKind.OUTPUT: CommandKind.OUTPUT,
    ChangeKind.LAYER: CommandKind.LAYER,
    ChangeKind.PRELOAD: CommandKind.PRELOAD,
}


def create(job: Job) -> Command:
    # SoftSugar's creates are serial per account: only then can a create without an answer be matched (B33).
    serial = job.account.vendor == VendorKind.SOFTSUGAR
    return outbox.enqueue(
        account_id=job.account_id,
        job_id=job.pk,
        lane=f"account:{job.account_id}:create" if serial else f"job:{job.pk}:create",
        kind=CommandKind.CREATE,
        trace_id=f"create-{job.pk}",
    )


def take_back_create(job: Job) -> bool:
    """Whether the start had not left us, so that the vendor never hears of the job."""
    return outbox.withdraw(Command.objects.filter(job_id=job.pk, kind=CommandKind.CREATE)) > 0


def go_live(job: Job) -> None:
    """Where ready and on air are two steps (SoftSugar), and only once."""
    if job.account.vendor != VendorKind.SOFTSUGAR or has_asked(job, CommandKind.GO_LIVE):
        return
    outbox.enqueue(
        account_id=job.account_id,
        job_id=job.pk,
        lane=outbox.speak_lane(job.pk),
        kind=CommandKind.GO_LIVE,
        rank=Rank.PANIC,  # before any sentence that waits for the air
    )


def stop(job: Job) -> Command:
    return outbox.enqueue(
        account_id=job.account_id,
        job_id=job.pk,
        lane=outbox.stop_lane(job.pk),
        kind=CommandKind.STOP,
        rank=Rank.PANIC,
    )


def ask(job: Job) -> None:
    """Let the job's keeper ask for its state and queue, and for what opens its doors; where the vendor keeps a record
    of what it runs, for that too."""
    outbox.enqueue(account_id=job.account_id, job_id=job.pk, lane=outbox.check_lane(job.pk), kind=CommandKind.CHECK)
    if job.account.vendor == VendorKind.METASTUDIO:
        compare(job, after_s=1.0)


def change(job: Job, wanted: JobChange) -> Command:
    """Let the vendor carry out `wanted`; what it is stands in its row, its secrets too."""
    return outbox.enqueue(
        account_id=job.account_id,
        job_id=job.pk,
        lane=outbox.steer_lane(job.pk),
        kind=_CHANGES[ChangeKind(wanted.kind)],
        subject=wanted.subject,
    )


def compare(job: Job, *, after_s: float = 0.0) -> None:
    """Ask what the vendor has of this job, in `after_s` seconds; one such question waits at a time."""
    lane = outbox.check_lane(job.pk)
    if Command.objects.filter(lane=lane, kind=CommandKind.RECORD, state=CommandState.READY).exists():
        return
    outbox.enqueue(
        account_id=job.account_id,
        job_id=job.pk,
        lane=lane,
        kind=CommandKind.RECORD,
        rank=Rank.SCRIPT,
        not_before=clock.now() + timedelta(seconds=after_s) if after_s else None,
    )


def goes_on_again(job: Job) -> bool:
    """Whether a job that was told to be paused was resumed since, and the vendor took that."""
    if job.state != JobState.PAUSED:
        return False
    moves = Command.objects.filter(job_id=job.pk, kind__in=(CommandKind.PAUSE, CommandKind.RESUME))
    last = moves.exclude(state__in=(CommandState.READY, CommandState.WITHDRAWN)).order_by("-id").first()
    return last is not None and last.kind == CommandKind.RESUME and last.state == CommandState.ACCEPTED


def has_asked(job: Job, kind: CommandKind) -> bool:
    return Command.objects.filter(job_id=job.pk, kind=kind).exclude(state=CommandState.WITHDRAWN).exists()


def clear_speak_lane(job: Job) -> None:
    """Nothing that still waits to be said goes out any more."""
    outbox.withdraw(Command.objects.filter(job_id=job.pk, lane=outbox.speak_lane(job.pk)))


def clear(job: Job) -> None:
    """The job is over: whatever still waits has nobody to go to."""
    outbox.withdraw(Command.objects.filter(job_id=job.pk))
