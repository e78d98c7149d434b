"""A query whose SQL is made once asks for the values of each call, and refuses a value that it would not ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from dashboard.events.models import Band, Sequence
from dashboard.jobs.models import Job
from dashboard.lib.prepared import Prepared
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_each_call_asks_for_its_own_values_and_the_sql_is_made_once() -> None:
    made: list[int] = []

    def topics(number: int) -> QuerySet[Sequence, Any]:
        made.append(number)
        return Sequence.objects.filter(seq__gte=number, band=Band.ROOM).order_by("seq").values_list("seq", "topic")

    for seq in (1, 2, 3):
        Sequence.objects.create(topic=f"room:{seq}", band=Band.ROOM, seq=seq)
    Sequence.objects.create(topic="team:9", band=Band.TEAM, seq=9)
    query = Prepared(topics)
    assert query.rows(number=2) == [(2, "room:2"), (3, "room:3")]
    with CaptureQueriesContext(connection) as captured:
        assert query.rows(number=3) == [(3, "room:3")]
    assert (len(captured), len(made)) == (1, 1)


def test_moments_are_compared_as_the_orm_compares_them(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    begun = Prepared(lambda team, at: Job.objects.filter(team=team, state_at__gte=at).values_list("pk"))
    for moment in (
        job.state_at,
        job.state_at.astimezone(UTC) + timedelta(microseconds=1),
        datetime(2020, 1, 1, tzinfo=UTC),
    ):
        for team in (cast.alpha, cast.omega):
            expected = list(Job.objects.filter(team=team, state_at__gte=moment).values_list("pk"))
            assert begun.rows(team=team.pk, at=moment) == expected


def test_a_value_that_is_counted_with_or_left_out_is_refused() -> None:
    counted = Prepared(lambda number: Sequence.objects.filter(seq=number + 1).values_list("pk"))
    left_out = Prepared(lambda number: Sequence.objects.values_list("pk"))
    for query in (counted, left_out):
        with pytest.raises(ValueError, match="number"):
            query.rows(number=1)
