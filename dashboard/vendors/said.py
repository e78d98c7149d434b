"""A vendor's refusal on its way from the gateway to the screen: as part of a fact, and as an operator reads it.

The one place that makes the operator's sentence: what happened, whether viewers heard anything, what to do, and the
vendor's code with its place on the help page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboard.lib.languages import pick, together
from dashboard.vendors import words
from dashboard.vendors.port import Vendor, VendorError

#: What was asked of the vendor: words that would have been heard, or anything else, which changes the air at most.
About = Literal["words", "air"]


class Parts(TypedDict, total=False):
    """The fields that a fact takes over from a refusal."""

    code: str
    happened: tuple[str, str]
    todo: tuple[str, str]
    heard: str
    detail: str


@dataclass(frozen=True, slots=True)
class Said:
    """A refusal as it is shown. `text` holds all sentences; `code` is to be linked to `url` where there is one.

    `detail` is the vendor's own wording, `request_id` what its support asks for; both may be empty.
    """

    text: str = ""
    code: str = ""
    url: str = ""
    detail: str = ""
    request_id: str = ""

    @property
    def detail_language(self) -> str:
        return words.language_of(self.detail)

    def __bool__(self) -> bool:
        return bool(self.text or self.code)

    def __str__(self) -> str:
        """Without the link, for titles and other places that hold only text."""
        if not self.code or not self.text:
            return self.text or self.code
        return _("%(words)s (%(code)s)") % {"words": self.text, "code": self.code}


NOTHING_SAID = Said()


def parts(error: VendorError | None) -> Parts:
    """For a fact's payload; nothing where there is no error."""
    if error is None:
        return {}
    return {
        "code": error.code,
        "happened": error.happened,
        "todo": error.todo,
        "heard": error.heard,
        "detail": error.detail,
    }


def said(kept: Mapping[str, object] | None, vendor: str, team: str = "", *, about: About = "air") -> Said:
    """The operator's sentence for a kept refusal, in the language of now. `team`: the slug that its link leads to."""
    if not kept:
        return NOTHING_SAID
    language = get_language() or "en"
    code, heard = str(kept.get("code") or ""), str(kept.get("heard") or "")
    text = together(
        pick(_pair(kept.get("happened")), language),
        heard_line(heard, about),
        pick(_pair(kept.get("todo")), language),
    )
    return Said(
        text=text,
        code=words.label(Vendor(vendor), code) if code else "",
        url=help_url(team, Vendor(vendor), code) if code else "",
        detail=str(kept.get("detail") or ""),
        request_id=str(kept.get("request_id") or ""),
    )


def heard_line(heard: str, about: About = "words") -> str:
    """Whether viewers heard anything, in the language of now; nothing where nobody can tell."""
    made = _HEARD.get((heard, about))
    return made() if made else ""


def help_url(team: str, vendor: Vendor, code: str) -> str:
    """Where the help page of a team explains a code; "" for one that has no place there."""
    entry = words.nearest(vendor, code) if team else None
    if entry is None:
        return ""
    query = urlencode({"q": entry.code, "vendor": str(vendor)})
    return f"{reverse('vendors:help_errors', args=[team])}?{query}#{entry.anchor}"


def _pair(value: object) -> tuple[str, str]:
    if isinstance(value, list | tuple) and len(value) == 2:
        return str(value[0]), str(value[1])
    return "", ""


_HEARD = {
    ("nothing", "words"): lambda: _("Nothing was heard."),
    ("maybe", "words"): lambda: _("Viewers may have heard part of it."),
    ("nothing", "air"): lambda: _("Nothing changed on air."),
    ("maybe", "air"): lambda: _("Part of it may have been on air."),
}
