"""When an item has to be looked at again: what its facts say about `due_at`. The relay's sweep reads it by index."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.events.kinds import Kind
from dashboard.takeover import release
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TERMINAL, derive

#: From opening a microphone at the vendor to its first word on air.
VOICE_BEGINS_S = 12.0

_WAITS_FOR_ITS_CANCEL = (Kind.ITEM_CANCEL_SENT, Kind.ITEM_QUEUED)


def set_due(item: Takeover, kind: Kind, at: datetime) -> list[str]:
    """Set `due_at` after a fact of `kind`; the columns that changed. Saving is the caller's."""
    length = timedelta(milliseconds=item.estimate_ms)
    grace = timedelta(seconds=release.GRACE_S)
    before = item.due_at
    if derive(item) in TERMINAL or kind in (Kind.ITEM_HOLD_OVER, Kind.ITEM_APPROVED):
        item.due_at = None
    elif kind == Kind.ITEM_APPROVAL_ASKED:
        item.due_at = item.approval_due_at
    elif item.kind == ItemKind.VOICE:
        _set_due_of_voice(item, kind, at)
    elif kind == Kind.ITEM_ACCEPTED and _is_unheard(item) and item.timeout_at is None and release.holds_back(item.job):
        start = release.expected_start(item.job, item, at)
        item.due_at = start + (grace if release.has_channel(item.job) else release.patience(item))
    elif kind == Kind.ITEM_UNSURE and item.accepted_at is not None:
        item.due_at = None  # its time and our patience are over; nothing waits for it any longer
    elif kind == Kind.ITEM_UNSURE and _is_unheard(item):
        item.due_at = at + length + grace  # until then it may still be heard, and holds its place
    elif item.started_at is None and item.cancel_sent_at is not None and kind in _WAITS_FOR_ITS_CANCEL:
        item.due_at = at + grace * 2  # the answer to its cancel may be lost for good
    elif kind == Kind.ITEM_QUEUED and item.started_at is None:
        item.due_at = None  # the vendor's own queue holds it; reconciliation watches the link instead
    elif kind == Kind.ITEM_STARTED:
        item.due_at = end_due(item, at)
    return ["due_at"] if item.due_at != before else []


def _set_due_of_voice(item: Takeover, kind: Kind, at: datetime) -> None:
    """A microphone has no length: while it speaks its floor is what ends, and that sets when to look again.

    Of one that its relay lost nobody sets it, in whichever order the loss and its start came to be recorded.
    """
    if item.started_at is not None and item.timeout_at is not None and kind in (Kind.ITEM_STARTED, Kind.ITEM_UNSURE):
        item.due_at = at + timedelta(seconds=release.GRACE_S)
    elif kind == Kind.ITEM_STARTED:
        item.due_at = None
    elif kind == Kind.ITEM_SENDING:
        item.due_at = at + timedelta(seconds=VOICE_BEGINS_S)
    elif kind in (Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCEL_SENT):
        item.due_at = at + timedelta(seconds=release.GRACE_S)


def end_due(item: Takeover, at: datetime) -> datetime:
    """When the end of what begins to be heard at `at` is overdue."""
    return at + timedelta(milliseconds=item.estimate_ms * 2, seconds=release.GRACE_S)


def _is_unheard(item: Takeover) -> bool:
    """Neither the vendor's queue nor its voice was told of."""
    return item.queued_at is None and item.started_at is None
