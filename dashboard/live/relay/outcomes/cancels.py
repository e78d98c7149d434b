"""What follows from a cancel: what was asked, what the vendor confirmed, and what it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dashboard.events.kinds import Kind, Nothing
from dashboard.jobs.models import Job
from dashboard.live.intake.accept import accept
from dashboard.live.relay.outcomes.shared import (
    again_or_fail,
    attempt,
    error_row,
    in_room,
    note,
    told_payload,
)
from dashboard.live.relay.outcomes.wishes import cut_all_the_same, not_cancelled, wait_again
from dashboard.takeover.facts import item_fact, may_have_missed, was_said_to_its_end, was_told_since
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState
from dashboard.vendors.port import Accepted, NotSent, Outcome, Rejected, VendorError


def cancel_left(command: Command, items: Sequence[Takeover]) -> None:
    accept(*[item_fact(item, Kind.ITEM_CANCEL_SENT, key=attempt(command)) for item in items])


def cancelled(job: Job, command: Command, items: Sequence[Takeover], outcome: Outcome[None]) -> None:
    if isinstance(outcome, Accepted):
        in_room(job, lambda: _confirmed(job, command, items, outcome.request_id))
    elif isinstance(outcome, NotSent):
        in_room(job, lambda: _never_left(job, command, items, outcome))
    elif isinstance(outcome, Rejected):
        in_room(job, lambda: _refused(job, command, items, outcome.error))
    else:
        again_or_fail(job, command, outcome.why, Kind.JOB_SILENCE_FAILED)


def _never_left(job: Job, command: Command, items: Sequence[Takeover], outcome: NotSent) -> None:
    if outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why):
        wait_again(job, command, items)


def _confirmed(job: Job, command: Command, items: Sequence[Takeover], request_id: str) -> None:
    outbox.settle(command, CommandState.ACCEPTED, request_id=request_id)
    asked = Takeover.objects.filter(pk__in=[item.pk for item in items])
    left_at = outbox.left_at(command)
    unsure = job.account.clock_unsure
    sent_at = command.claimed_at or left_at  # the try that was answered
    # Its end may have come before the answer to its cancel: then the cancel was why.
    ended_since = asked.filter(cancel_sent_at__isnull=False, finished_at__gte=left_at - unsure, cancel_ok_at=None)
    # What had been said by any reckoning was not cut, though its end was not told.
    # Of what was on its way meanwhile nobody knows which arrived first: its *queued* makes one more cancel.
    there = [item for item in asked.filter(IS_OPEN) if not item.is_on_its_way]
    arrived = [item for item in there if not _came_later(item, sent_at)]
    still_there = [item for item in arrived if not item.was_said(left_at)]
    # Of what was heard of last as queued, and nobody listened since: it may have been said before its cancel came.
    missed = [item for item in still_there if item.started_at is None and may_have_missed(item, sent_at)]
    cut = [
        item
        for item in ended_since
        if not was_said_to_its_end(item, left_at)
        and (_ended_since(item, left_at) or was_told_since(item, Kind.ITEM_FINISHED, left_at))
    ]
    confirmed = {item.pk for item in (*still_there, *cut)} - {item.pk for item in missed}
    accept(
        *[item_fact(item, Kind.ITEM_CANCELLED, key=str(command.pk)) for item in items if item.pk in confirmed],
        *[item_fact(item, Kind.ITEM_LEFT, why="left_queue") for item in missed],
    )
    if command.body.get("all"):
        note(job, Kind.JOB_SILENCE_SENT, Nothing(), attempt(command))


def _ended_since(item: Takeover, at: datetime) -> bool:
    return item.finished_at is not None and item.finished_at >= at


def _came_later(item: Takeover, sent_at: datetime) -> bool:
    """Whether the vendor took it in after the cancel had left: perhaps after it was done."""
    has_begun_before = item.started_at is not None and item.started_at <= sent_at
    return not has_begun_before and was_told_since(item, Kind.ITEM_QUEUED, sent_at)


def _refused(job: Job, command: Command, items: Sequence[Takeover], error: VendorError) -> None:
    outbox.settle(command, CommandState.REJECTED, error=error_row(error))
    if command.body.get("all"):
        note(job, Kind.JOB_SILENCE_FAILED, told_payload(error), attempt(command))
    cut = cut_all_the_same(job, command, items)
    accept(*[item_fact(item, Kind.ITEM_CANCELLED, key=str(command.pk)) for item in cut])
    # What an earlier cancel, or try of this one, may have taken away is not there any more: its end will tell.
    asked = Takeover.objects.filter(pk__in=[item.pk for item in items])
    kept = asked.exclude(cancel_sent_at__lt=command.claimed_at or outbox.left_at(command))
    not_cancelled(job, kept.values_list("pk", flat=True), error_row(error))
