"""Change the scene on air, alone or together with words."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, does, needs
from dashboard.lib.errors import Invalid
from dashboard.lib.htmx import done, wants_fragment
from dashboard.rooms.models import Room, ScenePreset
from dashboard.takeover.checks import running_job
from dashboard.takeover.forms_scene import SceneForm, resolution_of
from dashboard.takeover.scenes import check_change, in_words, wish_of_change
from dashboard.takeover.services import ask
from dashboard.takeover.views.shared import confirm_saying


@require_POST
@needs(Action.TAKE_OVER)
@does(Deed.SAY, Deed.SAY_NOW, Deed.END_SILENCE)
def change(request: TeamRequest, code: str) -> HttpResponseBase:
    job = running_job(request.team, code)
    form = valid_form(request)
    made = change_of(form, job.room)
    wish = wish_of_change(made, form.cleaned_data["text"].strip(), form.cleaned_data["mode"])
    ask.request_takeover(
        job=job,
        user=request.user,
        actor=actor_of(request.member),
        wish=wish,
        key=form.cleaned_data["key"],
        ends_silence=confirm_saying(request, job, wish.mode),
    )
    return done(_("Asked for: %(change)s.") % {"change": in_words(made)})


def valid_form(request: TeamRequest) -> SceneForm:
    form = SceneForm(request.POST)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        label = form.fields[name].label if name in form.fields else ""
        words = " ".join(map(str, errors))
        stands_there = wants_fragment(request)  # beside the field, which has its name already
        raise Invalid(f"{label}: {words}" if label and not stands_there else words, field=name)
    return form


def change_of(form: SceneForm, room: Room) -> dict[str, Any]:
    """A kept scene, if one was chosen, with what the form changes of it."""
    made = form.change(room)
    if chosen := form.cleaned_data["preset"]:
        made = get_object_or_404(ScenePreset, room=room, pk=chosen).change | made
    check_change(made, resolution_of(room))
    return made
