"""A job that a vendor runs and nobody here started: adopted once, closed once, each by whom the policy lets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.jobs.models import Job
from dashboard.jobs.services.adopt import adopt_session
from dashboard.jobs.services.start import start_job
from dashboard.lib import clock
from dashboard.lib.errors import Conflict
from dashboard.live.relay.outcomes import starts
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.takeover.services.pause import resume_script
from dashboard.vendors.models import Command, CommandKind, CommandState, UnclaimedSession, VendorAccount, VendorKind
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db
REF = "5d41402abc4b2a76b9719d911017c592"


@pytest.fixture
def account(cast: Cast) -> VendorAccount:
    return make.account(cast.alpha)


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def post(person: Person, name: str, pk: int, *, confirmed: bool = True, **data: Any) -> HttpResponse:
    headers = {"X-Confirmed": "1"} if confirmed else {}
    answer: HttpResponse = client_of(person).post(reverse(name, args=["alpha", pk]), data, headers=headers)
    return answer


def adopt(ghost: UnclaimedSession, room: Room | None, person: Person) -> Job:
    return adopt_session(session=ghost, room=room, user=person.user, actor=person.actor)


def trail(action: str) -> list[str]:
    return list(AuditEntry.objects.filter(action=action, result="done").values_list("reason", flat=True))


# --------------------------------------------------------------------------------------------------------------- adopt


def test_it_becomes_a_job_like_any_other(account: VendorAccount, cast: Cast) -> None:
    room, begun = make.room(account), clock.now() - timedelta(hours=1)
    ghost = make.ghost(account, REF, started_at=begun)
    job = adopt(ghost, room, cast.oki)
    kept = Job.objects.get(pk=job.pk)
    assert (kept.room_id, kept.vendor_ref, kept.state, kept.started_by) == (room.pk, REF, "live", cast.oki.user)
    assert (kept.billed_from, kept.live_at, kept.number) == (begun, begun, 1)
    assert trail("adopt_job") == [""]
    page = client_of(cast.vic).get(reverse("console:jobs", args=["alpha"])).content.decode()
    assert str(kept) in page
    assert f"ghost-{ghost.pk}" not in page


def test_nothing_is_said_by_itself_until_somebody_lets_the_script_begin(account: VendorAccount, cast: Cast) -> None:
    job = adopt(make.ghost(account, REF), make.room(account), cast.oki)
    kinds = set(Command.objects.filter(job_id=job.pk).values_list("kind", flat=True))
    assert kinds == {CommandKind.CHECK}
    assert not Takeover.objects.filter(job=job).exists()
    resume_script(job=Job.objects.get(pk=job.pk), user=cast.oki.user, actor=cast.oki.actor)
    assert Takeover.objects.filter(job=job, source="script").exists()


def test_one_that_is_ready_goes_on_air(account: VendorAccount, cast: Cast) -> None:
    job = adopt(make.ghost(account, REF, JobSays.READY), make.room(account), cast.oki)
    assert Command.objects.filter(job_id=job.pk, kind=CommandKind.GO_LIVE).exists()


@pytest.mark.parametrize("room_code", ["K7Q", ""])
def test_two_presses_are_one(account: VendorAccount, cast: Cast, room_code: str) -> None:
    make.room(account, code="K7Q")
    ghost = make.ghost(account, REF)
    answers = [post(cast.pia, "jobs:adopt", ghost.pk, room=room_code) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert Job.objects.filter(vendor_ref=REF).count() == 1
    assert Room.objects.filter(account=account).count() == (1 if room_code else 2)
    assert len(trail("adopt_job")) == 1


def test_the_first_press_only_arms(account: VendorAccount, cast: Cast) -> None:
    make.room(account, code="K7Q")
    answer = post(cast.oki, "jobs:adopt", make.ghost(account, REF).pk, confirmed=False, room="K7Q")
    assert answer.status_code == 428
    assert not Job.objects.exists()


def test_a_new_room_takes_a_producer(account: VendorAccount, cast: Cast) -> None:
    ghost = make.ghost(account, REF)
    assert post(cast.oki, "jobs:adopt", ghost.pk).status_code == 403
    assert not Room.objects.exists()
    assert not Job.objects.exists()
    assert post(cast.pia, "jobs:adopt", ghost.pk).status_code == 204
    assert Job.objects.get().room.name.startswith("Adopted")


def test_a_viewer_neither_adopts_nor_closes(account: VendorAccount, cast: Cast) -> None:
    ghost = make.ghost(account, REF)
    assert post(cast.vic, "jobs:adopt", ghost.pk).status_code == 403
    assert post(cast.vic, "jobs:close_session", ghost.pk, word=ghost.word, reason="x").status_code == 403
    assert UnclaimedSession.objects.get().decision == ""
    assert not Command.objects.filter(kind=CommandKind.END_SESSION).exists()


def test_another_team_has_no_such_job(cast: Cast) -> None:
    theirs = make.ghost(make.account(cast.omega), REF)
    assert post(cast.ada, "jobs:adopt", theirs.pk).status_code == 404
    assert not Job.objects.exists()


def test_a_room_of_another_account_cannot_take_it(account: VendorAccount, cast: Cast) -> None:
    other = make.room(make.account(cast.alpha))
    with pytest.raises(Conflict, match="same vendor account"):
        adopt(make.ghost(account, REF), other, cast.oki)
    assert not Job.objects.exists()


def test_a_room_that_runs_cannot_take_it(account: VendorAccount, cast: Cast) -> None:
    busy = make.on_air(make.room(account), cast.oki)
    with pytest.raises(Conflict, match="already has a running job"):
        adopt(make.ghost(account, REF), busy.room, cast.oki)
    assert UnclaimedSession.objects.get().decision == ""


def test_a_start_without_an_answer_is_settled_by_it(account: VendorAccount, cast: Cast) -> None:
    """Two new sessions and one start in doubt: nobody but a person can tell which it is (B33)."""
    room = make.room(account)
    job = start_job(room=room, user=cast.oki.user, actor=cast.oki.actor, key="k")
    create = Command.objects.get(job_id=job.pk, kind=CommandKind.CREATE)
    Command.objects.filter(pk=create.pk).update(state=CommandState.SENDING, claimed_at=clock.now(), attempts=1)
    starts.create_unsure(job, Command.objects.get(pk=create.pk), "timeout")
    adopted = adopt(make.ghost(account, REF), room, cast.oki)
    kept = Job.objects.get(pk=job.pk)
    assert (adopted.pk, kept.vendor_ref, kept.state, kept.error) == (job.pk, REF, "live", None)
    assert Command.objects.get(pk=create.pk).state == CommandState.ACCEPTED  # the account's next start may leave


def test_metastudio_runs_it_in_a_room_of_its_own(cast: Cast) -> None:
    account = make.account(cast.alpha, VendorKind.METASTUDIO)
    held, other = make.room(account), make.room(account)
    ghost = make.ghost(account, REF, room_ref=held.vendor_ref)
    with pytest.raises(Conflict, match=held.code):
        adopt(ghost, other, cast.oki)
    assert adopt(ghost, held, cast.oki).room_id == held.pk


def test_a_room_that_only_metastudio_has_is_fetched(cast: Cast) -> None:
    account = make.account(cast.alpha, VendorKind.METASTUDIO)
    job = adopt(make.ghost(account, REF, room_ref="room-there"), None, cast.pia)
    assert job.room.vendor_ref == "room-there"
    fetch = Command.objects.get(kind=CommandKind.IMPORT_ROOMS)
    assert fetch.body == {"into": job.room_id}


def test_what_is_over_here_and_runs_there_goes_on_under_a_new_number(account: VendorAccount, cast: Cast) -> None:
    before = make.on_air(make.room(account), cast.oki)
    make.hear(before, JobSays.LOST)
    ghost = make.ghost(account, before.vendor_ref, job_id=before.pk)
    job = adopt(ghost, before.room, cast.oki)
    assert (job.number, job.vendor_ref) == (before.number + 1, before.vendor_ref)
    assert Job.objects.get(pk=before.pk).state == "lost"


# --------------------------------------------------------------------------------------------------------------- close


def test_close_asks_the_vendor_once(account: VendorAccount, cast: Cast) -> None:
    ghost = make.ghost(account, REF)
    for _ in range(2):
        answer = post(cast.oki, "jobs:close_session", ghost.pk, word=ghost.word.lower(), reason="Nobody knows it.")
        assert answer.status_code == 204
    command = Command.objects.get(kind=CommandKind.END_SESSION)
    assert (command.body, command.job_id) == ({"session": ghost.pk}, None)
    assert trail("close_session") == ["Nobody knows it."]


def test_the_wrong_word_closes_nothing(account: VendorAccount, cast: Cast) -> None:
    ghost = make.ghost(account, REF)
    assert post(cast.oki, "jobs:close_session", ghost.pk, word="K7Q", reason="x").status_code == 422
    assert not Command.objects.filter(kind=CommandKind.END_SESSION).exists()


def test_of_two_tabs_the_first_decides(account: VendorAccount, cast: Cast) -> None:
    make.room(account, code="K7Q")
    closed, adopted = make.ghost(account, "session-1"), make.ghost(account, "session-2")
    assert post(cast.oki, "jobs:close_session", closed.pk, word=closed.word, reason="x").status_code == 204
    assert post(cast.oki, "jobs:adopt", closed.pk, room="K7Q").status_code == 409
    assert post(cast.oki, "jobs:adopt", adopted.pk, room="K7Q").status_code == 204
    assert post(cast.oki, "jobs:close_session", adopted.pk, word=adopted.word, reason="x").status_code == 409
    assert Command.objects.filter(kind=CommandKind.END_SESSION).count() == 1


def test_one_that_is_gone_is_said(account: VendorAccount, cast: Cast) -> None:
    ghost = make.ghost(account, REF)
    pk = ghost.pk
    ghost.delete()
    assert post(cast.oki, "jobs:adopt", pk, room="K7Q").status_code == 404
