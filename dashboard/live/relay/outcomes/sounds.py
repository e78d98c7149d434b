"""What follows from a clip that was streamed: it began or it did not, it was cut short, or its relay is gone."""

from __future__ import annotations

from dashboard.events.kinds import Kind
from dashboard.live.intake.accept import accept
from dashboard.live.relay.outcomes.items import said
from dashboard.live.relay.outcomes.shared import in_room
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.states import TakeoverState
from dashboard.vendors import words
from dashboard.vendors.models import Command, VendorKind
from dashboard.vendors.port import NotSent, Outcome, Rejected, Unknown, Vendor

#: A second each: longer than any sentence that could still be in the way.
MOST_TRIES = 60


def no_file() -> Rejected:
    return Rejected(words.error(Vendor.SOFTSUGAR, "clip_gone"))


def opened(item: Takeover) -> None:
    """The vendor's own word: it takes sound for this item. The lane goes on."""

    def note() -> None:
        accept(item_fact(item, Kind.ITEM_ACCEPTED))

    in_room(item.job, note)


def not_opened(item: Takeover, command: Command, outcome: Outcome[None]) -> None:
    """No sound left us, so nothing was heard."""
    if isinstance(outcome, NotSent) and command.attempts >= MOST_TRIES:
        outcome = Rejected(words.error(Vendor.SOFTSUGAR, "clip_waited"))
    elif isinstance(outcome, Unknown):
        outcome = Rejected(words.error(Vendor.SOFTSUGAR, "clip_not_opened", outcome.why))
    if isinstance(outcome, NotSent | Rejected):
        said(item, command, outcome, written_only=False)


def stopped(item: Takeover) -> None:
    """We let no more of it out, for a cancel or a silence.

    The vendor may refuse that cancel since the clip is over by then, and has one word for its end and a cancel's
    (SoftSugar's 18): viewers heard a part all the same.
    """

    def note() -> None:
        accept(item_fact(item, Kind.ITEM_CANCELLED, key="stopped"))

    in_room(item.job, note)


def cut_short(item: Takeover, *, seconds: float | None, why: str) -> None:
    """The stream ended before its clip did, and nobody asked for that. `seconds` were sent; None: nobody knows."""

    def fail() -> None:
        fresh = Takeover.objects.select_related("job__account", "job__room").get(pk=item.pk)
        if not fresh.is_open or fresh.cancel_requested_at is not None:
            return
        detail = f"{seconds:.1f} / {fresh.estimate_ms / 1000:.1f} s" if seconds is not None else ""
        error = words.error(Vendor.SOFTSUGAR, "clip_cut", detail, heard="nothing" if seconds == 0 else "maybe")
        accept(item_fact(fresh, Kind.ITEM_FAILED, error=error, why=why))

    in_room(item.job, fail)


def orphaned(job_ids: tuple[int, ...]) -> None:
    """Clips that an earlier keeper of these jobs was streaming: the stream died with it."""
    clips = Takeover.objects.filter(IS_OPEN, job_id__in=job_ids, kind=ItemKind.AUDIO)
    there = clips.filter(
        job__account__vendor=VendorKind.SOFTSUGAR,
        state__in=(TakeoverState.ACCEPTED, TakeoverState.QUEUED, TakeoverState.PLAYING),
    )
    for item in there.select_related("job__account", "job__room"):
        cut_short(item, seconds=None, why="relay_lost")
