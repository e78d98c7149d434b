"""What stands against a rule's words at the moment they are wanted, and the words themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from dashboard.audience.answers import question_of
from dashboard.audience.models import RuleDecision
from dashboard.audience.rules import USEFUL_S, Standing
from dashboard.audience.states import QuestionState
from dashboard.jobs.models import Job
from dashboard.jobs.states import JobState
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.states import Source
from dashboard.takeover.wish import Wish


def standing(job: Job, decision: RuleDecision, now: datetime) -> Standing:
    ahead, wait_ms = 0, 0.0
    for source, started_at, estimate_ms in Takeover.objects.filter(IS_OPEN, job=job).values_list(
        "source", "started_at", "estimate_ms"
    ):
        if started_at is not None:
            wait_ms += max(0.0, estimate_ms - (now - started_at).total_seconds() * 1000)
        elif source != Source.SCRIPT:  # the script's next paragraph comes behind what people and rules say
            ahead, wait_ms = ahead + 1, wait_ms + estimate_ms
    return Standing(
        state=JobState(job.state),
        is_silenced=job.script_held,
        age_s=(now - decision.received_at).total_seconds(),
        ahead=ahead,
        wait_s=wait_ms / 1000,
        is_claimed=_somebody_answers(decision.event_id),
    )


def _somebody_answers(event_id: int) -> bool:
    question = question_of(event_id)
    return question is not None and question.state in (QuestionState.CLAIMED, QuestionState.ANSWERING)


def wish_of(decision: RuleDecision) -> Wish:
    """At the end of the queue, whatever place the rule names: its words never cut, nor go before those of people."""
    return Wish(
        decision.text,
        source=Source.RULE,
        label=decision.rule_name,
        cause_event_id=decision.event_id,
        useful_until=decision.received_at + timedelta(seconds=USEFUL_S),
    )
