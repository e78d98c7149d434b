"""The rules of vendors that run none: once a second the owner of a job answers its audience. See docs/rules.md."""

from __future__ import annotations

import logging

from django.db.models import QuerySet

from dashboard.audience.deciding import MOST_EVENTS, decide_next
from dashboard.audience.models import RuleDecision
from dashboard.audience.services.answer import say_decided
from dashboard.audience.states import Outcome
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.lib.threads import in_thread
from dashboard.live.relay import leases
from dashboard.live.relay.keeper import Alive
from dashboard.live.relay.moved import Due, Moved
from dashboard.vendors.models import VendorKind

logger = logging.getLogger(__name__)


class Answers:
    """What a relay remembers between rounds: how far each of its rooms had come, so that a quiet one costs nothing."""

    def __init__(self, relay: str, alive: Alive) -> None:
        self._relay = relay
        self._alive = alive
        self._moved = Moved()

    async def answer(self) -> None:
        """One round: every room that moved since the last one."""
        for due in await in_thread(self._moved.among, self._jobs()):
            if not self._alive():
                return
            try:
                has_more = await in_thread(_answer_one, due, self._relay)
            except Exception:
                logger.exception("the rules of job %s decide again in a second", due.job_id)
                continue
            if not has_more:
                self._moved.done(due)

    def _jobs(self) -> QuerySet[Job]:
        return Job.objects.filter(IS_OPEN, owner=self._relay, account__vendor=VendorKind.SOFTSUGAR)


def _answer_one(due: Due, relay: str) -> bool:
    """Decide what is new in one room, then let it be said; whether more waits."""

    def still_mine() -> bool:
        return leases.still_keeps_job(due.job_id, relay, due.epoch)

    job = Job.objects.whole(due.job_id)
    looked_at = decide_next(job, still_mine=still_mine)
    # Those of a relay that died in between, too.
    for decision in RuleDecision.objects.filter(job_id=due.job_id, outcome=Outcome.MADE).order_by("id"):
        say_decided(decision, still_mine=still_mine)
    return looked_at == MOST_EVENTS
