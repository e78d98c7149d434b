"""A query whose SQL is made once asks for the values of each call, and refuses a value that it would not ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from dashboard.events.models import Band, Sequence
from dashboard.jobs.models import Job
from dashboard.lib.prepared import Prepared, PreparedObjects
from dashboard.live.relay.leases import still_keeps_job
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.vendors.models import VendorAccount
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


def test_objects_come_as_the_orm_makes_them_with_what_is_joined(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    item = make.takeover(job, cast.oki)
    joined = ("job__account", "job__room", "author")
    query = PreparedObjects(lambda trace: Takeover.objects.select_related(*joined).filter(trace_id=trace))
    for _ in range(2):  # the one that makes its SQL, and the one after it
        with CaptureQueriesContext(connection) as captured:
            found = query.one(trace=item.trace_id)
            assert found is not None
            rows = [found, found.job, found.job.account, found.job.room, found.author]
        assert len(captured) == 1
        expected = Takeover.objects.select_related(*joined).get(pk=item.pk)
        by_orm = [expected, expected.job, expected.job.account, expected.job.room, expected.author]
        assert [shown(row) for row in rows] == [shown(row) for row in by_orm]
    assert query.one(trace="nobody's") is None


def shown(row: Model) -> dict[str, object]:
    """All that it holds, secrets decrypted, times aware; and that a save would be an update."""
    values = {name: value for name, value in vars(row).items() if name != "_state"}
    return {**values, "adding": row._state.adding, "db": row._state.db}


def test_an_object_that_joins_nobody_has_nobody(cast: Cast) -> None:
    room = make.room(make.account(cast.alpha))
    query = PreparedObjects(lambda pk: Room.objects.select_related("rule_set").filter(pk=pk))
    found = query.one(pk=room.pk)
    assert found is not None
    assert found.rule_set is None


def test_every_lookup_finds_what_the_orm_finds(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    item = make.takeover(job, cast.oki)
    Job.objects.filter(pk=job.pk).update(vendor_ref="session-1", owner="relay-a", epoch=3)
    Takeover.objects.filter(pk=item.pk).update(vendor_ref="said-1")
    account = job.account
    assert Job.objects.of_intake(job.intake_slug) == job
    assert Job.objects.of_session(account.pk + 1, "session-1") is None
    assert Takeover.objects.of_reference(job.pk, "") is None
    assert Takeover.objects.of_reference(job.pk + 1, "said-1") is None
    assert VendorAccount.objects.of_callback(account.callback_slug, account.vendor) == account
    assert VendorAccount.objects.of_callback(account.callback_slug, "another") is None
    with pytest.raises(Job.DoesNotExist):
        Job.objects.whole(job.pk + 1)


def test_lookups_bring_what_is_asked_of_them_next(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    item = make.takeover(job, cast.oki)
    Job.objects.filter(pk=job.pk).update(vendor_ref="session-1")
    Takeover.objects.filter(pk=item.pk).update(vendor_ref="said-1")
    account = job.account_id
    lookups: list[tuple[Callable[[], Any], str]] = [
        (lambda: Job.objects.of_callback(job.callback_slug), "account room"),
        (lambda: Job.objects.of_session(account, "session-1"), "account"),
        (lambda: Job.objects.whole(job.pk), "account room room.rule_set"),
        (lambda: Takeover.objects.of_trace(item.trace_id), "room job.room job.account"),
        (lambda: Takeover.objects.of_reference(job.pk, "said-1"), "room job.room job.account"),
    ]
    for look, joined in lookups:
        look()
        with CaptureQueriesContext(connection) as captured:
            found = look()
            assert found in (job, item)
            for name in joined.split():
                attrgetter(name)(found)
        assert len(captured) == 1, joined


def test_what_a_query_adds_to_objects_or_leaves_out_is_as_the_orm_has_it(cast: Cast) -> None:
    room = make.room(make.account(cast.alpha))
    job = make.on_air(room, cast.oki)

    def rooms(pk: int) -> QuerySet[Room]:
        is_on_air = Exists(Job.objects.filter(room=OuterRef("pk"), ended_at=None))
        return Room.objects.select_related("account").defer("account__credential").annotate(on=is_on_air).filter(pk=pk)

    query = PreparedObjects(rooms)
    for expected in (True, False):
        (found,), (by_orm,) = query.all(pk=room.pk), rooms(room.pk)
        assert vars(found)["on"] is expected
        assert [shown(one) for one in (found, found.account)] == [shown(one) for one in (by_orm, by_orm.account)]
        assert found.account.get_deferred_fields() == {"credential"}
        assert found.account.credential == job.account.credential
        Job.objects.filter(pk=job.pk).update(ended_at=job.state_at)


def test_a_query_of_values_is_refused(cast: Cast) -> None:
    query = PreparedObjects(lambda pk: Room.objects.filter(pk=pk).values_list("pk"))
    with pytest.raises(ValueError, match="objects"):
        query.one(pk=1)


def test_a_job_is_kept_by_its_owner_in_its_epoch(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    Job.objects.filter(pk=job.pk).update(owner="relay-a", epoch=3)
    asked = [("relay-a", 3), ("relay-a", 2), ("relay-b", 3), ("relay-a", 4)]
    assert [still_keeps_job(job.pk, *who) for who in asked] == [True, False, False, False]
    if connection.features.has_select_for_update:
        with CaptureQueriesContext(connection) as captured:
            still_keeps_job(job.pk, "relay-a", 3)
        assert any("FOR UPDATE" in query["sql"] for query in captured)
