"""The scenes kept with a room: keep one, rename it, delete it. The answer is their list as it stands then."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, does, needs
from dashboard.lib.errors import Invalid
from dashboard.rooms.models import Room, ScenePreset
from dashboard.rooms.services import presets
from dashboard.takeover.views.scene import change_of, valid_form

_LONGEST_NAME = 40


@require_POST
@needs(Action.EDIT_ROOM)
def keep(request: TeamRequest, code: str) -> HttpResponseBase:
    room = get_object_or_404(Room, team=request.team, code=code)
    made, name = change_of(valid_form(request), room), _name(request)
    presets.save_preset(room=room, name=name, change=made, user=request.user, actor=actor_of(request.member))
    return _list(request, room, _("%(name)s is kept with %(code)s.") % {"name": name, "code": code})


@require_POST
@needs(Action.EDIT_ROOM)
def rename(request: TeamRequest, code: str, pk: int) -> HttpResponseBase:
    preset, name = _preset(request, code, pk), _name(request)
    presets.rename_preset(preset=preset, name=name, user=request.user, actor=actor_of(request.member))
    return _list(request, preset.room, _("Its name is %(name)s now.") % {"name": name}, is_open=True)


@require_POST
@needs(Action.EDIT_ROOM)
@does(Deed.DELETE_SCENE)
def delete(request: TeamRequest, code: str, pk: int) -> HttpResponseBase:
    preset = _preset(request, code, pk)
    presets.delete_preset(preset=preset, user=request.user, actor=actor_of(request.member))
    told = _("%(name)s is deleted. What is on air stays as it is.") % {"name": preset.name}
    return _list(request, preset.room, told, is_open=True)


def _preset(request: TeamRequest, code: str, pk: int) -> ScenePreset:
    found = ScenePreset.objects.select_related("room")
    return get_object_or_404(found, room__team=request.team, room__code=code, pk=pk)


def _name(request: TeamRequest) -> str:
    name = request.POST.get("preset_name", "").strip()[:_LONGEST_NAME]
    if not name:
        raise Invalid(_("Give the scene a name to keep it under."), field="preset_name")
    return name


def _list(request: TeamRequest, room: Room, told: str, *, is_open: bool = False) -> HttpResponse:
    context = {"presets": list(room.presets.all()), "code": room.code, "is_open": is_open}
    answer = render(request, "takeover/_scene_kept.html", context)
    answer["X-Toast"] = quote(told)
    return answer
