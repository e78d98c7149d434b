"""Steer a running job: a layer, material, where its stream goes, its rules, and what differs at the vendor."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, does, needs, who
from dashboard.jobs.forms import LayerForm, OutputForm, PreloadForm, RulesForm
from dashboard.jobs.rule_difference import difference
from dashboard.jobs.services import reconcile, steer
from dashboard.lib.htmx import done
from dashboard.lib.valid import valid
from dashboard.rooms.models import RuleSet
from dashboard.takeover.checks import running_job


@require_POST
@needs(Action.STEER)
def layer(request: TeamRequest, code: str) -> HttpResponseBase:
    form = valid(LayerForm(request.POST))
    steer.show_layer(job=running_job(request.team, code), layer=form.cleaned_data["layer"], **who(request))
    return done(_("Asked for the layer. The vendor does not tell when viewers see it; look at the picture."))


@require_POST
@needs(Action.STEER)
def preload(request: TeamRequest, code: str) -> HttpResponseBase:
    form = valid(PreloadForm(request.POST))
    steer.preload(job=running_job(request.team, code), files=form.cleaned_data["ids"], **who(request))
    return done(_("Asked the vendor to load this material. Viewers see nothing of it yet."))


@require_POST
@needs(Action.REWRITE)
@does(Deed.CHANGE_OUTPUT)
def output(request: TeamRequest, code: str) -> HttpResponseBase:
    form = valid(OutputForm(request.POST, code=code))
    data = form.cleaned_data
    job = running_job(request.team, code)
    steer.change_output(job=job, outputs=data["outputs"], reason=data["reason"], **who(request))
    return done(_("Asked for the new address. The desk says when the picture has reached it, or that it has not."))


@require_POST
@needs(Action.REWRITE)
def rules_difference(request: TeamRequest, code: str) -> HttpResponseBase:
    """Which rules would answer instead. Nothing is changed by it."""
    job, rule_set = running_job(request.team, code), _rule_set(request)
    rows = difference(job.rules, rule_set.rules)
    context = {"job": job, "rule_set": rule_set, "rows": rows, "known": job.rules is not None}
    return render(request, "takeover/_rules_difference.html", context)


@require_POST
@needs(Action.REWRITE)
@does(Deed.REWRITE_LIVE)
def rules(request: TeamRequest, code: str) -> HttpResponseBase:
    version = valid(RulesForm(request.POST)).cleaned_data["version"] or 0
    rule_set = _rule_set(request)
    steer.put_rules_on_air(job=running_job(request.team, code), rule_set=rule_set, version=version, **who(request))
    return done(_("%(name)s answers the audience of %(code)s.") % {"name": rule_set.name, "code": code})


@require_POST
@needs(Action.STEER)
def compare(request: TeamRequest, code: str) -> HttpResponseBase:
    reconcile.ask_record(job=running_job(request.team, code), **who(request))
    return done(_("Asked the vendor what it runs."))


@require_POST
@needs(Action.REWRITE)
@does(Deed.REWRITE_LIVE)
def push(request: TeamRequest, code: str, name: str) -> HttpResponseBase:
    reconcile.push_field(job=running_job(request.team, code), name=name, **who(request))
    return done(_("Asked the vendor to run what stands here."))


@require_POST
@needs(Action.REWRITE)
def adopt(request: TeamRequest, code: str, name: str) -> HttpResponseBase:
    reconcile.adopt_field(job=running_job(request.team, code), name=name, **who(request))
    return done(_("Taken as the vendor runs it. Nothing changed on air."))


def _rule_set(request: TeamRequest) -> RuleSet:
    pk = valid(RulesForm(request.POST)).cleaned_data["rule_set"]
    return get_object_or_404(RuleSet, team=request.team, pk=pk)
