"""What capture tools post: MetaStudio's live-event-report as it is, at one signed address per job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dashboard.audience.addresses import intake_path, intake_url
from dashboard.audience.models import Asking
from dashboard.audience.reports import LONGEST_NAME, LONGEST_TEXT
from dashboard.audience.selectors import questions_of
from dashboard.console import comments
from dashboard.events.kinds import AUDIENCE, Audience, Fact, Kind
from dashboard.events.models import Event, Source
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.intake.writer import Full, writer
from dashboard.vendors.models import VendorKind
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

T0 = 1_773_468_202_000  # 2026-03-14 06:03:22 UTC
XSS = '<img src=x onerror="alert(1)">&<b>'


@pytest.fixture(autouse=True)
def stop_writer() -> Iterator[None]:
    yield
    writer.stop()


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return make.on_air(make.room(make.account(cast.alpha, VendorKind.METASTUDIO)), cast.oki)


def event(kind: int, content: Any = None, at: int = T0) -> dict[str, Any]:
    text = content if isinstance(content, str | None) else json.dumps(content, ensure_ascii=False)
    return {"type": kind, "timestamp": at, "content": text}


def report(*events: dict[str, Any], total: int | None = None) -> bytes:
    return json.dumps({"total": len(events) if total is None else total, "events": events}).encode()


def post(job: Job, body: bytes, path: str = "") -> HttpResponse:
    return Client().post(path or intake_path(job), body, content_type="application/json")  # type: ignore[return-value]


def said(job: Job) -> list[tuple[str, dict[str, Any]]]:
    found = Event.objects.filter(job_id=job.pk, kind__in=sorted(AUDIENCE)).order_by("id")
    return [
        (kind, {name: value for name, value in data.items() if name != "value" or value})
        for kind, data in found.values_list("kind", "data")
    ]


def refusal(answer: HttpResponse) -> tuple[int, str]:
    return answer.status_code, json.loads(answer.content)["field"]


# ------------------------------------------------------------------------------------------------------------ accepted


def test_the_vendors_own_body_is_taken_as_it_is(job: Job) -> None:
    body = report(
        event(1, {"user": {"name": "小林", "userId": "u1"}, "content": "多少钱？"}, T0),
        event(2, {"user": {"name": "阿花"}}, T0 + 1),
        event(3, {"user": {"name": "阿花"}}, T0 + 2),
        event(4, {"user": {"userId": "u7"}, "gift": {"giftName": "火箭", "giftNum": "3", "totalValue": 9.5}}, T0 + 3),
        event(5, {"anything": 1}, T0 + 4),
        event(6, {"numberOfViewers": 1204}, T0 + 5),
        {"timestamp": T0 + 6},
    )
    answer = post(job, body)
    assert (answer.status_code, json.loads(answer.content)) == (200, {"recorded": 5})
    raws = [one["content"] for one in json.loads(body)["events"] if one.get("type") in (1, 2, 3, 4, 6)]
    assert said(job) == [
        ("audience.comment", {"type": 1, "user": "小林", "text": "多少钱？", "raw": raws[0]}),
        ("audience.joined", {"type": 2, "user": "阿花", "raw": raws[1]}),
        ("audience.liked", {"type": 3, "user": "阿花", "raw": raws[2]}),
        ("audience.gift", {"type": 4, "user": "u7", "text": "火箭", "count": 3, "value": 9.5, "raw": raws[3]}),
        ("audience.viewers", {"type": 6, "count": 1204, "raw": raws[4]}),
    ]
    fresh = Job.objects.get(pk=job.pk)
    assert (fresh.comments, fresh.gifts, fresh.viewers) == (1, 3, 1204)
    assert fresh.viewers_at == fresh.audience_at == datetime.fromtimestamp((T0 + 5) / 1000, UTC)
    first = Event.objects.filter(kind=Kind.COMMENT).get()
    assert (first.source, first.at, first.room_id) == ("audience", datetime.fromtimestamp(T0 / 1000, UTC), job.room_id)


@pytest.mark.parametrize("content", ["just words", "{broken", "[1, 2]", '"quoted"', "12", "null", "[" * 8000, XSS])
def test_a_comment_whose_content_is_not_an_object_is_its_text(job: Job, content: str) -> None:
    assert post(job, report(event(1, content))).status_code == 200
    kind, data = said(job)[0]
    expected = {"[1, 2]": "[1, 2]", '"quoted"': "quoted", "null": "None"}.get(content, content)
    assert (kind, data["text"], data["raw"]) == ("audience.comment", expected[:LONGEST_TEXT], content)


def test_fields_by_other_names_are_understood(job: Job) -> None:
    body = report(event(1, {"userName": "a", "text": "b"}), event(1, {"user": 7, "content": 8}))
    assert post(job, body).status_code == 200
    assert [(data["user"], data["text"]) for _, data in said(job)] == [("a", "b"), ("7", "8")]


@pytest.mark.parametrize(
    ("given", "count"),
    [
        *[(odd, 1) for odd in ("²", "٣", "1e9", "-4", "", None, True)],
        ("12", 12),
        ("2.9", 2),
        (2.9, 2),
        (-3, 0),
        (10**400, 2**31 - 1),
    ],
)
def test_odd_numbers_do_no_harm(job: Job, given: Any, count: int) -> None:
    assert post(job, report(event(4, {"gift": {"giftName": "x", "giftNum": given}}))).status_code == 200
    assert Job.objects.get(pk=job.pk).gifts == count


def test_long_texts_are_cut(job: Job) -> None:
    content = {"user": {"name": "n" * 500}, "content": "c" * 5000}
    assert post(job, report(event(1, content))).status_code == 200
    data = said(job)[0][1]
    assert (len(data["user"]), len(data["text"])) == (LONGEST_NAME, LONGEST_TEXT)


def test_an_empty_report_is_fine(job: Job) -> None:
    assert json.loads(post(job, report()).content) == {"recorded": 0}


def test_a_repeat_records_nothing_a_second_time(job: Job) -> None:
    body = report(event(1, {"user": {"name": "a"}, "content": "hi"}), event(6, {"numberOfViewers": 5}))
    assert json.loads(post(job, body).content) == {"recorded": 2}
    assert json.loads(post(job, body).content) == {"recorded": 0}
    assert Job.objects.get(pk=job.pk).comments == 1
    assert len(said(job)) == 2


def test_equal_words_at_another_moment_or_by_another_person_are_new(job: Job) -> None:
    same = {"user": {"name": "a"}, "content": "hi"}
    body = report(event(1, same), event(1, same, T0 + 1), event(1, {"user": {"name": "b"}, "content": "hi"}))
    assert json.loads(post(job, body).content) == {"recorded": 3}


def test_two_jobs_have_audiences_of_their_own(job: Job, cast: Cast) -> None:
    other = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    body = report(event(1, "hi"))
    assert [json.loads(post(one, body).content)["recorded"] for one in (job, other)] == [1, 1]


# ------------------------------------------------------------------------------------------------------------- refused


def test_a_wrong_signature_is_401_and_records_nothing(job: Job, cast: Cast) -> None:
    other = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    signature = intake_path(other).rsplit("/", 1)[1]
    for wrong in (signature, "x", "密码"):
        answer = post(job, report(event(1, "hi")), reverse("intake:audience", args=[job.intake_slug, wrong]))
        assert refusal(answer) == (401, "")
    assert said(job) == []


def test_an_ended_job_is_410(job: Job) -> None:
    make.hear(job, JobSays.ENDED)
    assert post(job, report(event(1, "hi"))).status_code == 410
    assert said(job) == []


def test_a_job_that_is_no_more_is_404(job: Job) -> None:
    path = intake_path(job)
    Job.objects.filter(pk=job.pk).update(intake_slug="another")
    assert post(job, report(event(1, "hi")), path).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (report(event(1, "hi"), total=2), "total"),
        (report(event(1, "hi"), total=0), "total"),
        (report(event(1, "hi"), total=-1), "total"),
        (report(event(7, "hi")), "events[0].type"),
        (report(event(1, "hi"), event(0, "hi")), "events[1].type"),
        (report(event(1, "hi", 10**18)), "events[0].timestamp"),
        (report(event(1, "hi"), event(1, "hi", -1)), "events[1].timestamp"),
        (report(event(1, "hi", 253_402_300_799_000)), "events[0].timestamp"),
        (b"", "body"),
        (b"[]", "body"),
        (b'{"events": []}', "body"),
        (b"\xff\xfe", "body"),
        (b'{"total": 1, "x": ' + b"[" * 60_000, "body"),
        (b'{"total": 1, "events": [{"timestamp": 1, "type": 1, "content": {"a": 1}}]}', "body"),
        (b'{"total": 1, "events": [{"timestamp": 1, "type": 1, "content": "\\ud800"}]}', "body"),
        (b'{"total": 1, "events": [{"timestamp": 1, "type": 1, "content": "\xff"}]}', "body"),
    ],
)
def test_what_breaks_the_contract_is_400_naming_the_field(job: Job, body: bytes, field: str) -> None:
    assert refusal(post(job, body)) == (400, field)
    assert said(job) == []


def test_more_events_than_the_limit_are_refused_whole(job: Job, settings: Any) -> None:
    settings.INTAKE_MAX_EVENTS = 3
    events = [event(1, f"hi {number}") for number in range(4)]
    assert refusal(post(job, report(*events))) == (400, "events")
    assert said(job) == []
    assert json.loads(post(job, report(*events[:3])).content) == {"recorded": 3}


def test_too_large_a_body_is_413(job: Job) -> None:
    assert refusal(post(job, b"x" * (2 * 1024 * 1024 + 1))) == (413, "body")


def test_only_a_post_reports(job: Job) -> None:
    assert Client().get(intake_path(job)).status_code == 405


def test_no_session_and_no_csrf_token_are_needed(job: Job) -> None:
    answer = Client(enforce_csrf_checks=True).post(
        intake_path(job), report(event(1, "hi")), content_type="application/json"
    )
    assert (answer.status_code, answer.json()) == (200, {"recorded": 1})


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("disk full"), 503), (TimeoutError(), 429), (Full(), 429)]
)
def test_what_was_not_recorded_is_not_acknowledged(
    job: Job, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def broken(facts: Any) -> Any:
        raise error

    monkeypatch.setattr(writer, "submit", broken)
    assert refusal(post(job, report(event(1, "hi")))) == (status, "")


def test_the_whole_address_needs_a_public_one(job: Job, settings: Any) -> None:
    settings.PUBLIC_URL = "https://talkback.example.com"
    assert intake_url(job) == f"https://talkback.example.com{intake_path(job)}"
    settings.PUBLIC_URL = ""
    assert intake_url(job) == ""


# ------------------------------------------------------------------------------------------------------------ counters


def facts(job: Job, *events: tuple[Kind, int, int]) -> list[Fact]:
    """Kind, count, second."""
    base = datetime.fromtimestamp(T0 / 1000, UTC)
    return [
        Fact(
            kind=kind,
            payload=Audience(type=1, count=count),
            source=Source.AUDIENCE,
            dedupe_key=f"{job.pk}:{kind}:{count}:{second}:{number}",
            at=base + timedelta(seconds=second),
            team_id=job.team_id,
            room_id=job.room_id,
            job_id=job.pk,
        )
        for number, (kind, count, second) in enumerate(events)
    ]


def test_counters_and_viewers_of_all_jobs_move_with_one_pass_over_a_batch(job: Job, cast: Cast) -> None:
    other = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    batch = [
        *facts(job, *[(Kind.COMMENT, 1, second) for second in range(40)], (Kind.GIFT, 3, 50), (Kind.GIFT, 4, 51)),
        *facts(other, (Kind.COMMENT, 1, 1), (Kind.VIEWERS, 10, 2), (Kind.VIEWERS, 20, 4), (Kind.VIEWERS, 15, 3)),
    ]
    with CaptureQueriesContext(connection) as queries:
        record_many(batch, PROJECTIONS)
    # The counters of both at once, then the number of viewers.
    assert len([query for query in queries if "UPDATE jobs_job" in query["sql"]]) == 2
    counted = {row.pk: (row.comments, row.gifts, row.viewers) for row in Job.objects.filter(pk__in=[job.pk, other.pk])}
    assert counted == {job.pk: (40, 7, None), other.pk: (1, 0, 20)}


def test_rooms_of_one_batch_keep_their_questions_apart(job: Job, cast: Cast) -> None:
    """Two rooms, one of them of another team, ask the same at once: each desk counts its own alone."""
    other = make.on_air(make.room(make.account(cast.omega)), cast.zoe)
    first, again = [
        [*asks(job, name, "多少钱？", "几天到"), *asks(other, name, "多少钱？", "这个多少钱呢")]
        for name in ("first", "again")
    ]
    record_many(first, PROJECTIONS)
    with CaptureQueriesContext(connection) as queries:
        record_many([*again, *first], PROJECTIONS)
    assert len([query for query in queries if "audience_" in query["sql"]]) <= 4
    found = {one.pk: [(row.text, row.count) for row in questions_of(one, limit=9)] for one in (job, other)}
    assert found == {job.pk: [("多少钱？", 2), ("几天到", 2)], other.pk: [("多少钱？", 4)]}
    assert {one.question.job_id for one in Asking.objects.filter(question__team=cast.omega)} == {other.pk}
    assert Asking.objects.count() == 8


def asks(job: Job, name: str, *texts: str) -> list[Fact]:
    return [
        Fact(
            kind=Kind.COMMENT,
            payload=Audience(type=1, text=text),
            source=Source.AUDIENCE,
            dedupe_key=f"{job.pk}:{name}:{text}",
            at=clock.now(),
            team_id=job.team_id,
            room_id=job.room_id,
            job_id=job.pk,
        )
        for text in texts
    ]


def test_a_number_no_column_holds_fails_alone(job: Job) -> None:
    """The driver refuses it, and the batch goes on one by one."""
    record_many(facts(job, (Kind.COMMENT, 1, 1), (Kind.VIEWERS, 2**70, 2), (Kind.COMMENT, 1, 3)), PROJECTIONS)
    fresh = Job.objects.get(pk=job.pk)
    assert (fresh.comments, fresh.viewers) == (2, None)
    assert list(Event.objects.filter(outcome="failed").values_list("kind", flat=True)) == [Kind.VIEWERS]


def test_an_older_batch_adds_to_the_counters_but_moves_no_number_back(job: Job) -> None:
    record_many(facts(job, (Kind.VIEWERS, 200, 10), (Kind.COMMENT, 1, 10)), PROJECTIONS)
    record_many(facts(job, (Kind.VIEWERS, 100, 5), (Kind.COMMENT, 1, 5)), PROJECTIONS)
    fresh = Job.objects.get(pk=job.pk)
    newest = datetime.fromtimestamp(T0 / 1000 + 10, UTC)
    assert (fresh.viewers, fresh.comments, fresh.viewers_at, fresh.audience_at) == (200, 2, newest, newest)


# ---------------------------------------------------------------------------------------------------------- rendering


def test_hostile_words_are_only_ever_text(job: Job, cast: Cast, sign_in: Any) -> None:
    hostile = {"user": {"name": f"n{XSS}"}, "content": f"c{XSS}", "gift": {"giftName": f"g{XSS}", "giftNum": 1}}
    assert post(job, report(event(1, hostile), event(4, hostile), event(1, XSS))).status_code == 200
    events = Event.objects.filter(job_id=job.pk, kind__in=sorted(AUDIENCE)).order_by("id")
    rows = comments.rows(events, "zh-hans", "")
    assert len(rows) == 3
    for row in rows:
        html = render_to_string("audience/_comment.html", {"comment": row})
        assert "<img" not in html
        assert "<b>" not in html
        assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&lt;b&gt;" in html
    page = sign_in(cast.vic).get(reverse("console:desk", args=["alpha", job.room.code]))
    assert page.status_code == 200
    assert "<img src=x" not in page.content.decode()


def test_a_comment_of_the_far_future_still_renders(job: Job) -> None:
    assert post(job, report(event(1, "hi", 32_503_679_999_999))).status_code == 200
    row = comments.rows(Event.objects.filter(kind=Kind.COMMENT), "zh-hans", "")[0]
    with timezone.override("Pacific/Kiritimati"):
        assert "hi" in render_to_string("audience/_comment.html", {"comment": row})
