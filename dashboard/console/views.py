"""The pages of Operate: wall, rooms, desk, takeovers, jobs. Read-only; each joins domains in a few queries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.accounts.policy import may
from dashboard.audience.addresses import intake_url
from dashboard.console import accounts, facts, fragments, history, items, jobrows, summary, tiles
from dashboard.console import desk as desk_parts
from dashboard.events.selectors import sequences
from dashboard.jobs.models import Job
from dashboard.jobs.selectors import rooms_on_the_wall
from dashboard.lib import clock
from dashboard.rooms.models import Room
from dashboard.rooms.selectors import rooms_of, search
from dashboard.takeover.selectors import listed
from dashboard.vendors.models import UnclaimedSession, VendorAccount

ROOMS_PER_PAGE = 50
WALL_MOST = 100
JOBS_PER_PAGE = 50
TAKEOVERS_SHOWN = 100


def page(
    request: TeamRequest, template: str, *, name: str, topics: dict[str, int], context: dict[str, Any]
) -> HttpResponse:
    """Render a live page: its topics carry the sequences that were read before its rows."""
    team_topic = f"team:{request.team.pk}"
    seq = sequences([team_topic])[team_topic]
    shared = {
        "page": name,
        "view": name,
        "topics_json": json.dumps({**topics, team_topic: seq}),
        "summary": summary.summary(request.team.pk, seq),
    }
    return render(request, template, {**shared, **context})


@require_GET
@needs(Action.SEE)
def wall(request: TeamRequest) -> HttpResponseBase:
    rooms = list(rooms_on_the_wall(request.team, since=clock.now() - timedelta(seconds=facts.RECENT_END_S))[:WALL_MOST])
    loaded = facts.load(rooms)
    shown = _sorted_tiles(loaded, request)
    return page(
        request,
        "console/wall.html",
        name="wall",
        topics={one.room.topic: one.seq for one in loaded},
        context={"tiles": shown, "now": clock.now()},
    )


def _sorted_tiles(loaded: Iterable[facts.RoomFacts], request: TeamRequest) -> list[str]:
    pairs = [(tiles.tile(one, request.team.slug).order, fragments.tile_html(one, request.team)) for one in loaded]
    return [html for _, html in sorted(pairs)]


@require_GET
@needs(Action.SEE)
def rooms(request: TeamRequest) -> HttpResponseBase:
    words, vendor = request.GET.get("q", "")[:80], request.GET.get("vendor", "")[:16]
    on_air = request.GET.get("show") == "on-air"
    found = search(request.team, words=words, vendor=vendor)
    if on_air:
        found = found.filter(jobs__ended_at=None, jobs__isnull=False).distinct()
    pages = Paginator(found, ROOMS_PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    loaded = facts.load(list(shown.object_list))
    return page(
        request,
        "console/rooms.html",
        name="rooms",
        topics={one.room.topic: one.seq for one in loaded},
        context={
            "rows": [fragments.row_html(one, request.team) for one in loaded],
            "pages": shown,
            "q": words,
            "vendor": vendor,
            "on_air": on_air,
        },
    )


@require_GET
@needs(Action.SEE)
def desk(request: TeamRequest, code: str) -> HttpResponseBase:
    room = get_object_or_404(Room.objects.select_related("account", "team"), team=request.team, code=code)
    one = facts.load([room])[0]
    with timezone.override(room.time_zone):
        regions = fragments.desk_html(one, request.team.slug)
        number = room.pk
        context = {
            "room": room,
            "bar": regions[f"room-bar-{number}"],
            "now": regions[f"now-{number}"],
            "queue": regions[f"queue-{number}"],
            "script": regions[f"script-{number}"],
            "history": regions[f"history-{number}"],
            "stop": regions[f"stop-box-{number}"],
            "audience": fragments.audience_html(one),
            "dock": desk_parts.dock(one, request.team.slug),
        }
        return page(request, "console/desk.html", name="desk", topics={room.topic: one.seq}, context=context)


@require_GET
@needs(Action.SEE)
def takeovers(request: TeamRequest) -> HttpResponseBase:
    show = request.GET.get("show", "")[:16]
    rows = list(listed(request.team, state=show)[:TAKEOVERS_SHOWN])
    rooms_shown = {row.room.topic for row in rows}
    numbers = sequences(rooms_shown | {room.topic for room in rooms_of(request.team).only("pk", "account")[:200]})
    context = items.Context(request.team.slug, 0, clock.now(), items.wait_reasons(rows))
    groups: dict[str, list[str]] = {"unknown": [], "speaking": [], "queued": [], "ended": []}
    for row in rows:
        context.seq = numbers[row.room.topic]
        shown = items.row(row, context)
        groups[shown.group].append(fragments.takeover_html(shown))
    return page(
        request, "console/takeovers.html", name="takeovers", topics=numbers, context={"groups": groups, "show": show}
    )


@require_GET
@needs(Action.SEE)
def jobs(request: TeamRequest) -> HttpResponseBase:
    found = Job.objects.filter(team=request.team).select_related("room", "account", "started_by")
    show = request.GET.get("show", "")[:16]
    if show == "running":
        found = found.filter(ended_at=None)
    elif show == "failed":
        found = found.filter(state__in=("failed", "lost", "blocked"))
    shown = Paginator(found.order_by("-id"), JOBS_PER_PAGE).get_page(request.GET.get("page"))
    listed_jobs = list(shown.object_list)
    numbers = sequences({job.topic for job in listed_jobs})
    rows = [fragments.job_html(row) for row in jobrows.job_rows(listed_jobs, request.team.slug, numbers)]
    ghosts = UnclaimedSession.objects.filter(account__team=request.team, decision="").select_related("account")[:20]
    context = {"rows": rows, "pages": shown, "show": show, "ghosts": list(ghosts)}
    return page(request, "console/jobs.html", name="jobs", topics=numbers, context=context)


@require_GET
@needs(Action.SEE)
def job(request: TeamRequest, pk: int) -> HttpResponseBase:
    one = get_object_or_404(Job.objects.select_related("room", "account", "started_by"), team=request.team, pk=pk)
    numbers = sequences([one.topic])
    seq = numbers[one.topic]
    row = jobrows.job_rows([one], request.team.slug, numbers)[0]
    said = list(listed(request.team).filter(job=one)[:TAKEOVERS_SHOWN])
    context = items.Context(request.team.slug, seq, clock.now(), {})
    with timezone.override(one.room.time_zone):
        body = {
            "job": one,
            "row": row,
            # The address is a key: only who may start a job gives it to a capture tool.
            "intake_url": intake_url(one) if one.is_open and may(request.member, Action.START_JOB) else "",
            "history": desk_parts.History(one.room_id, seq, one.topic, tuple(history.entries(one, limit=200))),
            "said": [fragments.takeover_html(items.row(item, context)) for item in said],
        }
        return page(
            request, "console/job.html", name="job", topics={one.topic: seq} if one.is_open else {}, context=body
        )


@require_GET
@needs(Action.SEE_ACCOUNTS)
def vendor_accounts(request: TeamRequest) -> HttpResponseBase:
    found = list(VendorAccount.objects.filter(team=request.team, archived_at=None).order_by("name"))
    numbers = sequences(account.topic for account in found)
    cards = [accounts.card(account, request.team.slug, numbers[account.topic]) for account in found]
    return page(
        request,
        "vendors/list.html",
        name="vendors",
        topics=numbers,
        context={"cards": [fragments.account_html(card) for card in cards]},
    )
