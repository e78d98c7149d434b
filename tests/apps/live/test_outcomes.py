"""What a vendor answered and what follows from it are kept together, or not at all: then the answer is in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from dashboard.events.kinds import JobLink, Kind
from dashboard.events.models import Event
from dashboard.events.record import record_many
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.jobs.services.stop import stop_job
from dashboard.lib.clock import ManualClock
from dashboard.live.intake.accept import PROJECTIONS, accept
from dashboard.live.relay import doubts, inventory
from dashboard.live.relay.outcomes import cancels, control, shared, wishes
from dashboard.rooms.models import Room
from dashboard.rooms.services import at_vendor
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import settle
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, VendorAccount, VendorKind
from dashboard.vendors.port import Accepted, NotSent, Rejected, RoomSummary, Unknown, VendorError
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

REFUSAL = VendorError(code="10003", happened=("Not there.", "不在。"), todo=("Look.", "看。"))


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    made = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    Command.objects.filter(job_id=made.pk, kind="create").update(state=CommandState.ACCEPTED)
    Job.objects.filter(pk=made.pk).update(owner="r1", epoch=1)
    return Job.objects.select_related("room", "account").get(pk=made.pk)


def by(cast: Cast) -> dict[str, Any]:
    return {"user": cast.oki.user, "actor": cast.oki.actor}


def state(command: Command) -> str:
    return Command.objects.get(pk=command.pk).state


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The database goes away right after a command was settled; `lost.undo()` brings it back."""

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the database is gone")

    monkeypatch.setattr(shared, "accept", fail)
    monkeypatch.setattr(wishes, "raise_sequence", fail)
    monkeypatch.setattr(at_vendor, "record_many", fail)
    return monkeypatch


def test_a_refused_stop_whose_fact_was_lost_is_asked_again_and_told(
    job: Job, cast: Cast, lost: pytest.MonkeyPatch, manual_clock: ManualClock
) -> None:
    stop_job(job=job, **by(cast))
    stop = make.claimed("stop")
    with pytest.raises(OperationalError):
        control.stopped(job, stop, Rejected(REFUSAL))
    assert state(stop) == "sending"
    lost.undo()
    manual_clock.advance(outbox.DEADLINE_S + 1)
    doubts.overdue_commands("r1")
    again = make.claimed("stop")
    assert again.pk == stop.pk
    control.stopped(job, again, Rejected(REFUSAL))
    fresh = Job.objects.get(pk=job.pk)
    assert (fresh.state, fresh.error and fresh.error["code"], fresh.can_stop) == ("stopping", "10003", True)


def test_a_stop_that_is_given_up_is_told_with_its_end(job: Job, cast: Cast, lost: pytest.MonkeyPatch) -> None:
    stop_job(job=job, **by(cast))
    Command.objects.filter(kind="stop").update(attempts=shared.HARMLESS_TRIES)
    stop = make.claimed("stop")
    with pytest.raises(OperationalError):
        doubts.doubt(stop, "timeout")
    assert state(stop) == "sending"
    lost.undo()
    doubts.doubt(stop, "timeout")
    assert (state(stop), Job.objects.get(pk=job.pk).can_stop) == ("unknown", True)


def test_a_refused_cancel_whose_items_were_not_told_stays_in_doubt(
    job: Job, cast: Cast, lost: pytest.MonkeyPatch
) -> None:
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    settle.cancel_takeover(item=item, **by(cast))
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    with pytest.raises(OperationalError):
        cancels.cancelled(job, cancel, [make.happened(item)], Rejected(REFUSAL))
    assert (state(cancel), make.happened(item).state) == ("sending", "cancelling")
    lost.undo()
    cancels.cancelled(job, cancel, [make.happened(item)], Rejected(REFUSAL))
    assert (state(cancel), make.happened(item).state) == ("rejected", "queued")


def test_what_ended_before_a_cancel_could_leave_was_not_cut_by_it(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    settle.cancel_takeover(item=item, **by(cast))
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    cancels.cancelled(job, cancel, [make.happened(item)], NotSent("no_connection"))
    manual_clock.advance(4)
    make.happened(item, Kind.ITEM_FINISHED)
    manual_clock.advance(1)
    cancel = make.claimed("cancel")
    cancels.cancelled(job, cancel, [make.happened(item)], Accepted(None))
    assert make.happened(item).state == "done"


def test_a_relay_that_wakes_does_not_put_back_what_another_sends_by_now(job: Job, cast: Cast) -> None:
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    settle.cancel_takeover(item=item, **by(cast))
    asleep = make.claimed("cancel")
    assert outbox.put_back(asleep, after_s=0.0, reason="relay_lost", may_have_left=True)
    again = make.claimed("cancel")
    cancels.cancel_left(again, [make.happened(item)])
    cancels.cancelled(job, asleep, [make.happened(item)], NotSent("overtaken"))
    assert (state(again), make.happened(item).state) == ("sending", "cancelling")


def test_what_ended_after_a_cancel_may_have_left_was_cut_by_it(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    settle.cancel_takeover(item=item, **by(cast))
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    cancels.cancelled(job, cancel, [make.happened(item)], Unknown("timeout"))
    manual_clock.advance(4)
    make.happened(item, Kind.ITEM_FINISHED)
    cancel = make.claimed("cancel")
    cancels.cancelled(job, cancel, [make.happened(item)], Accepted(None))
    assert make.happened(item).state == "cancelled"


def test_what_must_have_been_said_before_its_cancel_left_is_not_called_cancelled(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    settle.cancel_takeover(item=item, **by(cast))
    manual_clock.advance(30)
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    cancels.cancelled(job, cancel, [make.happened(item)], Accepted(None))
    assert make.happened(item).state == "cancelling"


def test_what_ends_unheard_after_its_cancel_left_was_cancelled_though_no_answer_comes(job: Job, cast: Cast) -> None:
    """Nor a second try: whoever lets the room speak again withdraws it."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    settle.cancel_takeover(item=item, **by(cast))
    cancels.cancel_left(make.claimed("cancel"), [make.happened(item)])
    assert make.happened(item, Kind.ITEM_FINISHED).state == "cancelled"


@pytest.mark.parametrize(("told_after_s", "ends"), [(0.01, "cancelled"), (-0.2, "done")])
def test_a_vendor_s_clock_is_known_to_a_second_so_when_its_end_was_told_decides(
    job: Job, cast: Cast, manual_clock: ManualClock, told_after_s: float, ends: str
) -> None:
    """30 s behind, and 29.8 s by its Date header: what a silence cut seems to end a moment before it left."""
    VendorAccount.objects.filter(pk=job.account_id).update(clock_skew_ms=-29_800)
    job.account.refresh_from_db()

    def end(item: Takeover) -> None:
        over = item_fact(item, Kind.ITEM_FINISHED)
        record_many([replace(over, at=over.at - timedelta(seconds=30))], PROJECTIONS)

    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    settle.cancel_takeover(item=item, **by(cast))
    asked = make.happened(item)
    if told_after_s < 0:
        end(item)
        manual_clock.advance(-told_after_s)
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [asked])
    if told_after_s > 0:
        manual_clock.advance(told_after_s)
        end(item)
    cancels.cancelled(job, cancel, [asked], Accepted(None))
    assert make.happened(item).state == ends


def test_what_was_queued_while_nobody_listened_is_not_surely_cancelled(job: Job, cast: Cast) -> None:
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    accept(job_fact(job, Kind.JOB_LINK, JobLink(link="down", why="closed"), key="gap"))
    settle.cancel_takeover(item=item, **by(cast))
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    cancels.cancelled(job, cancel, [make.happened(item)], Accepted(None))
    told = make.happened(item)
    assert (told.state, told.unknown_reason) == ("unknown", "left_queue")


def test_a_cancel_of_everything_that_overtook_a_sentence_is_made_once_more(job: Job, cast: Cast) -> None:
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING)
    settle.cancel_takeover(item=item, **by(cast))
    silence = make.claimed("cancel")
    cancels.cancel_left(silence, [make.happened(item)])
    cancels.cancelled(job, silence, [make.happened(item)], Accepted(None))
    assert make.happened(item).state == "cancelling"
    assert make.happened(item, Kind.ITEM_QUEUED).state == "cancelling"
    again = make.claimed("cancel")
    cancels.cancelled(job, again, [make.happened(item)], Accepted(None))
    assert make.happened(item).state == "cancelled"


@pytest.mark.parametrize(("after_s", "ends"), [(1, "cancelled"), (30, "unknown")])
def test_of_what_nobody_heard_anything_a_late_cancel_proves_nothing(
    job: Job, cast: Cast, manual_clock: ManualClock, after_s: int, ends: str
) -> None:
    """Sent without an answer: by the time its cancel arrives it may have been heard to its end."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING)
    settle.cancel_takeover(item=item, **by(cast))
    make.happened(item, Kind.ITEM_UNSURE, why="timeout")
    manual_clock.advance(after_s)
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    cancels.cancelled(job, cancel, [make.happened(item)], Accepted(None))
    assert make.happened(item).state == ends


def test_a_refused_second_cancel_does_not_undo_what_the_first_may_have_done(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    """The vendor refuses to cancel what it cancelled a moment ago, and tells its end after that."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    accept(job_fact(job, Kind.JOB_LINK, JobLink(link="down", why="closed"), key="gap"))
    settle.cancel_takeover(item=item, **by(cast))
    first = make.claimed("cancel")
    cancels.cancel_left(first, [make.happened(item)])
    cancels.cancelled(job, first, [make.happened(item)], Accepted(None))
    manual_clock.advance(1)
    lane = outbox.stop_lane(job.pk)
    body = {"items": [item.pk]}
    outbox.enqueue(account_id=job.account_id, job_id=job.pk, lane=lane, kind=CommandKind.CANCEL, body=body)
    second = make.claimed("cancel")
    cancels.cancel_left(second, [make.happened(item)])
    cancels.cancelled(job, second, [make.happened(item)], Rejected(REFUSAL))
    assert make.happened(item).state == "unknown"
    assert make.happened(item, Kind.ITEM_FINISHED).state == "cancelled"


def test_what_broke_off_behind_a_cancel_was_cut_by_it_though_it_is_asked_for_once_more(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    """Told to be queued only behind the first cancel, which had reached the vendor; the second comes too late."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING)
    settle.cancel_takeover(item=item, **by(cast))
    first = make.claimed("cancel")
    cancels.cancel_left(first, [make.happened(item)])
    cancels.cancelled(job, first, [make.happened(item)], Accepted(None))
    make.happened(item, Kind.ITEM_QUEUED)
    manual_clock.advance(0.2)
    notices = [item_fact(item, Kind.ITEM_STARTED), item_fact(item, Kind.ITEM_FINISHED)]
    manual_clock.advance(1)
    second = make.claimed("cancel")
    cancels.cancel_left(second, [make.happened(item)])
    record_many(notices, PROJECTIONS)
    cancels.cancelled(job, second, [make.happened(item)], Rejected(REFUSAL))
    assert make.happened(item).state == "cancelled"


@pytest.mark.parametrize(("missed_before", "ends"), [(False, "cancelled"), (True, "done")])
def test_what_a_listing_missed_behind_a_refused_cancel_may_have_been_cut_by_it(
    job: Job, cast: Cast, manual_clock: ManualClock, *, missed_before: bool, ends: str
) -> None:
    """A cancel of several is refused where one of them is gone, and cuts the others (B24); all notices are late."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    settle.cancel_takeover(item=item, **by(cast))
    if missed_before:
        make.happened(item, Kind.ITEM_LEFT, why="left_queue")
        manual_clock.advance(1)
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    cancels.cancelled(job, cancel, [make.happened(item)], Rejected(REFUSAL))
    manual_clock.advance(1)
    over = item_fact(item, Kind.ITEM_FINISHED)
    manual_clock.advance(3)
    if not missed_before:
        make.happened(item, Kind.ITEM_LEFT, why="left_queue")
    make.happened(item, Kind.ITEM_STARTED)
    record_many([over], PROJECTIONS)
    assert make.happened(item).state == ends


@pytest.mark.parametrize(("heard_of_it", "ends"), [(1.0, "done"), (0.4, "cancelled")])
def test_what_a_listing_missed_and_is_heard_after_all_is_weighed_by_its_length(
    job: Job, cast: Cast, manual_clock: ManualClock, heard_of_it: float, ends: str
) -> None:
    """The vendor was out when its cancel left, and never answered it."""
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    settle.cancel_takeover(item=item, **by(cast))
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    manual_clock.advance(30)
    make.happened(item, Kind.ITEM_LEFT, why="left_queue")
    manual_clock.advance(2)
    item = make.happened(item, Kind.ITEM_STARTED)
    manual_clock.advance(item.estimate_ms / 1000 * heard_of_it)
    assert make.happened(item, Kind.ITEM_FINISHED).state == ends


@pytest.mark.parametrize(
    ("heard_of_it", "before_s", "ends"), [(1.0, 2.0, "done"), (0.7, 2.0, "cancelled"), (1.0, 1.0, "cancelled")]
)
def test_what_had_been_said_well_before_its_cancel_left_was_not_cut(
    job: Job, cast: Cast, manual_clock: ManualClock, heard_of_it: float, before_s: float, ends: str
) -> None:
    """Our database was slow: its end is recorded behind the cancel's answer. The vendor's clock may be a second off."""
    item = make.takeover(job, cast.oki, text="这一句话说得很长。" * 20)
    item = make.happened(item, Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    manual_clock.advance(item.estimate_ms / 1000 * heard_of_it)
    over = item_fact(item, Kind.ITEM_FINISHED)
    manual_clock.advance(before_s)
    settle.cancel_takeover(item=item, **by(cast))
    cancel = make.claimed("cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    cancels.cancelled(job, cancel, [make.happened(item)], Accepted(None))
    record_many([over], PROJECTIONS)
    assert make.happened(item).state == ends


def test_a_refused_silence_is_told_with_what_it_kept(job: Job, cast: Cast, lost: pytest.MonkeyPatch) -> None:
    outbox.enqueue(
        account_id=job.account_id,
        job_id=job.pk,
        lane=outbox.stop_lane(job.pk),
        kind=CommandKind.CANCEL,
        body={"all": True},
    )
    silence = make.claimed("cancel")
    lost.setattr(shared, "accept", accept)  # the loss comes after the note
    with pytest.raises(OperationalError):
        cancels.cancelled(job, silence, [], Rejected(REFUSAL))
    assert (state(silence), Event.objects.filter(kind=Kind.JOB_SILENCE_FAILED).count()) == ("sending", 0)


@pytest.mark.parametrize("settled", [control.went_live, control.silenced])
def test_what_else_steers_a_job_is_settled_with_its_fact(job: Job, lost: pytest.MonkeyPatch, settled: Any) -> None:
    lane = outbox.stop_lane(job.pk)
    outbox.enqueue(account_id=job.account_id, job_id=job.pk, lane=lane, kind=CommandKind.PAUSE)
    command = make.claimed("pause")
    with pytest.raises(OperationalError):
        settled(job, command, Rejected(REFUSAL))
    assert state(command) == "sending"


@pytest.fixture
def new_room(cast: Cast) -> Room:
    """The vendor does not have it yet."""
    room = make.room(make.account(cast.alpha, VendorKind.METASTUDIO))
    Room.objects.filter(pk=room.pk).update(vendor_ref="")
    return room


def test_a_push_is_settled_with_the_vendors_reference(new_room: Room, lost: pytest.MonkeyPatch) -> None:
    push = make.claimed("push_room")
    made = Accepted(RoomSummary("room-9", "Room", None))
    with pytest.raises(OperationalError):
        inventory._pushed(push, made)
    assert state(push) == "sending"
    with pytest.raises(OperationalError):
        inventory.push_unsure(push, "timeout")
    assert state(push) == "sending"
    lost.undo()
    inventory._pushed(push, made)
    assert (state(push), Room.objects.get(pk=new_room.pk).vendor_ref) == ("accepted", "room-9")
