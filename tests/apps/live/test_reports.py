"""Audience events on their way to the vendor: a batch of unknown outcome is never repeated, and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.audience.models import ReportCursor
from dashboard.events.kinds import Audience, Fact, Kind
from dashboard.events.models import Event, Source
from dashboard.events.record import raise_sequence, record_many
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.relay import reports
from dashboard.live.relay.report_batches import BIGGEST_BATCH, next_batch, settle, with_news
from dashboard.live.relay.reports import RENEW_BEFORE
from dashboard.vendors.models import VendorKind
from dashboard.vendors.port import (
    Accepted,
    AudienceEvent,
    JobSays,
    NotSent,
    Outcome,
    Rejected,
    Session,
    SessionOpened,
    Unknown,
    VendorError,
)
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

TABLES = {"sequence": "events_sequence", "reportcursor": "audience_reportcursor"}
REFUSED = Rejected(VendorError(code="MSS.1", happened=("No.", "否。"), todo=("Look.", "看。")))


class Door:
    """A gateway's event report: keeps what reached it and answers as told."""

    def __init__(self, *answers: Outcome[None]) -> None:
        self.answers = list(answers)
        self.got: list[tuple[str, str, list[str]]] = []
        self.renewed: Outcome[Any] = NotSent("busy")
        self.shown: Outcome[Any] = NotSent("busy")

    async def report_events(self, session: Session, events: Sequence[AudienceEvent]) -> Outcome[None]:
        self.got.append((session.vendor_ref, session.report_url, [event.content for event in events]))
        return self.answers.pop(0) if self.answers else Accepted(None)

    async def refresh_report_url(self, session: Session) -> Outcome[Any]:
        return self.renewed

    async def show_job(self, session: Session) -> Outcome[Any]:
        return self.shown

    def contents(self) -> list[list[str]]:
        return [contents for _, _, contents in self.got]


def put_on_air(cast: Cast) -> Job:
    job = make.on_air(make.room(make.account(cast.alpha, VendorKind.METASTUDIO)), cast.oki)
    job.report_url, job.owner = "https://report", "r1"
    job.save(update_fields=["report_url", "owner"])
    return job


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return put_on_air(cast)


def hear(job: Job, *raws: str, kind: Kind = Kind.COMMENT) -> None:
    record_many(
        [
            Fact(
                kind=kind,
                payload=Audience(type=6 if kind == Kind.VIEWERS else 1, raw=raw),
                source=Source.AUDIENCE,
                dedupe_key=f"{job.pk}:{kind}:{raw}",
                at=clock.now(),
                team_id=job.team_id,
                account_id=job.account_id,
                room_id=job.room_id,
                job_id=job.pk,
            )
            for raw in raws
        ],
        PROJECTIONS,
    )


async def forward(job: Job, door: Door, rounds: int = 1) -> None:
    told = reports.Reports("r1", lambda: True)
    for _ in range(rounds):
        await told.forward(job.account_id, door)  # type: ignore[arg-type]


async def cursor(job: Job) -> ReportCursor:
    return await in_thread(ReportCursor.objects.get, job=job)


async def unsure_facts(job: Job) -> list[int]:
    def read() -> list[int]:
        found = Event.objects.filter(job_id=job.pk, kind=Kind.JOB_REPORT_UNSURE).order_by("id")
        return [event.data["events"] for event in found]

    return await in_thread(read)


async def test_what_was_said_goes_on_once_in_its_order(job: Job) -> None:
    door = Door()
    await in_thread(hear, job, "a", "b")
    await forward(job, door, rounds=2)
    await in_thread(hear, job, "c")
    await forward(job, door, rounds=2)
    assert door.got == [
        (job.vendor_ref, "https://report", ["a", "b"]),
        (job.vendor_ref, "https://report", ["c"]),
    ]
    now = await cursor(job)
    assert (now.batch_to_seq, now.unsure_events, now.last_ok_at) == (None, 0, clock.now())


@pytest.mark.parametrize("outcome", [Unknown("timeout"), Unknown("broken_connection"), REFUSED], ids=str)
async def test_an_unknown_outcome_is_never_repeated_and_counted(job: Job, outcome: Outcome[None]) -> None:
    door = Door(outcome)
    await in_thread(hear, job, "a", "b")
    await forward(job, door)
    await in_thread(hear, job, "c")
    await forward(job, door, rounds=2)
    assert door.contents() == [["a", "b"], ["c"]]
    assert (await cursor(job)).unsure_events == 2
    assert await unsure_facts(job) == [2]


async def test_what_was_not_sent_goes_again(job: Job) -> None:
    door = Door(NotSent("rate_limit"), NotSent("no_connection"))
    await in_thread(hear, job, "a")
    await forward(job, door, rounds=4)
    assert door.contents() == [["a"], ["a"], ["a"]]
    assert (await cursor(job)).unsure_events == 0
    assert await unsure_facts(job) == []


async def test_a_number_of_viewers_is_no_loss(job: Job) -> None:
    door = Door(Unknown("timeout"), Unknown("timeout"))
    await in_thread(hear, job, "5", "6", kind=Kind.VIEWERS)
    await forward(job, door)
    assert (await cursor(job)).unsure_events == 0
    await in_thread(hear, job, "7", kind=Kind.VIEWERS)
    await in_thread(hear, job, "a")
    await forward(job, door)
    assert (await cursor(job)).unsure_events == 1
    assert await unsure_facts(job) == [1]


async def test_a_relay_that_died_with_a_batch_leaves_a_doubt_and_no_repeat(job: Job) -> None:
    await in_thread(hear, job, "a", "b")
    await in_thread(hear, job, "9", kind=Kind.VIEWERS)
    assert await in_thread(next_batch, job.pk) is not None  # durable; then the relay dies
    await in_thread(hear, job, "c")
    door = Door()
    await forward(job, door, rounds=2)
    assert door.contents() == [["c"]]
    assert (await cursor(job)).unsure_events == 2
    assert await unsure_facts(job) == [2]


async def test_a_late_answer_to_a_batch_that_was_given_up_changes_nothing(job: Job) -> None:
    await in_thread(hear, job, "a")
    batch = await in_thread(next_batch, job.pk)
    assert batch is not None
    await in_thread(hear, job, "b")
    assert await in_thread(next_batch, job.pk) is not None
    before = await cursor(job)
    await in_thread(settle, batch, Accepted(None))
    after = await cursor(job)
    assert (after.sent_through_seq, after.batch_to_seq, after.unsure_events) == (
        before.sent_through_seq,
        before.batch_to_seq,
        1,
    )


async def test_a_flood_goes_in_batches_and_rooms_take_turns(job: Job, cast: Cast) -> None:
    other = await in_thread(put_on_air, cast)
    await in_thread(Job.objects.filter(pk=other.pk).update, account_id=job.account_id)
    await in_thread(hear, job, *(f"a{number:03}" for number in range(BIGGEST_BATCH + 5)))
    await in_thread(hear, other, "b")
    door = Door()
    await forward(job, door)
    assert [(ref, len(contents)) for ref, _, contents in door.got] == [
        (job.vendor_ref, BIGGEST_BATCH),
        (other.vendor_ref, 1),
    ]
    await forward(job, door)
    assert [(ref, len(contents)) for ref, _, contents in door.got[2:]] == [(job.vendor_ref, 5)]


async def test_a_room_where_nothing_happens_is_not_asked_again(
    job: Job, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a relay of a thousand quiet rooms costs is one query, not one for each."""
    asked: list[int] = []

    def asked_of(jobs: Iterable[int]) -> set[int]:
        asked.extend(wanted := list(jobs))
        return with_news(wanted)

    monkeypatch.setattr(reports, "with_news", asked_of)
    told, door = reports.Reports("r1", lambda: True), Door()
    other = await in_thread(put_on_air, cast)
    await in_thread(Job.objects.filter(pk=other.pk).update, account_id=job.account_id)

    async def a_round() -> list[int]:
        asked.clear()
        await told.forward(job.account_id, door)  # type: ignore[arg-type]
        return asked

    assert sorted(await a_round()) == sorted([job.pk, other.pk])
    assert await a_round() == []
    await in_thread(hear, other, "b")
    assert [await a_round(), await a_round(), await a_round()][2] == []
    assert door.contents() == [["b"]]


async def test_rooms_that_moved_without_an_audience_cost_one_query(
    job: Job, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that goes on moves its room every few seconds: nobody opens a transaction for that."""
    batches: list[int] = []
    monkeypatch.setattr(reports, "next_batch", lambda job_id: batches.append(job_id) or next_batch(job_id))
    other = await in_thread(put_on_air, cast)
    await in_thread(Job.objects.filter(pk=other.pk).update, account_id=job.account_id)
    await in_thread(hear, other, "b")
    told, door = reports.Reports("r1", lambda: True), Door()
    await told.forward(job.account_id, door)  # type: ignore[arg-type]
    assert batches == [other.pk]
    await in_thread(raise_sequence, job.topic)
    await in_thread(raise_sequence, other.topic)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert told._due(job.account_id) == []
        return len(asked)

    assert await in_thread(queries) == 3  # the jobs, how far their rooms are, whether the audience said something


async def test_a_relay_that_ends_sends_no_further_batch(job: Job, cast: Cast) -> None:
    """What is left is the next relay's, at once: heartbeats wait for nobody's audience."""
    other = await in_thread(put_on_air, cast)
    await in_thread(Job.objects.filter(pk=other.pk).update, account_id=job.account_id)
    await in_thread(hear, job, "a")
    await in_thread(hear, other, "b")
    door = Door()
    told = reports.Reports("r1", lambda: not door.got)
    await told.forward(job.account_id, door)  # type: ignore[arg-type]
    assert len(door.got) == 1


@pytest.mark.parametrize("why", ["no address", "another relay", "ended", "not on air"])
async def test_nothing_is_sent_where_nobody_may(job: Job, why: str) -> None:
    def change() -> None:
        hear(job, "a")
        if why == "no address":
            Job.objects.filter(pk=job.pk).update(report_url="")
        elif why == "another relay":
            Job.objects.filter(pk=job.pk).update(owner="r2")
        elif why == "ended":
            make.hear(job, JobSays.ENDED)
        else:
            Job.objects.filter(pk=job.pk).update(state="ready")

    await in_thread(change)
    door = Door()
    await forward(job, door)
    assert door.got == []


async def test_another_jobs_audience_stays_its_own(job: Job, cast: Cast) -> None:
    """The cursor counts the room's sequence; an earlier job of the room has events below it."""
    await in_thread(hear, job, "old")

    def again() -> Job:
        make.hear(job, JobSays.ENDED)
        fresh = make.on_air(job.room, cast.oki)
        fresh.report_url, fresh.owner = "https://report", "r1"
        fresh.save(update_fields=["report_url", "owner"])
        hear(fresh, "new")
        return fresh

    await in_thread(again)
    door = Door()
    await forward(job, door)
    assert door.contents() == [["new"]]


async def test_an_address_that_runs_out_is_renewed_for_this_very_batch(job: Job) -> None:
    await in_thread(hear, job, "a")
    await in_thread(Job.objects.filter(pk=job.pk).update, report_url_until=clock.now() + RENEW_BEFORE)
    door = Door()
    await forward(job, door)
    assert door.got[0][1] == "https://report"  # exactly five minutes are enough
    await in_thread(hear, job, "b")
    soon = clock.now() + RENEW_BEFORE - timedelta(seconds=1)
    await in_thread(Job.objects.filter(pk=job.pk).update, report_url_until=soon)
    later = clock.now() + timedelta(hours=2)
    door.renewed = Accepted(("https://renewed", later))
    await forward(job, door)
    assert door.got[1][1] == "https://renewed"
    kept = await in_thread(Job.objects.get, pk=job.pk)
    assert (kept.report_url, kept.report_url_until) == ("https://renewed", later)


OLD = replace(REFUSED, is_out_of_date=True)


async def test_a_refused_address_is_renewed_and_the_same_batch_goes_once_more(job: Job) -> None:
    """Refused at the door: nothing was counted there, so this is no repeat."""
    door = Door(OLD)
    door.renewed = Accepted(("https://renewed", None))
    await in_thread(hear, job, "a", "b")
    await forward(job, door, rounds=2)
    assert door.got == [
        (job.vendor_ref, "https://report", ["a", "b"]),
        (job.vendor_ref, "https://renewed", ["a", "b"]),
    ]
    assert (await cursor(job)).unsure_events == 0


async def test_an_address_that_is_too_old_to_be_renewed_is_read_from_the_job(job: Job) -> None:
    door = Door(OLD)
    door.renewed = OLD
    door.shown = Accepted(SessionOpened(Session(job.vendor_ref, report_url="https://shown")))
    await in_thread(hear, job, "a")
    await forward(job, door)
    assert [url for _, url, _ in door.got] == ["https://report", "https://shown"]


@pytest.mark.parametrize("answers", [(OLD,), (OLD, OLD), (REFUSED,)], ids=["not renewed", "refused again", "refused"])
async def test_a_batch_goes_twice_at_most(job: Job, answers: tuple[Outcome[None], ...]) -> None:
    door = Door(*answers)
    door.renewed = Accepted(("https://renewed", None)) if len(answers) > 1 else REFUSED
    await in_thread(hear, job, "a")
    await forward(job, door, rounds=3)
    assert len(door.got) == len(answers)
    assert (await cursor(job)).unsure_events == 1


async def test_a_batch_whose_address_cannot_be_asked_for_just_now_waits(job: Job) -> None:
    """It was refused at the door: counting it as lost would be wrong, and nobody may have counted it twice."""
    door = Door(OLD)
    await in_thread(hear, job, "a")
    await forward(job, door)
    assert len(door.got) == 1
    assert (await cursor(job)).unsure_events == 0
    await forward(job, door)
    assert [words for _, _, words in door.got] == [["a"], ["a"]]
    assert (await cursor(job)).unsure_events == 0


async def test_a_renewal_that_fails_tries_the_old_address(job: Job) -> None:
    await in_thread(hear, job, "a")
    await in_thread(Job.objects.filter(pk=job.pk).update, report_url_until=clock.now())
    door = Door()
    await forward(job, door)
    assert door.got[0][1] == "https://report"


# ---------------------------------------------------------------------------------------------------------------- locks


def order_of_locks(work: Callable[[], object]) -> list[str]:
    """Which of the two rows a transaction reads first: on PostgreSQL each is locked by that read."""
    with CaptureQueriesContext(connection) as queries:
        work()
    tables = [
        name
        for query in queries
        for name in ("sequence", "reportcursor")
        if f"FROM {TABLES[name]}" in query["sql"].replace('"', "")
    ]
    return list(dict.fromkeys(tables))


def test_the_room_is_locked_before_the_cursor(job: Job) -> None:
    hear(job, "one")
    assert order_of_locks(lambda: next_batch(job.pk)) == ["sequence", "reportcursor"]
    assert order_of_locks(lambda: next_batch(job.pk)) == ["sequence", "reportcursor"]  # it gives up a lost batch
    hear(job, "two")
    batch = next_batch(job.pk)
    assert batch is not None
    assert order_of_locks(lambda: settle(batch, Unknown("timeout"))) == ["sequence", "reportcursor"]
    assert ReportCursor.objects.get(job=job).unsure_events == 2
