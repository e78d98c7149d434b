"""Forwards audience events to MetaStudio's event report, so that the vendor's own rules can answer them.

Batched per job, fair across rooms (one batch per room and round), within the account's limit.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from django.db.models import QuerySet

from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.states import ON_AIR
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay.keeper import Alive
from dashboard.live.relay.moved import Moved
from dashboard.live.relay.report_batches import Batch, keep_url, next_batch, settle, with_news
from dashboard.vendors.port import Accepted, Gateway, NotSent, Outcome, Rejected, Session, Unknown

#: A report address is renewed this long before it expires (`expires_time`, 002:10007).
RENEW_BEFORE = timedelta(minutes=5)


class Reports:
    """What a relay remembers between rounds: how far each room had come when it had nothing more to report."""

    def __init__(self, relay: str, alive: Alive) -> None:
        self._relay = relay
        self._alive = alive
        self._moved: dict[int, Moved] = defaultdict(Moved)
        """By account."""

    async def forward(self, account_id: int, gateway: Gateway) -> None:
        """One round: at most one batch per room of this account that moved since."""
        for job_id in await in_thread(self._due, account_id):
            if not self._alive():
                return
            if (batch := await in_thread(next_batch, job_id)) is not None:
                await in_thread(settle, batch, await _send(batch, gateway))

    def _due(self, account_id: int) -> list[int]:
        moved = self._moved[account_id]
        due = moved.among(self._jobs(account_id))
        if not due:
            return []
        news = with_news(one.job_id for one in due)
        for one in due:
            if one.job_id not in news:
                moved.done(one)
        return [one.job_id for one in due if one.job_id in news]

    def _jobs(self, account_id: int) -> QuerySet[Job]:
        jobs = Job.objects.filter(IS_OPEN, account_id=account_id, owner=self._relay, state__in=sorted(ON_AIR))
        # The one that waits longest goes first, so that a busy room does not starve the others.
        return jobs.order_by("report_cursor__last_ok_at", "pk")


async def _send(batch: Batch, gateway: Gateway) -> Outcome[None]:
    session = batch.session
    if batch.job.report_url_until and batch.job.report_url_until - clock.now() < RENEW_BEFORE:
        renewed = await _renew(batch, gateway)
        session = session if isinstance(renewed, NotSent) else renewed
    outcome = await gateway.report_events(session, batch.events)
    if not isinstance(outcome, Rejected) or not outcome.is_out_of_date:
        return outcome
    # Refused at the door, so nothing was counted there: with a fresh address the same batch goes once more, now or
    # as soon as the vendor can be asked for one.
    fresh = await _renew(replace(batch, session=session), gateway)
    if isinstance(fresh, NotSent):
        return fresh
    return outcome if fresh.report_url == session.report_url else await gateway.report_events(fresh, batch.events)


async def _renew(batch: Batch, gateway: Gateway) -> Session | NotSent:
    """The session with the address that the vendor gives now; NotSent where it could not be asked."""
    renewed = await gateway.refresh_report_url(batch.session)
    if isinstance(renewed, Accepted):
        url, until = renewed.value
    elif isinstance(renewed, Rejected) and renewed.is_out_of_date:
        # Too old even for that; the job itself tells a valid one.
        shown = await gateway.show_job(batch.session)
        if not isinstance(shown, Accepted):
            return batch.session if isinstance(shown, Rejected) else _later(shown)
        url, until = shown.value.session.report_url, shown.value.report_url_until
    else:
        return batch.session if isinstance(renewed, Rejected) else _later(renewed)
    await in_thread(keep_url, batch.job.pk, url, until)
    return replace(batch.session, report_url=url)


def _later(outcome: NotSent | Unknown) -> NotSent:
    """A question may be asked again whatever became of it."""
    return outcome if isinstance(outcome, NotSent) else NotSent("busy")
