"""Whether a room's account can do what a takeover asks of it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job
from dashboard.lib.errors import Conflict
from dashboard.rooms.models import Room
from dashboard.takeover.models import Kind
from dashboard.takeover.wish import Wish
from dashboard.vendors.abilities import Ability, Offer, offer
from dashboard.vendors.port import Role

_ABILITIES = {Kind.TEXT: Ability.TEXT, Kind.SSML: Ability.SSML, Kind.AUDIO: Ability.AUDIO, Kind.SCENE: Ability.SCENE}


def check_offered(wish: Wish, job: Job) -> None:
    """Raise `Conflict` with the reason where `job` can't be given what `wish` is made of."""
    _refuse(offer(job.account, _ABILITIES[wish.kind]))
    if wish.params.get("role") == Role.CO_STREAMER:
        _refuse(co_host(job.room))


def co_host(room: Room) -> Offer:
    """Whether the room has a second voice beside its host's (002:6155)."""
    found = offer(room.account, Ability.CO_STREAMER)
    if found.is_offered and not room.config.get("co_voice_asset_id"):
        return Offer(reason=_("this room has no co-host's voice; set one in the room"))
    return found


def _refuse(found: Offer) -> None:
    if not found.is_offered:
        raise Conflict(_("Not sent: %(reason)s. Nothing was heard.") % {"reason": found.reason}, field="text")
