"""Jobs: what ran, what runs, and why it ended."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, needs
from dashboard.console import job_lists, markup
from dashboard.console.ghosts import ghosts
from dashboard.console.views.shared import page, team_seq, team_topic
from dashboard.jobs.selectors import listed_jobs

JOBS_PER_PAGE = 50


@require_GET
@needs(Action.SEE)
def jobs(request: TeamRequest) -> HttpResponseBase:
    show = request.GET.get("show", "")[:16]
    listed_at = team_seq(request)
    pages = Paginator(job_lists.places(listed_jobs(request.team, show=show)), JOBS_PER_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    rows = job_lists.ROWS.of(shown.object_list, request.team.slug)
    topic = team_topic(request)
    nobodys = ghosts(request.team, request.team.slug, topic=topic, seq=listed_at[topic])
    return page(
        request,
        "console/jobs.html",
        name="jobs",
        topics={one.topic: one.seq for one in rows} | listed_at,
        context={
            "rows": "".join(one.html for one in rows),
            "pages": shown,
            "show": show,
            "ghosts": markup.ghosts_html(nobodys),
        },
    )
