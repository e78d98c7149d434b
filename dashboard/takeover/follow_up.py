"""What a fact about an item sets in motion in its job: wished cancels, cuts, the script, what is held back."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.takeover import commands, cuts, measured, release, script, streamed
from dashboard.takeover.models import IS_OPEN, Kind, Takeover
from dashboard.takeover.states import TERMINAL, Mode, Source, TakeoverState


def on_air(job: Job) -> None:
    """The host may speak: its script begins, and what is held back for it."""
    script.play_next(job)
    release.release(job)


def on_queued(item: Takeover, event: Event) -> None:
    measured.on_taken(item, event.received_at)
    if item.cancel_requested_at is not None and item.cancel_ok_at is None:
        if item.is_open:
            commands.cancel(item.job, [item])
        return
    # Told late, when it is heard already, it must not cut what comes after it.
    if release.holds_back(item.job) or item.state != TakeoverState.QUEUED:
        return
    if item.mode == Mode.NOW:
        cuts.cut_what_plays(item)
    if Takeover.objects.filter(IS_OPEN, job_id=item.job_id, state=TakeoverState.QUEUED).count() > 1:
        commands.put_in_order(item.job)


def on_started(item: Takeover, event: Event) -> None:
    job = item.job
    measured.on_started(item, event.at)
    if item.cancel_requested_at is not None and item.is_open and not release.holds_back(job):
        commands.cancel(job, [item])
    if item.source == Source.SCRIPT:
        Job.objects.filter(pk=job.pk).update(script_no=item.first_no, script_at=event.at)
        script.play_next(job)
    if release.holds_back(job):
        cuts.weigh_start(item, event.at)
        release.release(job)


def on_accepted(item: Takeover, event: Event) -> None:
    measured.on_taken(item, event.received_at)
    if item.mode == Mode.NOW and release.holds_back(item.job) and not release.has_channel(item.job):
        cuts.was_cut(item, event.at)


def on_finished(item: Takeover, event: Event) -> None:
    if item.mode == Mode.NOW and item.started_at is None and release.holds_back(item.job):
        # Its start was told to nobody.
        cuts.was_cut(item, item.accepted_at or item.claimed_at or event.at, by=_heard_by(item, event.at))
    on_over(item, event)


def _heard_by(item: Takeover, ended_at: datetime) -> datetime | None:
    """By when one began whose answer was lost: a request may take its time, an end may be told late."""
    if item.accepted_at is not None or item.claimed_at is None:
        return None
    half_said = ended_at - timedelta(milliseconds=item.estimate_ms / 2)
    return min(half_said, item.claimed_at + timedelta(milliseconds=measured.LONGEST_STEP_MS))


def on_over(item: Takeover, event: Event) -> None:
    job = item.job
    measured.on_finished(item)
    if item.source == Source.SCRIPT and item.started_at is not None:
        # A paragraph is said to its end after the press: the script stands from there on.
        Job.objects.filter(pk=job.pk, silenced_at=None, script_paused_at__lt=event.at).update(script_paused_at=event.at)
    release.release(job)
    if _leads_to_script(item) and TakeoverState(item.state) in TERMINAL:
        script.play_next(job)


def _leads_to_script(item: Takeover) -> bool:
    """Its own end makes the script's next paragraph; what a voice kept waiting goes on behind it."""
    return item.source == Source.SCRIPT or item.kind == Kind.VOICE or streamed.is_streamed(item)
