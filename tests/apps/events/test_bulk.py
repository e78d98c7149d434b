"""Events go in by a statement of our own: all columns, ids that the database agrees with, and its errors as before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from dashboard.events import bulk
from dashboard.events.models import Band, Event, EventOutcome, Sequence, Source
from dashboard.lib import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def sequence() -> Sequence:
    return Sequence.objects.create(topic="room:7", band=Band.ROOM)


def event(sequence: Sequence, seq: int, **more: Any) -> Event:
    base: dict[str, Any] = {
        "team_id": 1,
        "room_id": 7,
        "kind": "audience.comment",
        "source": Source.AUDIENCE,
        "dedupe_key": f"k{seq}",
        "at": clock.now(),
        "received_at": clock.now(),
        "outcome": EventOutcome.APPLIED,
        "data": {},
    }
    return Event(sequence=sequence, seq=seq, **(base | more))


def test_the_columns_are_the_models() -> None:
    """In their order, too: events of a batch are made by it."""
    assert tuple(field.column for field in Event._meta.concrete_fields) == bulk.COLUMNS


def test_what_is_read_is_what_was_written(sequence: Sequence) -> None:
    at = datetime(2026, 11, 22, 8, 30, 1, 123456, timezone(timedelta(hours=8)))
    full = event(
        sequence, 1, account_id=2, job_id=3, ref="r", actor_id=4, at=at, data={"text": "多少钱 👏", "n": [1.5, None]}
    )
    plain = event(sequence, 2, room_id=None, at=datetime(2026, 1, 1, tzinfo=UTC))
    bulk.insert([full, plain])
    for one in (full, plain):
        found = Event.objects.get(pk=one.pk)
        for column in bulk.COLUMNS:
            name = column
            assert getattr(found, name) == getattr(one, name), name
        assert not one._state.adding


@pytest.mark.parametrize("text", ['"', "\\", "{a,b}", "NULL", "", " ", "'); DROP TABLE x; --", "%s", "👏\n", "[1]"])
def test_words_that_look_like_something_else_are_words(sequence: Sequence, text: str) -> None:
    bulk.insert([event(sequence, 1, ref=text, data={"text": text, text: [text]}), event(sequence, 2, ref="r")])
    found = Event.objects.get(seq=1)
    assert (found.ref, found.data) == (text, {"text": text, **{text: [text]}})


def test_ids_rise_in_order_whoever_wrote_before_and_after(sequence: Sequence) -> None:
    first = event(sequence, 1)
    first.save()
    many = [event(sequence, seq) for seq in range(2, 250)]
    bulk.insert(many)
    last = event(sequence, 999)
    last.save()
    keys = [one.pk for one in (first, *many, last)]
    assert keys == sorted(set(keys))
    assert list(Event.objects.order_by("id").values_list("dedupe_key", flat=True))[-1] == "k999"


def test_ids_of_events_that_were_deleted_are_not_used_again(sequence: Sequence) -> None:
    """A cursor of the rules stands at an id: what comes later must be beyond it."""
    gone = event(sequence, 1)
    bulk.insert([gone])
    Event.objects.all().delete()
    next_one = event(sequence, 2)
    bulk.insert([next_one])
    assert next_one.pk > (gone.pk or 0)


@pytest.mark.parametrize("broken", [{"dedupe_key": "k1"}, {"seq": 1}, {"team_id": None}])
def test_a_row_that_does_not_fit_writes_none(sequence: Sequence, broken: dict[str, Any]) -> None:
    bulk.insert([event(sequence, 1)])
    second = event(sequence, 2)
    third = event(sequence, 3)
    for name, value in broken.items():
        setattr(third, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert([second, third])
    assert Event.objects.count() == 1


def test_it_is_one_statement_beside_the_ids(sequence: Sequence, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        bulk.insert([event(sequence, seq) for seq in range(1, 201)])
    assert Event.objects.count() == 200
    assert connection.vendor in ("sqlite", "postgresql")
