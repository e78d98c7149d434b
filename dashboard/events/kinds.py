"""Every kind of fact, with the type of what it carries. An undeclared field fails when the fact is made.

To add one, see the recipe in CONTRIBUTING.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from dashboard.events.models import Source
from dashboard.lib import shapes

P = TypeVar("P", bound="Payload")


class Kind(StrEnum):
    # a room or an account
    ROOM_CREATED = "room.created"
    ROOM_CHANGED = "room.changed"
    ROOM_ARCHIVED = "room.archived"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_HEALTH = "account.health"
    # a job
    JOB_REQUESTED = "job.requested"
    JOB_SENDING = "job.sending"
    JOB_ACCEPTED = "job.accepted"
    JOB_REFUSED = "job.refused"
    JOB_UNSURE = "job.unsure"
    JOB_STATE = "job.state"
    JOB_STOP_REQUESTED = "job.stop_requested"
    JOB_STOP_ACCEPTED = "job.stop_accepted"
    JOB_STOP_REFUSED = "job.stop_refused"
    JOB_STOP_UNSURE = "job.stop_unsure"
    JOB_LIVE_REFUSED = "job.live_refused"
    JOB_LINK = "job.link"
    JOB_STREAM = "job.stream"
    JOB_SCRIPT_POSITION = "job.script_position"
    JOB_REMAINING = "job.remaining"
    JOB_SILENCED = "job.silenced"
    JOB_SILENCE_SENT = "job.silence_sent"
    JOB_SILENCE_FAILED = "job.silence_failed"
    JOB_RESUMED = "job.resumed"
    JOB_RESUME_FAILED = "job.resume_failed"
    # a change of the running job: its script, its rules, where it goes, a layer, material
    JOB_CHANGE_ASKED = "job.change_asked"
    JOB_CHANGED = "job.changed"
    JOB_CHANGE_REFUSED = "job.change_refused"
    JOB_CHANGE_UNSURE = "job.change_unsure"
    JOB_CHANGE_LOST = "job.change_lost"
    JOB_CHANGE_SEEN = "job.change_seen"
    JOB_COMPARED = "job.compared"
    JOB_SCRIPT_PAUSED = "job.script_paused"
    JOB_SCRIPT_PAUSE_SENT = "job.script_pause_sent"
    JOB_SCRIPT_PAUSE_FAILED = "job.script_pause_failed"
    JOB_SCRIPT_RESUMED = "job.script_resumed"
    JOB_ORDER_FAILED = "job.order_failed"
    JOB_CONFLICT = "job.conflict"
    JOB_FLOOR_TAKEN = "job.floor_taken"
    JOB_FLOOR_RELEASED = "job.floor_released"
    JOB_FLOOR_ASKED = "job.floor_asked"
    JOB_ADOPTED = "job.adopted"
    JOB_RTC_EXPIRED = "job.rtc_expired"
    JOB_RTC_RENEWED = "job.rtc_renewed"
    JOB_RTC_REFUSED = "job.rtc_refused"
    JOB_REPORT_UNSURE = "job.report_unsure"
    JOB_UNRECOGNISED = "job.unrecognised"
    # a takeover or a script item
    ITEM_REQUESTED = "item.requested"
    ITEM_HOLD_OVER = "item.hold_over"
    ITEM_APPROVAL_ASKED = "item.approval_asked"
    ITEM_APPROVED = "item.approved"
    ITEM_RETURNED = "item.returned"
    ITEM_MOVED = "item.moved"
    ITEM_SENDING = "item.sending"
    ITEM_ACCEPTED = "item.accepted"
    ITEM_QUEUED = "item.queued"
    ITEM_STARTED = "item.started"
    ITEM_FINISHED = "item.finished"
    ITEM_FAILED = "item.failed"
    ITEM_REFUSED = "item.refused"
    ITEM_UNSURE = "item.unsure"
    ITEM_LEFT = "item.left"
    ITEM_CANCEL_REQUESTED = "item.cancel_requested"
    ITEM_CANCEL_SENT = "item.cancel_sent"
    ITEM_CANCELLED = "item.cancelled"
    ITEM_EXPIRED = "item.expired"
    ITEM_MARKED_SPOKEN = "item.marked_spoken"
    # what the audience asks
    QUESTION_CLAIMED = "question.claimed"
    QUESTION_RELEASED = "question.released"
    QUESTION_CLOSED = "question.closed"
    # the audience
    COMMENT = "audience.comment"
    JOINED = "audience.joined"
    LIKED = "audience.liked"
    GIFT = "audience.gift"
    FOLLOWED = "audience.followed"
    VIEWERS = "audience.viewers"


AUDIENCE = frozenset({Kind.COMMENT, Kind.JOINED, Kind.LIKED, Kind.GIFT, Kind.FOLLOWED, Kind.VIEWERS})
CHANGES = (
    Kind.JOB_CHANGE_ASKED,
    Kind.JOB_CHANGED,
    Kind.JOB_CHANGE_REFUSED,
    Kind.JOB_CHANGE_UNSURE,
    Kind.JOB_CHANGE_LOST,
    Kind.JOB_CHANGE_SEEN,
)


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of what a fact carries."""


class Nothing(Payload, frozen=True):
    pass


class Told(Payload, frozen=True):
    """An error or doubt as it is shown: the vendor's code and pairs of sentences (English, Simplified Chinese).

    `heard`: whether viewers may have heard anything ("nothing", "maybe", or "" where nobody can tell). `detail`: the
    vendor's own wording.
    """

    code: str = ""
    happened: tuple[str, str] = ("", "")
    todo: tuple[str, str] = ("", "")
    heard: str = ""
    detail: str = ""
    why: str = ""
    request_id: str = ""


class Refusal(Protocol):
    """What may hold a vendor's refusal; `happened` is empty where it holds none."""

    @property
    def code(self) -> str: ...
    @property
    def happened(self) -> tuple[str, str]: ...
    @property
    def todo(self) -> tuple[str, str]: ...
    @property
    def heard(self) -> str: ...
    @property
    def detail(self) -> str: ...


def kept(told: Refusal, **more: str) -> dict[str, object]:
    """A refusal as it is kept with a job, a sentence, a room or an account; of `more` what is not empty."""
    pairs: dict[str, object] = {"happened": list(told.happened), "todo": list(told.todo)}
    texts = {"code": told.code, "heard": told.heard, "detail": told.detail, **more}
    return pairs | {name: text for name, text in texts.items() if text}


class JobState(Payload, frozen=True):
    """`coarse`: the vendor's word covers live, paused and taken over alike, so it contradicts none of them."""

    says: str
    by: str  # poll, socket, callback or stat; person: closed here
    coarse: bool = False
    code: str = ""
    happened: tuple[str, str] = ("", "")
    todo: tuple[str, str] = ("", "")
    heard: str = ""
    detail: str = ""


class JobLink(Payload, frozen=True):
    link: str
    why: str = ""


class JobStream(Payload, frozen=True):
    link: str


class ScriptPosition(Payload, frozen=True):
    no: int
    title: str = ""
    offset: int | None = None


class Silenced(Payload, frozen=True):
    """`items`: how many sentences of people and rules were cancelled by it, or asked to be."""

    items: int = 0


class Remaining(Payload, frozen=True):
    remaining_s: int


class Raw(Payload, frozen=True):
    raw: str


class Item(Payload, frozen=True):
    """A step of one takeover. `item` is the takeover's number in its room, where we know it."""

    trace_id: str
    item: int | None = None
    code: str = ""
    happened: tuple[str, str] = ("", "")
    todo: tuple[str, str] = ("", "")
    heard: str = ""
    detail: str = ""
    request_id: str = ""
    why: str = ""
    by: str = ""
    cut: bool | None = None


class FloorMoved(Payload, frozen=True):
    """`who` has the floor, gave it up or asks for it; `of` had or has it. `why`: a person's reason, or ours."""

    who: str
    of: str = ""
    why: str = ""


class Change(Payload, frozen=True):
    """A step of one change of a running job: `change` is its row, `what` its kind, `seen` what its effect shows."""

    change: int
    what: str
    seen: str = ""
    by: str = ""
    code: str = ""
    happened: tuple[str, str] = ("", "")
    todo: tuple[str, str] = ("", "")
    heard: str = ""
    detail: str = ""
    why: str = ""
    request_id: str = ""


class Compared(Payload, frozen=True):
    """In which fields the vendor's record of the job differs from ours."""

    fields: tuple[str, ...] = ()


class Asked(Payload, frozen=True):
    """A question and who decided about it; `before` names who had claimed it until then."""

    question: int
    before: str = ""


class Unreported(Payload, frozen=True):
    events: int


class Changed(Payload, frozen=True):
    fields: tuple[str, ...] = ()


class Health(Payload, frozen=True):
    health: str
    code: str = ""
    happened: tuple[str, str] = ("", "")
    todo: tuple[str, str] = ("", "")
    heard: str = ""
    detail: str = ""


class Audience(Payload, frozen=True):
    """One audience event. `raw` keeps the reported content for the vendor's own rules; texts are hostile: only text."""

    type: int
    user: str = ""
    text: str = ""
    count: int = 1
    value: float = 0
    raw: str = ""


PAYLOADS: dict[Kind, type[Payload]] = {
    Kind.ROOM_CREATED: Nothing,
    Kind.ROOM_CHANGED: Changed,
    Kind.ROOM_ARCHIVED: Nothing,
    Kind.ACCOUNT_CHANGED: Changed,
    Kind.ACCOUNT_HEALTH: Health,
    Kind.JOB_REQUESTED: Nothing,
    Kind.JOB_SENDING: Nothing,
    Kind.JOB_ACCEPTED: Nothing,
    Kind.JOB_REFUSED: Told,
    Kind.JOB_UNSURE: Told,
    Kind.JOB_STATE: JobState,
    Kind.JOB_STOP_REQUESTED: Told,
    Kind.JOB_STOP_ACCEPTED: Nothing,
    Kind.JOB_STOP_REFUSED: Told,
    Kind.JOB_STOP_UNSURE: Told,
    Kind.JOB_LIVE_REFUSED: Told,
    Kind.JOB_LINK: JobLink,
    Kind.JOB_STREAM: JobStream,
    Kind.JOB_SCRIPT_POSITION: ScriptPosition,
    Kind.JOB_REMAINING: Remaining,
    Kind.JOB_SILENCED: Silenced,
    Kind.JOB_SILENCE_SENT: Nothing,
    Kind.JOB_SILENCE_FAILED: Told,
    Kind.JOB_RESUMED: Nothing,
    Kind.JOB_RESUME_FAILED: Told,
    **dict.fromkeys(CHANGES, Change),
    Kind.JOB_COMPARED: Compared,
    Kind.JOB_SCRIPT_PAUSED: Nothing,
    Kind.JOB_SCRIPT_PAUSE_SENT: Nothing,
    Kind.JOB_SCRIPT_PAUSE_FAILED: Told,
    Kind.JOB_SCRIPT_RESUMED: Nothing,
    Kind.JOB_ORDER_FAILED: Told,
    Kind.JOB_CONFLICT: Nothing,
    Kind.JOB_FLOOR_TAKEN: FloorMoved,
    Kind.JOB_FLOOR_RELEASED: FloorMoved,
    Kind.JOB_FLOOR_ASKED: FloorMoved,
    Kind.JOB_ADOPTED: Nothing,
    Kind.JOB_RTC_EXPIRED: Told,
    Kind.JOB_RTC_RENEWED: Nothing,
    Kind.JOB_RTC_REFUSED: Told,
    Kind.JOB_REPORT_UNSURE: Unreported,
    Kind.JOB_UNRECOGNISED: Raw,
    Kind.QUESTION_CLAIMED: Asked,
    Kind.QUESTION_RELEASED: Asked,
    Kind.QUESTION_CLOSED: Asked,
    **{kind: Item for kind in Kind if kind.value.startswith("item.")},
    **dict.fromkeys(AUDIENCE, Audience),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A claim about the world, ready to be recorded. `at` is when it became true, in UTC."""

    kind: Kind
    payload: Payload
    source: Source
    dedupe_key: str
    at: datetime
    team_id: int
    account_id: int | None = None
    room_id: int | None = None
    job_id: int | None = None
    ref: str = ""
    actor_id: int | None = None

    def __post_init__(self) -> None:
        expected = PAYLOADS[self.kind]
        if type(self.payload) is not expected:
            raise TypeError(f"{self.kind} carries {expected.__name__}, not {type(self.payload).__name__}")

    @property
    def topic(self) -> str:
        if self.room_id is not None:
            return f"room:{self.room_id}"
        if self.account_id is not None:
            return f"account:{self.account_id}"
        return f"team:{self.team_id}"


def payload_of(shape: type[P], data: object) -> P:
    """The typed payload of a recorded event whose kind carries `shape` (see `PAYLOADS`)."""
    return shapes.convert(data, shape)
