"""What a takeover is made of, by kind: what is refused before anything is written, and how long it is on air."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job
from dashboard.lib import ssml
from dashboard.lib.errors import Conflict, Invalid
from dashboard.lib.speech import estimate_ms
from dashboard.takeover import checks
from dashboard.takeover.models import Kind
from dashboard.takeover.wish import Wish
from dashboard.vendors.abilities import Ability, offer
from dashboard.vendors.models import VendorKind
from dashboard.vendors.port import Role

_ABILITIES = {Kind.TEXT: Ability.TEXT, Kind.SSML: Ability.SSML}
#: The whole sentence goes to the person, so not more faults than one reads.
_FAULTS_TOLD = 3


def checked(wish: Wish, job: Job) -> Wish:
    """The wish as it will be sent; raises `Invalid` or `Conflict` with the sentence that says why not."""
    check = _CHECKS.get(wish.kind)
    if check is None:
        return wish
    _check_offered(_ABILITIES[wish.kind], job)
    if wish.params.get("role") == Role.CO_STREAMER:
        _check_offered(Ability.CO_STREAMER, job)
    return check(wish, job)


def airtime_ms(wish: Wish, job: Job) -> int:
    """How long it is expected to be heard."""
    speed = job.room.units_per_s
    if wish.kind == Kind.SSML and (document := ssml.read(wish.text).document) is not None:
        pace = ssml.paced(document)
        return round(estimate_ms(pace.text, units_per_s=speed) * pace.factor) + pace.silence_ms
    return estimate_ms(wish.text, units_per_s=speed)


def _check_offered(ability: Ability, job: Job) -> None:
    found = offer(job.account, ability)
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
    # SoftSugar counts what it is given, which is the words alone; MetaStudio counts the tags too.
    counted = ssml.plain(reading.document).strip() if job.account.vendor == VendorKind.SOFTSUGAR else text
    checks.check_length(counted, job.account.vendor)
    return replace(wish, text=text.strip())


_CHECKS: dict[Kind, Callable[[Wish, Job], Wish]] = {Kind.TEXT: _text, Kind.SSML: _marked_up}
