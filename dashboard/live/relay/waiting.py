"""Why a command that is due stays in the outbox for now, and that its page says so."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from dashboard.events.record import lock_topic, raise_sequence
from dashboard.jobs.models import Job
from dashboard.takeover.making_way import make_way
from dashboard.takeover.models import Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, VendorKind


def is_its_turn(command: Command, job: Job) -> bool:
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
    wait(job.pk, Command.objects.filter(pk=command.pk), "queue")
    return False


def wait(job_id: int, commands: QuerySet[Command], reason: str) -> None:
    """Once per wait: to claim what can't leave would tell of a sending that never was, with every try."""
    untold = commands.exclude(wait_reason=reason)
    if not untold.exists():
        return
    topic = Job.objects.get(pk=job_id).topic
    with transaction.atomic():
        lock_topic(topic)
        if untold.update(wait_reason=reason):
            raise_sequence(topic)
