"""What is said of a sentence whose end nobody told: that it is over by all that is known, broke off, or is unknown."""

from __future__ import annotations

from dashboard.events.kinds import Fact, Kind
from dashboard.takeover import doubt, release
from dashboard.takeover.ends import BROKE_OFF, is_short
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TakeoverState
from dashboard.vendors.port import VendorError

#: That a vendor opened a microphone is told as its start. Whoever sends the first sound notes it (ACCEPTED).
NO_SOUND_KNOWN = VendorError(
    "",
    (
        "The relay that carried the microphone ended before any sound of it is known to have left.",
        "承载麦克风的中继进程中断了，此前没有任何声音确认已发出。",
    ),
    ("Probably nothing was heard. Say it again if it matters.", "观众很可能没有听到。如果重要，请再说一遍。"),
    heard="maybe",
)


def when_late(item: Takeover) -> Fact:
    """Its estimated time passed without a word."""
    if item.started_at is not None:
        # It was heard to begin, and maybe cancelled since. Unknown would hide that, so it ends as reported by time.
        if item.kind == ItemKind.VOICE and item.accepted_at is None and not item.was_asked_to_end:
            return item_fact(item, Kind.ITEM_FAILED, key="no_sound", error=NO_SOUND_KNOWN)
        return end_of(item, why="no end reported")
    if item.state == TakeoverState.CANCELLING:
        return item_fact(item, Kind.ITEM_LEFT, key="late", why="not_reported")
    return item_fact(item, Kind.ITEM_UNSURE, key="late", why="not_reported")


def end_of(item: Takeover, *, why: str = "") -> Fact:
    """`item` was heard to begin and is over."""
    if item.was_asked_to_end or not _was_followed_too_soon(item):
        # By a key of its own: the vendor's word of the same end may come yet, and counts for more.
        return item_fact(item, Kind.ITEM_FINISHED, key="reckoned", why=why)
    return item_fact(item, Kind.ITEM_FAILED, key="broke_off", error=BROKE_OFF)


def _was_followed_too_soon(item: Takeover) -> bool:
    """SoftSugar plays one thing at a time. On MetaStudio what interrupts a pause goes before what it interrupted, so
    there only what may have been said *now* counts.
    """
    if item.started_at is None:
        return False
    if release.holds_back(item.job):
        return doubt.broke_off_at(item) is not None
    later = Takeover.objects.filter(job_id=item.job_id, started_at__gt=item.started_at).order_by("started_at")
    next_at = later.values_list("started_at", flat=True).first()
    return next_at is not None and is_short(item, item.started_at, next_at)
