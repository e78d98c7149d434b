"""How dangerous each deed is, in one table; the server refuses a lighter press than its deed takes. See docs/danger.md.

D0 and D1 take one press. D2 takes a second one in the same place, which the page sends as `X-Confirmed: 1` (a plain
form as `confirmed=1`). D3 and D4 take a dialog in which the thing's name is typed, which their forms check. P is panic:
never asked twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.middleware import TeamRequest
from dashboard.lib.errors import Unconfirmed

P = ParamSpec("P")
TeamView = Callable[Concatenate[TeamRequest, P], HttpResponseBase]


class Level(StrEnum):
    D0 = "D0"
    D1 = "D1"
    D2 = "D2"
    D3 = "D3"
    D4 = "D4"
    PANIC = "P"


class Deed(StrEnum):
    """What somebody does on purpose and can't simply take back, or must never be asked twice about."""

    SAY = "say"
    SAY_NOW = "say_now"
    SAY_AGAIN = "say_again"
    END_SILENCE = "end_silence"
    CANCEL_ITEM = "cancel_item"
    CUT_OFF = "cut_off"
    CANCEL_SEVERAL = "cancel_several"
    PAUSE_SCRIPT = "pause_script"
    REWRITE_LIVE = "rewrite_live"
    CHANGE_OUTPUT = "change_output"
    TAKE_FLOOR = "take_floor"
    TAKE_FLOOR_FROM = "take_floor_from"
    CLEAR_FOR_VOICE = "clear_for_voice"
    SILENCE = "silence"
    SILENCE_ALL = "silence_all"
    START_JOB = "start_job"
    STOP_JOB = "stop_job"
    ADOPT_JOB = "adopt_job"
    CLOSE_SESSION = "close_session"
    CLOSE_JOB = "close_job"
    DELETE_RULES = "delete_rules"
    CLAIM = "claim"
    CLAIM_FROM = "claim_from"
    REMOVE_MEMBER = "remove_member"
    REMOVE_CLIP = "remove_clip"
    DELETE_ENTRY = "delete_entry"
    DELETE_SCENE = "delete_scene"
    CHANGE_ROLE = "change_role"
    OWN_ROLE = "own_role"


@dataclass(frozen=True, slots=True)
class Danger:
    """`consequence` is what the button says once it is armed, where the page has no words of its own for it."""

    level: Level
    consequence: str | Promise = ""


TABLE: dict[Deed, Danger] = {
    Deed.SAY: Danger(Level.D1),
    Deed.SAY_NOW: Danger(Level.D2, _("Cut off and say")),
    Deed.SAY_AGAIN: Danger(Level.D2, _("Say it, maybe twice")),
    Deed.END_SILENCE: Danger(Level.D2, _("End the silence, say it")),
    Deed.CANCEL_ITEM: Danger(Level.D1),
    Deed.CUT_OFF: Danger(Level.D2, _("Cut it off")),
    Deed.CANCEL_SEVERAL: Danger(Level.D2, _("Cancel them")),
    Deed.PAUSE_SCRIPT: Danger(Level.D2, _("Pause the script")),
    Deed.REWRITE_LIVE: Danger(Level.D2, _("Change it on air")),
    Deed.CHANGE_OUTPUT: Danger(Level.D3),
    Deed.TAKE_FLOOR: Danger(Level.D1),
    Deed.TAKE_FLOOR_FROM: Danger(Level.D2, _("Take the floor")),
    Deed.CLEAR_FOR_VOICE: Danger(Level.D2, _("Cancel them and speak")),
    Deed.SILENCE: Danger(Level.PANIC),
    Deed.SILENCE_ALL: Danger(Level.PANIC),
    Deed.START_JOB: Danger(Level.D2, _("Put it on air")),
    Deed.STOP_JOB: Danger(Level.D3),
    Deed.ADOPT_JOB: Danger(Level.D2, _("Adopt it")),
    Deed.CLOSE_SESSION: Danger(Level.D3),
    Deed.CLOSE_JOB: Danger(Level.D2, _("Count it as over")),
    Deed.DELETE_RULES: Danger(Level.D3),
    Deed.REMOVE_CLIP: Danger(Level.D2, _("Take out of the library")),
    Deed.DELETE_ENTRY: Danger(Level.D2, _("Delete it for good")),
    Deed.CLAIM: Danger(Level.D0),
    Deed.CLAIM_FROM: Danger(Level.D2, _("Take it over")),
    Deed.DELETE_SCENE: Danger(Level.D2, _("Delete it for good")),
    Deed.REMOVE_MEMBER: Danger(Level.D2, _("Take out of the team")),
    Deed.CHANGE_ROLE: Danger(Level.D1),
    Deed.OWN_ROLE: Danger(Level.D2, _("Change my own role")),
}


def level_of(deed: Deed) -> Level:
    return TABLE[deed].level


def does(*deeds: Deed) -> Callable[[TeamView[P]], TeamView[P]]:
    """Mark a view, below `needs`, with what it may do. One deed of D2 is checked here; of several the view itself
    finds out which it is and calls `confirm`. The test of all POSTs reads `.deeds`.
    """

    def decorate(view: TeamView[P]) -> TeamView[P]:
        @wraps(view)
        def guarded(request: TeamRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if len(deeds) == 1 and request.method == "POST":
                confirm(request, deeds[0])
            return view(request, *args, **kwargs)

        guarded.deeds = deeds  # type: ignore[attr-defined]
        return guarded

    return decorate


def confirm(request: HttpRequest, deed: Deed, why: str = "") -> None:
    """Raise `Unconfirmed` where `deed` takes a second press and this is the first: the page arms its button.

    `why` is the sentence that says what the second press will do; without it the consequence stands alone.
    """
    if TABLE[deed].level == Level.D2 and not is_confirmed(request):
        raise asked_twice(deed, why)


def asked_twice(deed: Deed, why: str = "") -> Unconfirmed:
    """What a service raises where only it knows, under its lock, that this press takes a second one."""
    return Unconfirmed(why or str(_("Nothing was done yet. Press once more to confirm.")), str(TABLE[deed].consequence))


def is_confirmed(request: HttpRequest) -> bool:
    return "1" in (request.headers.get("X-Confirmed"), request.POST.get("confirmed"))
