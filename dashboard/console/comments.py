"""The audience as the desk's feed shows it: one row per event, hostile text as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.audience.likeness import is_question
from dashboard.events.kinds import AUDIENCE, Kind
from dashboard.events.models import Event
from dashboard.events.selectors import Brief, Recent, briefly, recent_of_job
from dashboard.jobs.models import Job

SHOWN = 80
RATE_WINDOW_S = 10
#: How many of the newest comments the rate is counted from; a page that loads counts from the rows that it shows.
COUNTED = 300
_GLYPHS = {Kind.GIFT: "star", Kind.LIKED: "star"}


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    seq: int
    topic: str
    kind: str
    glyph: str
    who: str
    words: str
    lang: str
    at: datetime
    #: Where it is claimed by whoever answers it; "" where there is nothing to answer.
    claim_url: str


@dataclass(frozen=True, slots=True)
class Tally:
    """`rate` is "" where the job is over: what an audience did once is no rate."""

    rate: str
    comments: int
    gifts: int
    at: datetime | None


def comment(event: Event, lang: str, claim: str) -> Comment | None:
    """A feed row, or None for what only moves a number."""
    kind = Kind(event.kind)
    if kind == Kind.VIEWERS:
        return None
    data = event.data
    who, text = str(data.get("user", "")), str(data.get("text", ""))
    if kind == Kind.COMMENT:
        shown, row_kind = text, "question" if is_question(text) else ""
    else:
        shown, row_kind = _event_words(kind, data), "event"
    return Comment(
        id=event.pk,
        seq=event.seq,
        topic=f"room:{event.room_id}",
        kind=row_kind,
        glyph=_GLYPHS.get(kind, ""),
        who=who or _("somebody"),
        words=shown,
        lang=lang if kind == Kind.COMMENT else "",
        at=event.at,
        claim_url=claim.replace("/0/", f"/{event.pk}/") if kind == Kind.COMMENT else "",
    )


def _event_words(kind: Kind, data: dict[str, object]) -> str:
    count = int(str(data.get("count", 1)) or 1)
    if kind == Kind.GIFT:
        return _("sent %(gift)s × %(count)d") % {"gift": data.get("text") or _("a gift"), "count": count}
    if kind == Kind.JOINED:
        return _("joined")
    if kind == Kind.LIKED:
        return _("liked")
    return _("followed")


def claim_pattern(slug: str, code: str) -> str:
    """The address under which a comment of this room is claimed, with 0 in the comment's place."""
    return reverse("audience:claim_comment", args=[slug, code, 0])


def newest(job: Job) -> list[Brief]:
    """What a page that loads shows of a job's feed, newest first."""
    return briefly(job.pk, [kind for kind in AUDIENCE if kind != Kind.VIEWERS], limit=SHOWN)


def tally_of(job: Job, shown: Sequence[Brief], now: datetime) -> Tally:
    """The counts as far as the rows tell that a page shows, newest first."""
    since = now - timedelta(seconds=RATE_WINDOW_S)
    heard = sum(one.kind == Kind.COMMENT and one.received_at >= since for one in shown)
    recent = Recent(len(shown), heard, shown[-1].received_at if shown else None)
    return _tally(job, recent, now, most=SHOWN)


def tally(job: Job, now: datetime) -> Tally:
    """The counts alone, without a row of the feed."""
    since = now - timedelta(seconds=RATE_WINDOW_S)
    return _tally(job, recent_of_job(job.pk, Kind.COMMENT, limit=COUNTED, since=since), now, most=COUNTED)


def rows(events: Iterable[Event], lang: str, claim: str) -> list[Comment]:
    return [row for event in events if (row := comment(event, lang, claim)) is not None]


def _tally(job: Job, recent: Recent, now: datetime, *, most: int) -> Tally:
    """In a flood the `most` that were read reach back less than the window, and the rate is over what they do."""
    if not job.is_open:
        return Tally("", job.comments, job.gifts, None)
    window = float(RATE_WINDOW_S)
    if recent.count == most and recent.oldest_at is not None:
        window = min(window, max(1.0, (now - recent.oldest_at).total_seconds()))
    rate = f"{recent.since / window:.1f}".rstrip("0").rstrip(".")
    return Tally(rate, job.comments, job.gifts, job.audience_at)
