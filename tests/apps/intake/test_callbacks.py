"""What vendors post to us, through the real URLs: believed only when signed, recorded once, acknowledged after that."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.intake import callbacks
from dashboard.live.intake import writer as writer_module
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.intake.facts import Heard, fact_of
from dashboard.live.intake.views import LARGEST_CALLBACK
from dashboard.live.intake.writer import Full, writer
from dashboard.live.relay.outcomes import adoption
from dashboard.takeover.models import Takeover
from dashboard.vendors.models import Command, CommandState, VendorAccount, VendorKind
from dashboard.vendors.port import ItemReport, JobSays, Session, SessionOpened, Step
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://talkback.example.com"
HOSTILE = "<script>alert(1)</script>{{ 7|add:7 }}'\"; DROP TABLE jobs_job; --\u202e"


@pytest.fixture(autouse=True)
def address(settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = URL
    yield
    writer.stop()


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return make.on_air(make.room(make.account(cast.alpha, VendorKind.METASTUDIO)), cast.oki)


@pytest.fixture
def softsugar_job(cast: Cast, manual_clock: ManualClock) -> Job:
    return make.on_air(make.room(make.account(cast.alpha, VendorKind.SOFTSUGAR)), cast.oki)


# ---------------------------------------------------------------------------------------------------------- MetaStudio


def told(job: Job, event: str = "SHOOT_SCRIPT_SWITCH", **message: Any) -> bytes:
    base = {"job_id": job.vendor_ref, "room_id": job.room.vendor_ref}
    if event == "SHOOT_SCRIPT_SWITCH":
        base |= {"scene_script_name": "S", "shoot_script_sequence_no": "2", "shoot_script_title": "Two"}
    return json.dumps({"event_type": event, "message": json.dumps(base | message)}, ensure_ascii=False).encode()


def head(job: Job, *, key: str | None = None, sent: datetime | None = None, url: str = "") -> dict[str, str]:
    """MSS_A_HEAD: HMAC-SHA256 of address and hex time, worked out here and not by the code under test."""
    time = format(int((sent or clock.now()).timestamp()), "x")
    signed = url or URL + reverse("intake:job_callback", args=[job.callback_slug])
    secret = hmac.new((key or job.callback_key).encode(), (signed + time).encode(), hashlib.sha256).hexdigest()
    return {"X-Hw-Mss-Secret": secret, "X-Hw-Mss-Time": time}


def post(job: Job, body: bytes, headers: dict[str, str] | None = None) -> HttpResponse:
    address = reverse("intake:job_callback", args=[job.callback_slug])
    signed = head(job) if headers is None else headers
    return Client().post(address, body, content_type="application/json", headers=signed)  # type: ignore[return-value]


def rows() -> list[dict[str, Any]]:
    """Everything a callback could change, but the audit."""
    return [*Job.objects.values(), *Takeover.objects.values(), *Command.objects.values(), *Event.objects.values()]


def news(job: Job) -> list[tuple[str, str]]:
    kinds = (Kind.JOB_SCRIPT_POSITION, Kind.JOB_STREAM, Kind.JOB_UNRECOGNISED, Kind.ITEM_FINISHED)
    found = Event.objects.filter(job_id=job.pk, kind__in=kinds).order_by("id")
    return list(found.values_list("kind", "outcome"))


def test_a_signed_callback_is_recorded_and_then_acknowledged(job: Job) -> None:
    answer = post(job, told(job))
    assert (answer.status_code, answer.content) == (200, b"ok")
    event = Event.objects.get(kind=Kind.JOB_SCRIPT_POSITION)
    assert event.data == {"no": 2, "title": "Two"}
    assert (event.source, event.job_id, event.room_id, event.team_id) == ("vendor", job.pk, job.room_id, job.team_id)
    assert Job.objects.get(pk=job.pk).script_no == 2


def test_the_signature_may_stand_in_the_query(job: Job) -> None:
    signed = head(job)
    address = reverse("intake:job_callback", args=[job.callback_slug])
    query = f"?hwSecret={signed['X-Hw-Mss-Secret']}&hwTime={signed['X-Hw-Mss-Time']}"
    assert Client().post(address + query, told(job), content_type="application/json").status_code == 200
    assert news(job) == [("job.script_position", "applied")]


def test_a_lost_stream_is_on_the_job(job: Job) -> None:
    assert post(job, told(job, "RTMP_STREAM_STATE_CHANGE", state="DISCONNECTED")).status_code == 200
    assert Job.objects.get(pk=job.pk).stream_link == "down"


def test_a_finished_reply_ends_its_takeover(job: Job, cast: Cast) -> None:
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED)
    Takeover.objects.filter(pk=item.pk).update(vendor_ref="reply-1")
    assert post(job, told(job, "REPLY_COMMAND_FINISH", reply_id="reply-1")).status_code == 200
    assert Takeover.objects.get(pk=item.pk).state == "done"


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda job: {}, id="missing"),
        pytest.param(lambda job: head(job, key="another-key"), id="wrong key"),
        pytest.param(lambda job: head(job, url=f"{URL}/callbacks/jobs/other"), id="another address"),
        pytest.param(lambda job: {**head(job), "X-Hw-Mss-Secret": "00" * 32}, id="forged"),
        pytest.param(lambda job: {**head(job), "X-Hw-Mss-Secret": "密" * 64}, id="not even ASCII"),
        pytest.param(lambda job: {"X-Hw-Mss-Time": head(job)["X-Hw-Mss-Time"]}, id="time alone"),
        pytest.param(lambda job: {"X-Hw-Mss-Secret": head(job)["X-Hw-Mss-Secret"]}, id="secret alone"),
        pytest.param(lambda job: head(job, sent=clock.now() - timedelta(minutes=15, seconds=1)), id="too old"),
        pytest.param(lambda job: head(job, sent=clock.now() + timedelta(minutes=15, seconds=1)), id="from the future"),
    ],
)
def test_what_is_not_signed_changes_nothing(job: Job, forge: Any) -> None:
    before = rows()
    answer = post(job, told(job, "RTMP_STREAM_STATE_CHANGE", state="END"), forge(job))
    assert (answer.status_code, answer.content) == (401, b"Refused.")
    assert rows() == before
    entry = AuditEntry.objects.get(action="callback")
    assert (entry.target_kind, entry.target_id, entry.room_id) == ("vendoraccount", job.account_id, job.room_id)
    assert (entry.actor_label, entry.actor_id) == ("callback", None)
    assert entry.result in ("refused: signature", "refused: time")
    assert entry.address == "127.0.0.1"


def test_a_storm_of_forgeries_leaves_one_audit_row_a_minute(job: Job, manual_clock: ManualClock) -> None:
    for _ in range(5):
        assert post(job, told(job), {}).status_code == 401
    assert AuditEntry.objects.filter(action="callback").count() == 1
    manual_clock.advance(61)
    assert post(job, told(job), {}).status_code == 401
    assert AuditEntry.objects.filter(action="callback").count() == 2


@pytest.mark.parametrize("seconds", [-15 * 60, 15 * 60])
def test_a_quarter_of_an_hour_is_still_believed(job: Job, seconds: int) -> None:
    assert post(job, told(job), head(job, sent=clock.now() + timedelta(seconds=seconds))).status_code == 200


def test_a_byte_identical_repeat_is_acknowledged_without_a_second_event(job: Job) -> None:
    signed = head(job)
    assert post(job, told(job), signed).status_code == 200
    before = rows()
    assert post(job, told(job), signed).status_code == 200
    assert rows() == before
    assert news(job) == [("job.script_position", "applied")]


def test_the_same_words_at_a_new_time_are_a_new_event(job: Job) -> None:
    for seconds in (0, 1):
        assert post(job, told(job), head(job, sent=clock.now() + timedelta(seconds=seconds))).status_code == 200
    assert news(job) == [("job.script_position", "applied")] * 2


def test_a_reply_finishes_once_however_often_it_is_told(job: Job) -> None:
    for seconds in (0, 1):
        body = told(job, "REPLY_COMMAND_FINISH", reply_id="nobody's")
        assert post(job, body, head(job, sent=clock.now() + timedelta(seconds=seconds))).status_code == 200
    assert news(job) == [("item.finished", "waiting")]


def test_a_new_word_of_the_vendor_is_kept_and_does_nothing(job: Job) -> None:
    assert post(job, told(job, "SOMETHING_NEW", state="LIVE", stream_key="verysecret")).status_code == 200
    event = Event.objects.get(kind=Kind.JOB_UNRECOGNISED)
    assert "SOMETHING_NEW" in event.data["raw"]
    assert "verysecret" not in event.data["raw"]
    assert Job.objects.get(pk=job.pk).state == "live"


def test_hostile_text_stays_text(job: Job, sign_in: Any, cast: Cast) -> None:
    assert post(job, told(job, shoot_script_title=HOSTILE)).status_code == 200
    assert Event.objects.get(kind=Kind.JOB_SCRIPT_POSITION).data["title"] == HOSTILE
    assert post(job, told(job, HOSTILE)).status_code == 200
    page = sign_in(cast.vic).get(reverse("console:desk", args=["alpha", job.room.code])).content.decode()
    assert "<script>alert" not in page
    assert "{{ 7" not in page


@pytest.mark.parametrize("number", ["-5", str(10**30), str(2**40)])
def test_a_number_that_no_row_can_hold_is_kept_as_failed_or_odd_and_blocks_nobody(job: Job, number: str) -> None:
    answer = post(job, told(job, shoot_script_sequence_no=number))
    assert answer.status_code in (200, 400)
    assert post(job, told(job, shoot_script_sequence_no="3")).status_code == 200
    assert Event.objects.filter(kind=Kind.JOB_SCRIPT_POSITION, data__no=3).count() == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff\xfe", b"[" * 50_000, b'{"event_type":"X","message":"{"}'])
def test_what_cannot_be_read_is_kept_as_text_and_moves_nothing(job: Job, body: bytes) -> None:
    """It is signed, so it is the vendor's: refused, it would only come again. A repeat is a repeat."""
    before = list(Job.objects.values())
    signed = head(job)
    assert [post(job, body, signed).status_code for _ in range(2)] == [200, 200]
    assert news(job) == [("job.unrecognised", "applied")]
    assert list(Job.objects.values()) == before


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 50_000, b'{"sessionId":7}'])
def test_a_status_that_cannot_be_read_belongs_to_no_job_and_is_refused(softsugar_job: Job, body: bytes) -> None:
    before = rows()
    assert post_status(softsugar_job.account, body).status_code == 400
    assert rows() == before


def test_what_names_another_job_moves_neither(job: Job, cast: Cast) -> None:
    """The signature covers the address and not the body (A11)."""
    other = make.on_air(make.room(job.account), cast.oki)
    body = told(other, "RTMP_STREAM_STATE_CHANGE", state="DISCONNECTED")
    assert post(job, body).status_code == 200
    assert news(job) == [("job.unrecognised", "applied")]
    assert news(other) == []
    assert {one.stream_link for one in Job.objects.all()} == {"not_reported"}


def test_refused_callbacks_are_counted_on_the_account(job: Job, sign_in: Any, cast: Cast) -> None:
    for _ in range(4):
        assert post(job, told(job), {}).status_code == 401
    account = VendorAccount.objects.get(pk=job.account_id)
    assert (account.callbacks_refused, account.callback_refused_at) == (4, clock.now())
    page = sign_in(cast.ada).get(reverse("console:vendor_accounts", args=["alpha"])).content.decode()
    assert "Refused callbacks" in page


@pytest.mark.parametrize("size", [LARGEST_CALLBACK + 1, 2 * 1024 * 1024 + 1])
def test_too_large_a_body_is_413_and_changes_nothing(job: Job, size: int) -> None:
    before = rows()
    assert post(job, b"x" * size).status_code == 413
    assert rows() == before


def test_an_unknown_address_is_404(job: Job) -> None:
    before = rows()
    for name in ("job_callback", "account_callback"):
        answer = Client().post(reverse(f"intake:{name}", args=["nobody"]), told(job), content_type="application/json")
        assert answer.status_code == 404
    # A MetaStudio account has no address of its own.
    slug = job.account.callback_slug
    path = reverse("intake:account_callback", args=[slug])
    assert Client().post(path, b"{}", content_type="application/json").status_code == 404
    assert rows() == before


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_a_post_is_a_callback(job: Job, method: str) -> None:
    address = reverse("intake:job_callback", args=[job.callback_slug])
    assert getattr(Client(), method)(address).status_code == 405


def test_no_session_and_no_csrf_token_are_needed(job: Job) -> None:
    address = reverse("intake:job_callback", args=[job.callback_slug])
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, told(job), content_type="application/json", headers=head(job)).status_code == 200


@pytest.mark.parametrize("error", [OperationalError("database or disk is full"), Full(), TimeoutError()])
def test_what_was_not_recorded_is_not_acknowledged(job: Job, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(facts: Any) -> Any:
        raise error

    monkeypatch.setattr(writer, "submit", broken)
    assert post(job, told(job)).status_code == 503
    assert news(job) == []


def test_a_batch_that_fails_in_the_writers_thread_is_not_acknowledged(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(facts: Any, projections: Any) -> Any:
        raise OperationalError("database is locked")

    monkeypatch.setattr(writer_module, "record_many", broken)
    assert post(job, told(job)).status_code == 503
    monkeypatch.setattr(writer_module, "record_many", record_many)
    assert post(job, told(job)).status_code == 200
    assert news(job) == [("job.script_position", "applied")]


# ----------------------------------------------------------------------------------------------------------- SoftSugar


def status(job: Job, number: int, **more: Any) -> bytes:
    return json.dumps({"sessionId": job.vendor_ref, "status": number, **more}, ensure_ascii=False).encode()


def post_status(
    account: VendorAccount, body: bytes, *, key: str | None = None, sent: datetime | None = None, signed: bool = True
) -> HttpResponse:
    timestamp = str(int((sent or clock.now()).timestamp()))
    digest = hmac.new((key or account.callback_key).encode(), timestamp.encode() + body, hashlib.sha256).hexdigest()
    headers = {"Timestamp": timestamp, "Signature": digest} if signed else {}
    address = reverse("intake:account_callback", args=[account.callback_slug])
    return Client().post(address, body, content_type="application/json", headers=headers)  # type: ignore[return-value]


def checks(job: Job) -> list[str]:
    return list(Command.objects.filter(job_id=job.pk, kind="check").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("number", "step", "kind"),
    [
        (34, Step.QUEUED, "item.queued"),
        (36, Step.STARTED, "item.started"),
        (37, Step.FINISHED, "item.finished"),
    ],
)
@pytest.mark.parametrize("socket_first", [True, False])
def test_a_step_told_by_socket_and_callback_is_one_event(
    softsugar_job: Job, cast: Cast, number: int, step: Step, kind: str, socket_first: bool
) -> None:
    job = softsugar_job
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING)
    body = status(job, number, commandTraceId=item.trace_id, commandFinishTime="2026-03-14 14:03:22")
    heard = fact_of(job, ItemReport(job.vendor_ref, item.trace_id, step, clock.now()), Heard("socket", "r:1:1:1"))
    if socket_first:
        record_many([heard], PROJECTIONS)
        assert post_status(job.account, body).status_code == 200
    else:
        assert post_status(job.account, body).status_code == 200
        record_many([heard], PROJECTIONS)
    assert Event.objects.filter(job_id=job.pk, kind=kind).count() == 1
    assert (
        Takeover.objects.get(pk=item.pk).state == {"queued": "queued", "started": "playing", "finished": "done"}[step]
    )


def test_a_failed_takeover_is_told_with_the_vendors_reason(softsugar_job: Job, cast: Cast) -> None:
    item = make.happened(make.takeover(softsugar_job, cast.oki), Kind.ITEM_SENDING)
    body = status(softsugar_job, 39, commandTraceId=item.trace_id, taskResult="tts broke")
    assert post_status(softsugar_job.account, body).status_code == 200
    failed = Takeover.objects.get(pk=item.pk)
    assert (failed.state, failed.error["code"]) == ("failed", "39")


@pytest.mark.parametrize("number", [5, 50, 9, 99, 97, 98])
def test_an_end_is_not_believed_but_asked_for(softsugar_job: Job, number: int) -> None:
    job = softsugar_job
    for _ in range(2):
        assert post_status(job.account, status(job, number)).status_code == 200
    assert Job.objects.get(pk=job.pk).state == "live"
    assert not Event.objects.filter(job_id=job.pk, data__by="callback").exists()
    assert checks(job) == ["ready"]  # one question at a time is enough


def test_a_running_state_is_believed_when_signed(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.job(make.room(make.account(cast.alpha)), cast.oki)
    Job.objects.filter(pk=job.pk).update(vendor_ref="s-1")
    job.refresh_from_db()
    manual_clock.advance(2)
    assert post_status(job.account, status(job, 35)).status_code == 200
    assert Job.objects.get(pk=job.pk).state == "ready"
    assert checks(job) == []


@pytest.mark.parametrize("number", [35, 2, 5, 36])
def test_an_unverified_callback_is_never_applied(softsugar_job: Job, cast: Cast, number: int) -> None:
    job = softsugar_job
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING)
    VendorAccount.objects.filter(pk=job.account_id).update(callback_check="presence")
    before = [*Job.objects.values(), *Takeover.objects.values(), *Event.objects.values()]
    body = status(job, number, commandTraceId=item.trace_id)
    assert post_status(job.account, body, signed=False).status_code == 200
    assert [*Job.objects.values(), *Takeover.objects.values(), *Event.objects.values()] == before
    assert checks(job) == ["ready"]


def test_nobody_is_asked_about_a_job_that_is_over(softsugar_job: Job) -> None:
    make.hear(softsugar_job, JobSays.ENDED)
    assert post_status(softsugar_job.account, status(softsugar_job, 5)).status_code == 200
    assert checks(softsugar_job) == []


@pytest.mark.parametrize(
    "forgery",
    [{"key": "another"}, {"signed": False}, {"sent": datetime.fromisoformat("2026-03-14T05:48:00+00:00")}],
)
def test_a_forged_status_changes_nothing(softsugar_job: Job, forgery: dict[str, Any]) -> None:
    before = rows()
    assert post_status(softsugar_job.account, status(softsugar_job, 5), **forgery).status_code == 401
    assert rows() == before
    assert AuditEntry.objects.filter(action="callback").count() == 1


def test_a_session_that_nobody_here_started_is_acknowledged_and_left_to_the_listing(softsugar_job: Job) -> None:
    before = rows()
    body = json.dumps({"sessionId": "stranger", "status": 2}).encode()
    assert post_status(softsugar_job.account, body).status_code == 200
    assert rows() == before


@pytest.mark.parametrize("doubt", [CommandState.SENDING, CommandState.UNKNOWN])
def test_a_session_whose_start_is_not_answered_yet_is_told_again(
    cast: Cast, manual_clock: ManualClock, doubt: str
) -> None:
    started = make.job(make.room(make.account(cast.alpha)), cast.oki)
    create = Command.objects.get(job_id=started.pk, kind="create")
    Command.objects.filter(pk=create.pk).update(state=doubt)
    body = json.dumps({"sessionId": "s-1", "status": 35}).encode()
    manual_clock.advance(1)
    before = rows()
    assert post_status(started.account, body).status_code == 503
    assert rows() == before
    adoption.adopt(started, SessionOpened(Session(vendor_ref="s-1")), by="answer")
    assert post_status(started.account, body).status_code == 200
    assert Job.objects.get(pk=started.pk).state == "ready"


def test_a_start_in_doubt_holds_up_no_other_account_and_no_known_session(softsugar_job: Job, cast: Cast) -> None:
    other = make.job(make.room(make.account(cast.alpha)), cast.oki)
    Command.objects.filter(job_id=other.pk).update(state=CommandState.UNKNOWN)
    stranger = json.dumps({"sessionId": "stranger", "status": 2}).encode()
    assert post_status(softsugar_job.account, stranger).status_code == 200
    same = make.job(make.room(softsugar_job.account), cast.oki)
    Command.objects.filter(job_id=same.pk).update(state=CommandState.SENDING)
    assert post_status(softsugar_job.account, status(softsugar_job, 2)).status_code == 200
    assert post_status(softsugar_job.account, stranger).status_code == 503


def test_a_session_bound_while_its_callback_is_read_is_not_lost(
    cast: Cast, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = make.job(make.room(make.account(cast.alpha)), cast.oki)
    manual_clock.advance(1)

    def bound_meanwhile(account: VendorAccount) -> bool:
        adoption.adopt(started, SessionOpened(Session(vendor_ref="s-1")), by="answer")
        return False

    monkeypatch.setattr(callbacks, "_has_start_in_doubt", bound_meanwhile)
    assert post_status(started.account, json.dumps({"sessionId": "s-1", "status": 35}).encode()).status_code == 200
    assert Job.objects.get(pk=started.pk).state == "ready"


def test_another_accounts_session_is_not_reached(softsugar_job: Job, cast: Cast) -> None:
    """A signature of one account says nothing about the sessions of another."""
    foreign = make.account(cast.omega)
    before = rows()
    assert post_status(foreign, status(softsugar_job, 35)).status_code == 200
    assert rows() == before


def test_a_question_that_left_already_does_not_stand_for_a_new_one(softsugar_job: Job) -> None:
    assert post_status(softsugar_job.account, status(softsugar_job, 5)).status_code == 200
    Command.objects.filter(kind="check").update(state=CommandState.SENDING)
    assert post_status(softsugar_job.account, status(softsugar_job, 50)).status_code == 200
    assert sorted(checks(softsugar_job)) == ["ready", "sending"]


def test_answers_are_plain_text() -> None:
    assert callbacks.Answer(200, "ok").text == "ok"
    answer = Client().post(reverse("intake:job_callback", args=["nobody"]))
    assert answer["Content-Type"] == "text/plain"
