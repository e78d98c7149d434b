"""What the views of rehearsals share."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from dashboard.accounts.access import TeamRequest
from dashboard.rehearsal.models import Run
from dashboard.rehearsal.selectors import runs_of


def find_run(request: TeamRequest, pk: int) -> Run:
    return get_object_or_404(runs_of(request.team).select_related("room__account"), pk=pk)
