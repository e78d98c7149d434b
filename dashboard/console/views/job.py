"""One job: its story in words, what people said in it, and where capture tools report."""

from __future__ import annotations

from django.http import Http404, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.accounts.access import Action, TeamRequest, may, needs
from dashboard.audience.addresses import intake_url
from dashboard.console import desk, history, items, jobrows, markup
from dashboard.console.views.shared import page
from dashboard.events.selectors import sequences
from dashboard.jobs.selectors import listed_jobs


@require_GET
@needs(Action.SEE)
def job(request: TeamRequest, pk: int) -> HttpResponseBase:
    chosen = listed_jobs(request.team).filter(pk=pk)
    # The number before the rows: what is shown is never older than its number says.
    numbers = sequences(f"room:{room_id}" for room_id in chosen.values_list("room_id", flat=True))
    one = chosen.first()
    if one is None:
        raise Http404
    seq = numbers[one.topic]
    told = history.story(one, request.team.slug, limit=200)
    row = jobrows.job_rows([one], request.team.slug, {one.pk: seq})[0]
    with timezone.override(one.room.time_zone):
        body = {
            "job": one,
            "row": row,
            # The address is a key: only who may start a job gives it to a capture tool.
            "intake_url": intake_url(one) if one.is_open and may(request.member, Action.START_JOB) else "",
            "history": desk.History(one.room_id, seq, one.topic, told.entries, told.is_cut),
            "said": [markup.takeover_html(row) for row in items.said_in(one, request.team, seq)],
        }
        topics = {one.topic: seq} if one.is_open else {}
        return page(request, "console/job.html", name="job", topics=topics, context=body)
