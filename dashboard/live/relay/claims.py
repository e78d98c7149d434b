"""Taking the next command of a job's lane: what may leave now, and the one conditional UPDATE that makes it ours."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from dashboard.events.record import lock_topic
from dashboard.jobs.models import Job
from dashboard.live.relay import leases, waiting
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.ready import Ready, read_subject
from dashboard.live.relay.sessions import session_of
from dashboard.takeover import departure
from dashboard.vendors import outbox
from dashboard.vendors.models import SPEAKS, Command, CommandKind

#: What goes over a job's link where the vendor says words by it.
_BY_LINK = (CommandKind.SAY, CommandKind.SOUND)


def claim_next(job_id: int, lane: str, keeper: Keeper, *, can_say: bool = True) -> Ready | None:
    """The lane's next command, now ours to send. Without `can_say` words stay where they are, and say why."""
    if can_say:
        command = outbox.next_due(lane)
    else:
        waiting.wait(job_id, outbox.due(lanes=[lane]).filter(kind__in=_BY_LINK), "link_down")
        command = _due(lane, can_say=False).first()
    if command is not None and command.kind in SPEAKS and outbox.silence_is_on_its_way(job_id):
        # "Cancel everything" would take what is put in before it arrives.
        due = _due(lane, can_say=can_say)
        waiting.wait(job_id, due.filter(kind__in=SPEAKS), "silencing")
        command = due.exclude(kind__in=SPEAKS).first()
    if command is None:
        return None
    job = Job.objects.whole(job_id)
    if not _may_send(command, job) or not waiting.is_its_turn(command, job):
        return None
    # What waits for the link stands before nothing that needs none.
    if can_say and outbox.stands_behind_one_that_came_back(command):
        return None
    with transaction.atomic():
        lock_topic(job.topic)
        if command.kind in SPEAKS and departure.is_asked_anew(command.trace_id):
            return None
        mine = outbox.claim(
            command,
            relay=keeper.relay,
            epoch=keeper.epoch,
            still_mine=lambda: keeper.alive() and leases.still_keeps_job(job_id, keeper.relay, keeper.epoch),
        )
        if not mine:
            return None
        command.refresh_from_db()
        ready = Ready(command, job, session_of(job), alive=keeper.alive)
        read_subject(ready)
        return ready


def _due(lane: str, *, can_say: bool) -> QuerySet[Command]:
    due = outbox.due(lanes=[lane])
    return due if can_say else due.exclude(kind__in=_BY_LINK)


def _may_send(command: Command, job: Job) -> bool:
    """Words leave only while somebody may hear them; stops and cancels always."""
    if command.kind in SPEAKS:
        return job.can_speak
    return bool(job.vendor_ref)
