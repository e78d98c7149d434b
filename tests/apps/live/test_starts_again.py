"""A room that is pressed on right after its end: the vendor may still close its last job, and is asked again."""

from __future__ import annotations

import pytest

from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.live.relay.outcomes import starts
from dashboard.vendors.models import Command, CommandKind, CommandState, VendorKind
from dashboard.vendors.port import JobSays, Rejected, VendorError
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

TAKEN = Rejected(
    VendorError(code="MSS.20010036", happened=("It runs.", "在播。"), todo=("Look.", "看。")), is_room_taken=True
)


@pytest.fixture
def ended(cast: Cast, manual_clock: ManualClock) -> Job:
    room = make.room(make.account(cast.alpha, VendorKind.METASTUDIO))
    return make.hear(make.on_air(room, cast.oki), JobSays.ENDED)


def refused(ended: Job, cast: Cast) -> tuple[str, str]:
    """State of the room's next job and of its start, once the vendor said that a job is running there."""
    again = make.job(ended.room, cast.oki)
    create = make.claimed(CommandKind.CREATE)
    starts.created(again, create, TAKEN)
    create.refresh_from_db()
    return Job.objects.get(pk=again.pk).state, create.state


def test_just_after_the_last_job_it_is_asked_again(ended: Job, cast: Cast, manual_clock: ManualClock) -> None:
    manual_clock.advance(1)
    assert refused(ended, cast) == ("starting", "ready")
    create = Command.objects.get(kind=CommandKind.CREATE, state=CommandState.READY)
    assert create.wait_reason == "busy"
    manual_clock.advance(starts.CLOSES_WITHIN.total_seconds())
    create = make.claimed(CommandKind.CREATE)
    job = Job.objects.get(pk=create.job_id)
    starts.created(job, create, TAKEN)
    assert Job.objects.get(pk=job.pk).state == "failed"


def test_one_that_was_refused_never_ran(ended: Job, cast: Cast, manual_clock: ManualClock) -> None:
    manual_clock.advance(starts.CLOSES_WITHIN.total_seconds() + 1)
    assert refused(ended, cast) == ("failed", "rejected")
    manual_clock.advance(1)
    assert refused(ended, cast) == ("failed", "rejected")


def test_where_nothing_ended_lately_somebody_runs_it(ended: Job, cast: Cast, manual_clock: ManualClock) -> None:
    manual_clock.advance(starts.CLOSES_WITHIN.total_seconds() + 1)
    assert refused(ended, cast) == ("failed", "rejected")
