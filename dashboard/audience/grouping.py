"""Comments of a batch that ask something become questions, or join those that ask the same. See docs/questions.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import connection
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


_QUESTIONS = Question._meta.db_table
_JOINED = f"UPDATE {_QUESTIONS} SET count = %s, last_at = %s WHERE id = %s"  # noqa: S608  the name of our own table
_ASKED = f"INSERT INTO {Asking._meta.db_table} (question_id, event_id) VALUES (%s, %s)"  # noqa: S608


def note_questions(by_job: Mapping[int, Sequence[Event]]) -> None:
    """The events of some jobs, whose rooms are locked. A batch without a question costs no query."""
    asking = {job: found for job, events in by_job.items() if (found := [one for one in events if _asks(one)])}
    if not asking:
        return
    known: dict[int, list[Question]] = {job: [] for job in asking}
    for question in Question.objects.filter(IS_UNANSWERED, job_id__in=list(asking)).order_by("id"):
        known[question.job_id].append(question)
    desks = [_Unanswered(known[job], events) for job, events in asking.items()]
    Question.objects.bulk_create([one for desk in desks for one in desk.new])
    with connection.cursor() as cursor:
        cursor.executemany(_ASKED, [(one.pk, event.pk) for desk in desks for event, one in desk.asked])
        if joined := [one for desk in desks for one in desk.joined]:
            time = connection.ops.adapt_datetimefield_value
            cursor.executemany(_JOINED, [(one.count, time(one.last_at), one.pk) for one in joined])
    _let_pass(desks)


def _asks(event: Event) -> bool:
    return event.kind == Kind.COMMENT and is_question(_text(event))


class _Unanswered:
    """The unanswered questions of one job, with those of a batch among them. Nothing is written yet."""

    def __init__(self, known: Sequence[Question], asking: Sequence[Event]) -> None:
        self.questions = list(known)
        self.asked: list[tuple[Event, Question]] = []
        groups, joined = Groups(), set()
        for place, question in enumerate(known):
            groups.add(place, question.text)
        for event in asking:
            alike = groups.like(_text(event))
            place = len(self.questions) if alike is None else alike
            if alike is None:
                self.questions.append(new_question(event))
                groups.add(place, self.questions[place].text)
            else:
                question = self.questions[place]
                question.count, question.last_at = question.count + 1, max(question.last_at, event.at)
                joined.add(place)
            self.asked.append((event, self.questions[place]))
        self.new = self.questions[len(known) :]
        self.joined = [known[place] for place in sorted(joined) if place < len(known)]


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


def _let_pass(desks: Sequence[_Unanswered]) -> None:
    """What nobody took up is over after a while, or when a job has too many; claimed ones stay."""
    now = clock.now()
    passed: list[int] = []
    crowded: list[int] = []
    for desk in desks:
        free = [one for one in desk.questions if one.claimed_by_id is None and one.takeover_id is None]
        waiting = [one.pk for one in free if one.last_at >= now - PASSES_AFTER]
        over = [one.pk for one in free if one.last_at < now - PASSES_AFTER]
        passed += over
        crowded += waiting[: max(0, len(desk.questions) - len(over) - MOST_OPEN)]
    for keys, why in ((passed, Closed.PASSED), (crowded, Closed.CROWDED)):
        if keys:
            Question.objects.filter(pk__in=keys).update(closed_at=now, closed_why=why, version=F("version") + 1)
