"""What the views of takeovers share: the item a page speaks of, and which version of it the page showed."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.urls import reverse
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
    """What changes what viewers get takes a second press in the same place; the page says so with it."""
    if request.headers.get("X-Confirmed") != "1":
        raise Conflict(_("This takes a second press: viewers notice it. Nothing was done."), code="confirm")


def desk_url(request: TeamRequest, code: str) -> str:
    return reverse("console:desk", args=[request.team.slug, code])
