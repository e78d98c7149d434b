"""What an end tells: said to its end, or cut. SoftSugar has one word for both (18)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from dashboard.takeover import release
from dashboard.takeover.facts import SKEW_UNSURE
from dashboard.takeover.models import Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState

#: Of its estimated length: what ended sooner was cut. A voice that nobody measured yet may be 1.4 times as fast.
SURELY_CUT = 0.6


def weigh_end(item: Takeover, at: datetime, *, was_cut: bool | None) -> None:
    """What a told end says of a cut or cancel that we had reckoned. Saving is the caller's."""
    if item.cut_by_id is not None and release.holds_back(item.job):
        item.cancel_ok_at = item.cut_by = None  # MetaStudio tells the end only of what was heard to it
    elif was_cut is False:
        item.cancel_ok_at = None
    elif item.cancel_sent_at is not None and (was_cut or (_is_unheard(item) and at >= item.cancel_sent_at)):
        item.cancel_ok_at = at  # the answer to its cancel may never come
    elif was_cut is None and _was_cut_all_the_same(item, at):
        item.cancel_ok_at, item.error = at, None


def _is_unheard(item: Takeover) -> bool:
    """It left the queue unheard of, or was never told to begin."""
    return item.left_at is not None or item.started_at is None


def _was_cut_all_the_same(item: Takeover, at: datetime) -> bool:
    """Whether a cancel that the vendor has just refused, since it did not have all that it named, ended this one.

    It, or its first try, whose answer was lost: then the second is refused for what the first took away.
    """
    was_asked = item.error is not None or item.cancel_sent_at is not None
    if not was_asked or item.cancel_ok_at is not None or item.left_at is not None:
        return False
    not_whole = item.started_at is None or is_short(item, item.started_at, at)
    return not_whole and _was_refused_about(item, at)


def _was_refused_about(item: Takeover, at: datetime) -> bool:
    """Whether the vendor refused a cancel that named `item` about when it ended, at `at` by the vendor's clock.

    A refusal of several says only that not all of them could be cancelled (SoftSugar, B24).
    """
    ended_at = at - timedelta(milliseconds=item.job.account.clock_skew_ms or 0)
    refused = Command.objects.filter(
        job_id=item.job_id,
        kind=CommandKind.CANCEL,
        state=CommandState.REJECTED,
        settled_at__gte=ended_at - SKEW_UNSURE,
    )
    named = [one for one in refused if one.body.get("all") or item.pk in one.body.get("items", ())]
    return any(outbox.left_at(one) - SKEW_UNSURE <= ended_at for one in named)


def cut_unconfirmed(job_id: int, since: datetime) -> list[Takeover]:
    """Items that a cancel sent after `since` has ended, as far as can be told, though nobody confirmed that cancel.

    The vendor has one word for "finished" and "cancelled" (SoftSugar's 18). What never began, or was over well before
    its words can have been said, was not heard to its end. What a listing missed before was over without that cancel,
    however late and close together its start and end are told.
    """
    ended = Takeover.objects.filter(
        Q(left_at=None) | Q(left_at__gte=since),
        job_id=job_id,
        cancel_sent_at__gte=since,
        cancel_ok_at=None,
        finished_at__isnull=False,
    ).select_related("job__account")
    return [item for item in ended if item.started_at is None or is_short(item, item.started_at, item.finished_at)]


def is_short(item: Takeover, started_at: datetime, finished_at: datetime | None) -> bool:
    """Whether so little was heard that it can't have been all of it."""
    said = (finished_at or started_at) - started_at
    return said < timedelta(milliseconds=item.estimate_ms * SURELY_CUT)
