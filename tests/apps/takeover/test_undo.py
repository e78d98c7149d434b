"""The undo window: what somebody says is ours for some seconds, and can be taken back as if it never was."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Conflict
from dashboard.live.relay import windows
from dashboard.rehearsal.services.course import INSTRUCTOR
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import ask, quiet, settle, undo
from dashboard.takeover.states import Mode, Source
from dashboard.takeover.wish import Wish
from dashboard.vendors.models import Command, CommandKind, CommandState
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import METASTUDIO, SOFTSUGAR, WORDS, Cast

pytestmark = pytest.mark.django_db
RELAY = "relay-of-the-test"


@pytest.fixture(params=[SOFTSUGAR, METASTUDIO])
def job(request: Any, cast: Cast, manual_clock: ManualClock) -> Job:
    made = make.on_air(make.room(make.account(cast.alpha, request.param)), cast.oki)
    Job.objects.filter(pk=made.pk).update(owner=RELAY)
    make.undo_window(cast.alpha, 3)
    return made


def words_left() -> int:
    """How many sentences of people may leave now."""
    people = Takeover.objects.exclude(source=Source.SCRIPT)
    says = Command.objects.filter(kind=CommandKind.SAY, state=CommandState.READY)
    return says.filter(trace_id__in=people.values("trace_id")).count()


def fresh(item: Takeover) -> Takeover:
    return Takeover.objects.get(pk=item.pk)


def test_what_is_said_is_held_and_leaves_when_its_window_ends(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.takeover(job, cast.oki)
    assert (item.state, item.held_until, item.due_at) == (
        "held",
        item.requested_at + timedelta(seconds=3),
        item.held_until,
    )
    manual_clock.advance(2.9)
    windows.end_due(RELAY)
    assert (fresh(item).state, words_left()) == ("held", 0)
    manual_clock.advance(0.1)
    windows.end_due(RELAY)
    assert (fresh(item).state, fresh(item).due_at, words_left()) == ("waiting", None, 1)
    windows.end_due(RELAY)
    assert words_left() == 1


def test_the_relay_knows_when_the_next_window_ends(job: Job, cast: Cast) -> None:
    item = make.takeover(job, cast.oki)
    assert windows.soonest(RELAY, 2.9) is None
    assert windows.soonest(RELAY, 3) == item.held_until
    assert windows.soonest("another relay", 3) is None


def test_another_relay_ends_the_window_of_a_dead_one(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.takeover(job, cast.oki)
    manual_clock.advance(12)
    Job.objects.filter(pk=job.pk).update(owner="the next relay")
    windows.end_due("the next relay")
    assert (fresh(item).state, words_left()) == ("waiting", 1)


def test_each_role_has_its_own_window(job: Job, cast: Cast) -> None:
    cast.alpha.undo_s = {"operator": 0, "producer": 10}
    cast.alpha.save()
    assert make.takeover(job, cast.oki).held_at is None
    pia = make.takeover(job, cast.pia)
    assert pia.held_until == pia.requested_at + timedelta(seconds=10)
    ada = make.takeover(job, cast.ada)
    assert ada.held_until == ada.requested_at + timedelta(seconds=3)


@pytest.mark.parametrize(
    "wish",
    [
        Wish(WORDS, Mode.NOW),
        Wish(WORDS, source=Source.RULE),
        Wish(WORDS, label=INSTRUCTOR.label),
    ],
    ids=["now", "rule", "rehearsal"],
)
def test_what_took_a_second_press_or_no_press_is_not_held(job: Job, cast: Cast, wish: Wish) -> None:
    user = None if wish.source == Source.RULE else cast.oki.user
    item = ask.request_takeover(job=job, wish=wish, user=user, actor=cast.oki.actor, key="k")
    assert (item.held_at, fresh(item).state, words_left()) == (None, "waiting", 1)


def test_sending_again_is_not_held(job: Job, cast: Cast) -> None:
    make.undo_window(cast.alpha, 0)
    item = make.unknown(job, cast.oki)
    make.undo_window(cast.alpha, 3)
    again = ask.send_again(item=item, user=cast.oki.user, actor=cast.oki.actor, key="again")
    assert again.held_at is None


# ----------------------------------------------------------------------------------------------------------- send now


def test_the_author_may_end_the_window_once(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.takeover(job, cast.oki)
    for _ in range(2):
        undo.send_now(item=item, user=cast.oki.user, actor=cast.oki.actor, version=item.version)
    assert (fresh(item).state, words_left()) == ("waiting", 1)
    assert AuditEntry.objects.filter(action="send_now").count() == 1
    manual_clock.advance(3)
    windows.end_due(RELAY)
    assert words_left() == 1


def test_nobody_else_may_end_it(job: Job, cast: Cast) -> None:
    item = make.takeover(job, cast.oki)
    with pytest.raises(Conflict, match="Only Oki Wang"):
        undo.send_now(item=item, user=cast.ada.user, actor=cast.ada.actor)
    assert (fresh(item).state, words_left()) == ("held", 0)


# ----------------------------------------------------------------------------------------------------------- take back


def test_undo_takes_it_back_with_its_words(job: Job, cast: Cast, sign_in: Any, manual_clock: ManualClock) -> None:
    item = make.takeover(job, cast.oki)
    url = reverse("takeover:undo", args=["alpha", item.pk])
    client = sign_in(cast.oki)
    first = client.post(url, {"version": item.version}, headers={"HX-Request": "true"})
    back = json.loads(unquote(first["X-Draft-Back"]))
    assert back == {"room": job.room_id, "kind": "text", "text": WORDS, "answers": "", "about": "", "params": {}}
    assert fresh(item).state == "cancelled"
    second = client.post(url, {"version": item.version}, headers={"HX-Request": "true"})
    assert (second.status_code, AuditEntry.objects.filter(action="undo_takeover").count()) == (204, 1)
    manual_clock.advance(5)
    windows.end_due(RELAY)
    assert (fresh(item).state, words_left()) == ("cancelled", 0)


def test_undone_words_name_the_question_that_they_answer(job: Job, cast: Cast, sign_in: Any) -> None:
    asked = make.question(job, "请问有小样送吗", by=cast.oki)
    wish = Wish(WORDS, cause_event_id=asked.event_id)
    item = ask.request_takeover(job=job, wish=wish, user=cast.oki.user, actor=cast.oki.actor, key="answer")
    answer = sign_in(cast.oki).post(reverse("takeover:undo", args=["alpha", item.pk]), {"version": item.version})
    back = json.loads(unquote(answer["X-Draft-Back"]))
    assert (back["answers"], back["about"]) == (asked.event_id, "观众 请问有小样送吗")


def test_too_late_to_undo(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.takeover(job, cast.oki)
    manual_clock.advance(3)
    windows.end_due(RELAY)
    with pytest.raises(Conflict, match="Too late to undo: it is waiting now"):
        undo.undo(item=item, user=cast.oki.user, actor=cast.oki.actor)
    assert words_left() == 1
    settle.cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)
    with pytest.raises(Conflict, match="it is cancelled now"):  # cancelled is not undone either
        undo.undo(item=item, user=cast.oki.user, actor=cast.oki.actor)


def test_after_undo_nobody_sends_it_now(job: Job, cast: Cast) -> None:
    item = make.takeover(job, cast.oki)
    undo.undo(item=item, user=cast.ada.user, actor=cast.ada.actor)
    with pytest.raises(Conflict):
        undo.send_now(item=item, user=cast.oki.user, actor=cast.oki.actor)
    assert words_left() == 0


def test_a_cancel_in_the_window_is_one(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.takeover(job, cast.oki)
    settle.cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)
    manual_clock.advance(3)
    windows.end_due(RELAY)
    assert (fresh(item).state, words_left()) == ("cancelled", 0)


def test_panic_takes_back_what_is_held(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.takeover(job, cast.oki)
    quiet.silence(job=job, user=cast.ada.user, actor=cast.ada.actor)
    manual_clock.advance(3)
    windows.end_due(RELAY)
    assert (fresh(item).state, words_left()) == ("cancelled", 0)


def test_the_end_of_the_job_takes_back_what_is_held(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.takeover(job, cast.oki)
    make.hear(job, JobSays.ENDED)
    manual_clock.advance(3)
    windows.end_due(RELAY)
    assert fresh(item).state == "cancelled"
    assert words_left() == 0


def test_others_are_not_held_up(job: Job, cast: Cast) -> None:
    make.takeover(job, cast.oki)
    make.undo_window(cast.alpha, 0)
    other = make.takeover(job, cast.pia, text="这一句不用等，可以马上说出来。")
    assert (fresh(other).state, words_left()) == ("waiting", 1)


def test_the_same_press_twice_is_held_once(job: Job, cast: Cast) -> None:
    first, second = (make.takeover(job, cast.oki, key="one-press") for _ in range(2))
    assert first.pk == second.pk
    assert Event.objects.filter(kind="item.requested", data__trace_id=first.trace_id).count() == 1


# -------------------------------------------------------------------------------------------------------------- policy


@pytest.mark.parametrize("sent", [{"operator": "11"}, {"producer": "-1"}, {"admin": "x"}, {"operator": ""}])
def test_a_window_out_of_its_limits_is_refused(cast: Cast, sign_in: Any, sent: dict[str, str]) -> None:
    url, before = reverse("accounts:undo_window", args=["alpha"]), cast.alpha.undo_s
    body = {"operator": "3", "producer": "3", "admin": "3", **sent}
    assert sign_in(cast.ada).post(url, body).status_code == 422
    cast.alpha.refresh_from_db()
    assert cast.alpha.undo_s == before


def test_admins_choose_the_window(cast: Cast, sign_in: Any) -> None:
    body = {"operator": "5", "producer": "2", "admin": "0"}
    url = reverse("accounts:undo_window", args=["alpha"])
    assert sign_in(cast.ada).post(url, body).status_code == 302
    cast.alpha.refresh_from_db()
    assert cast.alpha.undo_s == {"operator": 5, "producer": 2, "admin": 0}
    assert AuditEntry.objects.filter(action="save_undo_window").count() == 3  # the cast's two teams, and this
    page = sign_in(cast.ada).get(reverse("accounts:team", args=["alpha"])).content.decode()
    assert 'name="operator" value="5"' in page
