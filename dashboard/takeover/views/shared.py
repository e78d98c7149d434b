"""What the views of takeovers share: the room or item a page speaks of, and which version of it the page showed."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from dashboard.accounts.access import TeamRequest
from dashboard.rooms.models import Room
from dashboard.takeover.forms import VersionForm
from dashboard.takeover.models import Takeover


def item_of(request: TeamRequest, pk: int) -> Takeover:
    rows = Takeover.objects.select_related("room", "job__account", "job__room")
    return get_object_or_404(rows, team=request.team, pk=pk)


def version_of(request: TeamRequest) -> int | None:
    form = VersionForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else None


def room_of(request: TeamRequest, code: str) -> Room:
    rows = Room.objects.select_related("account", "product")
    return get_object_or_404(rows, team=request.team, code=code)
