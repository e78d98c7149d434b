"""What the vendor plays and nobody here sent is shown as not ours, and never mistaken for what may be ours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from dashboard.events.kinds import Item, Kind
from dashboard.events.models import Event
from dashboard.events.record import record_many
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Conflict
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.relay.outcomes.ordering import steps_to_ours
from dashboard.live.relay.unclaimed import unclaimed
from dashboard.takeover.models import Takeover
from dashboard.takeover.order import To
from dashboard.takeover.services.move import move_takeover
from dashboard.takeover.services.settle import cancel_takeover
from dashboard.vendors.models import Command, VendorKind
from dashboard.vendors.port import QueueListing
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
RELAY = "relay-of-the-test"


def on_air(cast: Cast, vendor: str, *, rules: bool = False) -> Job:
    job = make.on_air(make.room(make.account(cast.alpha, vendor)), cast.oki)
    Job.objects.filter(pk=job.pk).update(owner=RELAY, runs_vendor_rules=rules)
    return Job.objects.select_related("room", "account").get(pk=job.pk)


@pytest.fixture
def softsugar(cast: Cast, manual_clock: ManualClock) -> Job:
    return on_air(cast, VendorKind.SOFTSUGAR)


@pytest.fixture
def ruled(cast: Cast, manual_clock: ManualClock) -> Job:
    """A MetaStudio room whose rules run at the vendor."""
    return on_air(cast, VendorKind.METASTUDIO, rules=True)


def told(job: Job, ref: str, *kinds: Kind) -> None:
    facts = [job_fact(job, kind, Item(trace_id=ref, by="socket"), at=clock.now(), key=ref) for kind in kinds]
    record_many(facts, PROJECTIONS)


def foreign(job: Job) -> list[Takeover]:
    rows = Takeover.objects.filter(job=job, source="foreign").select_related("room", "job__account", "job__room")
    return list(rows)


def test_a_notice_that_nobody_claims_becomes_a_row_after_ten_seconds(softsugar: Job, manual_clock: ManualClock) -> None:
    told(softsugar, "theirs", Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    manual_clock.advance(9)
    assert unclaimed(RELAY) == 0
    manual_clock.advance(2)
    assert unclaimed(RELAY) == 1
    assert unclaimed(RELAY) == 0
    (item,) = foreign(softsugar)
    assert (item.state, item.trace_id) == ("playing", "theirs")
    assert "not from here" in item.words
    told(softsugar, "theirs", Kind.ITEM_FINISHED)
    assert foreign(softsugar)[0].state == "done"
    assert not Event.objects.filter(ref="theirs", outcome="waiting").exists()


def test_what_only_the_listing_tells_is_found_too_and_stays_where_it_is(
    softsugar: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    ours = make.happened(make.takeover(softsugar, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    later = make.happened(make.takeover(softsugar, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    listed = QueueListing((later.trace_id, "theirs", ours.trace_id), clock.now())
    steps = steps_to_ours(softsugar, listed)
    assert [step.trace_id for step in steps] in ([ours.trace_id], [later.trace_id])
    manual_clock.advance(11)
    assert unclaimed(RELAY) == 1
    (item,) = foreign(softsugar)
    assert item.state == "queued"
    in_our_order = QueueListing((ours.trace_id, "theirs", later.trace_id), clock.now())
    assert steps_to_ours(softsugar, in_our_order) == []


def test_it_can_be_cancelled_at_softsugar_and_not_moved(
    softsugar: Job, cast: Cast, manual_clock: ManualClock, sign_in: Any
) -> None:
    told(softsugar, "theirs", Kind.ITEM_QUEUED)
    manual_clock.advance(11)
    unclaimed(RELAY)
    (item,) = foreign(softsugar)
    page = sign_in(cast.oki).get(reverse("console:desk", args=["alpha", softsugar.room.code])).content.decode()
    assert "not ours" in page
    assert reverse("takeover:cancel", args=["alpha", item.pk]) in page
    assert reverse("takeover:move", args=["alpha", item.pk]) not in page
    with pytest.raises(Conflict):
        move_takeover(item=item, to=To.HEAD, anchor=None, user=cast.oki.user, actor=cast.oki.actor)
    cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)
    command = Command.objects.get(job_id=softsugar.pk, kind="cancel")
    assert command.body["items"] == [item.pk]


def test_a_reply_of_the_vendor_s_rules_is_shown_as_such(ruled: Job, cast: Cast, manual_clock: ManualClock) -> None:
    told(ruled, "reply-1", Kind.ITEM_STARTED)
    manual_clock.advance(11)
    assert unclaimed(RELAY) == 1
    (item,) = foreign(ruled)
    assert (item.state, item.vendor_ref, item.get_rank_display()) == ("playing", "reply-1", "rule")
    assert "vendor's rules" in item.words
    with pytest.raises(Conflict):
        cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)


def test_an_item_of_ours_whose_answer_was_lost_is_not_called_theirs(
    ruled: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    ours = make.happened(make.takeover(ruled, cast.oki), Kind.ITEM_SENDING)
    told(ruled, "maybe-ours", Kind.ITEM_STARTED)
    make.happened(ours, Kind.ITEM_UNSURE, why="timeout")
    manual_clock.advance(11)
    assert unclaimed(RELAY) == 0
    assert foreign(ruled) == []
    told(ruled, "surely-theirs", Kind.ITEM_STARTED)
    Takeover.objects.filter(pk=ours.pk).update(claimed_at=clock.now() - timedelta(hours=1))
    manual_clock.advance(11)
    assert unclaimed(RELAY) == 2


def test_without_rules_at_metastudio_a_foreign_reference_stays_a_doubt(cast: Cast, manual_clock: ManualClock) -> None:
    job = on_air(cast, VendorKind.METASTUDIO)
    told(job, "reply-1", Kind.ITEM_STARTED)
    manual_clock.advance(11)
    assert unclaimed(RELAY) == 0


def test_a_command_of_ours_that_speaks_of_no_item_is_not_theirs(softsugar: Job, manual_clock: ManualClock) -> None:
    command = Command.objects.filter(job_id=softsugar.pk).latest("id")
    Takeover.objects.filter(trace_id=command.trace_id).update(trace_id="another")
    told(softsugar, command.trace_id, Kind.ITEM_QUEUED)
    manual_clock.advance(11)
    assert unclaimed(RELAY) == 0
