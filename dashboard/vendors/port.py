"""What the rest of Talkback knows of a vendor: typed requests, typed reports, four outcomes, capabilities.

Nothing here speaks a vendor's words. A gateway (`vendors/<vendor>/gateway.py`) implements `Gateway`; it translates at
its edge and never imports the ORM. Times are aware UTC datetimes; durations end in `_s` or `_ms`.

Outcomes of a call (see docs/vendors.md):

    Accepted   the vendor took it (2xx that parses; on SoftSugar also envelope code 0)
    Rejected   the vendor said no, with a documented code; nothing happened
    NotSent    nothing left us, or the vendor said "later" (429, documented 503); may go again
    Unknown    it may have happened: read time-out, broken connection, 5xx without a documented code, unparsable 2xx.
               Never sent again by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from dashboard.vendors.port_live import (
        Capabilities,
        History,
        Inserted,
        RuleGroups,
        SceneChange,
        Scenes,
        Steering,
        Timing,
        Tokens,
    )

T_co = TypeVar("T_co", covariant=True)


class Vendor(StrEnum):
    METASTUDIO = "metastudio"
    SOFTSUGAR = "softsugar"


class Purpose(IntEnum):
    """Why a call is made. The value is how many places of the rate window it leaves free for the more urgent."""

    PANIC = 0
    TAKEOVER = 1
    EDIT = 2
    POLL = 3


# ---------------------------------------------------------------------------------------------------------- outcomes


@dataclass(frozen=True, slots=True)
class VendorError:
    """One refusal in three parts. `code` is the vendor's own; sentences are (English, Simplified Chinese)."""

    code: str
    happened: tuple[str, str]
    todo: tuple[str, str]
    heard: Literal["nothing", "maybe"] = "nothing"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Accepted(Generic[T_co]):
    value: T_co
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    error: VendorError
    request_id: str = ""
    #: The session's own values (token, address, signature) are out of date; `show_job` has fresh ones.
    is_out_of_date: bool = False
    #: The vendor runs a job in this room, or still closes the last one.
    is_room_taken: bool = False


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing left, or the vendor asked to wait. `retry_after_s` is the least time until the next try."""

    why: Literal["no_connection", "rate_limit", "busy", "link_down", "overtaken"]
    retry_after_s: float = 1.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    why: Literal["timeout", "broken_connection", "server_error", "unreadable_answer", "link_lost"]
    detail: str = ""
    request_id: str = ""


Outcome = Accepted[T_co] | Rejected | NotSent | Unknown


# ------------------------------------------------------------------------------------------------ what we ask of them


@dataclass(frozen=True, slots=True)
class PlannedItem:
    no: int  # 1…n through the whole script
    scene_no: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room as it is pushed or started. `config` holds the vendor-neutral settings of the room form."""

    code: str
    name: str
    language: str
    items: tuple[PlannedItem, ...]
    config: Mapping[str, object]
    output_url: str = ""
    stream_key: str = ""
    vendor_ref: str = ""
    repeat_script: bool = True
    #: Interaction rules for a vendor that runs them itself, as rows of the contract's LiveRoomInteractionRuleInfo.
    #: () takes away what it has; None leaves it alone.
    rules: tuple[Mapping[str, object], ...] | None = None


class CallbackProof(StrEnum):
    """What proves that a job's callbacks are the vendor's. ADDRESS: nothing but the job's own unguessable address."""

    HEADER = "header"
    QUERY = "query"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class StartPlan:
    """One job to be opened. `job_key` is ours and travels along where the vendor has a place for it (userData)."""

    job_key: str
    room: RoomPlan
    callback_url: str = ""
    callback_key: str = ""
    callback_proof: CallbackProof = CallbackProof.HEADER


@dataclass(frozen=True, slots=True)
class Session:
    """How a running job is addressed at its vendor. Secrets in it are never logged (repr leaves them out)."""

    vendor_ref: str
    room_ref: str = ""
    token: str = field(default="", repr=False)
    report_url: str = field(default="", repr=False)
    rtc: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class SessionOpened:
    session: Session
    report: JobReport | None = None
    report_url_until: datetime | None = None
    warnings: tuple[str, ...] = ()


class PlayAt(StrEnum):
    """Where a sentence goes. END: tail of the vendor's queue. NEXT: after the sentence being spoken. NOW: cut."""

    END = "end"
    NEXT = "next"
    NOW = "now"


class Role(StrEnum):
    """Who is heard: the host, or the second voice beside it, while the host falls silent or softer."""

    STREAMER = "streamer"
    CO_STREAMER = "co_streamer"


@dataclass(frozen=True, slots=True)
class Say:
    trace_id: str
    text: str
    at: PlayAt
    #: `text` is marked up in the dialect of lib/ssml; the gateway says it in the vendor's own.
    ssml: bool = False
    #: Tags that the room's voice does not know.
    lacks: tuple[str, ...] = ()
    role: Role = Role.STREAMER
    is_script: bool = False
    #: With END: which place in the vendor's queue, 1 being next; None for its very end.
    place: int | None = None
    #: A change of the scene that is carried out together with the words, where the vendor has scenes.
    change: SceneChange | None = None


@dataclass(frozen=True, slots=True)
class PlayClip:
    trace_id: str
    url: str
    at: PlayAt
    role: Role = Role.STREAMER


@dataclass(frozen=True, slots=True)
class SaidRef:
    """The vendor's own id of what it took, where it gives one (MetaStudio: command_id); else empty."""

    vendor_ref: str = ""
    #: Tags that the vendor or the voice does not know: the words were said without them.
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomSummary:
    vendor_ref: str
    name: str
    updated_at: datetime | None
    items: tuple[PlannedItem, ...] = ()
    output_url: str = ""
    config: Mapping[str, object] = field(default_factory=dict)
    #: The vendor answers the room's audience by rules of its own.
    has_rules: bool = False
    #: Those rules, as rows of the contract's LiveRoomInteractionRuleInfo; None where a listing leaves them out.
    rules: tuple[Mapping[str, object], ...] | None = None


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """What a connection test found. Skew is vendor time minus ours."""

    clock_skew_ms: int | None
    rooms: int | None
    running: int | None


@dataclass(frozen=True, slots=True)
class AudienceEvent:
    """One audience event in MetaStudio's numbering of live events: 1 comment, 2 join, 3 like, 4 gift, 6 viewers."""

    type: int
    timestamp_ms: int
    content: str


# ----------------------------------------------------------------------------------------------- what they tell us


class JobSays(StrEnum):
    """A vendor's word on a job, in ours."""

    PREPARING = "preparing"
    READY = "ready"
    LIVE = "live"
    PAUSED = "paused"
    TAKEN_OVER = "taken_over"
    ENDED = "ended"
    LOST = "lost"
    FAILED = "failed"
    BLOCKED = "blocked"


class Step(StrEnum):
    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"  # played to its end, or cancelled: our own evidence tells which
    FAILED = "failed"


class StreamLink(StrEnum):
    NOT_REPORTED = "not_reported"
    CONNECTING = "connecting"
    UP = "up"
    RECONNECTING = "reconnecting"
    DOWN = "down"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class JobReport:
    """The vendor says in what state a job is. `at` is when it became so, or when our question left."""

    vendor_ref: str
    says: JobSays
    at: datetime
    code: str = ""
    error: VendorError | None = None
    user_data: str = ""
    started_at: datetime | None = None
    room_ref: str = ""
    #: True where the vendor itself stamped `at`; two equal stamped reports are one fact.
    stamped: bool = False
    #: True where one vendor word covers live, paused and taken over alike (MetaStudio's PROCESSING over HTTP).
    coarse: bool = False


@dataclass(frozen=True, slots=True)
class ItemReport:
    """A step of one takeover or script item. `trace_id` is ours (or the vendor's id where it made it)."""

    vendor_ref: str
    trace_id: str
    step: Step
    at: datetime
    error: VendorError | None = None
    was_cut: bool | None = None
    """Of a finish: whether a cancel made it, where the vendor tells."""


@dataclass(frozen=True, slots=True)
class ScriptReport:
    """Which prepared paragraph plays at a vendor that plays the script itself."""

    vendor_ref: str
    no: int
    title: str
    at: datetime
    scene: str = ""
    offset: int | None = None
    reply_id: str = ""


@dataclass(frozen=True, slots=True)
class StreamReport:
    vendor_ref: str
    link: StreamLink
    at: datetime


@dataclass(frozen=True, slots=True)
class RemainingReport:
    vendor_ref: str
    remaining_s: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TokenExpired:
    """The RTC token that we brought is over (SoftSugar 96)."""

    vendor_ref: str
    error: VendorError
    at: datetime


@dataclass(frozen=True, slots=True)
class ConflictReport:
    """The vendor refused a microphone takeover because something plays or waits (SoftSugar 7)."""

    vendor_ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VoiceReport:
    """The microphone at the vendor: open (sound may be sent), or its end has arrived. Tells the sender, changes no
    state: what is audible is told by the steps of its takeover."""

    vendor_ref: str
    is_open: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class FrameReport:
    """The avatar's video has reached a frame that the room asked to be told of."""

    vendor_ref: str
    avatar_ref: str
    frame: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkRefused:
    """The vendor refused the link itself (SoftSugar 1 or 6, RTC 4401). `error` says what to do."""

    vendor_ref: str
    error: VendorError
    at: datetime


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """Kept as it came (secrets masked), so that a new vendor word is seen and not lost."""

    vendor_ref: str
    raw: str
    at: datetime


_Rare = RemainingReport | TokenExpired | ConflictReport | LinkRefused | Unrecognised
Report = JobReport | ItemReport | ScriptReport | StreamReport | _Rare
#: Told to whoever holds the link; no fact of the job.
Aside = VoiceReport | FrameReport


@dataclass(frozen=True, slots=True)
class Listing:
    """All open jobs of an account, as of `asked_at` (when the first request left)."""

    jobs: tuple[JobReport, ...]
    asked_at: datetime
    #: The vendor's clock minus ours, where its answer told.
    skew_ms: int | None = None


@dataclass(frozen=True, slots=True)
class QueueListing:
    """What plays and waits at the vendor, in order; the playing (or next) one first."""

    trace_ids: tuple[str, ...]
    asked_at: datetime


# ---------------------------------------------------------------------------------------------------------- callbacks


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """A vendor's HTTPS call to us, as received. `url` is the configured address, exactly as we gave it out."""

    url: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    #: The account's vendor signs the path of `url` alone (A11 b).
    signs_path: bool = False


@dataclass(frozen=True, slots=True)
class CallbackRefused:
    why: Literal["signature", "time", "unreadable"]


@dataclass(frozen=True, slots=True)
class CallbackTold:
    """`dedupe` is equal for byte-identical repeats (unsigned ones: within half a minute). `verified` is False where no
    signature could be checked."""

    reports: tuple[Report, ...]
    dedupe: str
    verified: bool


# ------------------------------------------------------------------------------------------------------------ protocols


Guard = Callable[[], bool]
"""Asked right before bytes leave: False means another relay took over or the deadline passed; then send nothing."""


def always() -> bool:
    return True


#: Both vendors' sound is 32,000 bytes a second; each frame must be smaller than 4,096 bytes (004:213).
LARGEST_SOUND = 4094


class Link(Protocol):
    """A kept-alive connection for one job: SoftSugar's takeover socket, MetaStudio's RTC COMMAND channel."""

    async def open(self) -> Outcome[None]: ...

    def reports(self) -> AsyncIterator[Report | Aside]:
        """Yields until the connection ends, then stops; raises nothing for a lost peer."""

    async def begin_voice(self, trace_id: str, guard: Guard) -> Outcome[None]:
        """Open the microphone takeover. Accepted means written; a VoiceReport says that sound may be sent."""

    async def send_sound(self, sound: bytes, guard: Guard) -> Outcome[None]:
        """16 kHz, mono, signed 16 bit, at most `LARGEST_SOUND` bytes at a time."""

    async def end_voice(self, trace_id: str, guard: Guard) -> Outcome[None]: ...

    async def ask_remaining(self, guard: Guard) -> Outcome[None]:
        """How long the vendor lets the job go on: a RemainingReport tells it, where the vendor does."""

    async def ping(self) -> bool:
        """One WebSocket ping; False when no pong came within 2.5 s."""

    async def close(self) -> None: ...


class Gateway(Protocol):
    """One vendor account. Every method that asks the vendor returns an `Outcome` and raises nothing for the network."""

    vendor: Vendor
    # Parts that not every vendor, or not every account, has (see port_live.py).

    @property
    def rule_groups(self) -> RuleGroups | None: ...

    @property
    def steering(self) -> Steering | None: ...

    @property
    def inserted(self) -> Inserted | None: ...

    @property
    def scenes(self) -> Scenes | None: ...

    @property
    def tokens(self) -> Tokens | None: ...

    @property
    def history(self) -> History | None: ...

    def capabilities(self) -> Capabilities: ...

    async def close(self) -> None: ...

    async def check_account(self) -> Outcome[AccountCheck]: ...

    async def create_room(self, plan: RoomPlan) -> Outcome[RoomSummary]: ...

    async def update_room(self, plan: RoomPlan) -> Outcome[RoomSummary]: ...

    async def list_rooms(self) -> Outcome[tuple[RoomSummary, ...]]: ...

    async def show_room(self, room_ref: str) -> Outcome[RoomSummary]: ...

    async def start_job(self, plan: StartPlan) -> Outcome[SessionOpened]: ...

    async def go_live(self, session: Session) -> Outcome[None]:
        """SoftSugar's second step (start after 35). A vendor without one accepts at once."""

    async def stop_job(self, session: Session) -> Outcome[None]: ...

    async def list_running(self) -> Outcome[Listing]: ...

    async def find_jobs(self, room_ref: str) -> Outcome[Listing]:
        """Jobs of one room, for settling an unknown start; a vendor without rooms lists all running ones."""

    async def show_job(self, session: Session) -> Outcome[SessionOpened]: ...

    async def heartbeat(self, session: Session) -> Outcome[None]: ...

    async def say(self, session: Session, say: Say, link: Link | None, guard: Guard) -> Outcome[SaidRef]: ...

    async def play_clip(self, session: Session, clip: PlayClip, guard: Guard) -> Outcome[SaidRef]: ...

    async def cancel(self, session: Session, trace_ids: Sequence[str] | None, guard: Guard) -> Outcome[None]:
        """Cancel these items; None cancels everything, the playing one included."""

    async def reorder(self, session: Session, trace_id: str, place: int, guard: Guard) -> Outcome[None]: ...

    async def pause_script(
        self, session: Session, link: Link | None, guard: Guard, timing: Timing | None = None
    ) -> Outcome[None]:
        """At once, unless `timing` says otherwise; the same for resuming."""

    async def resume_script(
        self, session: Session, link: Link | None, guard: Guard, timing: Timing | None = None
    ) -> Outcome[None]: ...

    async def queue(self, session: Session) -> Outcome[QueueListing]: ...

    async def report_events(self, session: Session, events: Sequence[AudienceEvent]) -> Outcome[None]: ...

    async def refresh_report_url(self, session: Session) -> Outcome[tuple[str, datetime | None]]: ...

    def link(self, session: Session) -> Link | None:
        """A fresh, unopened link, or None where this account has none (MetaStudio without the command channel)."""


class CallbackReader(Protocol):
    """Reads one vendor's callbacks. Pure: no I/O, no ORM."""

    def read(self, request: CallbackRequest, key: str, *, check: bool) -> CallbackTold | CallbackRefused: ...


@dataclass(frozen=True, slots=True)
class Credential:
    """What a gateway needs to open the door. Never logged, never rendered."""

    vendor: Vendor
    base_url: str
    region: str = ""
    project_id: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    iam_url: str = ""
    iam_user: str = ""
    iam_domain: str = ""
    iam_password: str = field(default="", repr=False)
    command_channel: bool = False
    #: The calls that the vendor's newer pages have and its reference lacks.
    newer_calls: bool = False
    silent_clip_url: str = ""
