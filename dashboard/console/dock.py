"""Where people say something: what the page needs to know before it asks."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.console import parts
from dashboard.console.facts import RoomFacts
from dashboard.lib.speech import HAN_PER_S
from dashboard.takeover.checks import LONGEST, SHORTEST
from dashboard.vendors.models import VendorKind


@dataclass(frozen=True, slots=True)
class Dock:
    room_id: int
    team: str
    code: str
    post_url: str
    lang: str
    least: int
    limit: int
    chars_per_second: str
    now_label: str
    say_reason: str
    silence_url: str


def dock(facts: RoomFacts, slug: str) -> Dock:
    room = facts.room
    vendor = VendorKind(room.account.vendor)
    pace = room.units_per_s or HAN_PER_S
    return Dock(
        room_id=room.pk,
        team=slug,
        code=room.code,
        post_url=reverse("takeover:create", args=[slug, room.code]),
        lang=room.language,
        least=SHORTEST[vendor],
        limit=LONGEST[vendor],
        chars_per_second=f"{pace:.1f}",
        now_label=_("Now, cuts speech"),
        say_reason=parts.say_reason(facts),
        silence_url=reverse("takeover:silence", args=[slug, room.code]),
    )
