"""SoftSugar Super Live Room Pro behind the port: a session is created, started, kept alive and closed over HTTP; text
goes over the session's takeover socket. It plays no script of its own: Talkback's relay does (docs/live.md, 21).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import httpx
from websockets.asyncio.client import connect as websocket_connect

from dashboard.lib.clock import Clock
from dashboard.vendors.http import Connect, Reply
from dashboard.vendors.port import (
    Accepted,
    AccountCheck,
    AudienceEvent,
    Credential,
    Guard,
    JobReport,
    Link,
    Listing,
    NotSent,
    Outcome,
    PlayClip,
    QueueListing,
    Rejected,
    RoomPlan,
    RoomSummary,
    SaidRef,
    Say,
    Session,
    SessionOpened,
    StartPlan,
    Vendor,
)
from dashboard.vendors.port_live import Capabilities, Limiter, Timing
from dashboard.vendors.softsugar import errors, ssml, wire
from dashboard.vendors.softsugar.client import SoftSugarClient
from dashboard.vendors.softsugar.link import SoftSugarLink
from dashboard.vendors.softsugar.scenes import SoftSugarHistory, SoftSugarScenes, SoftSugarTokens

# 004:237: "要求字数不得少于10个字"; counted as characters (B39).
SHORTEST_TEXT = 10
# Ours: no maximum is printed, and 4 kB (004:213) is the limit of a frame of sound (B5). About 20 minutes of speech.
LONGEST_TEXT = 5000

CAPABILITIES = Capabilities(
    plays_script=False,
    holds_rooms=False,
    needs_heartbeat=True,
    queue_query=True,
    cancel_queued=True,
    reorder_queued=True,
    reports_queued=True,
    reports_playing=True,
    reports_done=True,
    pause_script=True,
    microphone=True,
    voice_needs_empty_queue=True,
    event_report=False,
    command_channel=False,
    says_by_link=True,
    minimum_text=SHORTEST_TEXT,
    maximum_text=LONGEST_TEXT,
)


class SoftSugarGateway:
    vendor = Vendor.SOFTSUGAR
    # MetaStudio's.
    rule_groups = None
    steering = None
    inserted = None

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
        self._clock = clock
        self._connect = connect
        self._client = SoftSugarClient(credential, limiter=limiter, clock=clock, transport=transport)
        self.scenes = SoftSugarScenes(self._client)
        self.tokens = SoftSugarTokens(self._client)
        self.history = SoftSugarHistory(self._client)

    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    async def close(self) -> None:
        await self._client.close()

    async def check_account(self) -> Outcome[AccountCheck]:
        answer = await self._client.running()
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(AccountCheck(answer.value.skew_ms, None, len(answer.value.value)), answer.request_id)

    # ---------------------------------------------------------------------------------------------------------- rooms

    async def create_room(self, plan: RoomPlan) -> Outcome[RoomSummary]:
        return _not_offered()

    async def update_room(self, plan: RoomPlan) -> Outcome[RoomSummary]:
        return _not_offered()

    async def list_rooms(self) -> Outcome[tuple[RoomSummary, ...]]:
        return _not_offered()

    async def show_room(self, room_ref: str) -> Outcome[RoomSummary]:
        return _not_offered()

    # ----------------------------------------------------------------------------------------------------------- jobs

    async def start_job(self, plan: StartPlan) -> Outcome[SessionOpened]:
        """Create a session. It costs from now on, also while it prepares (004:22)."""
        if not plan.room.config.get("file_id"):
            return Rejected(errors.ours("no_avatar"))
        answer = await self._client.create(plan.room, plan.job_key)
        if not isinstance(answer, Accepted):
            return answer
        created = answer.value.value
        if created.status in (9, 97, 98):
            return Rejected(errors.of_status(created.status), answer.request_id)
        report = wire.job_report(created.session_id, created.status, answer.value.asked_at, user_data=plan.job_key)
        session = Session(created.session_id, token=created.session_token, rtc=wire.rtc_of(created))
        return Accepted(SessionOpened(session, report), answer.request_id)

    async def go_live(self, session: Session) -> Outcome[None]:
        return _done(await self._client.start(session.vendor_ref))

    async def stop_job(self, session: Session) -> Outcome[None]:
        return _done(await self._client.end(session.vendor_ref))

    async def list_running(self) -> Outcome[Listing]:
        """One call, not paged. `userData` is not in it (B33)."""
        answer = await self._client.running()
        if not isinstance(answer, Accepted):
            return answer
        asked_at = answer.value.asked_at
        reports = [
            wire.job_report(one.session_id, one.status, asked_at, started_at=wire.parse_time(one.start_time))
            for one in answer.value.value
        ]
        jobs: tuple[JobReport, ...] = tuple(report for report in reports if report is not None)
        return Accepted(Listing(jobs, asked_at, answer.value.skew_ms), answer.request_id)

    async def find_jobs(self, room_ref: str) -> Outcome[Listing]:
        return await self.list_running()

    async def show_job(self, session: Session) -> Outcome[SessionOpened]:
        answer = await self._client.stat(session.vendor_ref)
        if not isinstance(answer, Accepted):
            return answer
        stat = answer.value.value
        again = Session(
            session.vendor_ref, token=stat.session_token or session.token, rtc=wire.rtc_of(stat) or session.rtc
        )
        report = wire.job_report(session.vendor_ref, stat.status, answer.value.asked_at)
        return Accepted(SessionOpened(again, report), answer.request_id)

    async def heartbeat(self, session: Session) -> Outcome[None]:
        return _done(await self._client.heartbeat(session.vendor_ref))

    # ------------------------------------------------------------------------------------------------------ takeovers

    async def say(self, session: Session, say: Say, link: Link | None, guard: Guard) -> Outcome[SaidRef]:
        """Write a text takeover into the socket. Accepted means *written*: only the vendor's 20 is evidence."""
        words = ssml.words_of(say)
        if isinstance(words, Rejected):
            return words
        text, removed = words
        if len(text.strip()) < SHORTEST_TEXT:
            return Rejected(errors.ours("text_too_short"))
        if len(text) > LONGEST_TEXT:
            return Rejected(errors.ours("text_too_long"))
        if not isinstance(link, SoftSugarLink):
            return NotSent("link_down")
        written = await link.say(replace(say, text=text, ssml=False), guard)
        return Accepted(SaidRef(removed=removed)) if isinstance(written, Accepted) else written

    async def play_clip(self, session: Session, clip: PlayClip, guard: Guard) -> Outcome[SaidRef]:
        """B32: the documents know no takeover by an audio file."""
        return _not_offered()

    async def cancel(self, session: Session, trace_ids: Sequence[str] | None, guard: Guard) -> Outcome[None]:
        if trace_ids is not None and not trace_ids:
            return Accepted(None)
        answer = await self._client.cancel(session.vendor_ref, trace_ids, guard)
        return _succeeded(answer, "not_cancelled")

    async def reorder(self, session: Session, trace_id: str, place: int, guard: Guard) -> Outcome[None]:
        answer = await self._client.reorder(session.vendor_ref, trace_id, place, guard)
        return _succeeded(answer, "not_done")

    async def pause_script(
        self, session: Session, link: Link | None, guard: Guard, timing: Timing | None = None
    ) -> Outcome[None]:
        """Nothing to ask: the relay plays the script and just sends no further item."""
        return Accepted(None)

    async def resume_script(
        self, session: Session, link: Link | None, guard: Guard, timing: Timing | None = None
    ) -> Outcome[None]:
        return Accepted(None)

    async def queue(self, session: Session) -> Outcome[QueueListing]:
        answer = await self._client.queue(session.vendor_ref)
        if not isinstance(answer, Accepted):
            return answer
        listed = answer.value.value
        trace_ids = tuple((listed.command_trace_ids if listed else None) or ())
        return Accepted(QueueListing(trace_ids, answer.value.asked_at), answer.request_id)

    # ------------------------------------------------------------------------------------------------- audience, links

    async def report_events(self, session: Session, events: Sequence[AudienceEvent]) -> Outcome[None]:
        return _not_offered()

    async def refresh_report_url(self, session: Session) -> Outcome[tuple[str, None]]:
        return _not_offered()

    def link(self, session: Session) -> Link | None:
        return SoftSugarLink(session, self._base_url, clock=self._clock, connect=self._connect)


def _not_offered() -> Rejected:
    return Rejected(errors.ours("capability"))


def _done(answer: Outcome[Reply[object]]) -> Outcome[None]:
    return Accepted(None, answer.request_id) if isinstance(answer, Accepted) else answer


def _succeeded(answer: Outcome[Reply[wire.Success]], otherwise: str) -> Outcome[None]:
    """A code 0 may still carry isSuccess=false (004:446, 491)."""
    if not isinstance(answer, Accepted):
        return answer
    told = answer.value.value
    if not told.is_success:
        return Rejected(errors.ours(otherwise, told.message or ""), answer.request_id)
    return Accepted(None, answer.request_id)
