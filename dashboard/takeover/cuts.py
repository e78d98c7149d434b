"""Who cuts whom at a vendor, and what is known of what was cut."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.events.kinds import kept
from dashboard.takeover import commands, doubt, release
from dashboard.takeover.ends import BROKE_OFF, is_short
from dashboard.takeover.facts import may_have_stood
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.rules import may_cut
from dashboard.takeover.states import Mode, TakeoverState
from dashboard.vendors.models import Command, CommandKind

#: What one that is heard *now* may change of another.
_CHANGED = ("finished_at", "cancel_ok_at", "cut_by", "failed_at", "error", "due_at")
#: From the vendor's answer to what is said *now* until it is heard: MetaStudio cuts at once.
TAKES_EFFECT = timedelta(seconds=2)


def cut_what_plays(item: Takeover) -> None:
    """*Now* on SoftSugar is two calls: priority 1, and once that is queued, the cancel of what plays."""
    playing = Takeover.objects.filter(IS_OPEN, job_id=item.job_id, state=TakeoverState.PLAYING).exclude(pk=item.pk)
    cut = [other for other in playing if may_cut(item.rank, other.rank, is_now=True)]
    for other in cut:
        Takeover.objects.filter(pk=other.pk).update(cut_by=item)
    if cut:
        commands.cancel(item.job, cut, is_urgent=False)


def weigh_start(item: Takeover, at: datetime) -> None:
    """MetaStudio told that `item` is heard from `at` on: what it cut, or by whom it was cut if that start came first.

    Its starts of one moment may come in any order.
    """
    if (later := _heard_instead(item, at)) is not None:
        item.cancel_ok_at, item.cut_by, item.due_at = max(at, later.started_at or at), later, None
        item.save(update_fields=["cancel_ok_at", "cut_by", "due_at", *item.refresh_state()])
    elif item.mode == Mode.NOW:
        was_cut(item, at)


def _heard_instead(item: Takeover, at: datetime) -> Takeover | None:
    """What was sent behind `item` to be said *now*, and is heard already at `at`, too shortly to be over by then."""
    if item.claimed_at is None or not item.is_open or item.job.runs_vendor_rules:
        return None  # a reply by the vendor's own rules may have cut the other
    later = Takeover.objects.filter(
        IS_OPEN, job_id=item.job_id, state=TakeoverState.PLAYING, mode=Mode.NOW, claimed_at__gt=item.claimed_at
    ).exclude(pk=item.pk)
    return next((other for other in later if _is_heard_still(other, at) and _was_heard_before(item, at, other)), None)


def _is_heard_still(other: Takeover, at: datetime) -> bool:
    if other.started_at is None or other.was_asked_to_end or not is_short(other, other.started_at, at):
        return False
    clips = Command.objects.filter(job_id=other.job_id, kind=CommandKind.CLIP, claimed_at__gte=other.claimed_at)
    return not clips.exists()  # the silent one may have cut it


def _was_heard_before(item: Takeover, at: datetime, other: Takeover) -> bool:
    """Whether `other` began while `item` was heard from `at` on, and not the other way round.

    Late, one said *now* cuts the other; another mode does not. A start may have waited for its name.
    """
    if other.started_at is None or (item.was_said(other.started_at, at) and not may_have_stood(item)):
        return False
    if item.mode != Mode.NOW:
        return True
    return item.accepted_at is not None and other.claimed_at is not None and item.accepted_at <= other.claimed_at


def was_cut(item: Takeover, at: datetime, *, by: datetime | None = None) -> None:
    """MetaStudio cuts at once and sends no finish for what it cut (play_type PLAY_NOW).

    `item` was heard from `at` on; `by`: at the latest, where only the earliest is known.
    """
    playing = Takeover.objects.filter(
        IS_OPEN, job_id=item.job_id, state=TakeoverState.PLAYING, started_at__lte=max(at, by or at)
    )
    for other in _begun_by_reckoning(item, at):
        other.left_at, other.unknown_reason = at, "not_reported"
        other.due_at = None
        other.save(update_fields=["left_at", "unknown_reason", "due_at", *other.refresh_state()])
    for other in playing.exclude(pk=item.pk):
        if (earlier := _taken_meanwhile(other, item)) is not None:
            other.cancel_ok_at, other.cut_by = earlier.accepted_at, earlier
        elif other.was_said(_begun_by(item, at, since=other.started_at)) and not may_have_stood(other):
            _is_over(other, at)
        else:
            other.cancel_ok_at, other.cut_by = max(at, other.started_at or at), item
        other.due_at = None
        other.save(update_fields=[*_CHANGED, *other.refresh_state()])


def _begun_by(item: Takeover, at: datetime, *, since: datetime | None) -> datetime:
    """When `item`, told to be heard from `at` on, began at the latest: its start may come late, its answer did not.

    `since`: where the answer came before, it waited for something that the vendor did not let it cut.
    """
    if item.accepted_at is None or since is None or item.accepted_at < since:
        return at
    return min(at, item.accepted_at + TAKES_EFFECT)


def _is_over(other: Takeover, at: datetime) -> None:
    """By its length `other` had been said by `at`; its end was told to nobody."""
    if (broke_off_at := doubt.broke_off_at(other)) is not None:
        other.failed_at, other.error = broke_off_at, kept(BROKE_OFF)
    else:
        other.finished_at = at


def _taken_meanwhile(other: Takeover, item: Takeover) -> Takeover | None:
    """What the vendor took to be said *now* before `item`, while `other` was heard, and told nobody of its start."""
    taken = Takeover.objects.filter(
        job_id=other.job_id, mode=Mode.NOW, started_at=None, accepted_at__gt=other.started_at, failed_at=None
    )
    for earlier in taken.exclude(pk=item.pk).order_by("accepted_at"):
        was_heard = earlier.accepted_at is not None and not other.was_said(earlier.accepted_at)
        if was_heard and may_cut(earlier.rank, other.rank, is_now=True):
            return earlier
    return None


def _begun_by_reckoning(item: Takeover, at: datetime) -> list[Takeover]:
    """Where nobody tells of a start: what should have begun before `at`, and whose end was not told yet."""
    if release.has_channel(item.job):
        return []
    taken = Takeover.objects.filter(IS_OPEN, job_id=item.job_id, state=TakeoverState.ACCEPTED, due_at__isnull=False)
    others = [(other, other.due_at - release.patience(other)) for other in taken.exclude(pk=item.pk) if other.due_at]
    return [other for other, began_at in others if began_at <= at and not other.was_said(at, began_at)]
