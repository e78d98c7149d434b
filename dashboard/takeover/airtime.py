"""How long a takeover is heard, by kind, and what of it counts."""

from __future__ import annotations

from dashboard.jobs.models import Job
from dashboard.lib import ssml
from dashboard.rooms.models import Room
from dashboard.takeover.measured import estimate_of
from dashboard.takeover.models import Kind
from dashboard.takeover.pieces import untaken
from dashboard.takeover.wish import Wish
from dashboard.vendors.models import VendorKind


def airtime_ms(wish: Wish, job: Job) -> int:
    """How long it is expected to be heard."""
    if wish.kind == Kind.SSML and (document := ssml.read(wish.text).document) is not None:
        return airtime_of(document, job.room)
    if isinstance(length := wish.params.get("duration_ms"), int):
        return length
    return estimate_of(job.room, wish.text)


def airtime_of(document: ssml.Document, room: Room) -> int:
    """The words at the room's pace, slower or faster where a tag says so, and the pauses, so far as the vendor gets
    them."""
    pace = ssml.paced(ssml.without(document, untaken(room.account.vendor)))
    return round(estimate_of(room, pace.text) * pace.factor) + pace.silence_ms


def counted(text: str, document: ssml.Document, vendor: str) -> str:
    """What of it counts against the vendor's limits: SoftSugar is given the words alone, MetaStudio the tags too."""
    return ssml.plain(document).strip() if vendor == VendorKind.SOFTSUGAR else text
