"""A job that its vendor does not know any more counts as over."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, does, needs, who
from dashboard.jobs.models import Job
from dashboard.lib.htmx import done
from dashboard.takeover.services.close_job import close_missing_job


@require_POST
@needs(Action.STOP_JOB)
@does(Deed.CLOSE_JOB)
def close(request: TeamRequest, pk: int) -> HttpResponseBase:
    job = get_object_or_404(Job.objects.select_related("room", "account"), team=request.team, pk=pk)
    close_missing_job(job=job, **who(request))
    return done(
        _("%(job)s counts as over. If the vendor lists it again, it is offered to adopt or to end.") % {"job": str(job)}
    )
