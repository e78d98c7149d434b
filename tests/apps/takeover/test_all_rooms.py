"""All rooms at one press: where each stands in the dialog, and what is told of letting all of them speak again."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from django.urls import reverse

from dashboard.console import silences
from dashboard.jobs.models import Job
from dashboard.jobs.selectors import can_be_heard
from dashboard.takeover.services import quiet
from tests import cast as make
from tests.cast import SOFTSUGAR, Cast

pytestmark = pytest.mark.django_db
CODES = ("D3H", "K7Q", "M2D")


@pytest.fixture
def jobs(cast: Cast) -> list[Job]:
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
    assert unquote(client.post(url)["X-Toast"]) == "The host may speak again in 3 rooms: D3H, K7Q, M2D."
    assert not Job.objects.exclude(silenced_at=None).exists()
    hush(jobs[1], cast)
    assert unquote(client.post(url)["X-Toast"]) == "The host may speak again in K7Q."
    assert "X-Toast" not in client.post(url)
