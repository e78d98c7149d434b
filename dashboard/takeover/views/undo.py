"""End the undo window of an item: send it now, or take it back with its words."""

from __future__ import annotations

import json
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.lib.errors import Conflict
from dashboard.lib.htmx import done
from dashboard.takeover.models import Takeover
from dashboard.takeover.selectors import can_be_taken_up
from dashboard.takeover.services import undo as services
from dashboard.takeover.views.shared import item_of, version_of

#: Of a question that stands beside the composer: a header carries it.
NAMED = 200


@require_POST
@needs(Action.TAKE_OVER)
def send_now(request: TeamRequest, pk: int) -> HttpResponseBase:
    item, version = item_of(request, pk), version_of(request)
    services.send_now(item=item, user=request.user, actor=actor_of(request.member), version=version)
    return done()


@require_POST
@needs(Action.CANCEL_TAKEOVER)
def undo(request: TeamRequest, pk: int) -> HttpResponseBase:
    """The answer brings the words back (`X-Draft-Back`), as the composer of their kind and room needs them."""
    version = version_of(request)
    item = services.undo(item=item_of(request, pk), user=request.user, actor=actor_of(request.member), version=version)
    return _with_words(done(_("Taken back. Nothing was heard; the words are where you wrote them.")), item)


@require_POST
@needs(Action.TAKE_OVER)
def words(request: TeamRequest, pk: int) -> HttpResponseBase:
    """The words of an item that came to nothing, back in the composer; nothing is sent, and the item stays as it is."""
    item = item_of(request, pk)
    if not can_be_taken_up(item):
        raise Conflict(_("Its words can't be used again from here."))
    return _with_words(done(_("The words are where you write them. Nothing was sent.")), item)


def _with_words(response: HttpResponse, item: Takeover) -> HttpResponse:
    words = {"room": item.room_id, "kind": item.kind, "text": item.text, "params": item.params}
    response["X-Draft-Back"] = quote(json.dumps(words | _link(item), ensure_ascii=False))
    return response


def _link(item: Takeover) -> dict[str, str | int]:
    """The comment that it answers, and how the composer names it: no link goes out unseen."""
    comment = Event.objects.filter(pk=item.cause_event_id or 0, room_id=item.room_id, kind=Kind.COMMENT).first()
    if comment is None:
        return {"answers": "", "about": ""}
    who = comment.data.get("user") or _("somebody")
    return {"answers": comment.pk, "about": f"{who} {comment.data.get('text', '')}"[:NAMED]}
