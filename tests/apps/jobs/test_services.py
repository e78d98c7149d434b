"""Start and stop: one job per key, problems named before anything is asked, and starts that never left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.events.selectors import sequences
from dashboard.jobs.models import Job
from dashboard.jobs.services.start import start_job
from dashboard.jobs.services.stop import stop_job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Conflict, Invalid
from dashboard.live.relay.outcomes import adoption, control, starts
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState, Health, VendorAccount, VendorKind
from dashboard.vendors.port import JobSays, NotSent, Rejected, Session, SessionOpened, Unknown, VendorError
from tests import cast as make
from tests.cast import SCRIPT, Cast

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("vendor", VendorKind)
REFUSED = VendorError(code="97", happened=("No free slot.", "没有名额。"), todo=("Try later.", "请稍后再试。"))


def room(cast: Cast, vendor: str = VendorKind.SOFTSUGAR) -> Room:
    return make.room(make.account(cast.alpha, vendor))


def start(in_room: Room, cast: Cast, key: str = "start-1") -> Job:
    return start_job(room=in_room, user=cast.oki.user, actor=cast.oki.actor, key=key)


def stop(job: Job, cast: Cast, reason: str = "enough") -> Job:
    return stop_job(job=job, user=cast.oki.user, actor=cast.oki.actor, reason=reason)


def create_of(job: Job) -> Command:
    return Command.objects.get(job_id=job.pk, kind="create")


def claimed(job: Job) -> Command:
    command = create_of(job)
    Command.objects.filter(pk=command.pk).update(state=CommandState.SENDING, claimed_at=clock.now(), attempts=1)
    command.refresh_from_db()
    return command


def fresh(job: Job) -> Job:
    return Job.objects.select_related("room", "account").get(pk=job.pk)


def evidence() -> tuple[int, int, int]:
    return Job.objects.count(), Command.objects.count(), Event.objects.count()


# --------------------------------------------------------------------------------------------------------------- start


@BOTH
def test_a_start_is_a_job_a_command_a_fact_and_an_audit_entry(cast: Cast, vendor: VendorKind) -> None:
    in_room = room(cast, vendor)
    team_seq = sequences([f"team:{cast.alpha.pk}"])[f"team:{cast.alpha.pk}"]
    job = start(in_room, cast)
    assert (job.state, job.number, job.key, job.started_by, job.vendor_ref) == (
        "starting",
        1,
        "start-1",
        cast.oki.user,
        "",
    )
    assert [item.text for item in job.script.all()] == list(SCRIPT)
    lane = f"account:{job.account_id}:create" if vendor == VendorKind.SOFTSUGAR else f"job:{job.pk}:create"
    command = create_of(job)
    assert (command.lane, command.state, command.trace_id) == (lane, "ready", f"create-{job.pk}")
    assert Event.objects.get(kind=Kind.JOB_REQUESTED).job_id == job.pk
    entry = AuditEntry.objects.get(action="start_job")
    assert (entry.actor_id, entry.target_id, entry.room_id) == (cast.oki.user.pk, job.pk, in_room.pk)
    assert sequences([f"team:{cast.alpha.pk}"])[f"team:{cast.alpha.pk}"] > team_seq


def test_one_key_is_one_job(cast: Cast) -> None:
    in_room = room(cast)
    job = start(in_room, cast)
    before = evidence()
    assert start(in_room, cast).pk == job.pk
    assert evidence() == before
    assert AuditEntry.objects.filter(action="start_job").count() == 1


def test_a_key_of_another_room_starts_nothing_and_says_so(cast: Cast) -> None:
    start(room(cast), cast)
    other = room(cast)
    with pytest.raises(Conflict):
        start(other, cast)
    assert not Job.objects.filter(room=other).exists()


def test_a_room_has_one_open_job(cast: Cast) -> None:
    in_room = room(cast)
    job = start(in_room, cast)
    before = evidence()
    with pytest.raises(Conflict) as refused:
        start(in_room, cast, "start-2")
    assert in_room.code in refused.value.message
    assert evidence() == before
    Job.objects.filter(pk=job.pk).update(state="ended", ended_at=clock.now())
    assert start(in_room, cast, "start-3").number == 2


@pytest.mark.parametrize(
    ("vendor", "field"),
    [
        (VendorKind.SOFTSUGAR, "script"),
        (VendorKind.SOFTSUGAR, "file_id"),
        (VendorKind.SOFTSUGAR, "account"),
        (VendorKind.SOFTSUGAR, "archived"),
        (VendorKind.METASTUDIO, "pushed"),
        (VendorKind.METASTUDIO, "refused push"),
    ],
)
def test_what_stands_in_the_way_is_named_before_any_row(cast: Cast, vendor: str, field: str) -> None:
    in_room = room(cast, vendor)
    if field == "script":
        in_room.scenes.all().delete()
    elif field == "file_id":
        Room.objects.filter(pk=in_room.pk).update(config={})
    elif field == "account":
        VendorAccount.objects.filter(pk=in_room.account_id).update(health=Health.REFUSED)
    elif field == "archived":
        Room.objects.filter(pk=in_room.pk).update(archived_at=clock.now())
    else:
        Room.objects.filter(pk=in_room.pk).update(vendor_ref="", push_error={} if field == "pushed" else {"code": "x"})
    before = evidence()
    with pytest.raises(Invalid) as refused:
        start(in_room, cast)
    assert refused.value.field == (field if field in ("script", "file_id", "account") else "")
    assert evidence() == before


def test_edits_of_the_room_do_not_reach_a_running_job(cast: Cast) -> None:
    in_room = room(cast)
    job = start(in_room, cast)
    in_room.scenes.all().delete()
    assert [item.text for item in job.script.all()] == list(SCRIPT)


# ---------------------------------------------------------------------------------------------------------------- stop


def test_a_start_that_has_not_left_is_taken_back(cast: Cast) -> None:
    job = stop(start(room(cast), cast), cast)
    assert (job.state, job.end_reason, create_of(job).state) == ("ended", "never started", "withdrawn")
    assert job.ended_at is not None
    assert not Command.objects.filter(kind="stop").exists()
    assert AuditEntry.objects.get(action="stop_job").reason == "enough"
    assert start(job.room, cast, "start-2").number == 2


def test_a_start_on_its_way_is_stopped_as_soon_as_it_arrived(cast: Cast) -> None:
    job = start(room(cast), cast)
    command = claimed(job)
    job = stop(job, cast)
    assert job.state == "stopping"
    assert not Command.objects.filter(kind="stop").exists()  # there is nothing to address yet
    adoption.adopt(fresh(job), SessionOpened(Session(vendor_ref="s-1", token="t")), by="answer")
    command.refresh_from_db()
    assert (command.state, fresh(job).state) == ("accepted", "stopping")
    assert Command.objects.get(kind="stop").lane == f"job:{job.pk}:stop"


def test_a_start_that_could_not_be_sent_ends_where_it_was_stopped(cast: Cast) -> None:
    """It would wait for ever: no relay sends the start of a job that is being stopped."""
    job = start(room(cast), cast)
    command = claimed(job)
    stop(job, cast)
    starts.created(fresh(job), command, NotSent("no_connection"))
    assert (fresh(job).state, fresh(job).end_reason) == ("ended", "never started")
    assert create_of(job).state == "withdrawn"


def test_a_start_that_could_not_be_sent_waits_where_it_was_not_stopped(cast: Cast) -> None:
    job = start(room(cast), cast)
    starts.created(fresh(job), claimed(job), NotSent("no_connection", 3.0))
    command = create_of(job)
    assert (fresh(job).state, command.state, command.wait_reason) == ("starting", "ready", "no_connection")


def test_a_refused_start_fails_with_the_vendors_words(cast: Cast) -> None:
    job = start(room(cast), cast)
    starts.created(fresh(job), claimed(job), Rejected(REFUSED))
    failed = fresh(job)
    assert (failed.state, failed.end_reason, create_of(job).state) == ("failed", "refused", "rejected")
    assert failed.error is not None
    assert (failed.error["code"], failed.error["happened"]) == ("97", ["No free slot.", "没有名额。"])


def test_a_start_without_an_answer_is_unknown_and_its_lane_is_shut(cast: Cast) -> None:
    account = make.account(cast.alpha)
    job, next_job = start(make.room(account), cast), start(make.room(account), cast, "start-2")
    starts.created(fresh(job), claimed(job), Unknown("timeout"))
    assert (fresh(job).state, create_of(job).state) == ("unknown", "unknown")
    assert not outbox.claim(create_of(next_job), relay="r", epoch=1, still_mine=lambda: True)
    starts.create_never_arrived(fresh(job))
    assert (fresh(job).state, create_of(job).state) == ("failed", "rejected")
    assert outbox.claim(create_of(next_job), relay="r", epoch=1, still_mine=lambda: True)


def test_a_running_job_is_asked_to_stop_and_ends_when_the_vendor_says_so(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(room(cast), cast.oki)
    Command.objects.filter(kind="create").update(state=CommandState.ACCEPTED)
    manual_clock.advance(1)
    job = stop(job, cast)
    assert (job.state, job.rung, job.stop_requested_at) == ("stopping", 1, clock.now())
    assert list(Command.objects.filter(job_id=job.pk, state="ready").values_list("kind", flat=True)) == ["stop"]
    before = evidence()
    stop(job, cast)
    assert evidence() == before
    manual_clock.advance(1)
    job = make.hear(job, JobSays.ENDED)
    assert (job.state, job.end_reason, job.ended_at) == ("ended", "asked", clock.now())
    assert not Command.objects.filter(job_id=job.pk, state="ready").exists()
    assert not Takeover.objects.filter(job=job, state="waiting").exists()


def test_a_refused_stop_is_said_and_can_be_asked_again(cast: Cast) -> None:
    job = make.on_air(room(cast), cast.oki)
    Command.objects.filter(kind="create").update(state=CommandState.ACCEPTED)
    stop(job, cast)
    command = Command.objects.get(kind="stop")
    Command.objects.filter(pk=command.pk).update(state=CommandState.SENDING)
    control.stopped(fresh(job), command, Rejected(REFUSED))
    refused = fresh(job)
    assert (refused.state, refused.can_stop) == ("stopping", True)
    assert refused.error is not None
    assert refused.error["code"] == "97"
    stop(job, cast)
    assert Command.objects.filter(kind="stop", state="ready").count() == 1
    assert fresh(job).error is None


def test_a_job_that_is_over_is_not_stopped(cast: Cast) -> None:
    job = make.hear(make.on_air(room(cast), cast.oki), JobSays.LOST)
    before = evidence()
    assert stop(job, cast).state == "lost"
    assert evidence() == before


def test_sentences_that_were_at_the_vendor_are_unknown_and_the_rest_was_never_sent(cast: Cast) -> None:
    job = make.on_air(room(cast), cast.oki)
    queued = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    playing = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    waiting = make.takeover(job, cast.oki)
    make.hear(job, JobSays.ENDED)
    states = [(item.state, item.unknown_reason) for item in map(make.happened, (queued, playing, waiting))]
    assert states == [("unknown", "job_ended"), ("cancelled", ""), ("cancelled", "")]
    assert make.happened(queued, Kind.ITEM_FINISHED).state == "done"  # a notice tells more
    assert make.happened(playing, Kind.ITEM_FINISHED).state == "done"


# --------------------------------------------------------------------------------------------------------------- views


def post(client: Any, name: str, in_room: Room, **data: str) -> HttpResponse:
    headers = {"HX-Request": "true", "Idempotency-Key": "k", "X-Confirmed": "1"}
    answer: HttpResponse = client.post(reverse(f"jobs:{name}", args=["alpha", in_room.code]), data, headers=headers)
    return answer


def test_the_view_starts_once_per_key(cast: Cast, sign_in: Any) -> None:
    in_room, client = room(cast), sign_in(cast.oki)
    assert [post(client, "start", in_room, key="k").status_code for _ in range(2)] == [204, 204]
    assert Job.objects.filter(room=in_room).count() == 1
    assert post(client, "start", in_room).status_code == 422


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"word": "WRONG", "reason": "x"}, 422),
        ({"word": "", "reason": "x"}, 422),
        ({"reason": ""}, 422),
        ({"reason": "x" * 201}, 422),
    ],
)
def test_a_stop_needs_the_rooms_code_and_a_reason(cast: Cast, sign_in: Any, data: dict[str, str], status: int) -> None:
    job = make.on_air(room(cast), cast.oki)
    before = evidence()
    answer = post(sign_in(cast.oki), "stop", job.room, **{"word": job.room.code, **data})
    assert answer.status_code == status
    assert evidence() == before
    assert fresh(job).state == "live"


def test_the_code_may_be_typed_in_small_letters(cast: Cast, sign_in: Any) -> None:
    job = make.on_air(room(cast), cast.oki)
    Command.objects.filter(kind="create").update(state=CommandState.ACCEPTED)
    data = {"word": f" {job.room.code.lower()} ", "reason": "the show is over"}
    assert post(sign_in(cast.oki), "stop", job.room, **data).status_code == 204
    assert fresh(job).state == "stopping"
    assert AuditEntry.objects.get(action="stop_job").reason == "the show is over"


def test_nothing_to_stop_is_said(cast: Cast, sign_in: Any) -> None:
    in_room = room(cast)
    assert post(sign_in(cast.oki), "stop", in_room, word=in_room.code, reason="x").status_code == 409


def test_a_session_is_kept_with_what_it_is_addressed_by(cast: Cast, manual_clock: ManualClock) -> None:
    job = start(room(cast, VendorKind.METASTUDIO), cast)
    until = clock.now() + timedelta(hours=1)
    session = Session(vendor_ref="j-1", token="t", report_url="https://r", rtc={"room": "x"})
    adoption.adopt(fresh(job), SessionOpened(session, report_url_until=until), by="answer")
    kept = fresh(job)
    assert (kept.vendor_ref, kept.session_token, kept.report_url, kept.report_url_until) == (
        "j-1",
        "t",
        "https://r",
        until,
    )
    assert kept.rtc == '{"room":"x"}'
    assert kept.billed_from == clock.now()
    adoption.adopt(kept, SessionOpened(Session(vendor_ref="j-2")), by="listing")
    assert fresh(job).vendor_ref == "j-1"
