"""What takes a second person in a room: who prepares rooms reads it, admins change it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.lib.errors import Refusal
from dashboard.rooms.models import Room
from dashboard.takeover.models import SecondPerson
from dashboard.takeover.policy_form import SecondPersonForm
from dashboard.takeover.services.policy import FIELDS, save_second_person


@require_http_methods(["GET", "POST"])
@needs(Action.SEE)
def second_person(request: TeamRequest, code: str) -> HttpResponseBase:
    room = get_object_or_404(Room, team=request.team, code=code, archived_at=None)
    if request.method == "POST":
        return _save(request, room)
    row = SecondPerson.objects.filter(room=room).first()
    initial = {name: getattr(row, name) for name in FIELDS} if row is not None else {}
    words = initial.pop("words", [])
    version = row.version if row is not None else 0
    return _page(request, room, SecondPersonForm(initial={**initial, "words": "\n".join(words), "version": version}))


@needs(Action.EDIT_POLICY)
def _save(request: TeamRequest, room: Room) -> HttpResponseBase:
    form = SecondPersonForm(request.POST)
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            save_second_person(room=room, chosen=form.cleaned_data, version=version, actor=actor_of(request.member))
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            text = _("Saved. It counts in %(code)s for what is said from now on.")
            messages.success(request, text % {"code": room.code})
            return redirect("takeover:second_person", request.team.slug, room.code)
    return _page(request, room, form)


def _page(request: TeamRequest, room: Room, form: SecondPersonForm) -> HttpResponse:
    context = {"form": form, "room": room, "page": "rooms", "topics_json": "{}"}
    return render(request, "takeover/second_person.html", context, status=422 if form.is_bound else 200)
