"""Where people say something: what the page needs to know before it asks."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.console import parts
from dashboard.console.facts import RoomFacts
from dashboard.takeover.checks import LONGEST, SHORTEST
from dashboard.takeover.offered import co_host
from dashboard.takeover.pieces import NAMES, untaken
from dashboard.vendors.abilities import Ability, Words, offer
from dashboard.vendors.models import VendorAccount, VendorKind


@dataclass(frozen=True, slots=True)
class SayKind:
    """One way to be heard, as a tab of the dock: its panel, and why it is not offered here or what it costs."""

    name: str
    label: str
    template: str
    icon: str
    reason: str = ""
    cost: str = ""


#: In the order of the tabs: ability, label, panel, icon.
_KINDS: tuple[tuple[Ability, Words, str, str], ...] = (
    (Ability.TEXT, _("Text"), "takeover/_say_text.html", "i-message-2"),
    (Ability.SSML, _("SSML"), "takeover/_say_ssml.html", "i-code"),
    (Ability.AUDIO, _("Clip"), "takeover/_say_clip.html", "i-device-speaker"),
    (Ability.SCENE, _("Scene"), "takeover/_say_scene.html", "i-layout-grid"),
    (Ability.MICROPHONE, _("Microphone"), "takeover/_say_voice.html", "i-microphone"),
)


@dataclass(frozen=True, slots=True)
class Dock:
    room_id: int
    team: str
    code: str
    post_url: str
    lang: str
    least: int
    limit: int
    now_label: str
    say_reason: str
    silence_url: str
    read_url: str
    #: Why nobody can speak as the co-host here; empty where somebody can.
    co_host_reason: str
    clips_url: str
    choice_url: str
    kinds: tuple[SayKind, ...]
    scene_url: str
    #: Tags that this vendor is not given, by the names of their buttons.
    untaken_tags: tuple[Words, ...]


def dock(facts: RoomFacts, slug: str) -> Dock:
    room = facts.room
    vendor = VendorKind(room.account.vendor)
    return Dock(
        room_id=room.pk,
        team=slug,
        code=room.code,
        post_url=reverse("takeover:create", args=[slug, room.code]),
        lang=room.language,
        least=SHORTEST[vendor],
        limit=LONGEST[vendor],
        now_label=gettext("Now, cuts speech"),
        say_reason=parts.say_reason(facts),
        silence_url=reverse("takeover:silence", args=[slug, room.code]),
        read_url=reverse("takeover:read_ssml", args=[slug, room.code]),
        co_host_reason=str(co_host(room).reason),
        clips_url=reverse("library:clips", args=[slug]),
        choice_url=reverse("library:choice", args=[slug]),
        kinds=_kinds(room.account),
        scene_url=reverse("console:scene", args=[slug, room.code]),
        untaken_tags=tuple(NAMES[tag] for tag in untaken(vendor)),
    )


def _kinds(account: VendorAccount) -> tuple[SayKind, ...]:
    kinds = []
    for ability, label, template, icon in _KINDS:
        one = offer(account, ability)
        kinds.append(SayKind(str(ability), str(label), template, icon, str(one.reason), str(one.cost)))
    return tuple(kinds)
