"""When each source last confirmed what it says: accounts by their listing, jobs by their socket. One tick carries all.

A fact that was confirmed and did not change is no event; without this it would look old on the screen.
"""

from __future__ import annotations

from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.states import Link
from dashboard.vendors.models import VendorAccount


def of_teams(teams: frozenset[int]) -> dict[str, int]:
    """Source (`account:3`, `job:12`) → milliseconds since 1970."""
    fresh: dict[str, int] = {}
    accounts = VendorAccount.objects.filter(team_id__in=teams, poll_ok_at__isnull=False, archived_at=None)
    for pk, at in accounts.values_list("id", "poll_ok_at"):
        if at is not None:
            fresh[f"account:{pk}"] = int(at.timestamp() * 1000)
    linked = Job.objects.filter(IS_OPEN, team_id__in=teams, link__in=(Link.UP, Link.STALE), link_at__isnull=False)
    for pk, at in linked.values_list("id", "link_at"):
        if at is not None:
            fresh[f"job:{pk}"] = int(at.timestamp() * 1000)
    return fresh
