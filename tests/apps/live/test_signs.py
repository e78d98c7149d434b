"""Good pings and heartbeats of all jobs of a relay are written together, and only for what it still keeps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.relay import signs
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs(cast: Cast, manual_clock: ManualClock) -> list[Job]:
    account = make.account(cast.alpha)
    made = [make.on_air(make.room(account), cast.oki) for _ in range(4)]
    Job.objects.update(owner="r1", epoch=3, link_at=None, heartbeat_ok_at=None)
    return made


def test_signs_of_a_second_are_written_at_once_and_look_no_fresher_than_they_are(
    jobs: list[Job], manual_clock: ManualClock
) -> None:
    seen, first = signs.Signs(), clock.now()
    for job in jobs:
        seen.note("link_at", job.pk, 3)
        seen.note("heartbeat_ok_at", job.pk, 3)
        manual_clock.advance(0.2)
    with CaptureQueriesContext(connection) as asked:
        signs.write("r1", seen.taken())
    assert len(asked) == 2
    assert set(Job.objects.values_list("link_at", "heartbeat_ok_at")) == {(first, first)}
    assert seen.taken() == {}


def test_what_another_relay_or_epoch_keeps_is_left_alone(jobs: list[Job]) -> None:
    seen = signs.Signs()
    for job in jobs:
        seen.note("link_at", job.pk, 3)
    Job.objects.filter(pk=jobs[0].pk).update(owner="r2")
    Job.objects.filter(pk=jobs[1].pk).update(epoch=4)
    signs.write("r1", seen.taken())
    shown = dict(Job.objects.values_list("pk", "link_at"))
    assert [shown[job.pk] is None for job in jobs] == [True, True, False, False]


def test_what_was_told_since_is_not_made_older(jobs: list[Job]) -> None:
    seen, later = signs.Signs(), clock.now() + timedelta(seconds=1)
    seen.note("link_at", jobs[0].pk, 3)
    Job.objects.filter(pk=jobs[0].pk).update(link_at=later)
    signs.write("r1", seen.taken())
    assert Job.objects.get(pk=jobs[0].pk).link_at == later
