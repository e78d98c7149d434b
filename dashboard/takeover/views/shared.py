"""What the views of takeovers share: the room or item a page speaks of, and which version of it the page showed."""

from __future__ import annotations

from datetime import timedelta

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from dashboard.accounts.access import Deed, TeamRequest, confirm
from dashboard.accounts.danger import is_confirmed
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.rooms.models import Room
from dashboard.takeover.checks import check_ends_silence
from dashboard.takeover.forms import VersionForm
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode

#: How long a button stays armed (static/js/actions.js).
ARMED = timedelta(seconds=4)


def item_of(request: TeamRequest, pk: int) -> Takeover:
    rows = Takeover.objects.select_related("room", "job__account", "job__room")
    return get_object_or_404(rows, team=request.team, pk=pk)


def version_of(request: TeamRequest) -> int | None:
    form = VersionForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else None


def confirm_saying(request: TeamRequest, job: Job, mode: Mode) -> bool:
    """Ask for the second press that words take in `mode`; whether this one is meant to end the room's silence.

    A silence younger than a button stays armed may be a colleague's, between the two presses: it is asked anew.
    """
    if job.silenced_at is not None:
        is_new = clock.now() - job.silenced_at < ARMED
        check_ends_silence(job, is_meant=is_confirmed(request) and not is_new)
        return True
    if mode == Mode.NOW:
        confirm(request, Deed.SAY_NOW, _("Nothing was sent yet. Press once more to cut off what is heard."))
    return False


def room_of(request: TeamRequest, code: str) -> Room:
    rows = Room.objects.select_related("account", "product")
    return get_object_or_404(rows, team=request.team, code=code)
