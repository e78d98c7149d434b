"""Questions follow what is said in answer to their comments, whoever says it: a person, or a rule."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.audience.grouping import new_question
from dashboard.audience.models import Asking, Question
from dashboard.audience.states import QuestionState
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib.errors import Conflict, Invalid
from dashboard.takeover import causes
from dashboard.takeover.models import Takeover


def question_of(event_id: int) -> Question | None:
    """The question that a comment asks, with who has claimed it and what answers it."""
    asking = Asking.objects.filter(event_id=event_id).select_related("question__takeover__room", "question__claimed_by")
    found = asking.first()
    return found.question if found is not None else None


def comment_of(room_id: int, event_id: int) -> Event:
    """The comment of this room; a page can't make another room's comment the cause of what is said here."""
    found = Event.objects.filter(pk=event_id, room_id=room_id, kind=Kind.COMMENT).first()
    if found is None:
        raise Invalid(_("There is no such comment in this room. Your words are kept."), field="answers")
    return found


class _Questions:
    def check(self, job: Job, event_id: int, user: User | None) -> None:
        if user is None:
            return  # a rule asked before, and lost where somebody answers (`standing.py`)
        question = question_of(event_id)
        if question is None:
            comment_of(job.room_id, event_id)
            return
        if question.room_id != job.room_id:
            comment_of(job.room_id, event_id)
        if question.state == QuestionState.ANSWERING:
            told = _("%(item)s answers this question already. Nothing was sent, your words are kept.")
            raise Conflict(told % {"item": str(question.takeover)}, field="answers")
        if question.claimed_by_id not in (None, user.pk):
            told = _("%(who)s answers this question. Take it over first, or unlink it; your words are kept.")
            raise Conflict(told % {"who": str(question.claimed_by)}, field="answers")

    def said(self, item: Takeover) -> None:
        event_id = item.cause_event_id or 0
        question = question_of(event_id)
        if question is None:
            if item.author_id is None:
                return  # a rule answered what is no question
            question = ask_by_hand(comment_of(item.room_id, event_id))
        if question.state == QuestionState.ANSWERED:
            return
        question.takeover, question.version = item, question.version + 1
        if item.author_id is not None:
            question.claimed_by_id, question.claimed_at = item.author_id, item.requested_at
        question.save(update_fields=["takeover", "claimed_by", "claimed_at", "version"])


def ask_by_hand(comment: Event) -> Question:
    """Somebody takes a comment for a question that does not look like one."""
    question = new_question(comment, is_detected=False)
    question.save()
    Asking.objects.create(question=question, event_id=comment.pk)
    return question


causes.follow(_Questions())
