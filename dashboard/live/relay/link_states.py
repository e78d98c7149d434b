"""What this relay says of one job's link: bound to its epoch, since a link's state is its owner's word."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from dashboard.events.kinds import JobLink, Kind
from dashboard.events.record import raise_sequence
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.jobs.states import Link
from dashboard.lib import clock
from dashboard.live.intake.accept import accept
from dashboard.live.relay.keeper import Keeper
from dashboard.vendors.models import Command, CommandState


@dataclass(slots=True)
class LinkStates:
    """Synchronous. `number` counts the links that this keeper had: each may say the same once more."""

    job_id: int
    keeper: Keeper
    number: int = 0

    def connecting(self) -> None:
        self._record(Link.CONNECTING)

    def up(self) -> None:
        # What waited for the link waits for its turn now; the fact that follows makes open pages look again.
        waiting = Command.objects.filter(job_id=self.job_id, state=CommandState.READY, wait_reason="link_down")
        waiting.update(wait_reason="")
        self._record(Link.UP)

    def waits(self) -> None:
        """Opened, and not up yet: no event of its own, but the wall tells when words have waited for long."""
        if (job := self._mine().first()) is not None:
            raise_sequence(job.topic)

    def stale(self, why: str) -> None:
        self._record(Link.STALE, why)

    def down(self, why: str) -> None:
        self._record(Link.DOWN, why)

    def answered(self) -> None:
        """A good ping: no event, but the freshness of what the screens say. Of the event loop, unlike the others."""
        self.keeper.signs.note("link_at", self.job_id, self.keeper.epoch)

    def _mine(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job_id, owner=self.keeper.relay, epoch=self.keeper.epoch)

    def _record(self, state: Link, why: str = "") -> None:
        now = clock.now()
        job = self._mine().first()
        if job is None or (job.link == state and state != Link.UP):
            return
        if state == Link.STALE and job.link != Link.UP:
            return  # its end was met by the reader before the ping
        key = f"{self.keeper.epoch}:{self.number}:{state}:{now.timestamp():.3f}"
        accept(job_fact(job, Kind.JOB_LINK, JobLink(link=str(state), why=why[:80]), at=now, key=key))
