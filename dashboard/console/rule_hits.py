"""What the rules of a room decided lately: the desk's few lines, and the log of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.audience.models import RuleDecision
from dashboard.audience.selectors import decisions_in, decisions_of
from dashboard.audience.states import Cause, Outcome
from dashboard.console import items
from dashboard.console.facts import RoomFacts
from dashboard.console.items import Chip
from dashboard.rooms.models import Room
from dashboard.rooms.rule_words import cut
from dashboard.vendors.models import VendorKind

#: On the desk, and what a change of the room sends to the open log.
FEW, NEWEST = 3, 20
_TONES = {
    Outcome.MADE: "held",
    Outcome.SUPPRESSED: "paused",
    Outcome.LOST: "cancelled",
    Outcome.REFUSED: "rejected",
}
_WORDS = {
    Outcome.MADE: lambda: _("DECIDED"),
    Outcome.FIRED: lambda: _("FIRED"),
    Outcome.SUPPRESSED: lambda: _("SUPPRESSED"),
    Outcome.LOST: lambda: _("LOST"),
    Outcome.REFUSED: lambda: _("REFUSED"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One decision: the event, the rule, and what came of it. `item`: the number of its takeover, if it has one."""

    id: int
    seq: int
    topic: str
    order: str
    at: datetime
    rule: str
    beaten: str
    who: str
    words: str
    lang: str
    chip: Chip
    heard: Chip | None
    text: str
    item: str
    item_url: str
    why: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules' part of a desk. `note` stands where nobody tells what they said."""

    id: int
    seq: int
    topic: str
    hits: tuple[Hit, ...]
    note: str
    log_url: str
    is_shown: bool


def rules(facts: RoomFacts, slug: str) -> Rules:
    room, job = facts.room, facts.job
    found: list[RuleDecision] = []
    note = ""
    is_ours = room.account.vendor == VendorKind.SOFTSUGAR
    if is_ours and job is not None:
        found = decisions_in(job, limit=FEW)
        note = "" if found else _("No rule has answered in this job.")
    elif job is not None and job.runs_vendor_rules:
        note = _("MetaStudio answers by the room's rules itself and does not tell which one spoke.")
    return Rules(
        id=room.pk,
        seq=facts.seq,
        topic=room.topic,
        hits=tuple(hit(one, room, facts.seq, slug) for one in found),
        note=note,
        log_url=reverse("console:rule_log", args=[slug, room.code]) if is_ours else "",
        is_shown=bool(found) or (bool(note) and (not is_ours or room.rule_set_id is not None)),
    )


def hit(one: RuleDecision, room: Room, seq: int, slug: str) -> Hit:
    outcome, said = Outcome(one.outcome), one.takeover
    if said is not None:
        said.room = room  # known already: no query for each
    return Hit(
        id=one.pk,
        seq=seq,
        topic=room.topic,
        order=f"{9_999_999_999 - one.pk:010d}",
        at=one.event_at,
        rule=one.rule_name,
        beaten=", ".join(map(str, one.beaten)),
        who=one.who or _("somebody"),
        words=cut(one.words),
        lang=room.language,
        chip=Chip(_TONES.get(outcome, "done"), _WORDS[outcome](), line=outcome == Outcome.REFUSED),
        heard=items.chip(said) if said is not None else None,
        text=one.text if outcome in (Outcome.FIRED, Outcome.MADE) else "",
        item=str(said) if said is not None else "",
        item_url=reverse("console:job", args=[slug, one.job_id]) if said is not None else "",
        why=str(Cause(one.cause).label) if one.cause else "",
        until=one.quiet_until if one.cause == Cause.WINDOW else None,
    )


def newest_of_room(room: Room, seq: int) -> list[Hit]:
    """What a change of the room sends to its open log."""
    return [hit(one, room, seq, room.team.slug) for one in decisions_of(room)[:NEWEST]]
