"""Which ends are a cancel's doing whose answer was lost: the vendor has one word for "finished" and "cancelled"."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.takeover.ends import SURELY_CUT, cut_unconfirmed
from dashboard.takeover.models import Takeover
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return make.on_air(make.room(make.account(cast.alpha)), cast.oki)


def ended(job: Job, cast: Cast, *, said_of_it: float | None, asked: bool = True, confirmed: bool = False) -> Takeover:
    """An item that ended after `said_of_it` of its length; None: it never began."""
    item, now = make.takeover(job, cast.oki), clock.now()
    length = timedelta(milliseconds=item.estimate_ms)
    Takeover.objects.filter(pk=item.pk).update(
        started_at=None if said_of_it is None else now - length * said_of_it,
        finished_at=now,
        cancel_sent_at=now if asked else None,
        cancel_ok_at=now if confirmed else None,
    )
    return item


def test_what_never_began_or_was_short_was_cut(job: Job, cast: Cast) -> None:
    cut = [ended(job, cast, said_of_it=of) for of in (None, 0.0, SURELY_CUT - 0.05)]
    for of in (SURELY_CUT + 0.05, 1.0, 1.5):
        ended(job, cast, said_of_it=of)
    ended(job, cast, said_of_it=0.1, asked=False)
    ended(job, cast, said_of_it=0.1, confirmed=True)
    found = cut_unconfirmed(job.pk, clock.now() - timedelta(seconds=1))
    assert {item.pk for item in found} == {item.pk for item in cut}


def test_an_earlier_cancel_is_another_story(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    ended(job, cast, said_of_it=0.1)
    manual_clock.advance(5)
    assert cut_unconfirmed(job.pk, clock.now()) == []


def test_what_a_listing_missed_before_was_not_cut_by_it(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    """However close together its start and its end are told afterwards."""
    item = ended(job, cast, said_of_it=0.1)
    since = clock.now() - timedelta(seconds=1)
    Takeover.objects.filter(pk=item.pk).update(left_at=since - timedelta(seconds=1))
    assert cut_unconfirmed(job.pk, since) == []
    Takeover.objects.filter(pk=item.pk).update(left_at=clock.now())
    assert cut_unconfirmed(job.pk, since) == [item]
