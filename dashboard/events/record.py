"""`record_many()`: facts enter here, once; projections follow in the same transaction. See docs/live.md.

The locks this relies on: a batch first locks the sequences of its topics (rooms before accounts before teams, then by
id). Facts with the same dedupe key have the same topic, so under that lock a look is enough to know what is new.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Many
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db import DataError, IntegrityError, connection, transaction

from dashboard.events import bulk
from dashboard.events.kinds import AUDIENCE, Fact, Kind
from dashboard.events.models import Band, Event, EventOutcome, Sequence
from dashboard.events.notices import Notice, publish_on_commit
from dashboard.lib import clock

logger = logging.getLogger(__name__)

#: What a single fact can be at fault for; everything else (a lost or full database) concerns the whole batch.
_BAD_DATA = (DataError, IntegrityError, msgspec.ValidationError, ArithmeticError, ValueError, TypeError, LookupError)
LONGEST_KEY = 160

Projection = Callable[[Event], EventOutcome]
BatchProjection = Callable[[Many[Event]], None]


@dataclass(frozen=True, slots=True)
class Projections:
    """Which functions follow from which kind of fact. `batch` ones get all new events of theirs at once."""

    one: Mapping[Kind, tuple[Projection, ...]] = field(default_factory=dict)
    batch: Mapping[Kind, BatchProjection] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a fact. `event` is None for a duplicate, which is a success: it was recorded before."""

    fact: Fact
    event: Event | None


def record_many(facts: Many[Fact], apply: Projections) -> list[Recorded]:
    """Append `facts` and update the projections in one transaction.

    A fact that breaks on its data is stored with outcome `failed` and can't block the others. A lost or full database
    raises (`OperationalError`): then nothing may be acknowledged to whoever told us.
    """
    try:
        with transaction.atomic():
            return _record(facts, apply)
    except _BAD_DATA:
        logger.exception("a batch of %d facts is recorded one by one", len(facts))
    results: list[Recorded] = []
    for fact in facts:
        try:
            with transaction.atomic():
                results += _record([fact], apply)
        except _BAD_DATA:
            logger.exception("fact %s %s can't be applied", fact.kind, fact.dedupe_key)
            with transaction.atomic():
                results += _record([fact], Projections(), otherwise=EventOutcome.FAILED)
    return results


def raise_sequence(topic: str) -> int:
    """Move a topic on without an event of its own (a team's list changed because a job ended)."""
    with transaction.atomic():
        row = _lock_sequences([topic])[topic]
        row.seq += 1
        row.save(update_fields=["seq"])
        publish_on_commit([Notice(topic, row.seq)])
    return row.seq


def lock_topic(topic: str) -> Sequence:
    """Lock a topic for the rest of the transaction: the first act of whatever writes rows of a room."""
    return _lock_sequences([topic])[topic]


def _record(facts: Many[Fact], apply: Projections, otherwise: EventOutcome = EventOutcome.APPLIED) -> list[Recorded]:
    now = clock.now()
    sequences = _lock_sequences({fact.topic for fact in facts})
    keys = [fact.dedupe_key[:LONGEST_KEY] for fact in facts]
    known = bulk.known(keys)
    results: list[Recorded] = []
    for fact, key in zip(facts, keys, strict=True):
        if key in known:
            results.append(Recorded(fact, None))
            continue
        known.add(key)
        row = sequences[fact.topic]
        row.seq += 1
        results.append(Recorded(fact, _event(fact, row, now, otherwise)))
    events = [recorded.event for recorded in results if recorded.event is not None]
    if not events:
        return results
    bulk.insert(events)
    _project(events, apply)
    changed = [event for event in events if event.outcome not in (otherwise, EventOutcome.WAITING)]
    if changed:
        bulk.keep_outcomes(changed)
    touched = {event.sequence_id for event in events}
    moved = [row for row in sequences.values() if row.pk in touched]
    bulk.move(moved)
    urgent = {event.sequence_id for event in events if event.kind not in AUDIENCE}
    publish_on_commit(Notice(row.topic, row.seq, is_urgent=row.pk in urgent) for row in moved)
    return results


def _event(fact: Fact, row: Sequence, now: datetime, outcome: EventOutcome) -> Event:
    # As rows come from a database, by place: by name costs three times as much.
    values = (
        None,
        fact.team_id,
        fact.account_id,
        fact.room_id,
        fact.job_id,
        row.pk,
        row.seq,
        fact.kind,
        fact.source,
        fact.dedupe_key[:LONGEST_KEY],
        fact.ref,
        fact.actor_id,
        fact.at,
        now,
        outcome,
        _storable(msgspec.to_builtins(fact.payload)),
    )
    return Event.from_db(connection.alias, bulk.COLUMNS, values)


def _storable(value: Any) -> Any:
    """Without NUL, which PostgreSQL's JSON refuses: one such comment must not fail for ever."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {
            key: inner.replace("\x00", "") if isinstance(inner, str) else _storable(inner)
            for key, inner in value.items()
        }
    return [_storable(inner) for inner in value] if isinstance(value, list | tuple) else value


def _project(events: list[Event], apply: Projections) -> None:
    batches: dict[BatchProjection, list[Event]] = {}
    for event in events:
        kind = Kind(event.kind)
        if batch := apply.batch.get(kind):
            batches.setdefault(batch, []).append(event)
            continue
        for projection in apply.one.get(kind, ()):
            outcome = projection(event)
            if outcome != EventOutcome.APPLIED:
                event.outcome = outcome
        if event.outcome == EventOutcome.WAITING:
            # At once: a later fact of this very batch may bind what it waits for.
            event.save(update_fields=["outcome", "ref"])
    for batch, together in batches.items():
        batch(together)


def _lock_sequences(topics: Many[str] | set[str]) -> dict[str, Sequence]:
    rows = bulk.locked(wanted := set(topics))
    if len(rows) < len(wanted):
        missing = wanted - {row.topic for row in rows}
        bands = {"room": Band.ROOM, "account": Band.ACCOUNT, "team": Band.TEAM}
        Sequence.objects.bulk_create(
            [Sequence(topic=topic, band=bands[topic.split(":")[0]]) for topic in sorted(missing)],
            ignore_conflicts=True,
        )
        rows = bulk.locked(wanted)
    return {row.topic: row for row in rows}
