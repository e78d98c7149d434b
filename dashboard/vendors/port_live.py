"""The rest of the port: what an account can do, and the parts that not every vendor has.

A gateway offers each of these as a part of its own (`gateway.rule_groups`, `gateway.steering` …), or None where its
vendor, or this account, has no such thing; so nobody needs a method that only says no. Rules and scene changes are in
the form of the contract's tables: the one form in which Talkback keeps, edits and checks them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dashboard.vendors.contract.generated.metastudio import LiveRoomInteractionRuleInfo
from dashboard.vendors.contract.generated.softsugar import ControlScript
from dashboard.vendors.port import Guard, Outcome, Purpose, QueueListing, RoomPlan, RoomSummary, Session

#: One interaction rule (002:5992-6050).
Rule = LiveRoomInteractionRuleInfo
#: Another avatar, foregrounds, background or bit rate (004:741-786).
SceneChange = ControlScript


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one account can do. The screens show what is True and say why where it is False."""

    plays_script: bool  # the vendor plays the room's script itself; else Talkback's relay does
    holds_rooms: bool  # rooms exist at the vendor and can be created and imported
    needs_heartbeat: bool
    queue_query: bool
    cancel_queued: bool
    reorder_queued: bool
    reports_queued: bool
    reports_playing: bool
    reports_done: bool
    pause_script: bool
    microphone: bool
    voice_needs_empty_queue: bool  # a microphone is refused while anything plays or waits
    event_report: bool  # audience events are forwarded to the vendor
    command_channel: bool
    says_by_link: bool  # words go over the job's link: while it is not up, they wait
    minimum_text: int  # characters
    maximum_text: int


class Timing(StrEnum):
    """When a pause or a resume counts: at once, or when the sentence being spoken is over."""

    NOW = "now"
    SENTENCE_END = "sentence_end"


@dataclass(frozen=True, slots=True)
class Output:
    """Where the stream is pushed."""

    url: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RoundItem:
    """One paragraph of the round that a vendor plays now, in its order."""

    no: int
    title: str
    scene: str


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """A library of rules that rooms can take theirs from."""

    vendor_ref: str
    name: str
    rules: tuple[Rule, ...]
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastJob:
    """A job that is over, as the vendor's history has it. `code` is the vendor's own word for how it ended."""

    vendor_ref: str
    code: str
    started_at: datetime | None
    ended_at: datetime | None


class RuleGroups(Protocol):
    async def create(self, name: str, rules: Sequence[Rule]) -> Outcome[str]:
        """The new library's reference."""

    async def every(self) -> Outcome[tuple[RuleGroup, ...]]: ...

    async def update(self, group: RuleGroup) -> Outcome[RuleGroup]:
        """Replaces the name and all rules."""

    async def delete(self, group_ref: str) -> Outcome[None]: ...


class Steering(Protocol):
    """A job whose script and rules the vendor runs itself."""

    async def rewrite_script(self, session: Session, plan: RoomPlan, guard: Guard) -> Outcome[None]:
        """Replace what has not been spoken yet."""

    async def rewrite_rules(self, session: Session, rules: Sequence[Rule], guard: Guard) -> Outcome[None]: ...

    async def show_layer(self, session: Session, layer: Mapping[str, object], guard: Guard) -> Outcome[None]:
        """What a layer holds is documented nowhere (A19), so it goes as it is."""

    async def refresh_output(self, session: Session, outputs: Sequence[Output], guard: Guard) -> Outcome[None]: ...

    async def script_round(self, session: Session) -> Outcome[tuple[RoundItem, ...]]: ...

    async def room_of(self, session: Session) -> Outcome[RoomSummary]:
        """The room as this job has it, with what was rewritten since its start."""


class Inserted(Protocol):
    """What waits at the vendor, where the account has the newer calls for it. The IDs are the vendor's own."""

    async def waiting(self, session: Session) -> Outcome[QueueListing]: ...

    async def drop_all(self, session: Session, guard: Guard) -> Outcome[None]:
        """Drop what waits; what is being spoken goes on."""


class Scenes(Protocol):
    async def change(self, session: Session, change: SceneChange, guard: Guard) -> Outcome[str]:
        """The vendor's ID of the change."""

    async def preload(self, session: Session, files: Sequence[str]) -> Outcome[None]:
        """Let the vendor fetch files that a later change will use."""


class Tokens(Protocol):
    async def for_viewer(self, session: Session, channel: str) -> Outcome[str]:
        """A token with which one more viewer joins the session's RTC channel."""

    async def renew(self, session: Session, token: str) -> Outcome[None]:
        """Give the vendor a new token of our own RTC application before the old one ends (status 96)."""


class History(Protocol):
    async def page(self, number: int = 1, size: int = 100) -> Outcome[tuple[PastJob, ...]]:
        """Jobs that are over, newest first; `number` counts from 1."""


class Limiter(Protocol):
    async def admit(self, api: str, purpose: Purpose) -> float | None:
        """Wait for a place in the account's window of `api`; None once admitted, else seconds to wait (give up)."""

    async def closed(self, api: str) -> float | None:
        """For an API without a documented limit: seconds to wait where the vendor refused it, None where it is open."""

    async def refused(self, api: str, for_s: float, *, to_panic: bool = False) -> None:
        """The vendor answered "too many requests": nobody of this account asks this API again before that.

        `to_panic`: what it refused silences a room, and goes first then where the API has a documented limit.
        """
