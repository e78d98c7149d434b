from __future__ import annotations

from django.db.models import QuerySet

from dashboard.accounts.models import Team
from dashboard.library.models import Clip


def clips_of(team: Team) -> QuerySet[Clip]:
    """Those that can be chosen, by name."""
    return Clip.objects.filter(team=team, removed_at=None).order_by("name", "id")
