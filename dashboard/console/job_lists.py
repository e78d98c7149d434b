"""The list of jobs, each line kept while its room rests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from dashboard.console import jobrows, markup
from dashboard.console.kept import OF_ACCOUNT, Place, Shown, Strings
from dashboard.events.selectors import seq_of
from dashboard.jobs.models import Job
from dashboard.jobs.selectors import as_listed


def places(jobs: QuerySet[Job]) -> QuerySet[Any, Place]:
    """`jobs` as `ROWS` wants them, in one query."""
    return jobs.annotate(seq=seq_of("room", "room_id")).values_list("pk", "seq", *OF_ACCOUNT)


def _rows(moved: Mapping[int, Place], slug: str) -> Iterable[Shown]:
    found = as_listed(Job.objects.filter(pk__in=list(moved)))
    for row in jobrows.job_rows(found, slug, {number: place[1] for number, place in moved.items()}):
        yield Shown(row.id, row.topic, row.seq, markup.job_html(row))


ROWS = Strings(_rows)
