"""The end of a job is the end of its items: what is assumed of them where nobody tells."""

from __future__ import annotations

from datetime import datetime

from dashboard.jobs.models import Job
from dashboard.takeover.facts import may_have_stood
from dashboard.takeover.models import IS_OPEN, Kind, Takeover
from dashboard.takeover.states import SILENCED, TERMINAL, derive


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
    if _was_heard(item, at):
        item.finished_at = at  # its end was told to nobody
        return ["finished_at", "due_at"]
    left_us = item.claimed_at or item.accepted_at or item.queued_at
    if item.started_at is not None or left_us is None:
        # It was cut in the middle: heard in part, and nothing more will be told about it. Or it never left us.
        item.cancel_ok_at, item.reason = at, "the job ended" if item.reason in ("", SILENCED) else item.reason
        return ["cancel_ok_at", "reason", "due_at"]
    if item.left_at is None:
        item.left_at, item.unknown_reason = at, item.unknown_reason or "job_ended"
    return ["left_at", "unknown_reason", "due_at"]


def _was_heard(item: Takeover, at: datetime) -> bool:
    """Whether all of it was said when the job ended, by its length; a microphone has none, and a cancel cuts."""
    if item.kind == Kind.VOICE or not item.was_said(item.cancel_sent_at or at):
        return False
    return not may_have_stood(item)


def is_assumed(item: Takeover) -> bool:
    """Whether its end is our assumption, which the vendor's word replaces."""
    at = item.job.ended_at
    return at is not None and at in (item.cancel_ok_at, item.finished_at)
