"""What the audience asks and nobody has answered, as desk and wall show it: since when it waits, and who has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.audience.models import Question
from dashboard.audience.selectors import questions_of, unanswered
from dashboard.audience.states import QuestionState
from dashboard.console.facts import RoomFacts
from dashboard.console.items import WORDS
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import TakeoverState

#: Of more the oldest are shown, and the rest counted.
SHOWN = 40
#: Why a question is open again although somebody answered it.
_AGAIN = {
    TakeoverState.UNKNOWN: lambda: _("We do not know if viewers heard %(item)s. Listen, then choose."),
    TakeoverState.CANCELLED: lambda: _("%(item)s was taken back. Open again."),
    TakeoverState.REJECTED: lambda: _("%(item)s was refused and not heard. Open again."),
    TakeoverState.FAILED: lambda: _("%(item)s failed and was not heard. Open again."),
    TakeoverState.EXPIRED: lambda: _("%(item)s came too late and was not heard. Open again."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """`alike`: how many others asked the same. `claimant` is 0 while nobody has claimed it."""

    id: int
    seq: int
    topic: str
    order: str
    event: int
    version: int
    state: str
    who: str
    text: str
    lang: str
    asked_at: datetime
    alike: int
    claimant: int
    claimed_by: str
    item: str
    item_word: str
    again: str
    claim_url: str
    release_url: str
    close_url: str


@dataclass(frozen=True, slots=True)
class Head:
    id: int
    seq: int
    topic: str
    count: int
    oldest_at: datetime | None
    #: The rows that stand below it now; what is no more among them leaves the list.
    keys: str
    more: int


def with_questions(loaded: Sequence[RoomFacts]) -> list[RoomFacts]:
    """The same facts with the questions of their running jobs, in one query."""
    running = {one.room.pk: one.job.pk for one in loaded if one.job is not None and one.job.is_open}
    asked = unanswered(running.values()) if running else {}
    found = {one.room.pk: asked.get(running.get(one.room.pk, 0)) for one in loaded}
    return [
        replace(one, asked=waits.count, asked_at=waits.oldest_at) if (waits := found[one.room.pk]) else one
        for one in loaded
    ]


def questions(facts: RoomFacts, slug: str) -> tuple[Head, tuple[Row, ...]]:
    room, job = facts.room, facts.job
    found = questions_of(job, limit=SHOWN) if job is not None and job.is_open else []
    total = int(getattr(found[0], "total", 0)) if found else 0
    rows = tuple(_row(one, facts, slug) for one in found)
    head = Head(
        id=room.pk,
        seq=facts.seq,
        topic=room.topic,
        count=total,
        oldest_at=found[0].asked_at if found else None,
        keys=" ".join(str(row.id) for row in rows),
        more=total - len(rows),
    )
    return head, rows


def _row(one: Question, facts: RoomFacts, slug: str) -> Row:
    said, state = one.takeover, one.state
    if said is not None:
        said.room = facts.room  # known already: no query for each
    return Row(
        id=one.pk,
        seq=facts.seq,
        topic=facts.room.topic,
        order=f"{one.asked_at.timestamp():.3f}",
        event=one.event_id,
        version=one.version,
        state=str(state),
        who=one.who or _("somebody"),
        text=one.text,
        lang=facts.room.language,
        asked_at=one.asked_at,
        alike=one.count - 1,
        claimant=one.claimed_by_id or 0,
        claimed_by=str(one.claimed_by or ""),
        item=str(said) if said is not None else "",
        item_word=WORDS[TakeoverState(said.state)]() if said is not None and state == QuestionState.ANSWERING else "",
        again=_again(said, state),
        claim_url=reverse("audience:claim", args=[slug, one.pk]),
        release_url=reverse("audience:release", args=[slug, one.pk]),
        close_url=reverse("audience:close", args=[slug, one.pk]),
    )


def _again(said: Takeover | None, state: QuestionState) -> str:
    if said is None or state == QuestionState.ANSWERING:
        return ""
    told = _AGAIN.get(TakeoverState(said.state))
    return told() % {"item": str(said)} if told is not None else ""
