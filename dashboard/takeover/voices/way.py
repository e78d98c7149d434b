"""What must go before a microphone may speak: SoftSugar takes a voice only while nothing plays or waits (004:330)."""

from __future__ import annotations

from django.db.models import QuerySet

from dashboard.accounts.models import User
from dashboard.jobs.models import Job
from dashboard.takeover import commands, release, restoring
from dashboard.takeover.models import IS_OPEN, Kind, Takeover
from dashboard.takeover.states import Source, TakeoverState
from dashboard.takeover.taking_back import take_back, wish_cancelled

#: Not handed on yet, or of unknown outcome: nobody can tell whether the vendor holds those.
_ELSEWHERE = (TakeoverState.HELD, TakeoverState.AWAITING_APPROVAL, TakeoverState.UNKNOWN)


def _in_the_way(job: Job) -> QuerySet[Takeover]:
    """What the vendor holds or is about to get, our own script included."""
    items = Takeover.objects.filter(IS_OPEN, job=job).exclude(kind=Kind.VOICE).exclude(state__in=_ELSEWHERE)
    return items.select_related("job__account", "job__room")


def needs_empty_queue(job: Job) -> bool:
    """MetaStudio cuts what plays by itself, and what waits is held back here."""
    return not release.holds_back(job)


def lost_by_opening(job: Job) -> int:
    """How many sentences of people and rules are cancelled when a microphone opens now."""
    if not needs_empty_queue(job):
        return 0
    return _in_the_way(job).exclude(source=Source.SCRIPT).exclude(state=TakeoverState.CANCELLING).count()


def make_way(job: Job, voice: Takeover, user: User) -> None:
    """Cancel what is in the way of `voice`, which exists already: so the script's player sends nothing more.

    A silence is over, too.
    """
    if needs_empty_queue(job):
        _cancel_for(voice, job, user)
    restoring.words_end_silence(voice)


def _cancel_for(voice: Takeover, job: Job, user: User) -> None:
    items = list(_in_the_way(job))
    Takeover.objects.filter(pk__in=[item.pk for item in items]).update(cut_by=voice)
    for item in items:
        item.cut_by = voice
        if item.claimed_at is None:
            take_back(item, user)
    there = [item for item in items if item.claimed_at is not None]
    wish_cancelled([item for item in there if item.cancel_requested_at is None], user)
    if there:
        commands.cancel(job, there)
