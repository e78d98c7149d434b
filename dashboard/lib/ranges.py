"""What a number may be, in our own words: Django's "Ensure this value is…" names neither end of the range together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def range_errors(least: float | None, most: float | None) -> dict[str, str | _StrPromise]:
    """`error_messages` of a form field whose number lies between the two; None is no limit."""
    if least is not None and most is not None:
        outside = format_lazy(_("Choose a number from {least} to {most}."), least=f"{least:g}", most=f"{most:g}")
    elif most is not None:
        outside = format_lazy(_("Choose a number of at most {most}."), most=f"{most:g}")
    else:
        outside = format_lazy(_("Choose a number of at least {least}."), least=f"{least or 0:g}")
    return {"invalid": _("Write a number."), "min_value": outside, "max_value": outside}
