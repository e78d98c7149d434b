"""Comments of a batch that ask something become questions, or join those that ask the same. See docs/questions.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F

from dashboard.audience.likeness import Groups, is_question
from dashboard.audience.models import IS_UNANSWERED, Asking, Question
from dashboard.audience.states import Closed
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.lib import clock

#: Unanswered questions of one job; more push the oldest out that nobody has claimed.
MOST_OPEN = 500
#: Nobody waits longer for an answer to a comment.
PASSES_AFTER = timedelta(minutes=15)


def note_questions(events: Sequence[Event]) -> None:
    """All events are of one job, whose room is locked. A batch without a question costs no query."""
    asking = [event for event in events if event.kind == Kind.COMMENT and is_question(_text(event))]
    if not asking:
        return
    known = list(Question.objects.filter(IS_UNANSWERED, job_id=asking[0].job_id or 0).order_by("id"))
    groups, by_place = Groups(), list(known)
    for place, question in enumerate(known):
        groups.add(place, question.text)
    joined: list[tuple[Event, int]] = []
    for event in asking:
        alike = groups.like(_text(event))
        place = len(by_place) if alike is None else alike
        if alike is None:
            by_place.append(new_question(event))
            groups.add(place, by_place[place].text)
        else:
            by_place[place].count += 1
            by_place[place].last_at = max(by_place[place].last_at, event.at)
        joined.append((event, place))
    Question.objects.bulk_create(by_place[len(known) :])
    Asking.objects.bulk_create(Asking(question=by_place[place], event_id=event.pk) for event, place in joined)
    if touched := {place for _, place in joined if place < len(known)}:
        Question.objects.bulk_update([known[place] for place in sorted(touched)], ["count", "last_at"])
    _let_pass(by_place)


def new_question(event: Event, *, is_detected: bool = True) -> Question:
    return Question(
        team_id=event.team_id,
        room_id=event.room_id or 0,
        job_id=event.job_id or 0,
        event_id=event.pk,
        who=str(event.data.get("user", ""))[:80],
        text=_text(event)[:500],
        asked_at=event.at,
        last_at=event.at,
        is_detected=is_detected,
    )


def _text(event: Event) -> str:
    return str(event.data.get("text", ""))


def _let_pass(questions: Sequence[Question]) -> None:
    """What nobody took up is over after a while, or when there are too many; claimed ones stay."""
    free = [one for one in questions if one.claimed_by_id is None and one.takeover_id is None]
    now = clock.now()
    passed = [one.pk for one in free if one.last_at < now - PASSES_AFTER]
    crowded = [one.pk for one in free if one.last_at >= now - PASSES_AFTER][
        : max(0, len(questions) - len(passed) - MOST_OPEN)
    ]
    for keys, why in ((passed, Closed.PASSED), (crowded, Closed.CROWDED)):
        if keys:
            Question.objects.filter(pk__in=keys).update(closed_at=now, closed_why=why, version=F("version") + 1)
