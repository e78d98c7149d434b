"""The audience of a room: its feed, its numbers, and what the vendor may have missed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.console import comments
from dashboard.console.comments import Tally
from dashboard.console.facts import RoomFacts
from dashboard.events.selectors import Brief
from dashboard.jobs.models import Job


@dataclass(frozen=True, slots=True)
class Audience:
    id: int
    seq: int
    topic: str
    tally: Tally | None
    lang: str
    note: str
    #: Where the page gets questions and rules once it stands: the desk itself has no query left for them.
    asked_url: str = ""


def audience(facts: RoomFacts, shown: Sequence[Brief], slug: str) -> Audience:
    """`shown`: the rows of its feed, newest first."""
    room, job = facts.room, facts.job
    tally = comments.tally_of(job, shown, facts.now) if job is not None else None
    asked_url = reverse("console:asked", args=[slug, room.code])
    return Audience(room.pk, facts.seq, room.topic, tally, room.language, _report_note(job), asked_url)


def counts(facts: RoomFacts) -> Audience:
    """The numbers of the audience without its feed."""
    room, job = facts.room, facts.job
    tally = comments.tally(job, facts.now) if job is not None else None
    return Audience(room.pk, facts.seq, room.topic, tally, room.language, "")


def _report_note(job: Job | None) -> str:
    """How far the audience's events went on to the vendor's own rules."""
    if job is None or not job.is_open:
        return ""
    cursor = getattr(job, "report_cursor", None)
    if cursor is not None and cursor.unsure_events:
        return _("%(count)d events may not have reached the vendor's rules") % {"count": cursor.unsure_events}
    return ""
