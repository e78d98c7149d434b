"""Huawei MetaStudio behind the port: rooms and live jobs over signed HTTP, the RTC COMMAND channel where there is one.

The vendor plays the room's script itself. Its documents have no query, cancel or reorder of what is inserted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import httpx
from websockets.asyncio.client import connect as websocket_connect

from dashboard.vendors.metastudio.client import MetaStudioClient
from dashboard.vendors.metastudio.commands import Commands, not_offered
from dashboard.vendors.metastudio.groups import Groups
from dashboard.vendors.metastudio.jobs import Jobs
from dashboard.vendors.metastudio.link import CommandChannel, channel_of
from dashboard.vendors.metastudio.newer import InsertedCommands
from dashboard.vendors.metastudio.rooms import Rooms
from dashboard.vendors.port import (
    Accepted,
    AccountCheck,
    AudienceEvent,
    Credential,
    Guard,
    Link,
    Listing,
    Outcome,
    PlayClip,
    QueueListing,
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

if TYPE_CHECKING:
    from dashboard.lib.clock import Clock
    from dashboard.vendors.http import Connect

# The limits of 10.5 (002:14027; A83).
SHORTEST_TEXT = 1
LONGEST_TEXT = 131_072


class MetaStudioGateway:
    vendor = Vendor.METASTUDIO
    # SoftSugar's.
    scenes = None
    tokens = None
    history = None

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
        self._clock = clock
        self._connect = connect
        self._client = MetaStudioClient(credential, limiter=limiter, clock=clock, transport=transport)
        self._rooms = Rooms(self._client)
        self._jobs = Jobs(self._client)
        self.rule_groups = Groups(self._client)
        self.steering = Commands(self._client, credential.silent_clip_url)
        self.inserted = InsertedCommands(self._client) if credential.newer_calls else None

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
            # The sound itself needs the vendor's RTC kit; in the sandbox the channel carries it.
            microphone=self._has_channel,
            voice_needs_empty_queue=False,
            event_report=True,
            command_channel=self._has_channel,
            says_by_link=False,
            minimum_text=SHORTEST_TEXT,
            maximum_text=LONGEST_TEXT,
        )

    async def close(self) -> None:
        await self._client.close()

    async def check_account(self) -> Outcome[AccountCheck]:
        rooms = await self._rooms.count()
        if not isinstance(rooms, Accepted):
            return rooms
        running = await self._jobs.count()
        if not isinstance(running, Accepted):
            return running
        found = AccountCheck(rooms.value.skew_ms, rooms.value.value.count, running.value.value.count)
        return Accepted(found, rooms.request_id)

    async def log_in(self) -> Outcome[None]:
        """create_token (002:549). The port has no word for it: each call logs in by itself when it must."""
        return await self._client.log_in()

    # ---------------------------------------------------------------------------------------------------------- rooms

    async def create_room(self, plan: RoomPlan) -> Outcome[RoomSummary]:
        return await self._rooms.create(plan)

    async def update_room(self, plan: RoomPlan) -> Outcome[RoomSummary]:
        return await self._rooms.update(plan)

    async def list_rooms(self) -> Outcome[tuple[RoomSummary, ...]]:
        return await self._rooms.every()

    async def show_room(self, room_ref: str) -> Outcome[RoomSummary]:
        return await self._rooms.show(room_ref)

    async def delete_room(self, room_ref: str) -> Outcome[None]:
        """Not in the port: rooms are archived here, and taken away at the vendor by hand."""
        return await self._rooms.delete(room_ref)

    # ----------------------------------------------------------------------------------------------------------- jobs

    async def start_job(self, plan: StartPlan) -> Outcome[SessionOpened]:
        return await self._jobs.start(plan, command_channel=self._has_channel)

    async def go_live(self, session: Session) -> Outcome[None]:
        """There is no second step: the job goes live when it is prepared."""
        return Accepted(None)

    async def stop_job(self, session: Session) -> Outcome[None]:
        return await self._jobs.stop(session)

    async def list_running(self) -> Outcome[Listing]:
        return await self._jobs.open_ones()

    async def find_jobs(self, room_ref: str) -> Outcome[Listing]:
        return await self._jobs.of_room(room_ref)

    async def show_job(self, session: Session) -> Outcome[SessionOpened]:
        return await self._jobs.show(session)

    async def heartbeat(self, session: Session) -> Outcome[None]:
        """MetaStudio asks for none."""
        return Accepted(None)

    # ------------------------------------------------------------------------------------------------------ takeovers

    async def say(self, session: Session, say: Say, link: Link | None, guard: Guard) -> Outcome[SaidRef]:
        return await self.steering.say(session, say, guard)

    async def play_clip(self, session: Session, clip: PlayClip, guard: Guard) -> Outcome[SaidRef]:
        return await self.steering.play_clip(session, clip, guard)

    async def cancel(self, session: Session, trace_ids: Sequence[str] | None, guard: Guard) -> Outcome[None]:
        return not_offered()

    async def reorder(self, session: Session, trace_id: str, place: int, guard: Guard) -> Outcome[None]:
        return not_offered()

    async def pause_script(
        self, session: Session, link: Link | None, guard: Guard, timing: Timing | None = None
    ) -> Outcome[None]:
        channel = channel_of(link, self._has_channel)
        return (
            await channel.pause_script(guard, timing or Timing.NOW) if isinstance(channel, CommandChannel) else channel
        )

    async def resume_script(
        self, session: Session, link: Link | None, guard: Guard, timing: Timing | None = None
    ) -> Outcome[None]:
        channel = channel_of(link, self._has_channel)
        return (
            await channel.resume_script(guard, timing or Timing.NOW) if isinstance(channel, CommandChannel) else channel
        )

    async def queue(self, session: Session) -> Outcome[QueueListing]:
        return not_offered()

    # ------------------------------------------------------------------------------------------------- audience, links

    async def report_events(self, session: Session, events: Sequence[AudienceEvent]) -> Outcome[None]:
        return await self._jobs.report(session, events)

    async def refresh_report_url(self, session: Session) -> Outcome[tuple[str, datetime | None]]:
        return await self._jobs.refresh_report_url(session)

    def link(self, session: Session) -> Link | None:
        if not self._has_channel or not session.rtc.get("room_id"):
            return None
        return CommandChannel(session, self._base_url, clock=self._clock, connect=self._connect)
