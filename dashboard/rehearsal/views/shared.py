"""What the views of rehearsals share."""

from __future__ import annotations

from django import forms
from django.shortcuts import get_object_or_404

from dashboard.accounts.access import TeamRequest
from dashboard.lib.errors import Invalid
from dashboard.rehearsal.models import Run
from dashboard.rehearsal.selectors import runs_of


def find_run(request: TeamRequest, pk: int) -> Run:
    return get_object_or_404(runs_of(request.team).select_related("room__account"), pk=pk)


def checked(form: forms.Form) -> None:
    """Raise the form's first complaint as a sentence beside its field."""
    if form.is_valid():
        return
    field, errors = next(iter(form.errors.items()))
    raise Invalid(" ".join(str(error) for error in errors), field="" if field == "__all__" else field)
