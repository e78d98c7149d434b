"""`record_many()`: facts enter once, bad ones block nobody, and nothing is told before it is kept."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from dashboard.events import notices, selectors
from dashboard.events.kinds import Audience, Changed, Fact, Item, JobStream, Kind, Nothing, Payload
from dashboard.events.models import Event, EventOutcome, Sequence, Source
from dashboard.events.notices import Notice
from dashboard.events.record import Projections, lock_topic, raise_sequence, record_many
from dashboard.lib import clock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.takeover import projection as takeovers
from dashboard.takeover.models import Takeover
from dashboard.vendors.models import VendorKind
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def fact(key: str, *, kind: Kind = Kind.JOB_ACCEPTED, payload: Payload | None = None, **more: Any) -> Fact:
    base: dict[str, Any] = {"source": Source.VENDOR, "at": clock.now(), "team_id": 1, "room_id": 7}
    return Fact(kind=kind, payload=payload or Nothing(), dedupe_key=key, **(base | more))


def outcomes() -> dict[str, str]:
    return dict(Event.objects.values_list("dedupe_key", "outcome"))


def applying(*kinds: Kind, does: Any) -> Projections:
    return Projections(one=dict.fromkeys(kinds or tuple(Kind), (does,)))


class Told:
    """Collects the notices of a test, from the moment of each commit."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.notices: list[Notice] = []
        monkeypatch.setattr(notices, "_publish", self.notices.extend)


# --------------------------------------------------------------------------------------------------------------- once


def test_a_repeat_is_a_success_without_an_event() -> None:
    first = record_many([fact("a")], Projections())
    again = record_many([fact("a"), fact("b"), fact("b")], Projections())
    assert first[0].event is not None
    assert [one.event is None for one in again] == [True, False, True]
    assert outcomes() == {"a": "applied", "b": "applied"}


def test_nothing_to_record_is_nothing_recorded() -> None:
    assert record_many([], Projections()) == []


def test_a_repeat_is_applied_once() -> None:
    applied: list[str] = []

    def note(event: Event) -> EventOutcome:
        applied.append(event.dedupe_key)
        return EventOutcome.APPLIED

    record_many([fact("a"), fact("a")], applying(does=note))
    record_many([fact("a")], applying(does=note))
    assert applied == ["a"]


def test_a_key_longer_than_its_column_is_still_a_key() -> None:
    long = "x" * 300
    assert record_many([fact(long)], Projections())[0].event is not None
    assert record_many([fact(long)], Projections())[0].event is None
    assert outcomes() == {"x" * 160: "applied"}


def test_what_a_fact_carries_is_kept_as_it_was() -> None:
    at = datetime.fromisoformat("2026-03-14T06:03:22.123456+00:00")
    told = fact("a", kind=Kind.ROOM_CHANGED, payload=Changed(fields=("x",)), at=at, account_id=3, job_id=9, actor_id=5)
    event = record_many([told], Projections())[0].event
    assert event is not None
    kept = Event.objects.get(pk=event.pk)
    assert (kept.kind, kept.source, kept.at, kept.data) == ("room.changed", "vendor", at, {"fields": ["x"]})
    assert (kept.team_id, kept.account_id, kept.room_id, kept.job_id, kept.actor_id) == (1, 3, 7, 9, 5)
    assert kept.received_at is not None


def test_a_nul_in_hostile_text_is_dropped() -> None:
    payload = Audience(type=1, user="a\x00b", text="c\x00", raw="\x00")
    event = record_many([fact("a", kind=Kind.COMMENT, payload=payload)], Projections())[0].event
    assert event is not None
    assert Event.objects.get(pk=event.pk).data == {"type": 1, "user": "ab", "text": "c", "raw": ""}


# ------------------------------------------------------------------------------------------------------- one bad fact


@pytest.mark.parametrize("error", [DataError, IntegrityError, ValueError, TypeError, KeyError, OverflowError])
def test_a_fact_that_cannot_be_applied_does_not_block_the_others(error: type[Exception]) -> None:
    changed: list[str] = []

    def picky(event: Event) -> EventOutcome:
        if event.dedupe_key == "bad":
            raise error("no")
        changed.append(event.dedupe_key)
        return EventOutcome.APPLIED

    results = record_many([fact("a"), fact("bad"), fact("b")], applying(does=picky))
    assert [one.event is not None for one in results] == [True, True, True]
    assert outcomes() == {"a": "applied", "bad": "failed", "b": "applied"}
    assert changed[-2:] == ["a", "b"]
    assert record_many([fact("bad")], applying(does=picky))[0].event is None  # acknowledged, and not tried for ever


def test_a_bad_facts_half_done_change_is_undone() -> None:
    def half(event: Event) -> EventOutcome:
        Sequence.objects.filter(topic="room:7").update(band=9)
        raise ValueError("in the middle")

    record_many([fact("bad")], applying(does=half))
    assert Sequence.objects.get(topic="room:7").band == 0


def test_a_lost_database_acknowledges_nothing() -> None:
    def lost(event: Event) -> EventOutcome:
        raise OperationalError("database or disk is full")

    with pytest.raises(OperationalError), transaction.atomic():
        record_many([fact("a"), fact("b")], applying(does=lost))
    assert outcomes() == {}


def test_outcomes_of_projections_are_kept() -> None:
    by_key = {"a": EventOutcome.APPLIED, "b": EventOutcome.NOTHING_NEW, "c": EventOutcome.MISFIT}
    record_many([fact(key) for key in by_key], applying(does=lambda event: by_key[event.dedupe_key]))
    assert outcomes() == {"a": "applied", "b": "nothing_new", "c": "misfit"}


# ----------------------------------------------------------------------------------------------------------- sequences


def test_sequences_rise_per_topic_in_the_order_of_arrival() -> None:
    facts = [fact("a"), fact("b", room_id=8), fact("c"), fact("a"), fact("d", room_id=None, account_id=2)]
    record_many(facts, Projections())
    record_many([fact("e")], Projections())
    rows = Event.objects.order_by("id").values_list("sequence__topic", "seq", "dedupe_key")
    assert list(rows) == [
        ("room:7", 1, "a"),
        ("room:8", 1, "b"),
        ("room:7", 2, "c"),
        ("account:2", 1, "d"),
        ("room:7", 3, "e"),
    ]
    assert selectors.sequences(["room:7", "room:8", "account:2", "team:1"]) == {
        "room:7": 3,
        "room:8": 1,
        "account:2": 1,
        "team:1": 0,
    }
    assert [event.dedupe_key for event in selectors.since("room:7", 1)] == ["c", "e"]


def test_topics_are_locked_rooms_before_accounts_before_teams() -> None:
    facts = [
        fact("t", room_id=None),
        fact("a", room_id=None, account_id=3),
        fact("r9", room_id=9),
        fact("r7"),
    ]
    record_many(facts, Projections())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        record_many(
            [fact("2" + one.dedupe_key, room_id=one.room_id, account_id=one.account_id) for one in facts], Projections()
        )
    locking = next(query["sql"] for query in queries if "FROM events_sequence" in query["sql"])
    assert "ORDER BY band, id" in locking
    assert locking.endswith("FOR UPDATE") == (connection.vendor == "postgresql")
    assert list(Sequence.objects.order_by("band", "id").values_list("topic", flat=True)) == [
        "room:7",
        "room:9",
        "account:3",
        "team:1",
    ]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_outside_a_transaction() -> None:
    """It would be free again at once, and nobody would notice."""
    with pytest.raises(TransactionManagementError):
        lock_topic("room:5")


def test_a_topic_is_locked_or_raised_without_an_event() -> None:
    assert lock_topic("room:5").seq == 0
    assert raise_sequence("room:5") == 1
    assert raise_sequence("room:5") == 2
    assert Event.objects.count() == 0


def test_a_batch_costs_the_same_queries_whatever_its_size() -> None:
    record_many([fact("first")], Projections())
    counts = []
    for size in (1, 50):
        with CaptureQueriesContext(connection) as queries:
            record_many([fact(f"{size}:{number}") for number in range(size)], Projections())
        counts.append(len(queries))
    assert counts[0] == counts[1]


# ------------------------------------------------------------------------------------------------------------- notices


def test_notices_follow_the_commit_one_per_topic(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True):
        record_many([fact("a"), fact("b"), fact("c", room_id=8)], Projections())
        assert told.notices == []
    assert sorted((one.topic, one.seq) for one in told.notices) == [("room:7", 2), ("room:8", 1)]


def test_a_notice_is_urgent_unless_only_the_audience_moved(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, said = Told(monkeypatch), Audience(type=1, user="a", text="b")
    with django_capture_on_commit_callbacks(execute=True):
        record_many(
            [
                fact("a", kind=Kind.COMMENT, payload=said),
                fact("b", kind=Kind.COMMENT, payload=said, room_id=8),
                fact("c", room_id=8),
            ],
            Projections(),
        )
    assert {one.topic: one.is_urgent for one in told.notices} == {"room:7": False, "room:8": True}


def test_a_repeat_tells_nobody(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    record_many([fact("a")], Projections())
    told = Told(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True):
        record_many([fact("a")], Projections())
    assert told.notices == []


def test_what_is_undone_tells_nobody(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        record_many([fact("a")], Projections())
        transaction.set_rollback(True)
    assert told.notices == []
    assert outcomes() == {}


async def test_a_listener_hears_in_its_own_loop_until_it_stops() -> None:
    heard: list[Notice] = []
    arrived = asyncio.Event()

    def listen(notice: Notice) -> None:
        heard.append(notice)
        arrived.set()

    stop = notices.listen(listen)
    await asyncio.to_thread(notices._publish, (Notice("room:7", 1),))
    await asyncio.wait_for(arrived.wait(), 5)
    stop()
    notices._publish((Notice("room:7", 2),))
    await asyncio.sleep(0)
    assert heard == [Notice("room:7", 1)]


# ------------------------------------------------------------------------------------------------------- waiting facts


def test_facts_under_an_unknown_reference_wait_and_are_applied_when_it_is_bound(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, VendorKind.METASTUDIO)), cast.oki)
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING)
    facts = [
        fact(
            f"{kind}:ref",
            kind=kind,
            payload=Item(trace_id="ref-9"),
            room_id=job.room_id,
            account_id=job.account_id,
            job_id=job.pk,
        )
        for kind in (Kind.ITEM_STARTED, Kind.ITEM_FINISHED)
    ]
    results = record_many(facts, PROJECTIONS)
    kept = Event.objects.filter(pk__in=[one.event.pk for one in results if one.event])
    assert list(kept.order_by("id").values_list("outcome", "ref")) == [("waiting", "ref-9"), ("waiting", "ref-9")]
    assert make.happened(item).state == "sending"
    make.happened(item, Kind.ITEM_ACCEPTED)
    takeovers.bind_reference(make.happened(item), "ref-9")
    assert make.happened(item).state == "done"
    assert set(kept.values_list("outcome", flat=True)) == {"applied"}


def test_what_waits_and_what_binds_it_may_share_a_batch(cast: Cast) -> None:
    """An unmatched end settles the one doubt of the job, also where both are recorded together."""
    job = make.on_air(make.room(make.account(cast.alpha, VendorKind.METASTUDIO)), cast.oki)
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING)
    scope: dict[str, Any] = {"room_id": job.room_id, "account_id": job.account_id, "job_id": job.pk}
    record_many(
        [
            fact("s", kind=Kind.ITEM_STARTED, payload=Item(trace_id="ref-9"), **scope),
            fact("f", kind=Kind.ITEM_FINISHED, payload=Item(trace_id="ref-9"), **scope),
            fact("u", kind=Kind.ITEM_UNSURE, payload=Item(trace_id=item.trace_id, why="timeout"), **scope),
        ],
        PROJECTIONS,
    )
    settled = Takeover.objects.get(pk=item.pk)
    assert (settled.state, settled.vendor_ref) == ("done", "ref-9")
    assert settled.started_at is not None
    assert {key: outcome for key, outcome in outcomes().items() if key in "sfu"} == dict.fromkeys("sfu", "applied")


def test_a_fact_about_no_job_is_a_misfit_and_kept() -> None:
    record_many([fact("a", kind=Kind.JOB_STREAM, payload=JobStream(link="up"), job_id=424242)], PROJECTIONS)
    assert outcomes() == {"a": "misfit"}
