"""Adopt or close what a vendor runs and nobody here started; each is asked of the policy table."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, does, needs, who
from dashboard.accounts.policy import require
from dashboard.jobs.forms import AdoptForm, StopForm
from dashboard.jobs.services.adopt import adopt_session
from dashboard.lib.errors import Invalid, NotThere
from dashboard.lib.htmx import done
from dashboard.lib.valid import valid
from dashboard.rooms.models import Room
from dashboard.vendors.models import UnclaimedSession
from dashboard.vendors.strangers import close_session


@require_POST
@needs(Action.ADOPT_JOB)
@does(Deed.ADOPT_JOB)
def adopt(request: TeamRequest, pk: int) -> HttpResponseBase:
    session = _session(request, pk)
    code = valid(AdoptForm(request.POST)).cleaned_data["room"]
    room = Room.objects.filter(team=request.team, code=code, archived_at=None).first() if code else None
    if code and room is None:
        raise Invalid(_("No room of this team has the code %(code)s.") % {"code": code}, field="room")
    if room is None:
        require(request.member, Action.CREATE_ROOM)
    job = adopt_session(session=session, room=room, **who(request))
    return done(_("%(job)s is Talkback's from now on.") % {"job": str(job)})


@require_POST
@needs(Action.CLOSE_SESSION)
@does(Deed.CLOSE_SESSION)
def close(request: TeamRequest, pk: int) -> HttpResponseBase:
    session = _session(request, pk)
    form = valid(StopForm(request.POST, code=session.word))
    close_session(session=session, reason=form.cleaned_data["reason"], **who(request))
    return done(_("Asked the vendor to end it. It is over when the vendor no longer lists it."))


def _session(request: TeamRequest, pk: int) -> UnclaimedSession:
    """One of this team's accounts. One that is gone since the page was made is no wrong address."""
    session = UnclaimedSession.objects.select_related("account").filter(pk=pk, account__team=request.team).first()
    if session is None:
        raise NotThere(_("The vendor does not run this job any more, or somebody adopted it. Nothing was done."))
    return session
