"""How a bound form is refused where its page shows one sentence beside one field."""

from __future__ import annotations

from typing import TypeVar

from django import forms

from dashboard.lib.errors import Invalid

F = TypeVar("F", bound=forms.Form)


def valid(form: F) -> F:
    """`form`, checked; raises `Invalid` with its first complaint and the field that this stands beside."""
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise Invalid(" ".join(map(str, errors)), field="" if field == "__all__" else field)
    return form
