"""Topic and kind of page → fragments. Pages, htmx answers and the hub all come here, so all show the same markup.

Fragments do not know who looks: the page carries the viewer's allowed actions, the server refuses the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone, translation

from dashboard.console import (
    accounts,
    audience_markup,
    desk_markup,
    jobrows,
    ledger,
    markup,
    steer_markup,
    summary,
)
from dashboard.console.reading import Reading, Wanted
from dashboard.events.models import Event

EVERYTHING = Wanted()


@dataclass(slots=True)
class Made:
    """Region id → HTML, and the ids of regions that are no more."""

    regions: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)


def render(reading: Reading, *, view: str, language: str, wanted: Wanted = EVERYTHING) -> Made:
    """The regions that a page of kind `view` shows of the reading's topic, in `language`."""
    made = Made()
    if maker := _MAKERS.get((reading.kind, view)):
        with translation.override(language):
            maker(made, reading, wanted)
    return made


def _wall(made: Made, reading: Reading, wanted: Wanted) -> None:
    if wanted.state and (room := reading.asked(reading.room)):
        made.regions[f"tile-{reading.number}"] = markup.tile_html(room, room.room.team.slug)
    elif wanted.counters and (room := reading.asked(reading.figures)):
        made.regions[f"stats-{reading.number}"] = markup.stats_html(room)


def _rooms(made: Made, reading: Reading, wanted: Wanted) -> None:
    if not wanted.state or not (room := reading.room):
        return
    if room.room.archived_at is not None:
        made.gone.append(f"room-{reading.number}")
        return
    made.regions[f"room-{reading.number}"] = markup.row_html(room, room.room.team.slug)


def _desk(made: Made, reading: Reading, wanted: Wanted) -> None:
    room = reading.room if wanted.state else reading.figures
    if room is None:
        return
    number = reading.number
    with timezone.override(room.room.time_zone):
        if wanted.state:
            made.regions |= desk_markup.desk_html(room, room.room.team.slug)
        # With its end a job has no rate any more, and no event of the audience comes to say so.
        is_over = room.job is not None and not room.job.is_open
        if wanted.counters or is_over:
            made.regions[f"viewers-{number}"] = audience_markup.viewers_html(room)
            made.regions[f"tally-{number}"] = audience_markup.tally_html(room)
        if wanted.state:
            made.regions[f"rules-{number}"] = audience_markup.rules_html(room, room.room.team.slug)
        if wanted.state or wanted.counters:
            made.regions |= audience_markup.questions_html(room, room.room.team.slug)
        if wanted.history:
            made.regions[f"history-{number}"] = desk_markup.history_html(room)


def _rule_log(made: Made, reading: Reading, wanted: Wanted) -> None:
    if wanted.state and (room := reading.subject):
        with timezone.override(room.time_zone):
            made.regions |= audience_markup.newest_hits_html(room, reading.seq)


def _script(made: Made, reading: Reading, wanted: Wanted) -> None:
    if wanted.state and (room := reading.room):
        with timezone.override(room.room.time_zone):
            made.regions |= steer_markup.script_page_html(room, room.room.team.slug)


def _steer(made: Made, reading: Reading, wanted: Wanted) -> None:
    if (wanted.state or wanted.history) and (room := reading.room):
        with timezone.override(room.room.time_zone):
            made.regions |= steer_markup.steer_html(room, room.room.team.slug)


def _takeovers(made: Made, reading: Reading, wanted: Wanted) -> None:
    if wanted.state:
        for row in ledger.newest_of_room(reading.number, reading.seq):
            made.regions[f"takeover-{row.id}"] = markup.takeover_html(row)


def _jobs(made: Made, reading: Reading, wanted: Wanted) -> None:
    if wanted.state and (row := jobrows.newest_of_room(reading.number, reading.seq)):
        made.regions[f"job-{row.id}"] = markup.job_html(row)


def _job(made: Made, reading: Reading, wanted: Wanted) -> None:
    if wanted.history and (room := reading.room):
        with timezone.override(room.room.time_zone):
            made.regions[f"history-{reading.number}"] = desk_markup.history_html(room)
    _jobs(made, reading, wanted)


def _account(made: Made, reading: Reading, wanted: Wanted) -> None:
    if card := accounts.card_of(reading.number, reading.seq):
        made.regions[f"account-{reading.number}"] = markup.account_html(card)


_MAKERS: dict[tuple[str, str], Callable[[Made, Reading, Wanted], None]] = {
    ("room", "wall"): _wall,
    ("room", "rooms"): _rooms,
    ("room", "desk"): _desk,
    ("room", "script"): _script,
    ("room", "steer"): _steer,
    ("room", "takeovers"): _takeovers,
    ("room", "jobs"): _jobs,
    ("room", "job"): _job,
    ("room", "rule_log"): _rule_log,
    ("account", "vendors"): _account,
    ("account", "vendor"): _account,
}
#: The list of a page that changes when the team's list of rooms or jobs does.
_LISTS = {"wall": "wall", "rooms": "room-rows", "jobs": "job-rows", "takeovers": ""}


def list_region(topic: str, view: str) -> str | None:
    """The list that a change of the team itself concerns: the page fetches it anew, with its new topics."""
    return _LISTS.get(view) if topic.startswith("team:") else None


def feed_region(topic: str, view: str) -> str | None:
    """The feed of a topic on that kind of page, if it has one."""
    kind, _, number = topic.partition(":")
    return f"feed-{number}" if kind == "room" and view == "desk" else None


def feed_rows(reading: Reading, events: list[Event], *, language: str) -> list[str]:
    """Feed rows of the room's audience events, oldest first, in the room's zone."""
    room = reading.subject
    if room is None:
        return []
    with translation.override(language), timezone.override(room.time_zone):
        return audience_markup.feed_rows_html(room, events)


def summary_region(team_id: int, seq: int, language: str) -> str:
    """The counts of the strip, in `language`."""
    with translation.override(language):
        return markup.summary_html(summary.summary(team_id, seq))
