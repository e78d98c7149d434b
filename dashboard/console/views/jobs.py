"""Jobs: what ran, what runs, and why it ended."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import jobrows, markup
from dashboard.console.ghosts import ghosts
from dashboard.console.views.shared import page, team_seq, team_topic
from dashboard.events.selectors import sequences
from dashboard.jobs.selectors import listed_jobs

JOBS_PER_PAGE = 50


@require_GET
@needs(Action.SEE)
def jobs(request: TeamRequest) -> HttpResponseBase:
    show = request.GET.get("show", "")[:16]
    listed_at = team_seq(request)
    pages = Paginator(listed_jobs(request.team, show=show).values_list("pk", "room_id"), JOBS_PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    chosen = list(shown.object_list)
    # The numbers before the rows: a row is never older than its number says.
    numbers = sequences({f"room:{room_id}" for _, room_id in chosen})
    found = list(listed_jobs(request.team).filter(pk__in=[pk for pk, _ in chosen]))
    rows = [markup.job_html(row) for row in jobrows.job_rows(found, request.team.slug, numbers)]
    topic = team_topic(request)
    nobodys = ghosts(request.team, request.team.slug, topic=topic, seq=listed_at[topic])
    context = {"rows": rows, "pages": shown, "show": show, "ghosts": nobodys}
    return page(request, "console/jobs.html", name="jobs", topics=numbers | listed_at, context=context)
