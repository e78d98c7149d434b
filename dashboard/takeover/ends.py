"""What an end tells: said to its end, or cut. SoftSugar has one word for both (18), MetaStudio none for a cut."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from dashboard.events.kinds import kept
from dashboard.takeover import release, streamed
from dashboard.takeover.models import Kind, Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import SKEW_UNSURE, Command, CommandKind, CommandState
from dashboard.vendors.port import VendorError

#: Of its estimated length: what ended sooner was cut. A voice that nobody measured yet may be 1.4 times as fast.
SURELY_CUT = 0.6
#: Of its estimated length: what ended later than that may be called said.
SURELY_SAID = 0.9
#: What `weigh_end` may change.
WEIGHED = ("cancel_ok_at", "cut_by", "failed_at", "error")
#: A request whose answer was lost may lie on its way for so long and still be carried out.
LOST_ON_ITS_WAY = timedelta(minutes=1)
HEARD_IN_PART = (
    "Viewers heard a part of it. Say it again if it matters.",
    "观众只听到了一部分。如果重要，请再说一遍。",
)
#: SoftSugar tells a takeover that fails while it is heard by one callback (39), and nothing by the socket. MetaStudio
#: tells no end of what was cut by one whose name we never got.
BROKE_OFF = VendorError(
    "",
    (
        "It broke off before its end: the next one began too soon after it, and the vendor told no reason.",
        "它没有说完就中断了：下一句很快就开始了，厂商没有说明原因。",
    ),
    HEARD_IN_PART,
    heard="maybe",
)
CUT_BY_A_LOST_TRY = VendorError(
    "",
    (
        "It broke off: an earlier silence, whose answer was lost, has probably reached the vendor late.",
        "它没有说完就中断了：较早的一次静音没有收到应答，很可能迟到后才被厂商执行。",
    ),
    HEARD_IN_PART,
    heard="maybe",
)


def weigh_end(item: Takeover, at: datetime, *, was_cut: bool | None) -> None:
    """What an end told for `at`, by our clock, says of a cut or cancel that we had reckoned. Saving is the caller's."""
    latest = at + item.job.account.clock_unsure
    if item.error == kept(BROKE_OFF) and (was_cut is False or release.holds_back(item.job)):
        item.failed_at = item.error = None  # the vendor's own word of its end came after all
    if item.cut_by_id is not None and release.holds_back(item.job):
        item.cancel_ok_at = item.cut_by = None  # MetaStudio tells the end only of what was heard to it
    elif was_cut is False:
        item.cancel_ok_at = None
        if item.error == kept(CUT_BY_A_LOST_TRY):  # what its length alone had told
            item.failed_at = item.error = None
    elif item.cancel_sent_at is not None and (was_cut or (latest >= item.cancel_sent_at and _is_not_whole(item, at))):
        item.cancel_ok_at = at  # the answer to its cancel may never come
    elif _was_said_before_its_cancel(item, at):
        item.cancel_ok_at = item.cut_by = None
    elif _was_cut_all_the_same(item, at):
        item.cancel_ok_at, item.error = at, None
    elif _was_cut_by_a_lost_try(item, at):
        item.failed_at, item.error = at, kept(CUT_BY_A_LOST_TRY)


def _is_not_whole(item: Takeover, ended_at: datetime) -> bool:
    """It was heard when it left the queue, or was not heard to its end.

    What began behind the listing that missed it is weighed by its length like any other.
    """
    was_heard_then = item.left_at is not None and item.started_at is not None and item.started_at <= item.left_at
    return was_heard_then or _is_in_part(item, ended_at)


def _is_in_part(item: Takeover, ended_at: datetime | None) -> bool:
    """It was never told to begin, or broke off."""
    return item.started_at is None or is_short(item, item.started_at, ended_at)


def _was_said_before_its_cancel(item: Takeover, at: datetime) -> bool:
    """Whether a cancel that the vendor confirmed left well after `item` had been said, by its length and by its end.

    Clocks that are said to agree may differ so much. A voice has no length, and of a streamed clip we let out no more.
    """
    if item.cancel_ok_at is None or item.cancel_sent_at is None or item.started_at is None:
        return False
    if item.kind == Kind.VOICE or streamed.is_streamed(item) or at + SKEW_UNSURE >= item.cancel_sent_at:
        return False
    return not is_short(item, item.started_at, at, surely=SURELY_SAID)


def _was_cut_all_the_same(item: Takeover, at: datetime) -> bool:
    """Whether a cancel that the vendor has just refused, since it did not have all that it named, ended this one.

    It, or its first try, whose answer was lost: then the second is refused for what the first took away.
    """
    was_asked = item.error is not None or item.cancel_sent_at is not None
    if not was_asked or item.cancel_ok_at is not None:
        return False
    if item.left_at is not None and item.started_at is None:
        return False  # said whole while nobody listened, for all that is known
    return _is_in_part(item, at) and _was_refused_about(item, at)


def _was_refused_about(item: Takeover, at: datetime) -> bool:
    """Whether the vendor refused a cancel that named `item` about when it ended, at `at`.

    A refusal of several says only that not all of them could be cancelled (SoftSugar, B24).
    """
    refused = Command.objects.filter(
        job_id=item.job_id,
        kind=CommandKind.CANCEL,
        state=CommandState.REJECTED,
        settled_at__gte=at - SKEW_UNSURE,
    )
    named = [one for one in refused if one.body.get("all") or item.pk in one.body.get("items", ())]
    left = [outbox.left_at(one) for one in named]
    # What a listing missed before was over without that cancel, however late its end is told.
    return any(one - SKEW_UNSURE <= at and (item.left_at is None or item.left_at >= one) for one in left)


def _was_cut_by_a_lost_try(item: Takeover, at: datetime) -> bool:
    """Whether words that nobody asked to end broke off while a cancel of everything may have been on its way.

    By their shortness, from the queue on where nobody told that they began: the vendor's time of an interruption
    (004:1145) may be told of every end (004:492).
    """
    began_at = item.started_at or item.queued_at
    if item.was_asked_to_end or began_at is None or not is_short(item, began_at, at):
        return False
    return _is_a_cancel_on_its_way(item.job_id, at)


def _is_a_cancel_on_its_way(job_id: int, at: datetime) -> bool:
    """Whether a try of cancelling everything was never answered, and may have come to the vendor as late as `at`."""
    late = Command.objects.filter(job_id=job_id, kind=CommandKind.CANCEL, claimed_at__gte=at - LOST_ON_ITS_WAY)
    lost = [one for one in late if one.body.get("all") and ("left_at" in one.body or one.state == CommandState.UNKNOWN)]
    return any(outbox.left_at(one) - SKEW_UNSURE <= at <= outbox.left_at(one) + LOST_ON_ITS_WAY for one in lost)


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
    return [item for item in ended if _is_in_part(item, item.finished_at)]


def is_short(item: Takeover, started_at: datetime, finished_at: datetime | None, *, surely: float = SURELY_CUT) -> bool:
    """Whether so little was heard that it can't have been all of it; `surely`: of its estimated length."""
    said = (finished_at or started_at) - started_at
    return said < timedelta(milliseconds=item.estimate_ms * surely)
