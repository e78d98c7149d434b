"""The cast's own promises: what the factories make is what the console would show."""

from __future__ import annotations

import pytest

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.vendors.models import Command, VendorKind
from tests import cast as make
from tests.cast import Cast


def test_roles_and_teams(cast: Cast) -> None:
    assert [(name, one.member.team.slug, one.member.role) for name, one in cast.people()] == [
        ("ada", "alpha", "admin"),
        ("pia", "alpha", "producer"),
        ("oki", "alpha", "operator"),
        ("vic", "alpha", "viewer"),
        ("zoe", "omega", "admin"),
    ]


@pytest.mark.parametrize("vendor", VendorKind)
def test_a_room_goes_on_air_and_somebody_speaks(cast: Cast, vendor: VendorKind) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, vendor)), cast.oki)
    item = make.takeover(job, cast.oki)
    assert (job.state, job.rung, item.state) == ("live", 4, "waiting")
    assert Command.objects.filter(kind="say", trace_id=item.trace_id, state="ready").count() == 1
    heard = make.happened(item, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    assert heard.state == "playing"


@pytest.mark.parametrize("vendor", VendorKind)
def test_an_unknown_item_says_why(cast: Cast, vendor: VendorKind) -> None:
    item = make.unknown(make.on_air(make.room(make.account(cast.alpha, vendor)), cast.oki), cast.oki)
    assert (item.state, item.unknown_reason) == ("unknown", "timeout")


def test_a_comment_counts(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    make.comment(job, "多少钱？")
    assert Job.objects.get(pk=job.pk).comments == 1


def test_the_clock_moves_only_when_told(manual_clock: ManualClock) -> None:
    before = clock.now()
    assert clock.now() == before
    manual_clock.advance(2.5)
    assert (clock.now() - before).total_seconds() == 2.5
