"""The sandbox's faults as a person may pick them: what each does, and which one number it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from dashboard.rehearsal.scenarios import Text
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorKind


@dataclass(frozen=True, slots=True)
class FaultKind:
    title: Text
    does: Text
    group: str
    #: The fault's one parameter, if it takes any, with the value it has unless another is typed.
    param: str = ""
    unit: Text = ""
    value: float | None = None
    #: It happens once, at once: neither a duration nor a count means anything.
    is_instant: bool = False
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
_SECONDS, _STATUS, _TIMES = _("seconds"), _("status"), _("times")

KINDS: Mapping[str, FaultKind] = {
    "latency": FaultKind(_("Slow answers"), _("Each answer comes late."), CALLS, "seconds", _SECONDS, 4),
    "error": FaultKind(
        _("Errors"),
        _("Calls are refused with an HTTP status, for example 500, 503 or 429."),
        CALLS,
        "status",
        _STATUS,
        503,
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
    "swallow_frame": FaultKind(_("Sentence dropped"), _("What is said next is ignored."), SPEECH),
    "swallow_notices": FaultKind(_("Sentence untold"), _("What is said next is heard, and nobody tells."), SPEECH),
    "takeover_fails": FaultKind(
        _("Speech breaks off"),
        _("What the host says now breaks off."),
        SPEECH,
        is_instant=True,
        vendor=VendorKind.SOFTSUGAR,
    ),
    "flood": FaultKind(
        _("Comment flood"), _("The synthetic audience is many times as busy."), SPEECH, "times", _TIMES, 20
    ),
    "drop_callback": FaultKind(_("Callbacks lost"), _("Callbacks never come."), CALLBACKS),
    "delay_callback": FaultKind(_("Callbacks late"), _("Callbacks come late."), CALLBACKS, "seconds", _SECONDS, 5),
    "duplicate_callback": FaultKind(
        _("Callbacks twice"), _("The same callback comes several times."), CALLBACKS, "times", _TIMES, 2
    ),
    "reorder_callback": FaultKind(_("Callbacks out of order"), _("A callback comes after the next one."), CALLBACKS),
    "forge_callback": FaultKind(_("Callbacks forged"), _("A callback with a wrong signature comes first."), CALLBACKS),
    "skew": FaultKind(
        _("Clock off"), _("The vendor's clock is wrong by so many seconds."), VENDOR, "seconds", _SECONDS, 1200
    ),
    "expire_tokens": FaultKind(_("Tokens expire"), _("Tokens given out so far open nothing more."), VENDOR),
    "quota": FaultKind(_("Quota used up"), _("New broadcasts are refused: no capacity."), VENDOR),
    "outage": FaultKind(_("Outage"), _("Everything of this vendor fails."), VENDOR),
    "session_end": FaultKind(_("Broadcast dies"), _("The vendor ends the broadcast now."), VENDOR, is_instant=True),
}
