"""How a fact about a question is written down."""

from __future__ import annotations

from dashboard.audience.models import Question
from dashboard.events.kinds import Asked, Fact, Kind
from dashboard.events.models import Source
from dashboard.lib import clock


def question_fact(question: Question, kind: Kind, *, actor_id: int, before: str = "") -> Fact:
    """What a person decided about this version of `question`, whose job is known."""
    return Fact(
        kind=kind,
        payload=Asked(question=question.pk, before=before),
        source=Source.OPERATOR,
        dedupe_key=f"{kind}:{question.pk}:{question.version}",
        at=clock.now(),
        team_id=question.team_id,
        account_id=question.job.account_id,
        room_id=question.room_id,
        job_id=question.job_id,
        actor_id=actor_id,
    )
