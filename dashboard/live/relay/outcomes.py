"""What follows from the outcome of a command: facts, bindings and the command's own end, in one transaction each.

Synchronous: the dispatcher calls these in a database thread. Every function first locks the room's sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from dashboard.events.kinds import Fact, Item, Kind, Nothing, Payload, Told
from dashboard.events.models import Event, Source
from dashboard.events.record import lock_topic, raise_sequence, record_many
from dashboard.jobs.models import Job
from dashboard.jobs.services.session import bind_session, end_unstarted, settle_create, waiting_facts
from dashboard.lib import clock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.intake.facts import Heard, fact_of, job_fact, told_payload
from dashboard.takeover import projection as takeover
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState
from dashboard.vendors.port import (
    Accepted,
    NotSent,
    Outcome,
    QueueListing,
    Rejected,
    SaidRef,
    SessionOpened,
    VendorError,
)

#: Cancels, pauses and checks may be repeated without harm; after this many tries the screen says that it failed.
HARMLESS_TRIES = 5


def error_row(error: VendorError) -> dict[str, object]:
    return {"code": error.code, "happened": list(error.happened), "todo": list(error.todo), "detail": error.detail}


def _record(*facts: Fact) -> None:
    record_many(list(facts), PROJECTIONS)


def _in_room(job: Job, work: Callable[[], None]) -> None:
    with transaction.atomic():
        lock_topic(job.topic)
        job.refresh_from_db()
        work()


def item_fact(item: Takeover, kind: Kind, *, key: str = "", why: str = "", error: VendorError | None = None) -> Fact:
    payload = Item(
        trace_id=item.trace_id,
        item=item.number,
        why=why,
        by="outcome",
        code=error.code if error else "",
        happened=error.happened if error else ("", ""),
        todo=error.todo if error else ("", ""),
    )
    return Fact(
        kind=kind,
        payload=payload,
        source=Source.CONSOLE,
        dedupe_key=f"{kind}:{item.job_id}:{item.trace_id}{':' + key if key else ''}",
        at=clock.now(),
        team_id=item.team_id,
        account_id=item.job.account_id,
        room_id=item.room_id,
        job_id=item.job_id,
    )


# -------------------------------------------------------------------------------------------------------------- create


def created(job: Job, command: Command, outcome: Outcome[SessionOpened]) -> None:
    now, key = clock.now(), f"{command.pk}:{command.attempts}"
    if isinstance(outcome, Accepted):
        adopt(job, outcome.value, by="answer")
    elif isinstance(outcome, Rejected):
        error = outcome.error

        def refuse() -> None:
            settle_create(job, CommandState.REJECTED, error=error_row(error))
            payload = told_payload(error, request_id=outcome.request_id)
            _record(job_fact(job, Kind.JOB_REFUSED, payload, now, key))

        _in_room(job, refuse)
    elif isinstance(outcome, NotSent):
        _in_room(job, lambda: _start_not_sent(job, command, outcome))
    else:
        create_unsure(job, command, outcome.why)


def _start_not_sent(job: Job, command: Command, outcome: NotSent) -> None:
    """Nothing left us: it waits again, unless somebody stopped the job while it was on its way."""
    if outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why) and job.stop_requested_at:
        outbox.withdraw(Command.objects.filter(pk=command.pk))
        end_unstarted(job)
    raise_sequence(job.topic)


def create_unsure(job: Job, command: Command, why: str) -> None:
    """The start may have happened. Never sent again; the account's keeper looks for it in the vendor's list."""

    def doubt() -> None:
        if not outbox.settle(command, CommandState.UNKNOWN):
            return
        payload = Told(
            happened=("The vendor did not answer the start; it may run there.", "厂商没有回应开播请求，可能已经开播。"),
            todo=("Talkback looks for it in the vendor's list.", "Talkback 正在厂商列表中查找。"),
            why=why,
        )
        _record(job_fact(job, Kind.JOB_UNSURE, payload, clock.now(), f"{command.pk}"))

    _in_room(job, doubt)


def adopt(job: Job, opened: SessionOpened, *, by: str) -> None:
    """The vendor runs this job: bind its session, then let everything that waited for the reference apply."""

    def bind() -> None:
        if job.vendor_ref:
            return
        bind_session(job=job, opened=opened)
        settle_create(job, CommandState.ACCEPTED)
        now = clock.now()
        facts = [job_fact(job, Kind.JOB_ACCEPTED, Nothing(), now, by)]
        if opened.report is not None:
            facts.append(fact_of(job, opened.report, Heard("answer", f"answer:{opened.session.vendor_ref}")))
        _record(*facts)
        for event in waiting_facts(job.account_id, job.vendor_ref):
            apply_waiting(event, job)

    _in_room(job, bind)


def apply_waiting(event: Event, job: Job) -> None:
    """A fact that came before its job was known: it is the job's from now on."""
    event.job_id, event.room_id = job.pk, job.room_id
    outcome = "applied"
    for projection in PROJECTIONS.one.get(Kind(event.kind), ()):
        outcome = projection(event)
    event.outcome = outcome
    event.save(update_fields=["job_id", "outcome"])


def create_never_arrived(job: Job) -> None:
    """Two listings, ten seconds apart, do not hold it: the start did not reach the vendor."""

    def close() -> None:
        settle_create(job, CommandState.REJECTED)
        payload = Told(
            happened=("The start did not reach the vendor.", "开播请求没有到达厂商。"),
            todo=("Nothing is on air. Start again.", "没有开播，可重新开播。"),
            why="never arrived",
        )
        _record(job_fact(job, Kind.JOB_REFUSED, payload, clock.now(), "never"))

    _in_room(job, close)


# ------------------------------------------------------------------------------------------------------------- control


def went_live(job: Job, command: Command, outcome: Outcome[None]) -> None:
    if isinstance(outcome, Accepted):
        outbox.settle(command, CommandState.ACCEPTED)
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected):
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error))
        _note(job, Kind.JOB_LIVE_REFUSED, told_payload(outcome.error), command)
    else:
        # A second start of a started session changes nothing (004:143).
        again_or_fail(job, command, outcome.why, Kind.JOB_LIVE_REFUSED)


def stopped(job: Job, command: Command, outcome: Outcome[None]) -> None:
    if isinstance(outcome, Accepted):
        outbox.settle(command, CommandState.ACCEPTED, request_id=outcome.request_id)
        _note(job, Kind.JOB_STOP_ACCEPTED, Nothing(), command)
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected):
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error), request_id=outcome.request_id)
        _note(job, Kind.JOB_STOP_REFUSED, told_payload(outcome.error, request_id=outcome.request_id), command)
    else:
        again_or_fail(job, command, outcome.why, Kind.JOB_STOP_UNSURE)


def _note(job: Job, kind: Kind, payload: Payload, command: Command) -> None:
    _record(job_fact(job, kind, payload, clock.now(), f"{command.pk}:{command.attempts}"))


def again_or_fail(job: Job, command: Command, why: str, kind: Kind, *, after_s: float = 1.0) -> None:
    """A stop, cancel or pause without an answer goes once more: repeating it changes nothing on the air."""
    if command.attempts < HARMLESS_TRIES:
        outbox.put_back(command, after_s=after_s, reason=why)
        return
    outbox.settle(command, CommandState.UNKNOWN)
    payload = Told(
        happened=("The vendor did not answer.", "厂商没有回应。"),
        todo=("Check what is on air, then try again.", "请先确认播出情况，再重试。"),
        why=why,
    )
    _note(job, kind, payload, command)


def silenced(job: Job, command: Command, outcome: Outcome[object]) -> None:
    """Pause, resume or silent clip of a MetaStudio room."""
    failed = Kind.JOB_RESUME_FAILED if command.kind == CommandKind.RESUME else Kind.JOB_SILENCE_FAILED
    if isinstance(outcome, Accepted):
        ref = outcome.value.vendor_ref if isinstance(outcome.value, SaidRef) else ""
        outbox.settle(command, CommandState.ACCEPTED, vendor_ref=ref, request_id=outcome.request_id)
        if command.kind != CommandKind.RESUME:
            _note(job, Kind.JOB_SILENCE_SENT, Nothing(), command)
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected):
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error))
        _note(job, failed, told_payload(outcome.error), command)
    else:
        again_or_fail(job, command, outcome.why, failed)


# --------------------------------------------------------------------------------------------------------------- items


def said(item: Takeover, command: Command, outcome: Outcome[SaidRef], *, written_only: bool) -> None:
    """`written_only`: the vendor confirms by a notice; an accepted write is no evidence, and the lane waits for it."""
    job = item.job
    if isinstance(outcome, Accepted):
        if written_only:
            return

        def accept() -> None:
            _record(item_fact(item, Kind.ITEM_ACCEPTED))
            outbox.settle(command, CommandState.ACCEPTED, vendor_ref=outcome.value.vendor_ref)
            fresh = Takeover.objects.select_related("job__account", "job__room", "room").get(pk=item.pk)
            takeover.bind_reference(fresh, outcome.value.vendor_ref)

        _in_room(job, accept)
    elif isinstance(outcome, Rejected):
        error = outcome.error

        def refuse() -> None:
            outbox.settle(command, CommandState.REJECTED, error=error_row(error), request_id=outcome.request_id)
            _record(item_fact(item, Kind.ITEM_REFUSED, error=error))

        _in_room(job, refuse)
    elif isinstance(outcome, NotSent):
        _in_room(job, lambda: _not_sent(item, command, outcome))
    else:
        item_unsure(item, command, outcome.why)


def _not_sent(item: Takeover, command: Command, outcome: NotSent) -> None:
    """Nothing left us: the item waits again, unless it was cancelled or the room silenced while it was on its way."""
    if not outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why):
        return
    fresh = Takeover.objects.select_related("job__account").get(pk=item.pk)
    fresh.claimed_at = None
    fresh.refresh_state()
    fresh.save(update_fields=["claimed_at", "state", "version"])
    silenced = fresh.job.silenced_at
    if fresh.cancel_requested_at is not None or (silenced is not None and fresh.requested_at <= silenced):
        outbox.withdraw(Command.objects.filter(pk=command.pk))
        _record(item_fact(fresh, Kind.ITEM_CANCELLED, key="not sent"))
    raise_sequence(fresh.job.topic)  # no event of its own, but open pages must not go on saying "sending"


def item_unsure(item: Takeover, command: Command, why: str) -> None:
    """Sent, and no evidence came. Never sent again by itself."""

    def doubt() -> None:
        if outbox.settle(command, CommandState.UNKNOWN):
            _record(item_fact(item, Kind.ITEM_UNSURE, why=why))

    _in_room(item.job, doubt)


def cancel_left(job: Job, command: Command, items: Sequence[Takeover]) -> None:
    _record(*[item_fact(item, Kind.ITEM_CANCEL_SENT, key=str(command.pk)) for item in items])


def cancelled(job: Job, command: Command, items: Sequence[Takeover], outcome: Outcome[None]) -> None:
    if isinstance(outcome, Accepted):

        def confirm() -> None:
            outbox.settle(command, CommandState.ACCEPTED, request_id=outcome.request_id)
            still = Takeover.objects.filter(IS_OPEN, pk__in=[item.pk for item in items])
            done = Takeover.objects.filter(
                pk__in=[item.pk for item in items], finished_at__gte=F("cancel_sent_at"), cancel_ok_at=None
            )
            confirmed = {item.pk: item for item in (*still, *done)}
            ours = [item for item in items if item.pk in confirmed]
            _record(*[item_fact(item, Kind.ITEM_CANCELLED, key=str(command.pk)) for item in ours])
            if command.body.get("all"):
                _note(job, Kind.JOB_SILENCE_SENT, Nothing(), command)

        _in_room(job, confirm)
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected):
        error = outcome.error
        outbox.settle(command, CommandState.REJECTED, error=error_row(error))
        if command.body.get("all"):
            _note(job, Kind.JOB_SILENCE_FAILED, told_payload(error), command)
        _in_room(job, lambda: _not_cancelled(job, items, error_row(error)))
    else:
        again_or_fail(job, command, outcome.why, Kind.JOB_SILENCE_FAILED)


def _not_cancelled(job: Job, items: Sequence[Takeover], error: dict[str, object]) -> None:
    """The vendor keeps these items: they are what they were before, say why, and may be cancelled once more."""
    for item in Takeover.objects.filter(IS_OPEN, pk__in=[item.pk for item in items], cancel_ok_at=None):
        item.cancel_sent_at = item.cancel_requested_at = None
        item.error = error
        item.refresh_state()
        item.save(update_fields=["cancel_sent_at", "cancel_requested_at", "error", "state", "version"])
    raise_sequence(job.topic)


def queue_read(job: Job, listing: QueueListing, *, key: str) -> None:
    """Compare the vendor's queue with ours (SoftSugar; design.md, section 3).

    Listed and never confirmed → queued. Was playing and is gone → finished, as reported. Was queued and is gone →
    unknown, it left the queue while nobody listened. Was only sent and is not listed → stays unknown: absence proves
    nothing.
    """

    def compare() -> None:
        listed = set(listing.trace_ids)
        before = listing.asked_at - timedelta(seconds=1)
        facts = []
        for item in Takeover.objects.filter(IS_OPEN, job=job, claimed_at__lt=before).select_related("job__account"):
            if item.trace_id in listed:
                if item.queued_at is None and item.started_at is None:
                    facts.append(item_fact(item, Kind.ITEM_QUEUED))
            elif item.started_at is not None and item.started_at < before:
                facts.append(item_fact(item, Kind.ITEM_FINISHED))
            elif item.queued_at is not None and item.queued_at < before and item.left_at is None:
                facts.append(item_fact(item, Kind.ITEM_LEFT, why="left_queue"))
        _record(*facts)

    _in_room(job, compare)
