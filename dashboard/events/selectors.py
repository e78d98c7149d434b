"""Reads of the event log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db.models import CharField, Count, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat

from dashboard.events.models import Event, Sequence
from dashboard.lib.prepared import Prepared, PreparedObjects


def sequences(topics: Iterable[str]) -> dict[str, int]:
    """The current number of each topic; 0 where nothing has happened yet."""
    wanted = list(topics)
    found = dict(Sequence.objects.filter(topic__in=wanted).values_list("topic", "seq"))
    return {topic: found.get(topic, 0) for topic in wanted}


def sequence(topic: str) -> int:
    """The current number of one topic; 0 where nothing has happened yet."""
    return next((seq for (seq,) in _SEQUENCE.rows(topic=topic)), 0)


_SEQUENCE = Prepared(lambda topic: Sequence.objects.filter(topic=topic).values_list("seq"))


@cache
def seq_of(kind: str, field: str) -> Coalesce:
    """The number of the topic of `kind` that a row names in `field` (`room:7`), to be read along with the row."""
    topic = Concat(Value(f"{kind}:"), Cast(OuterRef(field), CharField()))
    return Coalesce(Subquery(Sequence.objects.filter(topic=topic).values("seq")[:1]), 0)


def since(topic: str, seq: int, *, limit: int = 1000) -> list[Event]:
    """Events of a topic after `seq`, oldest first, at most `limit`."""
    return _since(limit).all(topic=topic, seq=max(seq, 0))  # a browser names it, and no column holds any number


@cache
def _since(limit: int) -> PreparedObjects[Event]:
    return PreparedObjects(
        lambda topic, seq: Event.objects.filter(sequence__topic=topic, seq__gt=seq).order_by("seq")[:limit]
    )


def of_job(job_id: int, kinds: Iterable[str], *, limit: int, **also: Combinable) -> QuerySet[Event]:
    """The latest events of a job of some kinds, newest first; `also` names what each brings along in the same query."""
    found = Event.objects.filter(job_id=job_id, kind__in=list(kinds)).annotate(**also)
    return found.order_by("-id")[:limit]


class Brief(NamedTuple):
    """An event without its words: which it is, what it is and when it came in."""

    id: int
    kind: str
    received_at: datetime


def briefly(job_id: int, kinds: Iterable[str], *, limit: int) -> list[Brief]:
    """The latest events of a job of some kinds, newest first."""
    found = Event.objects.filter(job_id=job_id, kind__in=list(kinds)).order_by("-id")
    return [Brief(*row) for row in found.values_list("id", "kind", "received_at")[:limit]]


@dataclass(frozen=True, slots=True)
class Recent:
    """Of the latest events of a kind: how many there are, how many of them came in since, and when the oldest did."""

    count: int
    since: int
    oldest_at: datetime | None


def recent_of_job(job_id: int, kind: str, *, limit: int, since: datetime) -> Recent:
    """Counted by the database: hundreds of rows that only say when are not worth a trip each."""
    latest = Event.objects.filter(job_id=job_id, kind=kind).order_by("-id")[:limit]
    told = latest.aggregate(
        count=Count("id"), since=Count("id", filter=Q(received_at__gte=since)), oldest=Min("received_at")
    )
    return Recent(told["count"], told["since"], told["oldest"])
