"""Huawei MetaStudio behind the port: rooms and live jobs over signed HTTP, the RTC COMMAND channel where there is one.

The vendor plays the room's script itself. Its documents have no query, cancel or reorder of what is inserted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import httpx
from websockets.asyncio.client import connect as websocket_connect

from dashboard.lib.clock import Clock
from dashboard.vendors.http import Connect, Reply
from dashboard.vendors.metastudio import errors, plans, wire
from dashboard.vendors.metastudio.client import MetaStudioClient
from dashboard.vendors.metastudio.link import CommandChannel
from dashboard.vendors.metastudio.listing import Pages, every
from dashboard.vendors.port import (
    Accepted,
    AccountCheck,
    AudienceEvent,
    Capabilities,
    Credential,
    Guard,
    Limiter,
    Link,
    Listing,
    NotSent,
    Outcome,
    PlayClip,
    Purpose,
    QueueListing,
    Rejected,
    RoomPlan,
    RoomSummary,
    SaidRef,
    Say,
    Session,
    SessionOpened,
    StartPlan,
    Unknown,
    Vendor,
)

OPEN_STATES = "WAITING,PROCESSING"
# The limits of 10.5 (002:14027; A83).
SHORTEST_TEXT = 1
LONGEST_TEXT = 131_072
# The newest jobs of a room; an unknown start is among them or did not happen.
JOBS_OF_A_ROOM = 20


class MetaStudioGateway:
    vendor = Vendor.METASTUDIO

    def __init__(
        self,
        credential: Credential,
        *,
        limiter: Limiter,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        connect: Connect = websocket_connect,
    ) -> None:
        self._base_url = credential.base_url
        self._has_channel = credential.command_channel
        self._silent_clip_url = credential.silent_clip_url
        self._clock = clock
        self._connect = connect
        self._client = MetaStudioClient(credential, limiter=limiter, clock=clock, transport=transport)

    def capabilities(self) -> Capabilities:
        return Capabilities(
            plays_script=True,
            holds_rooms=True,
            needs_heartbeat=False,
            queue_query=False,
            cancel_queued=False,
            reorder_queued=False,
            reports_queued=False,
            reports_playing=self._has_channel,
            reports_done=True,
            pause_script=self._has_channel,
            # Needs the vendor's RTC kit for the sound itself.
            microphone=False,
            event_report=True,
            command_channel=self._has_channel,
            says_by_link=False,
            minimum_text=SHORTEST_TEXT,
            maximum_text=LONGEST_TEXT,
        )

    async def close(self) -> None:
        await self._client.close()

    async def check_account(self) -> Outcome[AccountCheck]:
        rooms = await self._client.call(
            "list_smart_live_rooms", wire.RoomList, Purpose.EDIT, query={"offset": "0", "limit": "1"}
        )
        if not isinstance(rooms, Accepted):
            return rooms
        running = await self._client.call(
            "list_tenant_smart_live_jobs",
            wire.JobList,
            Purpose.EDIT,
            query={"offset": "0", "limit": "1", "state": OPEN_STATES},
        )
        if not isinstance(running, Accepted):
            return running
        found = AccountCheck(rooms.value.skew_ms, rooms.value.value.count, running.value.value.count)
        return Accepted(found, rooms.request_id)

    # ---------------------------------------------------------------------------------------------------------- rooms

    async def create_room(self, plan: RoomPlan) -> Outcome[RoomSummary]:
        """002:5855"""
        if refused := _incomplete(plan):
            return refused
        answer = await self._client.call("create_smart_live_room", wire.Room, Purpose.EDIT, body=plans.room_body(plan))
        if not isinstance(answer, Accepted):
            return answer
        room_ref = answer.value.value.room_id
        if not room_ref:
            return Unknown("unreadable_answer", "no room_id", answer.request_id)
        return Accepted(_as_planned(plan, room_ref, answer.value.value), answer.request_id)

    async def update_room(self, plan: RoomPlan) -> Outcome[RoomSummary]:
        """A full replace of the lists that are named (A68)."""
        if not plan.vendor_ref:
            return Rejected(errors.ours("no_room"))
        if refused := _incomplete(plan):
            return refused
        answer = await self._client.call(
            "update_smart_live_room",
            wire.Room,
            Purpose.EDIT,
            path={"room_id": plan.vendor_ref},
            body=plans.room_body(plan),
        )
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(_as_planned(plan, plan.vendor_ref, answer.value.value), answer.request_id)

    async def list_rooms(self) -> Outcome[tuple[RoomSummary, ...]]:
        """002:6309; without scripts, which only `show_room` has."""

        async def page(offset: int, limit: int) -> Outcome[Reply[wire.RoomList]]:
            query = {"offset": str(offset), "limit": str(limit)}
            return await self._client.call("list_smart_live_rooms", wire.RoomList, Purpose.EDIT, query=query)

        answer = await every(
            Pages(page, lambda one: one.smart_live_rooms or [], lambda one: one.count, lambda room: room.room_id)
        )
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(tuple(wire.room_summary(room) for room in answer.value.value), answer.request_id)

    async def show_room(self, room_ref: str) -> Outcome[RoomSummary]:
        """002:6505"""
        answer = await self._client.call("show_smart_live_room", wire.Room, Purpose.EDIT, path={"room_id": room_ref})
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(wire.room_summary(answer.value.value, room_ref), answer.request_id)

    async def delete_room(self, room_ref: str) -> Outcome[None]:
        """002:7710; not in the port: for tests and for clearing up by hand."""
        answer = await self._client.call("delete_smart_live_room", wire.Empty, Purpose.EDIT, path={"room_id": room_ref})
        return _done(answer)

    # ----------------------------------------------------------------------------------------------------------- jobs

    async def start_job(self, plan: StartPlan) -> Outcome[SessionOpened]:
        """002:8790: answers 202 with a job that is still being prepared."""
        room_ref = plan.room.vendor_ref
        if not room_ref:
            return Rejected(errors.ours("no_room"))
        answer = await self._client.call(
            "start_smart_live_job",
            wire.Job,
            Purpose.TAKEOVER,
            path={"room_id": room_ref},
            body=plans.start_body(plan, command_channel=self._has_channel),
        )
        return _opened(answer, room_ref)

    async def go_live(self, session: Session) -> Outcome[None]:
        """There is no second step: the job goes live when it is prepared."""
        return Accepted(None)

    async def stop_job(self, session: Session) -> Outcome[None]:
        """002:9487"""
        answer = await self._client.call("stop_smart_live_job", wire.Empty, Purpose.PANIC, path=_path(session))
        return _done(answer)

    async def list_running(self) -> Outcome[Listing]:
        """002:9763: the open jobs of the account, in one call for up to a hundred."""

        async def page(offset: int, limit: int) -> Outcome[Reply[wire.JobList]]:
            query = {"offset": str(offset), "limit": str(limit), "state": OPEN_STATES}
            return await self._client.call("list_tenant_smart_live_jobs", wire.JobList, Purpose.POLL, query=query)

        answer = await every(
            Pages(page, lambda one: one.smart_live_jobs or [], lambda one: one.count, lambda job: job.job_id)
        )
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(_listing(answer.value), answer.request_id)

    async def find_jobs(self, room_ref: str) -> Outcome[Listing]:
        """002:9046: the newest jobs of a room in all states, also the ones that already ended."""
        query = {"offset": "0", "limit": str(JOBS_OF_A_ROOM), "sort_key": "create_time", "sort_dir": "desc"}
        answer = await self._client.call(
            "list_smart_live_jobs", wire.JobList, Purpose.EDIT, path={"room_id": room_ref}, query=query
        )
        if not isinstance(answer, Accepted):
            return answer
        jobs = answer.value.value.smart_live_jobs or []
        return Accepted(_listing(Reply(jobs, answer.value.asked_at), room_ref), answer.request_id)

    async def show_job(self, session: Session) -> Outcome[SessionOpened]:
        """002:9277; also gives a valid report URL and RTC values again."""
        answer = await self._client.call("show_smart_live_job", wire.Job, Purpose.EDIT, path=_path(session))
        return _opened(answer, session.room_ref, session)

    async def heartbeat(self, session: Session) -> Outcome[None]:
        """MetaStudio asks for none."""
        return Accepted(None)

    # ------------------------------------------------------------------------------------------------------ takeovers

    async def say(self, session: Session, say: Say, link: Link | None, guard: Guard) -> Outcome[SaidRef]:
        return await self._command(session, wire.say_command(say.text, say.at), Purpose.TAKEOVER, guard)

    async def play_clip(self, session: Session, clip: PlayClip, guard: Guard) -> Outcome[SaidRef]:
        # The account's silent clip is how this vendor is silenced, so it may use the last place in the window.
        is_panic = bool(clip.url) and clip.url == self._silent_clip_url
        purpose = Purpose.PANIC if is_panic else Purpose.TAKEOVER
        return await self._command(session, wire.clip_command(clip.url, clip.at), purpose, guard)

    async def _command(
        self, session: Session, body: dict[str, object], purpose: Purpose, guard: Guard
    ) -> Outcome[SaidRef]:
        """002:9600. The command_id comes back later as reply_id (A21)."""
        answer = await self._client.call(
            "execute_smart_live_command",
            wire.CommandAnswer,
            purpose,
            path=_path(session),
            body=body,
            guard=guard,
        )
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(SaidRef(answer.value.value.command_id or ""), answer.request_id)

    async def cancel(self, session: Session, trace_ids: Sequence[str] | None, guard: Guard) -> Outcome[None]:
        return Rejected(errors.ours("capability"))

    async def reorder(self, session: Session, trace_id: str, place: int, guard: Guard) -> Outcome[None]:
        return Rejected(errors.ours("capability"))

    async def pause_script(self, session: Session, link: Link | None, guard: Guard) -> Outcome[None]:
        return await self._control("play_pause", link, guard)

    async def resume_script(self, session: Session, link: Link | None, guard: Guard) -> Outcome[None]:
        return await self._control("play_resume", link, guard)

    async def _control(self, command: str, link: Link | None, guard: Guard) -> Outcome[None]:
        if not self._has_channel:
            return Rejected(errors.ours("no_channel"))
        if not isinstance(link, CommandChannel):
            return NotSent("link_down")
        return await link.control(command, guard)

    async def queue(self, session: Session) -> Outcome[QueueListing]:
        return Rejected(errors.ours("capability"))

    # ------------------------------------------------------------------------------------------------- audience, links

    async def report_events(self, session: Session, events: Sequence[AudienceEvent]) -> Outcome[None]:
        """002:9992: fires the vendor's own interaction rules, so a batch is never sent twice."""
        if not events:
            return Accepted(None)
        answer = await self._client.post_report(
            session.report_url, wire.ReportAnswer, wire.events_body(events), purpose=Purpose.POLL
        )
        return _done(answer)

    async def refresh_report_url(self, session: Session) -> Outcome[tuple[str, datetime | None]]:
        """002:10008: the same address with refresh_url=true answers with a new one."""
        url = session.report_url
        asked = f"{url}{'&' if '?' in url else '?'}refresh_url=true"
        answer = await self._client.post_report(asked, wire.ReportAnswer, wire.events_body(()), purpose=Purpose.EDIT)
        if not isinstance(answer, Accepted):
            return answer
        fresh = answer.value.value.live_event_report_url
        if not fresh:
            return Unknown("unreadable_answer", "no live_event_report_url", answer.request_id)
        return Accepted((fresh, wire.report_url_until(fresh)), answer.request_id)

    def link(self, session: Session) -> Link | None:
        if not self._has_channel or not session.rtc.get("room_id"):
            return None
        return CommandChannel(session, self._base_url, clock=self._clock, connect=self._connect)


def _path(session: Session) -> dict[str, str]:
    return {"room_id": session.room_ref, "job_id": session.vendor_ref}


def _done(answer: Outcome[Reply[object]]) -> Outcome[None]:
    return Accepted(None, answer.request_id) if isinstance(answer, Accepted) else answer


def _incomplete(plan: RoomPlan) -> Rejected | None:
    if not plan.items:
        return Rejected(errors.ours("no_script"))
    return None if plans.has_assets(plan) else Rejected(errors.ours("no_avatar"))


def _as_planned(plan: RoomPlan, room_ref: str, answer: wire.Room) -> RoomSummary:
    """The answer to a push repeats little of the room; what was accepted is what was sent."""
    return RoomSummary(
        room_ref, plan.name, wire.parse_time(answer.update_time), plan.items, plan.output_url, plan.config
    )


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
