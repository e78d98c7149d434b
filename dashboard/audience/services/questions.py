"""People take up what the audience asks: claim, release, close. An answer is a takeover (`answers.py`)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audience.answers import ask_by_hand, comment_of, question_of
from dashboard.audience.facts import question_fact
from dashboard.audience.models import Question
from dashboard.audience.states import Closed, QuestionState
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Kind
from dashboard.lib.errors import Conflict
from dashboard.rooms.models import Room

#: Of the refusal that a confirmed press overcomes.
CLAIMED = "claimed"


def claim(
    *, question: Question, user: User, actor: Actor, version: int | None = None, confirmed: bool = False
) -> Question:
    """`user` answers it. What a colleague has claimed is taken over only by a confirmed press."""
    with deeds.locked(question.room.topic) as now:
        question = _fresh(question)
        if question.claimed_by_id == user.pk:  # the same press once more
            return question
        _check_open(question)
        before = str(question.claimed_by or "")
        if question.claimed_by_id is not None and not confirmed:
            told = _("%(who)s answers this question. Press once more to take it over.")
            raise Conflict(told % {"who": before}, code=CLAIMED)
        if question.claimed_by_id is not None:
            _check_version(question, version)
        question.claimed_by, question.claimed_at = user, now
        _decide(question, Kind.QUESTION_CLAIMED, user, actor, "claim_question", before=before)
    return question


def claim_comment(*, room: Room, event_id: int, user: User, actor: Actor, confirmed: bool = False) -> Question:
    """Claim the question that a comment asks; what does not look like one becomes one."""
    with deeds.locked(room.topic):
        question = question_of(event_id)
        if question is None or question.room_id != room.pk:
            question = ask_by_hand(comment_of(room.pk, event_id))
        return claim(question=question, user=user, actor=actor, confirmed=confirmed)


def release(*, question: Question, user: User, actor: Actor, version: int | None = None) -> Question:
    """Somebody else may answer it."""
    with deeds.locked(question.room.topic):
        question = _fresh(question)
        if question.claimed_by_id is None:  # the same press once more
            return question
        _check_open(question)
        _check_version(question, version)
        before = str(question.claimed_by)
        question.claimed_by = question.claimed_at = None
        _decide(question, Kind.QUESTION_RELEASED, user, actor, "release_question", before=before)
    return question


def close(*, question: Question, user: User, actor: Actor, version: int | None = None) -> Question:
    """It needs no answer."""
    with deeds.locked(question.room.topic) as now:
        question = _fresh(question)
        if question.closed_at is not None:  # the same press once more, or somebody was first
            return question
        _check_open(question)
        _check_version(question, version)
        if question.claimed_by_id not in (None, user.pk):
            told = _("%(who)s answers this question. Take it over first.")
            raise Conflict(told % {"who": str(question.claimed_by)}, code="theirs")
        question.closed_by, question.closed_at, question.closed_why = user, now, Closed.BY_HAND
        _decide(question, Kind.QUESTION_CLOSED, user, actor, "close_question")
    return question


def _fresh(question: Question) -> Question:
    rows = Question.objects.select_related("room", "job", "takeover__room", "claimed_by")
    return rows.get(pk=question.pk)


def _check_open(question: Question) -> None:
    if question.state == QuestionState.ANSWERING:
        told = _("%(item)s answers this question already.")
        raise Conflict(told % {"item": str(question.takeover)})
    if question.state in (QuestionState.ANSWERED, QuestionState.CLOSED):
        raise Conflict(_("This question is answered or closed already."))


def _check_version(question: Question, version: int | None) -> None:
    if version is not None and version != question.version:
        raise Conflict(_("This question changed meanwhile, so nothing was done. Look at it again, then choose."))


def _decide(question: Question, kind: Kind, user: User, actor: Actor, action: str, *, before: str = "") -> None:
    question.version += 1
    question.save(update_fields=["claimed_by", "claimed_at", "closed_by", "closed_at", "closed_why", "version"])
    fact = question_fact(question, kind, actor_id=user.pk, before=before)
    told: Mapping[str, object] = {"question": question.text, "before": before}
    deeds.record([fact], actor=actor, action=action, target=question, after=told)
