"""The script alone is paused and goes on: what is taken back, what is asked of whom, and what the desk says."""

from __future__ import annotations

import pytest

from dashboard.console import desk, facts
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib.errors import Conflict
from dashboard.takeover.models import Takeover
from dashboard.takeover.services.pause import pause_script, resume_script
from dashboard.takeover.services.quiet import silence
from dashboard.vendors.models import Command, VendorAccount, VendorKind
from dashboard.vendors.port_live import Timing
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LATER, NOW = Timing.SENTENCE_END, Timing.NOW


def running(cast: Cast, vendor: str) -> Job:
    account = make.account(cast.alpha, vendor)
    if vendor == VendorKind.METASTUDIO:
        VendorAccount.objects.filter(pk=account.pk).update(capabilities={"command_channel": True})
        account.refresh_from_db()
    return fresh(make.on_air(make.room(account), cast.oki))


def fresh(job: Job) -> Job:
    return Job.objects.select_related("room", "account").get(pk=job.pk)


def paused(job: Job, cast: Cast, timing: Timing = LATER) -> Job:
    pause_script(job=job, timing=timing, user=cast.oki.user, actor=cast.oki.actor)
    return fresh(job)


def play(job: Job, number: int) -> Takeover:
    return Takeover.objects.select_related("job__account", "job__room", "room").get(job=job, play_no=number)


def test_our_player_holds_what_has_not_left_and_says_it_after_all(cast: Cast) -> None:
    job = running(cast, VendorKind.SOFTSUGAR)
    job = paused(job, cast)
    assert job.script_paused_at is not None
    assert (play(job, 1).state, job.silenced_at) == ("cancelled", None)
    resume_script(job=job, user=cast.oki.user, actor=cast.oki.actor)
    assert fresh(job).script_paused_at is None
    assert (play(job, 2).first_no, play(job, 2).state) == (1, "waiting")


def test_what_waits_at_softsugar_is_taken_back_and_what_plays_ends(cast: Cast) -> None:
    job = running(cast, VendorKind.SOFTSUGAR)
    make.happened(play(job, 1), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    make.happened(play(job, 2), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    paused(job, cast)
    cancel = Command.objects.get(job_id=job.pk, kind="cancel")
    assert cancel.body["items"] == [play(job, 2).pk]


def test_now_cuts_what_plays_of_the_script_and_nothing_of_a_person(cast: Cast) -> None:
    job = running(cast, VendorKind.SOFTSUGAR)
    said = make.takeover(job, cast.oki)
    make.happened(play(job, 1), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    paused(job, cast, NOW)
    asked = Command.objects.get(job_id=job.pk, kind="cancel").body["items"]
    assert play(job, 1).pk in asked
    assert said.pk not in asked


@pytest.mark.parametrize("timing", [LATER, NOW])
def test_metastudio_is_asked_with_the_timing_and_its_silence_stays_another_thing(cast: Cast, timing: Timing) -> None:
    job = paused(running(cast, VendorKind.METASTUDIO), cast, timing)
    command = Command.objects.get(job_id=job.pk, kind="pause")
    assert command.body == {"script": True, "timing": str(timing)}
    assert list(Event.objects.filter(kind__contains="pause").values_list("kind", flat=True)) == ["job.script_paused"]
    resume_script(job=job, user=cast.oki.user, actor=cast.oki.actor)
    assert not Command.objects.filter(job_id=job.pk, kind="pause", state="ready").exists()
    assert Command.objects.filter(job_id=job.pk, kind="resume").exists()


def test_without_the_channel_it_says_why_and_nothing_is_written(cast: Cast) -> None:
    job = running(cast, VendorKind.METASTUDIO)
    VendorAccount.objects.filter(pk=job.account_id).update(capabilities={})
    with pytest.raises(Conflict, match="command channel"):
        pause_script(job=fresh(job), timing=NOW, user=cast.oki.user, actor=cast.oki.actor)
    assert fresh(job).script_paused_at is None


def test_the_same_press_twice_is_one_and_a_silenced_room_is_not_paused(cast: Cast) -> None:
    job = paused(running(cast, VendorKind.SOFTSUGAR), cast)
    paused(job, cast)
    assert Event.objects.filter(kind="job.script_paused").count() == 1
    other = running(cast, VendorKind.SOFTSUGAR)
    silence(job=other, user=cast.oki.user, actor=cast.oki.actor)
    with pytest.raises(Conflict, match="silenced already"):
        pause_script(job=other, timing=NOW, user=cast.oki.user, actor=cast.oki.actor)


def test_the_desk_says_since_when_and_where_it_goes_on(cast: Cast) -> None:
    job = paused(running(cast, VendorKind.SOFTSUGAR), cast)
    panel = desk.script(facts.load_desk(job.room, 1), "alpha")
    assert panel.paused_at == job.script_paused_at
    assert panel.resume_url
    assert panel.pause_url == ""
    assert panel.notes == "paused"
