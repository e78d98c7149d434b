"""A person takes sentences back: at once while they are ours, as a standing wish once the vendor has them."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.accounts.models import User
from dashboard.events.kinds import Kind
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.takeover import commands
from dashboard.takeover.decisions import PROJECTIONS, decided
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import Source


def take_back(item: Takeover, user: User) -> None:
    """`item` has not left us: nobody will hear it."""
    facts = [decided(item, kind, user=user) for kind in (Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCELLED)]
    commands.take_back(item)
    record_many(facts, PROJECTIONS)


def take_back_all(job: Job, user: User) -> None:
    """All that waits in `job`, and the microphone that speaks: who carries its sound ends it, whatever the vendor can.

    The lane is emptied last: taking one item back lets the next one out.
    """
    for item in Takeover.objects.filter(IS_OPEN, job=job, claimed_at=None).select_related("job__account"):
        take_back(item, user)
    commands.clear_speech(job)
    speaking = commands.open_voices(job).filter(claimed_at__isnull=False, cancel_requested_at=None)
    wish_cancelled(speaking.select_related("job__account", "job__room"), user)


def wish_cancelled(items: Iterable[Takeover], user: User) -> None:
    """These are at the vendor: whatever it tells of them later makes one more cancel."""
    record_many([decided(item, Kind.ITEM_CANCEL_REQUESTED, user=user) for item in items], PROJECTIONS)


def wish_all_cancelled(job: Job, user: User) -> None:
    not_yet = Takeover.objects.filter(IS_OPEN, job=job, cancel_requested_at=None)
    wish_cancelled(not_yet.select_related("job__account"), user)


def take_back_script(job: Job, user: User, *, playing_too: bool) -> None:
    """What our player sent of the script and nobody heard yet; with `playing_too` what is being heard of it."""
    items = Takeover.objects.filter(IS_OPEN, job=job, source=Source.SCRIPT).select_related("job__account")
    at_vendor = []
    for item in items if playing_too else items.filter(started_at=None):
        if item.claimed_at is None:
            take_back(item, user)
        elif item.cancel_requested_at is None:
            at_vendor.append(item)
    if at_vendor:
        wish_cancelled(at_vendor, user)
        commands.cancel(job, at_vendor)
