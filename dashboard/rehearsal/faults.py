"""The sandbox's faults as a person may pick them: what each does, and which one number it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from dashboard.rehearsal.scenarios import Text
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorKind


@dataclass(frozen=True, slots=True)
class Number:
    """The one parameter that a fault takes. `usual` is what it has unless another is typed."""

    param: str
    unit: Text
    usual: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class FaultKind:
    title: Text
    does: Text
    group: str
    number: Number | None = None
    #: It happens once, at once: neither a duration nor a count means anything.
    is_instant: bool = False
    #: It concerns the whole vendor and cannot be narrowed to a room.
    is_wide: bool = False
    #: The one vendor that can fail like this; "" for both.
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class FaultDraft:
    """`room` None: everything of the account's vendor."""

    kind: str
    room: Room | None = None
    for_s: float | None = None
    count: int | None = None
    params: dict[str, object] = field(default_factory=dict)


CALLS, LINES, SPEECH, CALLBACKS, VENDOR = "calls", "lines", "speech", "callbacks", "vendor"
GROUPS: Mapping[str, Text] = {
    CALLS: _("Calls"),
    LINES: _("Lines"),
    SPEECH: _("Speech"),
    CALLBACKS: _("Callbacks"),
    VENDOR: _("The vendor"),
}


def _seconds(usual: int, least: int, most: int) -> Number:
    return Number("seconds", _("seconds"), usual, least, most)


def _times(usual: int, least: int, most: int) -> Number:
    return Number("times", _("times"), usual, least, most)


KINDS: Mapping[str, FaultKind] = {
    "latency": FaultKind(_("Slow answers"), _("Each answer comes late."), CALLS, _seconds(4, 0, 120)),
    "error": FaultKind(
        _("Errors"),
        _("Calls are refused with an HTTP status, for example 500, 503 or 429."),
        CALLS,
        Number("status", _("status"), 503, 400, 599),
    ),
    "timeout_before": FaultKind(_("No answer, no effect"), _("The call does nothing and is never answered."), CALLS),
    "timeout_after": FaultKind(_("Effect without an answer"), _("The call works, and is never answered."), CALLS),
    "refuse": FaultKind(_("Hangs up"), _("The line is cut before an answer."), CALLS),
    "drop_socket": FaultKind(
        _("Channel cut"), _("The takeover channel closes now; Talkback opens it again."), LINES, is_instant=True
    ),
    "half_open": FaultKind(
        _("Channel dead"),
        _("The takeover channel stays open and carries nothing; Talkback opens a new one."),
        LINES,
        is_instant=True,
    ),
    "freeze": FaultKind(_("Frozen"), _("Calls and channels hang, and go on afterwards."), LINES),
    "swallow_frame": FaultKind(
        _("Sentence dropped"), _("What is said next is ignored."), SPEECH, vendor=VendorKind.SOFTSUGAR
    ),
    "swallow_notices": FaultKind(_("Sentence untold"), _("What is said next is heard, and nobody tells."), SPEECH),
    "takeover_fails": FaultKind(
        _("Speech breaks off"),
        _("What the host says now breaks off."),
        SPEECH,
        is_instant=True,
        vendor=VendorKind.SOFTSUGAR,
    ),
    "flood": FaultKind(
        _("Comment flood"), _("The synthetic audience is many times as busy."), SPEECH, _times(20, 1, 200)
    ),
    "drop_callback": FaultKind(_("Callbacks lost"), _("Callbacks never come."), CALLBACKS),
    "delay_callback": FaultKind(_("Callbacks late"), _("Callbacks come late."), CALLBACKS, _seconds(5, 0, 600)),
    "duplicate_callback": FaultKind(
        _("Callbacks twice"), _("The same callback comes several times."), CALLBACKS, _times(2, 2, 20)
    ),
    "reorder_callback": FaultKind(_("Callbacks out of order"), _("A callback comes after the next one."), CALLBACKS),
    "forge_callback": FaultKind(_("Callbacks forged"), _("A callback with a wrong signature comes first."), CALLBACKS),
    "skew": FaultKind(
        _("Clock off"),
        _("The clocks of both vendors are wrong by so many seconds."),
        VENDOR,
        _seconds(1200, -86_400, 86_400),
        is_wide=True,
    ),
    "expire_tokens": FaultKind(
        _("Tokens expire"), _("Tokens given out so far open nothing more."), VENDOR, is_wide=True
    ),
    "quota": FaultKind(_("Quota used up"), _("New broadcasts are refused: no capacity."), VENDOR, is_wide=True),
    "outage": FaultKind(_("Outage"), _("Everything of this vendor fails."), VENDOR),
    "session_end": FaultKind(_("Broadcast dies"), _("The vendor ends the broadcast now."), VENDOR, is_instant=True),
}
