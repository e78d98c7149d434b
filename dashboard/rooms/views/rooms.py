"""New room and edit room. The list itself joins domains and lives in console/."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.lib.errors import Refusal
from dashboard.rooms.forms.room import RoomForm, initial_of
from dashboard.rooms.models import Room
from dashboard.rooms.services.edit import create_room, update_room


@require_http_methods(["GET", "POST"])
@needs(Action.CREATE_ROOM)
def create(request: TeamRequest) -> HttpResponseBase:
    form = RoomForm(request.POST or None, team=request.team)
    if request.method == "POST" and form.is_valid():
        try:
            room = create_room(draft=form.draft(), user=request.user, actor=actor_of(request.member))
        except Refusal as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("%(code)s is ready to be started.") % {"code": room.code})
            return redirect("console:desk", request.team.slug, room.code)
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
@needs(Action.EDIT_ROOM)
def edit(request: TeamRequest, code: str) -> HttpResponseBase:
    room = get_object_or_404(Room.objects.select_related("account"), team=request.team, code=code, archived_at=None)
    form = RoomForm(request.POST or None, team=request.team, room=room, initial=initial_of(room))
    if request.method == "POST" and form.is_valid():
        try:
            update_room(
                room=room,
                draft=form.draft(),
                version=form.cleaned_data["version"] or 0,
                user=request.user,
                actor=actor_of(request.member),
            )
        except Refusal as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(
                request, _("%(code)s is saved. A running job keeps the script it started with.") % {"code": code}
            )
            return redirect("console:desk", request.team.slug, room.code)
    return _page(request, form, room)


def _page(request: TeamRequest, form: RoomForm, room: Room | None) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"form": form, "room": room, "page": "rooms", "topics_json": "{}"}
    return render(request, "rooms/form.html", context, status=status)
