"""Reads of takeovers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from dashboard.accounts.models import Team
from dashboard.jobs.models import Job
from dashboard.takeover import commands, release
from dashboard.takeover.models import IS_OPEN, Kind, Takeover
from dashboard.takeover.scenes import in_words
from dashboard.takeover.speaking import hearing_order
from dashboard.takeover.states import Source, TakeoverState

#: Kinds whose words or clip a composer can hold again.
_WRITTEN = (Kind.TEXT, Kind.SSML, Kind.AUDIO)
_CAME_TO_NOTHING = (
    TakeoverState.REJECTED,
    TakeoverState.FAILED,
    TakeoverState.EXPIRED,
    TakeoverState.CANCELLED,
    TakeoverState.UNKNOWN,
)


def listed(team: Team, *, script: bool = False) -> QuerySet[Takeover]:
    """The team's takeovers of all rooms, newest first; the script's own plays only where `script` asks for them."""
    items = Takeover.objects.filter(team=team)
    if not script:
        items = items.exclude(source=Source.SCRIPT)
    return items.select_related("room", "job__account", "author", "cut_by__room", "marked_by").order_by("-id")


def waiting_of(job: Job) -> list[Takeover]:
    """What people and rules put in and nobody heard yet, in the order of hearing."""
    items = Takeover.objects.filter(IS_OPEN, job=job, started_at=None).exclude(source=Source.SCRIPT)
    return sorted(items.select_related("room", "job__account", "job__room"), key=hearing_order)


def can_be_dropped(item: Takeover) -> bool:
    """Whether the vendor can drop it with all that waits there: MetaStudio's newer call, where it tells what began."""
    if not commands.can_drop(item.job) or not release.has_channel(item.job):
        return False
    is_inserted = item.state == TakeoverState.ACCEPTED and item.kind != Kind.VOICE
    return is_inserted and item.started_at is None and item.cancel_requested_at is None


def change_in_words(item: Takeover) -> str:
    """What of the scene `item` changes."""
    return in_words(item.params.get("change") or {})


def was_cut_off(item: Takeover) -> bool:
    """Whether viewers heard its beginning and not its end."""
    return item.state == TakeoverState.CANCELLED and item.started_at is not None


def can_be_taken_up(item: Takeover) -> bool:
    """Whether its words can come back to the composer: a person's, that were not heard to their end for sure."""
    by_hand = item.author_id is not None and item.source in (Source.PERSON, Source.QUICK_REPLY)
    return by_hand and item.kind in _WRITTEN and item.state in _CAME_TO_NOTHING


def waited_there(job: Job, at: datetime) -> list[Takeover]:
    """What the vendor had at `at`, and nobody heard yet.

    Where nobody tells what is being said, what was handed over may be it: then nothing is assumed.
    """
    if not release.has_channel(job):
        return []
    waited = Takeover.objects.filter(IS_OPEN, job=job, started_at=None, accepted_at__lt=at)
    return list(waited.select_related("job__account"))


def people_ahead(item: Takeover) -> int:
    """How many unstarted items of people and rules the vendor's queue already holds before `item`."""
    return (
        Takeover.objects.filter(
            IS_OPEN,
            job_id=item.job_id,
            started_at=None,
            claimed_at__isnull=False,
            place__lt=item.place,
        )
        .exclude(source=Source.SCRIPT)
        .exclude(pk=item.pk)
        .count()
    )
