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
        for (slug, day), ids in sorted(_due(now).items(), key=lambda one: (one[0][1], one[0][0])):
            path = archive.path_of(settings.ARCHIVE_DIR, slug, day)
            moved.archived += archive.write(path, ids)
            moved.deleted += archive.delete(ids, pause)
            if pause(0):
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
    needed = _needed()
    for pk, team_id, at in _walk(youngest + OUT_OF_ORDER):
        slug, until = teams.get(team_id, ("", datetime.min.replace(tzinfo=now.tzinfo)))
        if slug and at < until and pk not in needed.events:
            found.setdefault((slug, at.date()), array("q")).append(pk)
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


@dataclass(frozen=True, slots=True)
class Needed:
    events: frozenset[int]


def _needed() -> Needed:
    causes = Takeover.objects.filter(TAKEOVER_IS_OPEN, cause_event_id__isnull=False)
    return Needed(frozenset(pk for pk in causes.values_list("cause_event_id", flat=True) if pk))
