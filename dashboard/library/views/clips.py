"""Clips: the list with its form, listening, and the address from which a vendor fetches one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, does, may, needs
from dashboard.lib.errors import Invalid
from dashboard.library import addresses, streams
from dashboard.library.forms import ClipForm
from dashboard.library.models import Clip
from dashboard.library.selectors import clips_of
from dashboard.library.services.clips import ClipDraft, add_clip, remove_clip
from dashboard.library.waveforms import waveform

MOST_SHOWN = 500


@require_GET
@needs(Action.SEE)
def clips(request: TeamRequest) -> HttpResponseBase:
    return _page(request, ClipForm())


@require_GET
@needs(Action.SEE)
def choice(request: TeamRequest) -> HttpResponseBase:
    """The options of the dock's field."""
    return render(request, "library/_choice.html", {"clips": clips_of(request.team)[:MOST_SHOWN]})


@require_POST
@needs(Action.EDIT_LIBRARY)
def add(request: TeamRequest) -> HttpResponseBase:
    form = ClipForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    data = form.cleaned_data
    upload = data["file"]
    draft = ClipDraft(data["name"], data["transcript"], str(upload.name or ""), upload.chunks())
    try:
        clip = add_clip(team=request.team, draft=draft, user=request.user, actor=actor_of(request.member))
    except Invalid as refused:
        form.add_error(refused.field or None, refused.message)
        return _page(request, form, status=422)
    messages.success(request, _("%(name)s can be played from every desk of the team now.") % {"name": clip.name})
    return redirect("library:clips", request.team.slug)


def _page(request: TeamRequest, form: ClipForm, *, status: int = 200) -> HttpResponseBase:
    found = clips_of(request.team).select_related("added_by")[:MOST_SHOWN]
    context = {
        "page": "clips",
        "form": form,
        "rows": [(clip, waveform(clip.peaks)) for clip in found],
        "may_edit": may(request.member, Action.EDIT_LIBRARY),
    }
    return render(request, "library/clips.html", context, status=status)


@require_GET
@needs(Action.SEE)
def listen(request: TeamRequest, pk: int) -> HttpResponseBase:
    return streams.preview(request, get_object_or_404(Clip, team=request.team, pk=pk, files_gone_at=None))


@require_POST
@needs(Action.EDIT_LIBRARY)
@does(Deed.REMOVE_CLIP)
def remove(request: TeamRequest, pk: int) -> HttpResponseBase:
    clip = get_object_or_404(Clip, team=request.team, pk=pk)
    remove_clip(clip=clip, actor=actor_of(request.member))
    messages.success(request, _("%(name)s is no longer in the library.") % {"name": clip.name})
    return redirect("library:clips", request.team.slug)


@require_GET
def fetch(request: HttpRequest, token: str) -> HttpResponseBase:
    """For a vendor: the signature counts, a login does not."""
    clip = Clip.objects.filter(pk=addresses.clip_of(token) or 0, files_gone_at=None).first()
    if clip is None:
        raise Http404
    return streams.for_vendor(request, clip)
