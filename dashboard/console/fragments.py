"""Topic and kind of page → fragments. Pages, htmx answers and the hub all come here, so all show the same markup.

Fragments do not know who looks: the page carries the viewer's allowed actions, the server refuses the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils import timezone, translation

from dashboard.accounts.models import Team
from dashboard.console import accounts, comments, desk, facts, items, jobrows, summary, tiles
from dashboard.events.models import Event
from dashboard.events.selectors import sequences
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.rooms.models import Room
from dashboard.takeover.selectors import listed
from dashboard.vendors.models import VendorAccount

#: How many of a room's newest takeovers a change of the room sends to the list of all rooms.
RECENT_TAKEOVERS = 20
#: How many of a job's takeovers its page shows.
SENTENCES_SHOWN = 100


@dataclass(slots=True)
class Made:
    """Region id → HTML, and the ids of regions that are no more."""

    regions: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)


def render(topic: str, seq: int, *, view: str, language: str, counters_only: bool) -> Made:
    """The regions of `topic` that a page of kind `view` shows, in `language`; only the counters where told so."""
    kind, _, number = topic.partition(":")
    maker = _MAKERS.get((kind, view))
    made = Made()
    if maker is not None:
        with translation.override(language):
            maker(made, int(number), counters_only)
    return made


def _room(number: int) -> tuple[facts.RoomFacts, Team] | None:
    room = Room.objects.select_related("account", "team").filter(pk=number).first()
    if room is None:
        return None
    return facts.load([room])[0], room.team


def _wall(made: Made, number: int, counters_only: bool) -> None:
    if found := _room(number):
        made.regions[f"tile-{number}"] = tile_html(*found)


def _rooms(made: Made, number: int, counters_only: bool) -> None:
    if counters_only or not (found := _room(number)):
        return
    if found[0].room.archived_at is not None:
        made.gone.append(f"room-{number}")
        return
    made.regions[f"room-{number}"] = row_html(*found)


def _desk(made: Made, number: int, counters_only: bool) -> None:
    seq = sequences([f"room:{number}"])[f"room:{number}"]
    room = Room.objects.select_related("account", "team").filter(pk=number).first()
    if room is None:
        return
    shown = facts.load_desk(room, seq)
    with timezone.override(room.time_zone):
        made.regions |= counters_html(shown, room.team.slug)
        made.regions |= {} if counters_only else desk_html(shown, room.team.slug)


def _takeovers(made: Made, number: int, counters_only: bool) -> None:
    if counters_only:
        return
    room = Room.objects.select_related("team").filter(pk=number).first()
    if room is None:
        return
    seq = sequences([room.topic])[room.topic]
    rows = list(listed(room.team).filter(room=room)[:RECENT_TAKEOVERS])
    context = items.Context(room.team.slug, seq, clock.now(), items.wait_reasons(rows))
    for row in rows:
        made.regions[f"takeover-{row.pk}"] = takeover_html(items.row(row, context))


def _jobs(made: Made, number: int, counters_only: bool) -> None:
    if counters_only:
        return
    job = Job.objects.filter(room_id=number).select_related("room", "account", "team").order_by("-number").first()
    if job is not None:
        row = jobrows.job_rows([job], job.team.slug, sequences([job.topic]))[0]
        made.regions[f"job-{job.pk}"] = job_html(row)


def _job(made: Made, number: int, counters_only: bool) -> None:
    found = None if counters_only else _room(number)
    if found is not None:
        with timezone.override(found[0].room.time_zone):
            made.regions[f"history-{number}"] = _html("jobs/_history.html", history=desk.history_of(found[0]))
        _jobs(made, number, counters_only)


def _account(made: Made, number: int, counters_only: bool) -> None:
    account = VendorAccount.objects.select_related("team").filter(pk=number).first()
    if account is not None:
        seq = sequences([account.topic])[account.topic]
        made.regions[f"account-{number}"] = account_html(accounts.card(account, account.team.slug, seq))


_MAKERS: dict[tuple[str, str], Callable[[Made, int, bool], None]] = {
    ("room", "wall"): _wall,
    ("room", "rooms"): _rooms,
    ("room", "desk"): _desk,
    ("room", "takeovers"): _takeovers,
    ("room", "jobs"): _jobs,
    ("room", "job"): _job,
    ("account", "vendors"): _account,
    ("account", "vendor"): _account,
}


# ---------------------------------------------------------------------------------------------------------------- html


def _html(template: str, **context: object) -> str:
    return render_to_string(template, context).strip()


def tile_html(room: facts.RoomFacts, team: Team) -> str:
    with timezone.override(room.room.time_zone):
        return _html("console/_tile.html", tile=tiles.tile(room, team.slug))


def row_html(room: facts.RoomFacts, team: Team) -> str:
    return _html("rooms/_room_row.html", room=tiles.room_row(room, team.slug))


def job_html(row: jobrows.JobRow) -> str:
    return _html("jobs/_job_row.html", job=row)


def said_html(job: Job, team: Team, seq: int) -> list[str]:
    """What people and rules said in one job, newest first."""
    context = items.Context(team.slug, seq, clock.now(), {})
    return [takeover_html(items.row(item, context)) for item in listed(team).filter(job=job)[:SENTENCES_SHOWN]]


def takeover_html(row: items.Row) -> str:
    return _html("takeover/_row.html", row=row)


def account_html(card: object) -> str:
    return _html("vendors/_account.html", account=card)


def summary_html(team_id: int, seq: int, language: str) -> str:
    with translation.override(language):
        return _html("console/_summary.html", summary=summary.summary(team_id, seq))


def bar_html(room: facts.RoomFacts, slug: str) -> str:
    return _html("jobs/_room_bar.html", bar=desk.bar(room, slug))


def counters_html(room: facts.RoomFacts, slug: str) -> dict[str, str]:
    """The regions of a desk that the audience alone moves."""
    number = room.room.pk
    tally = _html("audience/_tally.html", audience=desk.audience(room))
    return {f"room-bar-{number}": bar_html(room, slug), f"tally-{number}": tally}


def desk_html(room: facts.RoomFacts, slug: str) -> dict[str, str]:
    """The other live regions of a desk by id; the dock is none of them."""
    number = room.room.pk
    return {
        f"now-{number}": _html("jobs/_now.html", now=desk.now(room)),
        f"queue-{number}": _html("takeover/_queue.html", queue=desk.queue(room, slug)),
        f"script-{number}": _html("jobs/_script.html", script=desk.script(room)),
        f"history-{number}": _html("jobs/_history.html", history=desk.history_of(room)),
        f"stop-box-{number}": _html("jobs/_stop.html", room=room, dialog=desk.stop_dialog(room, slug)),
    }


def audience_html(room: facts.RoomFacts) -> str:
    with timezone.override(room.room.time_zone):
        return _html("audience/_feed.html", audience=desk.audience(room))


#: The list of a page that changes when the team's list of rooms or jobs does.
_LISTS = {"wall": "wall", "rooms": "room-rows", "jobs": "job-rows", "takeovers": ""}


def list_region(topic: str, view: str) -> str | None:
    """The list that a change of the team itself concerns: the page fetches it anew, with its new topics."""
    return _LISTS.get(view) if topic.startswith("team:") else None


def feed_region(topic: str, view: str) -> str | None:
    """The feed of a topic on that kind of page, if it has one."""
    kind, _, number = topic.partition(":")
    return f"feed-{number}" if kind == "room" and view == "desk" else None


def feed_rows(events: Iterable[Event], *, language: str) -> list[str]:
    """Feed rows of one room's audience events, oldest first, in the room's zone."""
    events = list(events)
    room_id = events[0].room_id if events else None
    if room_id is None:
        return []
    room = Room.objects.filter(pk=room_id).only("language", "time_zone").first()
    if room is None:
        return []
    with translation.override(language), timezone.override(room.time_zone):
        return [_html("audience/_comment.html", comment=row) for row in comments.rows(events, room.language)]
