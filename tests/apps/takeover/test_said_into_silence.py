"""One rule for both vendors: words of a person end a room's silence, and take a second press for it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.console import ahead, facts, parts
from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Unconfirmed
from dashboard.library.models import QuickReply
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import ask, quiet
from dashboard.takeover.states import Mode, Source
from dashboard.takeover.wish import Wish
from dashboard.vendors.models import Command
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

WORDS = "这一句要等到静音结束以后才能说出来。"
BOTH = pytest.mark.parametrize("vendor", ["softsugar", "metastudio"])


def silent(cast: Cast, vendor: str, clock: ManualClock) -> Job:
    account = make.account(cast.alpha, vendor)
    account.capabilities = {"command_channel": True}
    account.save()
    job = make.on_air(make.room(account, code="K7Q"), cast.oki)
    quiet.silence(job=job, user=cast.ada.user, actor=cast.ada.actor)
    job = make.hear(job, JobSays.PAUSED) if vendor == "metastudio" else job
    Command.objects.all().delete()
    clock.advance(30)
    return Job.objects.select_related("account", "room").get(pk=job.pk)


def press(client: Client, cast: Cast, *, confirmed: bool = False, mode: str = "append") -> int:
    client.force_login(cast.oki.user)
    headers = {"HX-Request": "true", **({"X-Confirmed": "1"} if confirmed else {})}
    data = {"text": WORDS, "mode": mode, "key": uuid.uuid4().hex}
    return client.post(reverse("takeover:create", args=["alpha", "K7Q"]), data, headers=headers).status_code


@BOTH
@pytest.mark.parametrize("mode", ["append", "insert", "now"])
def test_the_first_press_sends_nothing_and_the_second_ends_the_silence(
    cast: Cast, client: Client, manual_clock: ManualClock, vendor: str, mode: str
) -> None:
    job = silent(cast, vendor, manual_clock)
    assert press(client, cast, mode=mode) == 428
    assert not Takeover.objects.filter(job=job, text=WORDS).exists()
    job.refresh_from_db()
    assert job.silenced_at is not None

    assert press(client, cast, mode=mode, confirmed=True) == 204
    item = Takeover.objects.get(job=job, text=WORDS)
    job.refresh_from_db()
    assert (job.silenced_at, job.script_held) == (None, False)
    kinds = list(Command.objects.filter(job_id=job.pk).order_by("pk").values_list("kind", flat=True))
    assert kinds[0] == "say"
    assert ("resume" in kinds) == (vendor == "metastudio")
    assert Command.objects.filter(trace_id=item.trace_id, kind="say").count() == 1
    assert AuditEntry.objects.filter(action="resume").count() == 1


@BOTH
def test_the_page_says_what_is_true_afterwards(cast: Cast, manual_clock: ManualClock, vendor: str) -> None:
    job = silent(cast, vendor, manual_clock)
    make.takeover(job, cast.oki, text=WORDS)
    if vendor == "metastudio":
        make.hear(job, JobSays.LIVE)
    room = Room.objects.select_related("account", "team").get(pk=job.room_id)
    (shown,) = facts.load([room])
    assert shown.job is not None
    assert not parts.is_silent(shown.job)
    assert parts.heard(shown).words != "Silent by intent."


@pytest.mark.parametrize("is_new", [True, False])
def test_words_heard_before_the_vendor_resumed_are_heard_and_what_the_pause_cut_is_not(
    cast: Cast, manual_clock: ManualClock, is_new: bool
) -> None:
    """They have ended the silence, and MetaStudio says them while it is still paused."""
    account = make.account(cast.alpha, "metastudio")
    job = make.on_air(make.room(account, code="K7Q"), cast.oki)
    item = None if is_new else make.takeover(job, cast.oki, text=WORDS)
    manual_clock.advance(1)
    if item is not None:
        make.happened(item, Kind.ITEM_SENDING, Kind.ITEM_STARTED)
    manual_clock.advance(1)
    quiet.silence(job=job, user=cast.ada.user, actor=cast.ada.actor)
    job = make.hear(job, JobSays.PAUSED)
    manual_clock.advance(1)
    said = make.takeover(job, cast.oki, text=WORDS, mode=Mode.NOW)
    if item is None:
        make.happened(said, Kind.ITEM_SENDING, Kind.ITEM_STARTED)
    (shown,) = facts.load([Room.objects.select_related("account", "team").get(pk=job.room_id)])
    assert shown.job is not None
    assert (shown.job.state, shown.job.silenced_at) == ("paused", None)
    assert shown.playing is not None
    assert shown.air.state == ("talkback" if is_new else "paused")


def test_a_silence_between_the_two_presses_is_asked_about_anew(
    cast: Cast, client: Client, manual_clock: ManualClock
) -> None:
    job = silent(cast, "softsugar", manual_clock)
    Job.objects.filter(pk=job.pk).update(silenced_at=manual_clock.now() - timedelta(seconds=2))
    assert press(client, cast, mode="now", confirmed=True) == 428
    assert not Takeover.objects.filter(job=job, text=WORDS).exists()


def test_a_quick_reply_asks_too_and_keeps_its_button(cast: Cast, client: Client, manual_clock: ManualClock) -> None:
    job = silent(cast, "softsugar", manual_clock)
    reply = QuickReply.objects.create(team=cast.alpha, title="one", text=WORDS)
    client.force_login(cast.oki.user)
    url = reverse("takeover:quick", args=["alpha", "K7Q", reply.pk])
    first = client.post(url, {"key": "a"}, headers={"HX-Request": "true"})
    assert (first.status_code, first.has_header("X-Arm"), first.has_header("X-Compose")) == (428, True, False)
    second = client.post(url, {"key": "b"}, headers={"HX-Request": "true", "X-Confirmed": "1"})
    assert second.status_code == 204
    assert Takeover.objects.get(job=job, text=WORDS).source == Source.QUICK_REPLY


def test_a_silence_that_comes_first_under_the_lock_wins(cast: Cast, manual_clock: ManualClock) -> None:
    job = silent(cast, "softsugar", manual_clock)
    with pytest.raises(Unconfirmed, match="K7Q is silent"):
        ask.request_takeover(job=job, wish=Wish(WORDS, Mode.NOW), user=cast.oki.user, actor=cast.oki.actor, key="k")


def test_words_that_wait_for_a_second_person_leave_it_silent(cast: Cast, manual_clock: ManualClock) -> None:
    job = silent(cast, "softsugar", manual_clock)
    make.second_person(job.room, kinds=["text"])
    make.takeover(job, cast.oki, text=WORDS)
    job.refresh_from_db()
    assert job.silenced_at is not None


@BOTH
def test_nobody_promises_a_time_while_the_room_stands_still(cast: Cast, manual_clock: ManualClock, vendor: str) -> None:
    job = silent(cast, vendor, manual_clock)
    rule = Wish(WORDS, source=Source.RULE, label="prices")  # what no person said leaves it silent
    item = ask.request_takeover(job=job, wish=rule, user=None, actor=cast.oki.actor, key="rule")
    room = Room.objects.select_related("account", "team").get(pk=job.room_id)
    shown = facts.load_desk(room, 1)
    assert (item.eta_at, ahead.starts(shown), ahead.ahead_of(shown).is_open) == (None, {}, False)
    quiet.resume(job=job, user=cast.ada.user, actor=cast.ada.actor)
    if vendor == "metastudio":
        make.hear(job, JobSays.LIVE)
    shown = facts.load_desk(room, 1)
    assert (list(ahead.starts(shown)), ahead.ahead_of(shown).is_open) == ([item.pk], True)
