"""What becomes of a rule's answer, and of a question. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _

from dashboard.takeover.states import TERMINAL, TakeoverState


class Outcome(models.TextChoices):
    #: It answers, and its words are not asked for yet: the next round asks, once.
    MADE = "made", _("about to be said")
    FIRED = "fired", _("fired")
    SUPPRESSED = "suppressed", _("suppressed")
    LOST = "lost", _("lost to rank")
    REFUSED = "refused", _("refused")


class Cause(models.TextChoices):
    """Why an answer was not said, where it was not."""

    NONE = "", ""
    WINDOW = "window", _("it answered a moment ago")
    ONCE = "once", _("it answers once in a livestream")
    NOT_ON_AIR = "not_on_air", _("the room was not on air")
    PAUSED = "paused", _("the room was paused")
    SILENCED = "silenced", _("the room was silenced")
    FLOOR = "floor", _("somebody spoke by microphone")
    CLAIMED = "claimed", _("somebody answers this question")
    QUEUE = "queue", _("too many words of people waited")
    LATE = "late", _("it would have come too late")
    WORDLESS = "wordless", _("the rule has no words")
    RECORDING = "recording", _("the rule has a recording, which this vendor does not play")
    LIMITS = "limits", _("the vendor does not take such words")


class QuestionState(models.TextChoices):
    OPEN = "open", _("Open")
    CLAIMED = "claimed", _("Claimed")
    ANSWERING = "answering", _("Being answered")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")


class Closed(models.TextChoices):
    """Why a question is closed that nobody answered."""

    NOT = "", ""
    BY_HAND = "hand", _("closed by hand")
    PASSED = "passed", _("nobody answered it in time")
    CROWDED = "crowded", _("newer questions took its place")


class _Question(Protocol):
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def claimed_by_id(self) -> int | None: ...


def question_state(question: _Question, answer: str | None) -> QuestionState:
    """`answer` is the state of the takeover that answers it, None without one. Answered is what was heard to its end.

    A takeover that failed, was taken back, or of which nobody knows leaves the question as it was before.
    """
    if question.closed_at is not None:
        return QuestionState.CLOSED
    if answer == TakeoverState.DONE:
        return QuestionState.ANSWERED
    if answer is not None and TakeoverState(answer) not in TERMINAL and answer != TakeoverState.UNKNOWN:
        return QuestionState.ANSWERING
    return QuestionState.CLAIMED if question.claimed_by_id is not None else QuestionState.OPEN
