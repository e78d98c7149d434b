"""The end of a job is the end of its items: what is assumed of them where nobody tells."""

from __future__ import annotations

from datetime import datetime

from dashboard.events.kinds import Kind as FactKind
from dashboard.jobs.models import Job
from dashboard.takeover import doubt
from dashboard.takeover.facts import may_have_stood
from dashboard.takeover.models import IS_OPEN, Kind, Takeover
from dashboard.takeover.states import JOB_ENDED, SILENCED, TERMINAL, derive


def end_items(job: Job) -> None:
    """Unreleased items are cancelled, what was begun is done or cut off by its length, the rest is unknown."""
    for item in Takeover.objects.filter(IS_OPEN, job=job):
        item.job = job
        if changed := assume_over(item):
            item.save(update_fields=[*changed, *item.refresh_state()])


def assume_over(item: Takeover) -> list[str]:
    """What is assumed of an open item whose job has ended, whether its last notice came before or after that end."""
    at = item.job.ended_at
    if at is None or derive(item) in TERMINAL:
        return []
    item.due_at = None
    was_heard = _was_heard(item, at)
    if was_heard is None:
        item.left_at = item.left_at or at
        if item.started_at is not None or not item.unknown_reason:
            item.unknown_reason = JOB_ENDED
        return ["left_at", "unknown_reason", "due_at"]
    if was_heard:
        item.finished_at = at
        return ["finished_at", "due_at"]
    item.cancel_ok_at, item.reason = at, "the job ended" if item.reason in ("", SILENCED) else item.reason
    return ["cancel_ok_at", "reason", "due_at"]


def _was_heard(item: Takeover, at: datetime) -> bool | None:
    """Whether all of it was said when the job ended, by its length; None where that can't be told.

    A microphone has no length, and a cancel cuts. Most ends are heard of later than they are: with its vendor out of
    reach a job may be long gone, so that only what was said before a listing still had it was surely heard.
    """
    if item.started_at is None:
        return None if item.claimed_at or item.accepted_at or item.queued_at else False  # or it never left us
    over_at = item.cancel_sent_at or at
    if item.kind == Kind.VOICE or not item.was_said(over_at):
        return False  # cut in the middle: heard in part, and nothing more will be told about it
    listed_until = item.job.listed_until
    is_sure = listed_until is not None and item.was_said(min(over_at, listed_until)) and not may_have_stood(item)
    return True if is_sure and doubt.broke_off_at(item) is None else None


def take_back(item: Takeover, kind: FactKind) -> list[str]:
    """The vendor's word of an end replaces what we assumed when the job ended; the columns to save."""
    at = item.job.ended_at
    if at is None or at not in (item.cancel_ok_at, item.finished_at, item.left_at):
        return []
    item.cancel_ok_at = None
    if kind == FactKind.ITEM_FINISHED:
        item.finished_at = None
    if item.left_at == at:
        item.left_at = None
    return ["cancel_ok_at", "finished_at", "left_at"]
