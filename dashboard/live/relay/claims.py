"""Taking the next command of a job's lane: what may leave now, and the one conditional UPDATE that makes it ours."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from dashboard.events.record import lock_topic, raise_sequence
from dashboard.jobs.models import Job
from dashboard.live.relay import leases
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.ready import Ready, read_subject
from dashboard.live.relay.sessions import session_of
from dashboard.takeover.making_way import make_way
from dashboard.takeover.models import Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import SPEAKS, Command, CommandKind, CommandState, VendorKind

#: What goes over a job's link where the vendor says words by it.
_BY_LINK = (CommandKind.SAY, CommandKind.SOUND)


def claim_next(job_id: int, lane: str, keeper: Keeper, *, can_say: bool = True) -> Ready | None:
    """The lane's next command, now ours to send. Without `can_say` words stay where they are, and say why."""
    due = outbox.due(lanes=[lane])
    if not can_say:
        _wait(job_id, due.filter(kind__in=_BY_LINK), "link_down")
        due = due.exclude(kind__in=_BY_LINK)
    if lane == outbox.speak_lane(job_id) and outbox.silence_is_on_its_way(job_id):
        # "Cancel everything" would take what is put in before it arrives.
        _wait(job_id, due.filter(kind__in=SPEAKS), "silencing")
        due = due.exclude(kind__in=SPEAKS)
    command = due.first()
    if command is None:
        return None
    job = Job.objects.select_related("room", "account").get(pk=job_id)
    if not _may_send(command, job) or not _is_its_turn(command, job):
        return None
    with transaction.atomic():
        lock_topic(job.topic)
        mine = outbox.claim(
            command,
            relay=keeper.relay,
            epoch=keeper.epoch,
            still_mine=lambda: leases.still_keeps_job(job_id, keeper.relay, keeper.epoch),
        )
        if not mine:
            return None
        command.refresh_from_db()
        ready = Ready(command, job, session_of(job), alive=keeper.alive)
        read_subject(ready)
        return ready


def _is_its_turn(command: Command, job: Job) -> bool:
    """A streamed clip takes an empty queue: until it has one, nothing of its rank or below goes before it."""
    if job.account.vendor != VendorKind.SOFTSUGAR or command.lane != outbox.speak_lane(job.pk):
        return True
    lane = Command.objects.filter(lane=command.lane, state=CommandState.READY, rank__lte=command.rank)
    first = lane.filter(kind=CommandKind.SOUND).order_by("rank", "id").first()
    if first is None or (first.rank, first.pk) > (command.rank, command.pk):
        return True
    if first.pk != command.pk:
        return False
    with transaction.atomic():
        lock_topic(job.topic)
        item = Takeover.objects.select_related("job__account", "job__room", "author").get(trace_id=command.trace_id)
        if make_way(item):
            return True
    _wait(job.pk, Command.objects.filter(pk=command.pk), "queue")
    return False


def _wait(job_id: int, commands: QuerySet[Command], reason: str) -> None:
    """Once per wait: to claim what can't leave would tell of a sending that never was, with every try."""
    untold = commands.exclude(wait_reason=reason)
    if not untold.exists():
        return
    topic = Job.objects.get(pk=job_id).topic
    with transaction.atomic():
        lock_topic(topic)
        if untold.update(wait_reason=reason):
            raise_sequence(topic)


def _may_send(command: Command, job: Job) -> bool:
    """Words leave only while somebody may hear them; stops and cancels always."""
    if command.kind in SPEAKS:
        return job.can_speak
    return bool(job.vendor_ref)
