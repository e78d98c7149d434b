"""Silence a room, and let it speak again."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, does, needs
from dashboard.lib.htmx import done
from dashboard.lib.languages import together
from dashboard.takeover.checks import running_job
from dashboard.takeover.forms import PressForm
from dashboard.takeover.services import panic, quiet


@require_POST
@needs(Action.SILENCE)
@does(Deed.SILENCE)
def silence(request: TeamRequest, code: str) -> HttpResponseBase:
    job, pressed_at = running_job(request.team, code), _pressed_at(request)
    count = quiet.silence(job=job, user=request.user, actor=actor_of(request.member), pressed_at=pressed_at)
    if count is None:
        return done(_("%(code)s has been silenced already.") % {"code": code})
    cut = ""
    if count:
        cut = ngettext("It cancels %(count)d sentence.", "It cancels %(count)d sentences.", count) % {"count": count}
    return done(together(_("Asked the vendor for silence in %(code)s.") % {"code": code}, cut))


@require_POST
@needs(Action.SILENCE_ALL)
@does(Deed.SILENCE_ALL)
def silence_all(request: TeamRequest) -> HttpResponseBase:
    told = panic.silence_all(
        team=request.team, user=request.user, actor=actor_of(request.member), pressed_at=_pressed_at(request)
    )
    troubles = _troubles(told)
    return done(troubles, is_warning=bool(troubles))


@require_POST
@needs(Action.SILENCE)
def resume_all(request: TeamRequest) -> HttpResponseBase:
    shown = request.POST.getlist("room")
    told = panic.resume_all(team=request.team, codes=shown, user=request.user, actor=actor_of(request.member))
    codes = [one.code for one in told if not one.trouble]
    values = {"count": len(codes), "code": ", ".join(codes)}
    told_of = _("The host may speak again in %(code)s.")
    if len(codes) > 1:
        told_of = _("The host may speak again in %(count)d rooms: %(code)s.")
    troubles = _troubles(told)
    return done(together(told_of % values if codes else "", troubles), is_warning=bool(troubles))


def _troubles(told: list[panic.Told]) -> str:
    said = [_("%(code)s: %(trouble)s") % {"code": one.code, "trouble": one.trouble} for one in told if one.trouble]
    return " ".join(said)


def _pressed_at(request: TeamRequest) -> datetime | None:
    """When the key went down, by the server's clock as the browser knows it; None where it did not tell."""
    form = PressForm(request.POST)
    pressed = form.cleaned_data["pressed"] if form.is_valid() else None
    return datetime.fromtimestamp(pressed / 1000, tz=UTC) if pressed else None


@require_POST
@needs(Action.SILENCE)
def resume(request: TeamRequest, code: str) -> HttpResponseBase:
    quiet.resume(job=running_job(request.team, code), user=request.user, actor=actor_of(request.member))
    return done(_("The host may speak again in %(code)s.") % {"code": code})
