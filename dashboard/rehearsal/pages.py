"""What the rehearsal pages show: view objects made from rows and from what the sandbox says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from dashboard.lib.errors import Refusal
from dashboard.rehearsal.control import Sandbox
from dashboard.rehearsal.faults import KINDS
from dashboard.rehearsal.forms import RATES, SPEEDS
from dashboard.rehearsal.models import Run
from dashboard.rehearsal.rules import Outcome
from dashboard.rehearsal.scenarios import Deed, Text
from dashboard.rehearsal.selectors import heard_of, outcome_of, previous_run
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorAccount, VendorKind

DEEDS: Mapping[Deed, Text] = {
    Deed.SAY: gettext_lazy("said"),
    Deed.ANSWER: gettext_lazy("answered a comment"),
    Deed.REPEAT: gettext_lazy("said the same words once more"),
    Deed.AGAIN: gettext_lazy("sent again"),
    Deed.MARK_SPOKEN: gettext_lazy("marked as spoken"),
    Deed.CHECK_AGAIN: gettext_lazy("checked again"),
    Deed.CANCEL: gettext_lazy("cancelled"),
    Deed.SILENCE: gettext_lazy("silenced the room"),
    Deed.RESUME: gettext_lazy("let the host speak again"),
    Deed.START: gettext_lazy("started the room"),
    Deed.STOP: gettext_lazy("stopped the room"),
}

# ------------------------------------------------------------------------------------------------------ the sandbox now


@dataclass(frozen=True, slots=True)
class ArmedFault:
    id: str
    title: str
    whom: str
    starts_in_s: int | None
    left_s: int | None
    hits: int


@dataclass(frozen=True, slots=True)
class Crowd:
    room: Room
    rate_per_s: float
    viewers: int
    is_on_air: bool

    @property
    def rates(self) -> list[tuple[str, str, bool]]:
        """Value, word, whether it is this one."""
        return [
            (
                str(rate),
                pgettext("audience", "off") if not rate else _("%(n)g/s") % {"n": rate},
                rate == self.rate_per_s,
            )
            for rate in RATES
        ]


@dataclass(frozen=True, slots=True)
class SandboxNow:
    """One sandbox; `problem` says why nothing is known of it."""

    account: VendorAccount
    problem: str = ""
    speed: float = 1.0
    faults: tuple[ArmedFault, ...] = ()
    crowds: tuple[Crowd, ...] = ()

    @property
    def speeds(self) -> list[tuple[str, str, bool]]:
        return [(str(speed), f"{speed:g}×", speed == self.speed) for speed in SPEEDS]


def sandbox_now(
    account: VendorAccount, rooms: Mapping[str, Room], all_rooms: list[Room], secret: Set[str]
) -> SandboxNow:
    """`rooms` by the vendor's name of what is on air in them. All accounts of a sandbox share its knobs.

    Faults of which the ids are in `secret` are left out.
    """
    try:
        state = Sandbox(account).knobs()
    except Refusal as refusal:
        return SandboxNow(account, problem=refusal.message)
    audience = {row["job"]: row for row in state["audience"]}
    sessions = {room.pk: session for session, room in rooms.items()}
    return SandboxNow(
        account,
        speed=float(state["clock"]["speed"]),
        faults=tuple(_armed(row, rooms) for row in state["faults"] if row["id"] not in secret),
        crowds=tuple(_crowd(room, sessions.get(room.pk), audience) for room in all_rooms),
    )


def _armed(row: Mapping[str, Any], rooms: Mapping[str, Room]) -> ArmedFault:
    kind = KINDS.get(row["kind"])
    return ArmedFault(
        id=row["id"],
        title=str(kind.title) if kind else row["kind"],
        whom=_whom(row, rooms),
        starts_in_s=None if row["starts_in_s"] is None else round(row["starts_in_s"]),
        left_s=None if row["left_s"] is None else round(row["left_s"]),
        hits=row["hits"],
    )


def _whom(row: Mapping[str, Any], rooms: Mapping[str, Room]) -> str:
    """The room that a fault is narrowed to, else its vendor. A sandbox may serve other teams, too."""
    if row["session"]:
        room = rooms.get(row["session"])
        return room.code if room else _("another room")
    if row["vendor"] in VendorKind.values:
        return str(VendorKind(row["vendor"]).label)
    return _("both vendors")


def _crowd(room: Room, session: str | None, audience: Mapping[str, Mapping[str, Any]]) -> Crowd:
    row = audience.get(session or "", {})
    return Crowd(room, float(row.get("rate_per_s", 0)), int(row.get("viewers", 0)), session is not None)


# --------------------------------------------------------------------------------------------------------- the debrief


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    #: What was measured, in words; "" where it did not happen.
    value: str
    goal: str
    is_good: bool
    before: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline. `verdict` right, wrong, incident, heard or ""."""

    at: datetime
    offset_s: int
    who: str
    what: str
    verdict: str = ""
    text: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Debrief:
    run: Run
    figures: tuple[Figure, ...]
    moments: tuple[Moment, ...]
    #: The sandbox's record could not be read, so nothing is said about what was heard.
    is_deaf: bool
    #: It was ended before the incident: there is nothing to judge.
    is_early: bool
    #: Language of what was said in the room.
    lang: str


def debrief(run: Run, now: datetime) -> Debrief:
    outcome, before = outcome_of(run), previous_run(run)
    is_early = run.ended_at is not None and (run.ended_at < run.incident_at or bool(run.trouble))
    return Debrief(
        run,
        _figures(run, outcome, before),
        tuple(_moments(run, outcome, now)),
        is_deaf=run.heard is None,
        is_early=is_early,
        lang=run.room.language,
    )


def _figures(run: Run, outcome: Outcome, before: Run | None) -> tuple[Figure, ...]:
    scenario, past = run.scenario, outcome_of(before) if before else None
    noticed = past.noticed_after_s if past else None
    figures = [_timed(_("Noticed after"), outcome.noticed_after_s, scenario.notice_within_s, noticed)]
    if scenario.silent_within_s is not None:
        silenced = past.silenced_after_s if past else None
        label = _("Silent after the first wrong word")
        figures.append(_timed(label, outcome.silenced_after_s, scenario.silent_within_s, silenced))
    if run.false_alarms:
        figures.append(_counted(_("False alarms"), run.false_alarms, before.false_alarms if before else None))
    figures.append(_counted(_("Wrong actions"), outcome.wrong, past.wrong if past else None))
    if run.heard is not None:
        twice = len(past.heard_twice) if past else None
        figures.append(_counted(_("Sentences heard twice"), len(outcome.heard_twice), twice))
    return tuple(figures)


def _timed(label: str, value: float | None, within_s: int, before: float | None) -> Figure:
    is_good = value is not None and value <= within_s
    return Figure(label, _seconds(value), _("goal %(n)d s") % {"n": within_s}, is_good, _seconds(before))


def _counted(label: str, count: int, before: int | None) -> Figure:
    return Figure(label, str(count), _("goal none"), not count, "" if before is None else str(before))


def _seconds(value: float | None) -> str:
    return "" if value is None else _("%(n).1f s") % {"n": value}


def _moments(run: Run, outcome: Outcome, now: datetime) -> list[Moment]:
    scenario = run.scenario

    def moment(at: datetime, who: str, what: str, **more: str) -> Moment:
        return Moment(at, round((at - run.incident_at).total_seconds()), who, what, **more)

    found = []
    if run.incident_at <= (run.ended_at or now):
        found.append(moment(run.incident_at, _("the vendor"), str(scenario.title), verdict="incident"))
    if run.noticed_at:
        found.append(moment(run.noticed_at, str(run.noticed_by or ""), _("noticed it"), verdict="right"))
    for one in outcome.judged:
        why = str(scenario.wrong[one.deed]) if one.verdict == "wrong" else ""
        found.append(moment(one.at, one.who, str(DEEDS[one.deed]), verdict=one.verdict, text=one.text, why=why))
    for heard in heard_of(run):
        what = _("the host was cut off") if heard.is_cut else _("the host was heard")
        found.append(moment(heard.started_at, _("the air"), what, verdict="heard", text=heard.text))
    return sorted(found, key=lambda one: one.at)
