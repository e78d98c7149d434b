"""All rooms at one press: where each stands in the dialog, and what is told of letting all of them speak again."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from django.urls import reverse

from dashboard.console import silences
from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.jobs.selectors import can_be_heard
from dashboard.lib.clock import ManualClock
from dashboard.takeover.services import quiet
from dashboard.vendors.models import Command, CommandKind
from tests import cast as make
from tests.cast import SOFTSUGAR, Cast

pytestmark = pytest.mark.django_db
CODES = ("D3H", "K7Q", "M2D")


@pytest.fixture
def jobs(cast: Cast, manual_clock: ManualClock) -> list[Job]:
    account = make.account(cast.alpha, SOFTSUGAR)
    return [make.on_air(make.room(account, code=code), cast.oki) for code in CODES]


def hush(job: Job, cast: Cast) -> None:
    quiet.silence(job=job, user=cast.oki.user, actor=cast.oki.actor)


def test_a_room_stands_where_it_stood_whatever_its_state(jobs: list[Job], cast: Cast) -> None:
    hush(jobs[0], cast)
    Job.objects.filter(pk=jobs[0].pk).update(silent_at=Job.objects.get(pk=jobs[0].pk).silenced_at)
    shown = silences.rooms(can_be_heard(cast.alpha), "alpha")
    assert [room.silence is not None and room.silence.state for room in shown] == ["silent", False, False]
    assert tuple(room.code for room in shown) == CODES


def test_letting_all_speak_tells_of_all(jobs: list[Job], cast: Cast, sign_in: Any) -> None:
    client, url = sign_in(cast.oki), reverse("takeover:resume_all", args=["alpha"])
    for job in jobs:
        hush(job, cast)
    seen = {"room": CODES}
    assert unquote(client.post(url, seen)["X-Toast"]) == "The host may speak again in 3 rooms: D3H, K7Q, M2D."
    assert not Job.objects.exclude(silenced_at=None).exists()
    hush(jobs[1], cast)
    assert unquote(client.post(url, seen)["X-Toast"]) == "The host may speak again in K7Q."
    assert "X-Toast" not in client.post(url, seen)


def test_a_room_that_was_silenced_meanwhile_stays_silent(jobs: list[Job], cast: Cast, sign_in: Any) -> None:
    """Whoever presses has not seen it."""
    for job in jobs:
        hush(job, cast)
    url = reverse("takeover:resume_all", args=["alpha"])
    sign_in(cast.oki).post(url, {"room": CODES[:2]})
    assert list(Job.objects.exclude(silenced_at=None).values_list("room__code", flat=True)) == ["M2D"]


def test_a_second_press_in_haste_is_the_same_silence(
    jobs: list[Job], cast: Cast, sign_in: Any, manual_clock: ManualClock
) -> None:
    """The time to silence counts from the first, and the vendor is asked once; later it is asked again."""
    words = make.takeover(jobs[0], cast.oki)
    make.happened(words, Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    client, url = sign_in(cast.oki), reverse("takeover:silence", args=["alpha", "D3H"])
    manual_clock.advance(1)
    first = unquote(client.post(url)["X-Toast"])
    asked_at = Job.objects.get(pk=jobs[0].pk).silenced_at
    manual_clock.advance(0.7)
    assert (first, unquote(client.post(url)["X-Toast"])) == (
        "Asked the vendor for silence in D3H. It cancels 1 sentence.",
        "D3H has been silenced already.",
    )
    assert (Job.objects.get(pk=jobs[0].pk).silenced_at, asked()) == (asked_at, 1)
    manual_clock.advance(3)
    client.post(url)
    assert asked() == 2


def asked() -> int:
    return Command.objects.filter(kind=CommandKind.CANCEL, body__all=True).count()
