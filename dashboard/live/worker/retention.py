"""Events that are older than their team keeps them leave the database for archive files. See docs/operations.md.

What a job that is not over, or a takeover without an end, may still ask for stays, whatever its age.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from dashboard.accounts.models import Team
from dashboard.events import archive
from dashboard.events.models import Event, EventOutcome
from dashboard.jobs.models import IS_OPEN as JOB_IS_OPEN
from dashboard.jobs.models import Job
from dashboard.takeover.models import IS_OPEN as TAKEOVER_IS_OPEN
from dashboard.takeover.models import Takeover

ROWS_READ = 2_000
#: Of one round; the next one follows at once.
MOST_EVENTS = 500_000
#: Events are numbered as they come, but several writers at once may commit a little out of order.
OUT_OF_ORDER = timedelta(hours=1)

Pause = Callable[[float], bool]


@dataclass(slots=True)
class Moved:
    archived: int = 0
    deleted: int = 0
    is_through: bool = True


def archive_old_events(now: datetime, pause: Pause) -> Moved:
    """One day of one team after the other, oldest first. Ends early where `pause` says so, or another one is at it."""
    moved = Moved()
    with archive.alone(settings.ARCHIVE_DIR) as is_alone:
        if not is_alone:
            return moved
        due = _due(now)
        moved.is_through = sum(map(len, due.values())) < MOST_EVENTS
        for (slug, day), ids in sorted(due.items(), key=lambda one: (one[0][1], one[0][0])):
            path = archive.path_of(settings.ARCHIVE_DIR, slug, day)
            try:
                moved.archived += archive.write(path, ids, pause)
            except archive.Interrupted:
                moved.is_through = False
                break
            deleted = archive.delete(ids, pause)
            moved.deleted += deleted
            if deleted < len(ids) or pause(0):
                moved.is_through = False
                break
    return moved


def _due(now: datetime) -> dict[tuple[str, date], array[int]]:
    """The ids to be moved, by team and day (UTC), each in the order of the log."""
    teams = {team.pk: (team.slug, now - timedelta(days=team.keep_days)) for team in Team.objects.all()}
    found: dict[tuple[str, date], array[int]] = {}
    if not teams:
        return found
    youngest = max(until for _, until in teams.values())
    needed, count = _needed(), 0
    for pk, team_id, at in _walk(youngest + OUT_OF_ORDER):
        slug, until = teams.get(team_id, ("", datetime.min.replace(tzinfo=now.tzinfo)))
        if slug and at < until and pk not in needed:
            found.setdefault((slug, at.date()), array("q")).append(pk)
            if (count := count + 1) >= MOST_EVENTS:
                break
    return found


def _walk(until: datetime) -> Iterator[tuple[int, int, datetime]]:
    """Id, team and time of what may leave, from the log's beginning up to `until`; no index but the key is needed."""
    last = 0
    while True:
        rows = list(Event.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "received_at")[:ROWS_READ])
        if not rows:
            return
        free = _free().filter(pk__gt=last, pk__lte=rows[-1][0]).order_by("pk")
        yield from free.values_list("pk", "team_id", "received_at")
        last = rows[-1][0]
        if rows[-1][1] >= until:
            return


def _free() -> QuerySet[Event]:
    """What no job that is not over, and no takeover without an end, may ask for."""
    open_jobs = Job.objects.filter(JOB_IS_OPEN)
    with_takeovers = Takeover.objects.filter(TAKEOVER_IS_OPEN).values("job_id")
    is_of_them = Q(job_id__in=open_jobs.values("pk")) | Q(job_id__in=with_takeovers)
    # A fact whose reference was not ours yet may belong to a job that is not bound yet.
    may_be_bound = Q(outcome=EventOutcome.WAITING, account_id__in=open_jobs.values("account_id"))
    return Event.objects.exclude(Q(job_id__isnull=False) & is_of_them).exclude(may_be_bound)


def _needed() -> frozenset[int]:
    """What takeovers without an end answer."""
    causes = Takeover.objects.filter(TAKEOVER_IS_OPEN, cause_event_id__isnull=False)
    return frozenset(pk for pk in causes.values_list("cause_event_id", flat=True) if pk)
