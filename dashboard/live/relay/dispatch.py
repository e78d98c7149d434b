"""Drains the outbox: claim, send through the gateway, settle. One lane at a time is serial, lanes are parallel."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from django.db import transaction

from dashboard.events.kinds import Kind, Nothing
from dashboard.events.record import lock_topic, record_many
from dashboard.jobs.models import Job
from dashboard.jobs.selectors import start_plan
from dashboard.jobs.states import JobState
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.intake.facts import Heard, fact_of, job_fact
from dashboard.live.relay import leases, outcomes
from dashboard.live.relay.sessions import job_callback_url, session_of
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.selectors import people_ahead
from dashboard.takeover.states import Mode, Source
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState
from dashboard.vendors.port import (
    Accepted,
    Gateway,
    Link,
    NotSent,
    PlayAt,
    PlayClip,
    Rejected,
    Say,
    Session,
    SessionOpened,
    StartPlan,
    Vendor,
    VendorError,
)

logger = logging.getLogger(__name__)

Alive = Callable[[], bool]
"""This relay may still act: its own beat reached the database less than 9 s ago, by the monotonic clock."""

NO_SILENT_CLIP = VendorError(
    code="silent-clip",
    happened=(
        "This account has no silent clip, so the room could not be silenced.",
        "该账号未设置静音音频，无法静音。",
    ),
    todo=("Set one on the account page, or stop the job.", "请在厂商账号中设置静音音频，或停播。"),
)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who sends: relay name and the epoch of the job or account it keeps."""

    relay: str
    epoch: int
    alive: Alive


@dataclass(slots=True)
class Ready:
    """A claimed command with everything needed to send it, read in one go."""

    command: Command
    job: Job
    session: Session
    item: Takeover | None = None
    items: tuple[Takeover, ...] = ()
    plan: StartPlan | None = None
    place: int | None = None

    @property
    def words(self) -> Takeover:
        """The item that a say speaks."""
        if self.item is None:
            raise LookupError(f"{self.command.kind} {self.command.trace_id} was claimed without its words")
        return self.item


# ----------------------------------------------------------------------------------------------------------- job lanes


async def drain_lane(job_id: int, lane: str, keeper: Keeper, gateway: Gateway, link: Link | None) -> int:
    """Send what is due in one lane of a job, one after another; how many commands left."""
    sent = 0
    while keeper.alive():
        ready = await in_thread(_claim_next, job_id, lane, keeper)
        if ready is None:
            return sent
        deadline = clock.monotonic() + outbox.DEADLINE_S * 0.8

        def guard(deadline: float = deadline) -> bool:
            return keeper.alive() and clock.monotonic() < deadline

        await _SENDERS[CommandKind(ready.command.kind)](ready, gateway, link, guard)
        sent += 1
    return sent


def _claim_next(job_id: int, lane: str, keeper: Keeper) -> Ready | None:
    command = outbox.due(lanes=[lane]).first()
    if command is None:
        return None
    job = Job.objects.select_related("room", "account").get(pk=job_id)
    if not _may_send(command, job):
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
        ready = Ready(command, job, session_of(job))
        _read_subject(ready)
        return ready


def _may_send(command: Command, job: Job) -> bool:
    """Words leave only while somebody may hear them; stops and cancels always."""
    if command.kind in (CommandKind.SAY, CommandKind.CLIP) and not command.body.get("silent"):
        return job.can_speak
    return bool(job.vendor_ref)


def _read_subject(ready: Ready) -> None:
    """Load what the command is about, and record in the claim's transaction that it leaves."""
    command, job = ready.command, ready.job
    if command.kind in (CommandKind.SAY, CommandKind.CLIP) and command.subject:
        ready.item = Takeover.objects.select_related("job__account", "job__room", "room").get(trace_id=command.trace_id)
        ready.place = people_ahead(ready.item) + 1
        fact = outcomes.item_fact(ready.item, Kind.ITEM_SENDING, key=str(command.attempts))
        record_many([fact], PROJECTIONS)
    elif command.kind == CommandKind.CANCEL:
        items = Takeover.objects.filter(IS_OPEN, job=job, claimed_at__isnull=False).select_related("job__account")
        if not command.body.get("all"):
            items = items.filter(pk__in=command.body.get("items", []))
        ready.items = tuple(items)
        outcomes.cancel_left(job, command, ready.items)


async def _say(ready: Ready, gateway: Gateway, link: Link | None, guard: Alive) -> None:
    item, command = ready.words, ready.command
    if gateway.vendor == Vendor.SOFTSUGAR:
        at = {Mode.APPEND: PlayAt.END, Mode.INSERT: PlayAt.NEXT, Mode.NOW: PlayAt.NOW}[Mode(item.mode)]
    else:
        at = PlayAt(command.body.get("at", PlayAt.NEXT))
    is_script = item.source == Source.SCRIPT
    say = Say(item.trace_id, item.text, at, is_script=is_script, place=None if is_script else ready.place)
    outcome = await gateway.say(ready.session, say, link, guard)
    written_only = gateway.capabilities().reports_queued
    await in_thread(outcomes.said, item, command, outcome, written_only=written_only)


async def _clip(ready: Ready, gateway: Gateway, link: Link | None, guard: Alive) -> None:
    url = ready.job.account.capabilities.get("silent_clip_url", "")
    if not url:
        await in_thread(outcomes.silenced, ready.job, ready.command, Rejected(NO_SILENT_CLIP))
        return
    outcome = await gateway.play_clip(ready.session, PlayClip(ready.command.trace_id, url, PlayAt.NOW), guard)
    await in_thread(outcomes.silenced, ready.job, ready.command, outcome)


async def _cancel(ready: Ready, gateway: Gateway, link: Link | None, guard: Alive) -> None:
    everything = bool(ready.command.body.get("all"))
    trace_ids = None if everything else [item.trace_id for item in ready.items]
    outcome = await gateway.cancel(ready.session, trace_ids, guard)
    await in_thread(outcomes.cancelled, ready.job, ready.command, ready.items, outcome)


async def _go_live(ready: Ready, gateway: Gateway, link: Link | None, guard: Alive) -> None:
    outcome = await gateway.go_live(ready.session)
    await in_thread(outcomes.went_live, ready.job, ready.command, outcome)
    await look(ready.job, ready.session, gateway)


async def _stop(ready: Ready, gateway: Gateway, link: Link | None, guard: Alive) -> None:
    outcome = await gateway.stop_job(ready.session)
    await in_thread(outcomes.stopped, ready.job, ready.command, outcome)
    if isinstance(outcome, Accepted):
        await look(ready.job, ready.session, gateway)


async def _pause(ready: Ready, gateway: Gateway, link: Link | None, guard: Alive) -> None:
    outcome = await gateway.pause_script(ready.session, link, guard)
    await in_thread(outcomes.silenced, ready.job, ready.command, outcome)


async def _resume(ready: Ready, gateway: Gateway, link: Link | None, guard: Alive) -> None:
    outcome = await gateway.resume_script(ready.session, link, guard)
    await in_thread(outcomes.silenced, ready.job, ready.command, outcome)


async def _check(ready: Ready, gateway: Gateway, link: Link | None, guard: Alive) -> None:
    await look(ready.job, ready.session, gateway)
    await read_queue(ready.job, ready.session, gateway, key=f"check:{ready.command.pk}")
    await in_thread(outbox.settle, ready.command, CommandState.ACCEPTED)


Sender = Callable[[Ready, Gateway, Link | None, Alive], Awaitable[None]]
_SENDERS: dict[CommandKind, Sender] = {
    CommandKind.SAY: _say,
    CommandKind.CLIP: _clip,
    CommandKind.CANCEL: _cancel,
    CommandKind.GO_LIVE: _go_live,
    CommandKind.STOP: _stop,
    CommandKind.PAUSE: _pause,
    CommandKind.RESUME: _resume,
    CommandKind.CHECK: _check,
}


async def look(job: Job, session: Session, gateway: Gateway) -> None:
    """Ask the vendor for this one job's state now, instead of waiting for the next listing."""
    shown = await gateway.show_job(session)
    if isinstance(shown, Accepted) and shown.value.report is not None:
        asked = shown.value.report.at.timestamp()
        fact = fact_of(job, shown.value.report, Heard("stat", f"stat:{asked:.3f}"))
        await in_thread(record_many, [fact], PROJECTIONS)


async def read_queue(job: Job, session: Session, gateway: Gateway, *, key: str) -> bool:
    """Settle doubts by the vendor's own queue, where it has one. False where it could not be read."""
    if not gateway.capabilities().queue_query:
        return True
    listing = await gateway.queue(session)
    if not isinstance(listing, Accepted):
        return False
    await in_thread(outcomes.queue_read, job, listing.value, key=key)
    return True


# ------------------------------------------------------------------------------------------------------- account lanes


async def start(command: Command, keeper: Keeper, gateway: Gateway) -> bool:
    """Send one job's start. False where it may not leave now."""
    job = await in_thread(_claim_start, command, keeper)
    if job is None:
        return False
    plan = await in_thread(lambda: start_plan(job, callback_url=job_callback_url(job)))
    outcome = await gateway.start_job(plan) if keeper.alive() else NotSent("overtaken")
    await in_thread(outcomes.created, job, command, outcome)
    return True


def _claim_start(command: Command, keeper: Keeper) -> Job | None:
    job = Job.objects.select_related("room", "account").get(pk=command.job_id or 0)
    if JobState(job.state) != JobState.STARTING:
        return None
    with transaction.atomic():
        lock_topic(job.topic)
        mine = outbox.claim(
            command,
            relay=keeper.relay,
            epoch=keeper.epoch,
            still_mine=lambda: leases.still_keeps_account(job.account_id, keeper.relay, keeper.epoch),
        )
        if not mine:
            return None
        command.refresh_from_db()
        fact = job_fact(job, Kind.JOB_SENDING, Nothing(), clock.now(), f"{command.pk}:{command.attempts}")
        record_many([fact], PROJECTIONS)
    return job


async def adopt_if_found(job: Job, session: Session, gateway: Gateway, *, by: str) -> bool:
    """Bind a session that the vendor runs; its token is read again from the vendor (B33)."""
    shown = await gateway.show_job(session)
    if not isinstance(shown, Accepted):
        return False
    opened: SessionOpened = shown.value
    await in_thread(outcomes.adopt, job, opened, by=by)
    return True
