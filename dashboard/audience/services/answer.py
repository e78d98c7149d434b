"""The words of a rule's decision are asked for: once, by the same door as everybody's, or it is noted why not."""

from __future__ import annotations

from django.db import transaction

from dashboard.accounts import deeds
from dashboard.audience.models import RuleDecision
from dashboard.audience.rules import StillMine, hindrance
from dashboard.audience.standing import standing, wish_of
from dashboard.audience.states import Cause, Outcome
from dashboard.audit.trail import Actor
from dashboard.events.record import raise_sequence
from dashboard.jobs.models import Job
from dashboard.lib.errors import Refusal
from dashboard.takeover.services.ask import request_takeover


def say_decided(decision: RuleDecision, *, still_mine: StillMine) -> RuleDecision:
    """Let viewers hear what `decision` answers, where nothing of more weight stands against it.

    One transaction: a crash leaves the decision as it was made, and the next round asks again, with the same key.
    """
    job = Job.objects.whole(decision.job_id)
    with deeds.locked(job.topic) as now:
        decision.refresh_from_db()
        if decision.outcome != Outcome.MADE or not still_mine():
            return decision
        job.refresh_from_db()
        kept_back = hindrance(standing(job, decision, now))
        if kept_back is not None:
            decision.outcome, decision.cause = kept_back
        else:
            _ask(job, decision)
        decision.save(update_fields=["outcome", "cause", "takeover"])
        raise_sequence(job.topic)
    return decision


def key_of(decision: RuleDecision) -> str:
    """The same for the same job, event and rule: however often it is asked, one sentence."""
    return f"rule:{decision.job_id}:{decision.event_id}:{decision.rule_index}"[:64]


def _ask(job: Job, decision: RuleDecision) -> None:
    actor = Actor(id=None, label=f"rule {decision.rule_name}")
    try:
        with transaction.atomic():
            item = request_takeover(job=job, wish=wish_of(decision), user=None, actor=actor, key=key_of(decision))
    except Refusal:
        decision.outcome, decision.cause = Outcome.REFUSED, Cause.LIMITS
        return
    decision.outcome, decision.takeover = Outcome.FIRED, item
