"""What a takeover is made of, by kind: what is refused before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from dashboard.lib import ssml
from dashboard.lib.errors import Conflict, Invalid
from dashboard.takeover import airtime, checks, clips, lint
from dashboard.takeover.models import Kind
from dashboard.takeover.wish import Wish
from dashboard.vendors.abilities import Ability, Offer, offer
from dashboard.vendors.port import Role

if TYPE_CHECKING:
    from dashboard.jobs.models import Job
    from dashboard.rooms.models import Room

_ABILITIES = {Kind.TEXT: Ability.TEXT, Kind.SSML: Ability.SSML, Kind.AUDIO: Ability.AUDIO, Kind.SCENE: Ability.SCENE}
#: The whole sentence goes to the person, so not more faults than one reads.
_FAULTS_TOLD = 3


def checked(wish: Wish, job: Job) -> Wish:
    """The wish as it will be sent; raises `Invalid` or `Conflict` with the sentence that says why not."""
    check = _CHECKS.get(wish.kind)
    if check is None:
        return wish
    _refuse(offer(job.account, _ABILITIES[wish.kind]))
    if wish.params.get("role") == Role.CO_STREAMER:
        _refuse(co_host(job.room))
    wish = check(wish, job)
    return replace(wish, found=tuple(lint.kept(checks.check_words(job.room, heard(wish)))))


def heard(wish: Wish) -> str:
    """The words of it that viewers hear: tags are not said."""
    document = ssml.read(wish.text).document if wish.kind == Kind.SSML else None
    return wish.text if document is None else ssml.plain(document)


def co_host(room: Room) -> Offer:
    """Whether the room has a second voice beside its host's (002:6155)."""
    found = offer(room.account, Ability.CO_STREAMER)
    if found.is_offered and not room.config.get("co_voice_asset_id"):
        return Offer(reason=_("this room has no co-host's voice; set one in the room"))
    return found


def _refuse(found: Offer) -> None:
    if not found.is_offered:
        raise Conflict(_("Not sent: %(reason)s. Nothing was heard.") % {"reason": found.reason}, field="text")


def _text(wish: Wish, job: Job) -> Wish:
    return replace(wish, text=checks.check_text(wish.text, job.account.vendor))


def _marked_up(wish: Wish, job: Job) -> Wish:
    """Positions are those of the text as it was written, so it is read before anything is cut off its ends."""
    text = wish.text.replace("\r\n", "\n")
    if not text.strip():
        raise Invalid(_("Write what the host should say."), field="text")
    reading = ssml.read(text)
    if reading.document is None:
        told = " ".join(str(fault) for fault in reading.faults[:_FAULTS_TOLD])
        raise Invalid(_("Not sent. %(faults)s") % {"faults": told}, field="text")
    checks.check_length(airtime.counted(text, reading.document, job.account.vendor), job.account.vendor)
    return replace(wish, text=text.strip())


def _scene(wish: Wish, job: Job) -> Wish:
    """Alone it says nothing, so no length of words counts."""
    return _text(wish, job) if wish.params.get("speaks") else wish


_CHECKS: dict[Kind, Callable[[Wish, Job], Wish]] = {
    Kind.TEXT: _text,
    Kind.SSML: _marked_up,
    Kind.AUDIO: clips.checked,
    Kind.SCENE: _scene,
}
