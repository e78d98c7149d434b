"""What the page of a microphone is told, and what its person reads: what viewers heard, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from dashboard.lib.languages import pick
from dashboard.live.relay.told import Told
from dashboard.takeover.states import TakeoverState

_ENDED: dict[str, Callable[[], str]] = {
    "silence": lambda: _("Released after 20 s of silence."),
    "hidden": lambda: _("Released: this page was hidden for 5 s."),
    "quiet_line": lambda: _("Released: no sound came from this page any more."),
    "silenced": lambda: _("The room was silenced. Your voice was cut off."),
    "floor": lambda: _("The floor is somebody else's now. Your voice was cut off."),
    "stopped": lambda: _("The vendor ended the microphone."),
    "link": lambda: _("The takeover channel to the vendor broke. Viewers may have heard only a part."),
    "relay": lambda: _("The relay that carried your voice is gone. Viewers may have heard only a part."),
    "overtaken": lambda: _("It was taken back before it began. Nothing was heard."),
    "access": lambda: _("Your sign-in or your role changed. Your voice was cut off."),
    "frame": lambda: _("This page sent sound that is none. Reload it, then arm the microphone again."),
}
_OVER: dict[str, Callable[[], str]] = {
    TakeoverState.DONE: lambda: _("Heard to the end."),
    TakeoverState.CANCELLED: lambda: _("Cut off; viewers heard what came before."),
    TakeoverState.UNKNOWN: lambda: _("We do not know if viewers heard all of it. Listen in the room."),
    TakeoverState.FAILED: lambda: _("The vendor failed while it was heard. Listen in the room."),
}


def frame_of(told: Told, language: str) -> dict[str, Any]:
    """The frame that passes `told` on to the page."""
    frame: dict[str, Any] = {"t": told.what, "why": told.why}
    if told.what == "ended":
        frame["text"] = ended(told.why, language)
    elif told.what == "over":
        frame |= {"state": told.state, "text": over(told.why, told.state, language)}
    elif told.what == "refused":
        frame["text"] = pick(told.text, language)
    elif told.what == "dropped":
        frame["ms"] = told.ms
    return frame


def ended(why: str, language: str) -> str:
    with translation.override(language):
        return _ENDED[why]() if why in _ENDED else ""


def over(why: str, state: str, language: str) -> str:
    with translation.override(language):
        if why == "overtaken" or state not in _OVER:
            return ended(why, language)
        return _OVER[state]()


def no_relay(language: str) -> str:
    with translation.override(language):
        return _("No relay carries sound for this room now. Nothing was heard; try again in a few seconds.")
