"""What the views of takeovers share: the item a page speaks of, and which version of it the page showed."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from dashboard.accounts.access import TeamRequest
from dashboard.lib.errors import Conflict
from dashboard.takeover.forms import VersionForm
from dashboard.takeover.models import Takeover


def item_of(request: TeamRequest, pk: int) -> Takeover:
    rows = Takeover.objects.select_related("room", "job__account", "job__room")
    return get_object_or_404(rows, team=request.team, pk=pk)


def version_of(request: TeamRequest) -> int | None:
    form = VersionForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else None


def check_pressed_twice(request: TeamRequest) -> None:
    """Danger level D2: the page sends so with the second press in the same place; without it nothing is done."""
    if request.headers.get("X-Confirmed") != "1":
        raise Conflict(_("This takes a second press in the same place. Nothing was done."), code="confirm")
