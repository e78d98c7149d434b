"""The state of a takeover is a pure function of the evidence there is. See docs/live.md."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _


class TakeoverState(models.TextChoices):
    HELD = "held", _("Held")
    AWAITING_APPROVAL = "awaiting_approval", _("In approval")
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Sending")
    ACCEPTED = "accepted", _("Accepted")
    QUEUED = "queued", _("Queued")
    PLAYING = "playing", _("Speaking")
    DONE = "done", _("Done")
    CANCELLING = "cancelling", _("Cancelling")
    CANCELLED = "cancelled", _("Cancelled")
    REJECTED = "rejected", _("Rejected")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")
    UNKNOWN = "unknown", _("Unknown")


#: An item's reason where a silence cancelled it, or asked to.
SILENCED = "silenced"

#: Why an item is unknown that its job took along.
JOB_ENDED = "job_ended"

TERMINAL = frozenset(
    {
        TakeoverState.DONE,
        TakeoverState.CANCELLED,
        TakeoverState.REJECTED,
        TakeoverState.FAILED,
        TakeoverState.EXPIRED,
    }
)
#: At the vendor, and not known to have ended.
AT_VENDOR = frozenset(
    {
        TakeoverState.SENDING,
        TakeoverState.ACCEPTED,
        TakeoverState.QUEUED,
        TakeoverState.PLAYING,
        TakeoverState.CANCELLING,
        TakeoverState.UNKNOWN,
    }
)
CAN_CANCEL = frozenset(
    {
        TakeoverState.HELD,
        TakeoverState.AWAITING_APPROVAL,
        TakeoverState.WAITING,
        TakeoverState.SENDING,
        TakeoverState.ACCEPTED,
        TakeoverState.QUEUED,
        TakeoverState.PLAYING,
        TakeoverState.UNKNOWN,
    }
)
#: Not handed on yet: no command of the outbox speaks of it, and nobody outside has heard of it.
STILL_OURS = frozenset({TakeoverState.HELD, TakeoverState.AWAITING_APPROVAL, TakeoverState.WAITING})
#: Ends after which nobody can have heard a sentence, so that it may be sent once more.
NEVER_HEARD = (TakeoverState.REJECTED, TakeoverState.EXPIRED)


class Source(models.TextChoices):
    PERSON = "person", _("person")
    QUICK_REPLY = "quick_reply", _("quick reply")
    RULE = "rule", _("rule")
    SCRIPT = "script", _("script")
    FILLER = "filler", _("filler")
    FOREIGN = "foreign", _("not ours")


#: What is no person's voice on air, whoever caused it: our script, our rules, and what the vendor plays by itself.
NOT_BY_PEOPLE = (Source.SCRIPT, Source.FILLER, Source.RULE, Source.FOREIGN)


def voice_of(source: str) -> str:
    """Whose words are heard, which is all that their colour tells: a person's, or what the host says by itself."""
    return "avatar" if source in NOT_BY_PEOPLE else "human"


class Mode(models.TextChoices):
    """Where a sentence goes: tail of the queue, after the sentence being spoken, or at once."""

    APPEND = "append", _("At end")
    INSERT = "insert", _("After sentence")
    NOW = "now", _("Now")


class Evidence(Protocol):
    """One time per piece of evidence; None where there is none."""

    held_at: datetime | None
    hold_over_at: datetime | None
    approval_asked_at: datetime | None
    approved_at: datetime | None
    claimed_at: datetime | None
    accepted_at: datetime | None
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    cancel_sent_at: datetime | None
    cancel_ok_at: datetime | None
    failed_at: datetime | None
    rejected_at: datetime | None
    timeout_at: datetime | None
    left_at: datetime | None
    unknown_reason: str
    expired_at: datetime | None
    marked_spoken_at: datetime | None


#: The first piece of evidence that exists decides; a finish with a confirmed cancel is a cancellation.
_LADDER: tuple[tuple[str, TakeoverState], ...] = (
    ("marked_spoken_at", TakeoverState.DONE),
    ("rejected_at", TakeoverState.REJECTED),
    ("failed_at", TakeoverState.FAILED),
    ("finished_at", TakeoverState.DONE),
    ("cancel_ok_at", TakeoverState.CANCELLED),
    ("expired_at", TakeoverState.EXPIRED),
    ("cancel_sent_at", TakeoverState.CANCELLING),
    ("started_at", TakeoverState.PLAYING),
    ("left_at", TakeoverState.UNKNOWN),
    ("queued_at", TakeoverState.QUEUED),
    ("timeout_at", TakeoverState.UNKNOWN),
    ("accepted_at", TakeoverState.ACCEPTED),
    ("claimed_at", TakeoverState.SENDING),
)


def derive(item: Evidence) -> TakeoverState:
    for name, state in _LADDER:
        if getattr(item, name) is not None:
            if name == "finished_at" and item.cancel_ok_at is not None:
                return TakeoverState.CANCELLED
            if name in ("cancel_sent_at", "started_at") and _is_gone(item):
                continue  # cut, cancelled or heard to its end, nobody knows
            return state
    if item.held_at is not None and item.hold_over_at is None:
        return TakeoverState.HELD
    if item.approval_asked_at is not None and item.approved_at is None:
        return TakeoverState.AWAITING_APPROVAL
    return TakeoverState.WAITING


def _is_gone(item: Evidence) -> bool:
    """It left the queue unheard of, or its job ended some time since a sign of life, and nobody was told of its end."""
    return item.left_at is not None and (item.started_at is None or item.unknown_reason == JOB_ENDED)
