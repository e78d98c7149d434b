"""Live jobs at MetaStudio (002:8769-9599, 9763-10100): start, look, list, stop, and the audience's events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.http import Reply
from dashboard.vendors.metastudio import errors, plans, wire
from dashboard.vendors.metastudio.client import MetaStudioClient
from dashboard.vendors.metastudio.listing import Pages, every
from dashboard.vendors.port import (
    Accepted,
    AudienceEvent,
    Listing,
    Outcome,
    Purpose,
    Rejected,
    Session,
    SessionOpened,
    StartPlan,
    Unknown,
)

# A31: several states are separated by commas.
OPEN_STATES = "WAITING,PROCESSING"
# The newest jobs of a room; an unknown start is among them or did not happen.
JOBS_OF_A_ROOM = 20


class Jobs:
    def __init__(self, client: MetaStudioClient) -> None:
        self._client = client

    async def start(self, plan: StartPlan, *, command_channel: bool) -> Outcome[SessionOpened]:
        """002:8790: answers 202 with a job that is still being prepared."""
        room_ref = plan.room.vendor_ref
        if not room_ref:
            return Rejected(errors.ours("no_room"))
        call = api.StartSmartLiveJob(room_id=room_ref, body=plans.start_body(plan, command_channel=command_channel))
        outcome = _opened(await self._client.call(call, wire.Job, Purpose.TAKEOVER), room_ref)
        if isinstance(outcome, Rejected) and outcome.error.code in errors.ROOM_IS_TAKEN:
            return replace(outcome, is_room_taken=True)
        return outcome

    async def show(self, session: Session) -> Outcome[SessionOpened]:
        """002:9277; also gives a valid report URL and RTC values again."""
        call = api.ShowSmartLiveJob(room_id=session.room_ref, job_id=session.vendor_ref)
        return _opened(await self._client.call(call, wire.Job, Purpose.EDIT), session.room_ref, session)

    async def stop(self, session: Session) -> Outcome[None]:
        """002:9487"""
        call = api.StopSmartLiveJob(room_id=session.room_ref, job_id=session.vendor_ref)
        return wire.done(await self._client.call(call, wire.Empty, Purpose.PANIC))

    async def open_ones(self) -> Outcome[Listing]:
        """002:9763: the open jobs of the account, in one call for up to a hundred."""

        async def page(offset: int, limit: int) -> Outcome[Reply[wire.JobList]]:
            return await self._page(offset, limit, Purpose.POLL)

        answer = await every(
            Pages(page, lambda one: one.smart_live_jobs or [], lambda one: one.count, lambda job: job.job_id)
        )
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(_listing(answer.value), answer.request_id)

    async def count(self) -> Outcome[Reply[wire.JobList]]:
        """The shortest page, for the number of open jobs."""
        return await self._page(0, 1, Purpose.EDIT)

    async def _page(self, offset: int, limit: int, purpose: Purpose) -> Outcome[Reply[wire.JobList]]:
        call = api.ListTenantSmartLiveJobs(query={"offset": offset, "limit": limit, "state": OPEN_STATES})
        return await self._client.call(call, wire.JobList, purpose)

    async def of_room(self, room_ref: str) -> Outcome[Listing]:
        """002:9046: the newest jobs of a room in all states, also the ones that already ended."""
        call = api.ListSmartLiveJobs(
            room_id=room_ref,
            query={"offset": 0, "limit": JOBS_OF_A_ROOM, "sort_key": "create_time", "sort_dir": "desc"},
        )
        answer = await self._client.call(call, wire.JobList, Purpose.EDIT)
        if not isinstance(answer, Accepted):
            return answer
        jobs = answer.value.value.smart_live_jobs or []
        return Accepted(_listing(Reply(jobs, answer.value.asked_at), room_ref), answer.request_id)

    # ----------------------------------------------------------------------------------------------- audience's events

    async def report(self, session: Session, events: Sequence[AudienceEvent]) -> Outcome[None]:
        """002:9992: fires the vendor's own interaction rules, so a batch is never sent twice."""
        if not events:
            return Accepted(None)
        call = _report(session, events, {})
        return wire.done(await self._client.post_to(session.report_url, call, wire.ReportAnswer, Purpose.POLL))

    async def refresh_report_url(self, session: Session) -> Outcome[tuple[str, datetime | None]]:
        """002:10008: the same address with refresh_url=true answers with a new one."""
        call = _report(session, (), {"refresh_url": True})
        answer = await self._client.post_to(session.report_url, call, wire.ReportAnswer, Purpose.EDIT)
        if not isinstance(answer, Accepted):
            return answer
        fresh = answer.value.value.live_event_report_url
        if not fresh:
            return Unknown("unreadable_answer", "no live_event_report_url", answer.request_id)
        return Accepted((fresh, wire.report_url_until(fresh)), answer.request_id)


def _report(session: Session, events: Sequence[AudienceEvent], query: api.ReportLiveEventQuery) -> api.ReportLiveEvent:
    return api.ReportLiveEvent(
        room_id=session.room_ref, job_id=session.vendor_ref, body=events_body(events), query=query
    )


def events_body(events: Sequence[AudienceEvent]) -> api.ReportLiveEventBody:
    """002:10024-10037; `total` is the number of events (A35)."""
    listed: list[api.LiveEvent] = [
        {"timestamp": one.timestamp_ms, "type": cast("api.LiveEventType", one.type), "content": one.content}
        for one in events
    ]
    return {"total": len(listed), "events": listed}


def _opened(answer: Outcome[Reply[wire.Job]], room_ref: str, before: Session | None = None) -> Outcome[SessionOpened]:
    if not isinstance(answer, Accepted):
        return answer
    job = answer.value.value
    report_url = job.live_event_report_url or (before.report_url if before else "")
    session = Session(
        vendor_ref=job.job_id,
        room_ref=job.room_id or room_ref,
        report_url=report_url,
        rtc=wire.rtc_values(job.rtc_room_info) or (before.rtc if before else {}),
    )
    opened = SessionOpened(
        session,
        wire.job_report(job, answer.value.asked_at, room_ref),
        wire.report_url_until(report_url),
        wire.warnings(job),
    )
    return Accepted(opened, answer.request_id)


def _listing(reply: Reply[list[wire.Job]], room_ref: str = "") -> Listing:
    reports = (wire.job_report(job, reply.asked_at, room_ref) for job in reply.value)
    return Listing(tuple(report for report in reports if report is not None), reply.asked_at, reply.skew_ms)
