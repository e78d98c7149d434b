"""What a fact about an item sets in motion in its job: wished cancels, cuts, the script, what is held back."""

from __future__ import annotations

from datetime import datetime

from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.takeover import commands, measured, release, script, streamed
from dashboard.takeover.models import IS_OPEN, Kind, Takeover
from dashboard.takeover.rules import may_cut
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
        _cut_what_plays(item)
    if Takeover.objects.filter(IS_OPEN, job_id=item.job_id, state=TakeoverState.QUEUED).count() > 1:
        commands.put_in_order(item.job)


def _cut_what_plays(item: Takeover) -> None:
    """*Now* on SoftSugar is two calls: priority 1, and once that is queued, the cancel of what plays."""
    playing = Takeover.objects.filter(IS_OPEN, job_id=item.job_id, state=TakeoverState.PLAYING).exclude(pk=item.pk)
    cut = [other for other in playing if may_cut(item.rank, other.rank, is_now=True)]
    for other in cut:
        Takeover.objects.filter(pk=other.pk).update(cut_by=item)
    if cut:
        commands.cancel(item.job, cut, is_urgent=False)


def on_started(item: Takeover, event: Event) -> None:
    job = item.job
    measured.on_started(item, event.at)
    if item.cancel_requested_at is not None and item.is_open and not release.holds_back(job):
        commands.cancel(job, [item])
    if item.source == Source.SCRIPT:
        Job.objects.filter(pk=job.pk).update(script_no=item.first_no, script_at=event.at)
        script.play_next(job)
    if release.holds_back(job):
        if item.mode == Mode.NOW:
            _was_cut(item, event.at)
        release.release(job)


def _was_cut(item: Takeover, at: datetime) -> None:
    """MetaStudio cuts at once and sends no finish for what it cut (play_type PLAY_NOW)."""
    playing = Takeover.objects.filter(IS_OPEN, job_id=item.job_id, state=TakeoverState.PLAYING, started_at__lte=at)
    for other in _begun_by_reckoning(item, at):
        other.left_at, other.unknown_reason = at, "not_reported"
        other.due_at = None
        other.save(update_fields=["left_at", "unknown_reason", "due_at", *other.refresh_state()])
    for other in playing.exclude(pk=item.pk):
        other.cancel_ok_at, other.cut_by = at, item
        other.due_at = None
        other.save(update_fields=["cancel_ok_at", "cut_by", "due_at", *other.refresh_state()])


def _begun_by_reckoning(item: Takeover, at: datetime) -> list[Takeover]:
    """Where nobody tells of a start: what should have begun before `at`, and whose end was not told yet."""
    if release.has_channel(item.job):
        return []
    taken = Takeover.objects.filter(IS_OPEN, job_id=item.job_id, state=TakeoverState.ACCEPTED, due_at__isnull=False)
    others = [(other, other.due_at - release.patience(other)) for other in taken.exclude(pk=item.pk) if other.due_at]
    return [other for other, began_at in others if began_at <= at and not other.was_said(at, began_at)]


def _is_unheard(item: Takeover) -> bool:
    """It left the queue unheard of, or was never told to begin."""
    return item.left_at is not None or item.started_at is None


def weigh_end(item: Takeover, at: datetime, *, was_cut: bool | None) -> None:
    """What a told end says of a cut or cancel that we had reckoned. Saving is the caller's."""
    if item.cut_by_id is not None and release.holds_back(item.job):
        item.cancel_ok_at = item.cut_by = None  # MetaStudio tells the end only of what was heard to it
    elif was_cut is False:
        item.cancel_ok_at = None
    elif item.cancel_sent_at is not None and (was_cut or (_is_unheard(item) and at >= item.cancel_sent_at)):
        item.cancel_ok_at = at  # the answer to its cancel may never come


def on_accepted(item: Takeover, event: Event) -> None:
    measured.on_taken(item, event.received_at)
    if item.mode == Mode.NOW and release.holds_back(item.job) and not release.has_channel(item.job):
        _was_cut(item, event.at)


def on_finished(item: Takeover, event: Event) -> None:
    if item.mode == Mode.NOW and item.started_at is None and release.holds_back(item.job):
        _was_cut(item, item.accepted_at or item.claimed_at or event.at)  # its start was told to nobody
    on_over(item, event)


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
