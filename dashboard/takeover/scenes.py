"""Changes of the scene: what may be one by the vendor's contract, and what it is called in a queue. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from dashboard.lib.errors import Invalid
from dashboard.takeover.models import Kind
from dashboard.takeover.states import Mode
from dashboard.takeover.wish import Wish
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.validation import check_object

#: Pictures, videos and gifs in the foreground (004:756).
MOST_LAYERS = {0: 40, 1: 2, 2: 40}


def check_change(change: Mapping[str, Any], resolution: list[int]) -> None:
    """Raise `Invalid` with the field that the vendor would not take."""
    if not change:
        raise Invalid(_("Choose what of the scene changes. Nothing was sent."))
    faults = check_object(contract("softsugar"), "ControlScript", change)
    if faults:
        raise Invalid(_("Not sent. %(fault)s") % {"fault": str(faults[0])})
    role = change.get("digital_role") or {}
    if role.get("end") is not None and role["end"] <= (role.get("start") or 0):
        raise Invalid(_("The last frame of the loop must come after its first one. Nothing was sent."))
    if ("scale" in role) != ("position" in role):
        raise Invalid(_("Size and place of the digital human go together. Nothing was sent."))
    rect = (change.get("backgrounds") or {}).get("rect")
    if rect and list(rect[2:]) != resolution:
        raise Invalid(_("A background covers the whole picture. Nothing was sent."))
    kinds = Counter(layer.get("type") or 0 for layer in change.get("foregrounds") or ())
    if any(kinds[kind] > most for kind, most in MOST_LAYERS.items()):
        raise Invalid(_("At most 2 videos, 40 pictures and 40 gifs at once. Nothing was sent."))


def in_words(change: Mapping[str, Any]) -> str:
    """What changes, as it stands in the queue."""
    parts = []
    if role := change.get("digital_role"):
        parts.append(_("digital human %(file)s") % {"file": role.get("file_id") or "·"})
    parts += [_("foreground %(file)s") % {"file": one.get("file_id")} for one in change.get("foregrounds") or ()]
    if background := change.get("backgrounds"):
        parts.append(_("background %(file)s") % {"file": background.get("file_id")})
    if rate := change.get("change_bit_rate"):
        parts.append(_("%(rate)s Mbit/s") % {"rate": rate})
    return _("Scene: %(parts)s") % {"parts": ", ".join(parts)}


def wish_of_change(change: Mapping[str, Any], words: str = "", mode: str = "") -> Wish:
    """A change alone has no place among what is heard; with words it goes where they go."""
    how = Mode(mode or Mode.APPEND) if words else Mode.APPEND
    params: dict[str, Any] = {"change": dict(change), "speaks": bool(words)}
    if not words:
        params["duration_ms"] = 0  # it is seen, not heard
    return Wish(words or in_words(change), how, Kind.SCENE, params)
