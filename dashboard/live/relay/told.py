"""What the person at a microphone is told of it, on its way from the relay to their page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from dashboard.takeover.states import TakeoverState
from dashboard.vendors import words
from dashboard.vendors.port import Vendor, VendorError

NO_LINK = VendorError(
    "link_down",
    ("The takeover channel to the vendor broke. Nothing was heard.", "与厂商的接管通道已断开，观众没有听到任何内容。"),
    ("Speak again when it is up.", "请等通道恢复后再开麦。"),
)
NO_SOUND = VendorError(
    "no_sound",
    (
        "No sound of the microphone came as far as the vendor. Nothing was heard.",
        "麦克风的声音没有到达厂商，观众没有听到任何内容。",
    ),
    ("Press again, and watch the level while you speak.", "请重新开麦，并在说话时留意音量指示。"),
)


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the person at the microphone is told of one press, `trace_id`: the next may have begun meanwhile.

    `text` is (English, Simplified Chinese), for refusals.

    open: the vendor takes sound. dropped: `ms` of it were too late. ended: no more is sent, `why`. over: the vendor has
    confirmed its end, or nobody knows; `state` is the takeover's. refused: nothing was heard.
    """

    what: Literal["open", "dropped", "ended", "over", "refused"]
    why: str = ""
    state: str = ""
    ms: int = 0
    text: tuple[str, str] = ("", "")
    trace_id: str = ""


Tell = Callable[[Told], None]


def conflict() -> VendorError:
    """Something plays or waits, and goes on."""
    return words.error(Vendor.SOFTSUGAR, "socket_7")


def refused(error: VendorError, vendor: str) -> Told:
    """Nothing was heard, and why: our words, with the vendor's code behind them, to be copied."""
    label = words.label(Vendor(vendor), error.code)
    english = f"{error.happened[0]} {error.todo[0]} ({label})"
    chinese = f"{error.happened[1]}{error.todo[1]}（{label}）"
    return Told("refused", why=error.code, text=(english, chinese))


def not_heard(why: str) -> Told:
    return Told("over", why=why, state=str(TakeoverState.CANCELLED))


def not_known(why: str) -> Told:
    """Nobody can say how much of it was heard."""
    return Told("over", why=why, state=str(TakeoverState.UNKNOWN))
