"""Quick replies: the row of the desk, and saying one."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.accounts.danger import Deed, does
from dashboard.lib.errors import Invalid, Refusal, Unconfirmed
from dashboard.library.models import QuickReply
from dashboard.library.selectors import ON_KEYS, products_of, quick_replies_for
from dashboard.takeover.checks import running_job
from dashboard.takeover.quick_words import filled
from dashboard.takeover.services.quick import say_quick_reply
from dashboard.takeover.states import Mode
from dashboard.takeover.views.shared import confirm_saying, room_of


@require_GET
@needs(Action.SEE)
def quick_row(request: TeamRequest, code: str) -> HttpResponseBase:
    """The row of quick replies; fetched by the desk, so that its first look does not wait for it."""
    room = room_of(request, code)
    replies = quick_replies_for(request.team.pk, room.pk, room.language)
    buttons = [(str(no) if no <= ON_KEYS else "", one) for no, one in enumerate(replies, start=1)]
    context = {"room": room, "buttons": buttons, "products": products_of(request.team)}
    return render(request, "takeover/_quick.html", context)


@require_POST
@needs(Action.TAKE_OVER)
@does(Deed.SAY, Deed.END_SILENCE)
def quick(request: TeamRequest, code: str, pk: int) -> HttpResponseBase:
    """Say a quick reply; what is refused comes back as words for the composer (X-Compose)."""
    room = room_of(request, code)
    reply = get_object_or_404(QuickReply, team=request.team, pk=pk)
    text, _missing = filled(reply, room)
    if request.POST.get("edit"):
        return _compose(HttpResponse(status=204), text)
    try:
        job, key = running_job(request.team, code), request.POST.get("key", "")[:64]
        if not key:
            raise Invalid(_("The page sent no key. Reload it and press once more."), field="key")
        ends_silence = confirm_saying(request, job, Mode.APPEND)
        actor = actor_of(request.member)
        say_quick_reply(job=job, reply=reply, user=request.user, actor=actor, key=key, ends_silence=ends_silence)
    except Unconfirmed:
        raise
    except Refusal as refusal:
        return _compose(HttpResponse(refusal.message, status=refusal.status, content_type="text/plain"), text)
    return HttpResponse(status=204)


def _compose(response: HttpResponse, text: str) -> HttpResponse:
    response["X-Compose"] = quote(text)
    return response
