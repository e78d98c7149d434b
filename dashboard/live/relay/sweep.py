"""Once a second and relay: every promise with a time lies in an indexed column; this reads them. See docs/live.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from dashboard.events.kinds import Kind
from dashboard.events.record import lock_topic, record_many
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.states import CAN_SPEAK, JobState
from dashboard.lib import clock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.relay import inventory, outcomes
from dashboard.takeover import release, script
from dashboard.takeover.models import IS_OPEN as ITEM_IS_OPEN
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TakeoverState
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, VendorKind


def overdue_commands(relay: str) -> list[Command]:
    """Commands whose answer or notice did not come in time: their outcome is unknown from now on.

    Also those that a dead relay was sending: whoever keeps their job or account now closes them, or a lane stays shut.
    """
    jobs = Job.objects.filter(owner=relay).values("id")
    of_account = Q(account__owner=relay, kind__in=outbox.ACCOUNT_KINDS)
    overdue = list(outbox.overdue().filter(Q(relay=relay) | of_account | Q(job_id__in=jobs)))
    for command in overdue:
        doubt(command, "timeout")
    return overdue


def orphaned_commands(job_ids: tuple[int, ...], relay: str) -> list[Command]:
    """What an earlier keeper of these jobs was sending: marked unknown, never sent again (the fence)."""
    orphans = list(Command.objects.filter(job_id__in=job_ids, state=CommandState.SENDING).exclude(relay=relay))
    for command in orphans:
        doubt(command, "relay_lost")
    return orphans


#: What may be repeated, and how the screen says that it failed for good.
_HARMLESS: dict[CommandKind, Kind] = {
    CommandKind.GO_LIVE: Kind.JOB_LIVE_REFUSED,
    CommandKind.STOP: Kind.JOB_STOP_UNSURE,
    CommandKind.CANCEL: Kind.JOB_SILENCE_FAILED,
    CommandKind.PAUSE: Kind.JOB_SILENCE_FAILED,
    CommandKind.CLIP: Kind.JOB_SILENCE_FAILED,
    CommandKind.RESUME: Kind.JOB_RESUME_FAILED,
}


def doubt(command: Command, why: str) -> None:
    if command.kind in (CommandKind.SAY, CommandKind.CLIP) and command.subject:
        item = Takeover.objects.select_related("job__account", "job__room", "room").get(trace_id=command.trace_id)
        outcomes.item_unsure(item, command, why)
    elif command.kind == CommandKind.CREATE and command.job_id is not None:
        job = Job.objects.select_related("room", "account").get(pk=command.job_id)
        outcomes.create_unsure(job, command, why)
    elif command.job_id is not None and command.kind in _HARMLESS:
        # Harmless to repeat: a stop, cancel or silent clip that nobody answered goes once more.
        job = Job.objects.select_related("room", "account").get(pk=command.job_id)
        outcomes.again_or_fail(job, command, why, _HARMLESS[CommandKind(command.kind)], after_s=0.0)
    elif command.kind == CommandKind.PUSH_ROOM:
        inventory.push_unsure(command, why)
    else:
        outbox.settle(command, CommandState.UNKNOWN)


def due_items(relay: str) -> int:
    """Items whose estimated time passed: called unknown where nothing more was told; the held-back queue goes on."""
    now = clock.now()
    items = Takeover.objects.filter(due_at__lte=now, job__owner=relay).select_related("job__account", "job__room")
    for item in list(items[:200]):
        with transaction.atomic():
            lock_topic(item.job.topic)
            item.refresh_from_db()
            if item.due_at is None or item.due_at > now:
                continue
            Takeover.objects.filter(pk=item.pk).update(due_at=None)
            if item.started_at is not None or item.state in (TakeoverState.ACCEPTED, TakeoverState.SENDING):
                _late(item)
            release.release(item.job)
    return len(items)


def _late(item: Takeover) -> None:
    if item.started_at is not None:
        # It was heard to begin, and maybe cancelled since; no end was told. Unknown would hide that, so it ends as
        # reported by time.
        record_many([outcomes.item_fact(item, Kind.ITEM_FINISHED, why="no end reported")], PROJECTIONS)
        return
    record_many([outcomes.item_fact(item, Kind.ITEM_UNSURE, key="late", why="not_reported")], PROJECTIONS)


def quiet_scripts(relay: str) -> int:
    """Rooms on air in which our player should speak and nothing plays or waits."""
    now = clock.now()
    busy = Takeover.objects.filter(ITEM_IS_OPEN, job=OuterRef("pk")).exclude(state=TakeoverState.UNKNOWN)
    jobs = (
        Job.objects.filter(
            IS_OPEN,
            owner=relay,
            account__vendor=VendorKind.SOFTSUGAR,
            state__in=(JobState.LIVE, JobState.TAKEN_OVER),
            script_held=False,
        )
        .filter(~Exists(busy))
        .select_related("account", "room")
    )
    made = 0
    for job in jobs:
        with transaction.atomic():
            lock_topic(job.topic)
            job.refresh_from_db()
            if script.is_quiet(job, now) and script.play_next(job, now=now) is not None:
                made += 1
    return made


def held_back(relay: str) -> int:
    """MetaStudio items that wait although the slot may be free: a lost wake-up must not hold a sentence."""
    waiting = Takeover.objects.filter(job=OuterRef("pk"), state=TakeoverState.WAITING, released_at=None)
    jobs = (
        Job.objects.filter(owner=relay, account__vendor=VendorKind.METASTUDIO, state__in=sorted(CAN_SPEAK))
        .filter(Exists(waiting))
        .select_related("account", "room")
    )
    released = 0
    for job in jobs:
        with transaction.atomic():
            lock_topic(job.topic)
            job.refresh_from_db()
            released += release.release(job)
    return released


@dataclass(frozen=True, slots=True)
class Found:
    """Jobs whose lanes have something due, and jobs whose vendor queue should be read to settle a doubt."""

    waiting: list[int]
    doubtful: list[int]


def sweep(relay: str) -> Found:
    """All of the above, in a number of queries that does not grow with the number of quiet rooms."""
    overdue = overdue_commands(relay)
    due_items(relay)
    quiet_scripts(relay)
    held_back(relay)
    recent = clock.now() - timedelta(seconds=30)
    unknown = Takeover.objects.filter(
        job__owner=relay,
        state=TakeoverState.UNKNOWN,
        timeout_at__gte=recent,
        job__account__vendor=VendorKind.SOFTSUGAR,
    )
    mine = Job.objects.filter(IS_OPEN, owner=relay).values("id")
    waiting = outbox.due().filter(job_id__in=mine).order_by().values_list("job_id", flat=True).distinct()
    doubtful = {*(command.job_id for command in overdue if command.job_id), *unknown.values_list("job_id", flat=True)}
    return Found(waiting=[job_id for job_id in waiting if job_id], doubtful=sorted(doubtful))
