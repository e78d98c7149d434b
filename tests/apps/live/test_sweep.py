"""Once a second every promise with a time is looked at: answers and ends that did not come, and quiet air."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.relay import claims, doubts, idle_rooms, late_items, sweep
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.outcomes import cancels, items, queue
from dashboard.takeover import release
from dashboard.takeover.models import Takeover
from dashboard.takeover.script import QUIET_S
from dashboard.takeover.services import quiet, settle
from dashboard.takeover.states import Mode
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState, VendorAccount, VendorKind
from dashboard.vendors.port import (
    Accepted,
    JobSays,
    NotSent,
    PlayAt,
    QueueListing,
    Rejected,
    SaidRef,
    Unknown,
    VendorError,
)
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

MORE = "再说一句别的话，让大家都听清楚。"


def on_air(cast: Cast, vendor: str = VendorKind.SOFTSUGAR, **capabilities: object) -> Job:
    job = make.on_air(make.room(make.account(cast.alpha, vendor, **capabilities)), cast.oki)
    Command.objects.filter(job_id=job.pk, kind="create").update(state=CommandState.ACCEPTED)
    Job.objects.filter(pk=job.pk).update(owner="r1", epoch=1)
    VendorAccount.objects.filter(pk=job.account_id).update(owner="r1", epoch=1)
    return Job.objects.select_related("room", "account").get(pk=job.pk)


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return on_air(cast)


@pytest.fixture
def metastudio(cast: Cast, manual_clock: ManualClock) -> Job:
    return on_air(cast, VendorKind.METASTUDIO)


def leaves(item: Takeover, relay: str = "r1") -> Command:
    command = Command.objects.get(trace_id=item.trace_id)
    assert outbox.claim(command, relay=relay, epoch=1, still_mine=lambda: True)
    make.happened(item, Kind.ITEM_SENDING)
    command.refresh_from_db()
    return command


def state(item: Takeover) -> tuple[str, str]:
    fresh = Takeover.objects.get(pk=item.pk)
    return fresh.state, fresh.unknown_reason


def free_the_lane(job: Job) -> None:
    """The player's first paragraph left and was taken."""
    for item in Takeover.objects.filter(job=job, source="script", state="waiting"):
        leaves(item)
        make.happened(item, Kind.ITEM_QUEUED)


# ------------------------------------------------------------------------------------------------------------- overdue


def test_a_cancel_that_comes_back_when_its_job_is_over_ends_with_it(job: Job, cast: Cast) -> None:
    """Nobody keeps the job any more: it would wait in the outbox for ever, and be an alarm."""
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item)
    make.happened(item, Kind.ITEM_QUEUED)
    settle.cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)
    command = Command.objects.get(job_id=job.pk, kind="cancel")
    assert outbox.claim(command, relay="r1", epoch=1, still_mine=lambda: True)
    make.hear(job, JobSays.LOST)
    cancels.cancelled(job, command, [item], Unknown("read"))
    sweep.sweep("r1")
    command.refresh_from_db()
    assert command.state == CommandState.WITHDRAWN


def test_a_sentence_that_came_back_keeps_its_place_before_those_behind_it(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    """It was not sent and goes again in a moment: whoever was said after it is not heard before it."""
    free_the_lane(job)
    Job.objects.filter(pk=job.pk).update(link="up")
    first, second = (make.takeover(job, cast.oki, text=text) for text in (make.WORDS, MORE))
    keeper = Keeper("r1", 1, lambda: True)
    lane = outbox.speak_lane(job.pk)
    ready = claims.claim_next(job.pk, lane, keeper)
    assert ready is not None
    assert ready.command.trace_id == first.trace_id
    items.said(first, ready.command, NotSent("busy", retry_after_s=2.0), written_only=True)
    assert claims.claim_next(job.pk, lane, keeper) is None
    manual_clock.advance(2.0)
    again = claims.claim_next(job.pk, lane, keeper)
    assert again is not None
    assert again.command.trace_id == first.trace_id
    items.said(first, again.command, Accepted(SaidRef("")), written_only=False)
    then = claims.claim_next(job.pk, lane, keeper)
    assert then is not None
    assert then.command.trace_id == second.trace_id


def test_a_sentence_whose_wait_ends_while_the_next_is_looked_at_is_not_overtaken(
    job: Job, cast: Cast, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_the_lane(job)
    Job.objects.filter(pk=job.pk).update(link="up")
    first = make.takeover(job, cast.oki)
    make.takeover(job, cast.oki, text=MORE)
    keeper, lane = Keeper("r1", 1, lambda: True), outbox.speak_lane(job.pk)
    ready = claims.claim_next(job.pk, lane, keeper)
    assert ready is not None
    items.said(first, ready.command, NotSent("busy", retry_after_s=2.0), written_only=True)
    its_turn = claims.waiting.is_its_turn

    def slowly(command: Command, job: Job) -> bool:
        manual_clock.advance(2.0)
        return its_turn(command, job)

    monkeypatch.setattr(claims.waiting, "is_its_turn", slowly)
    assert claims.claim_next(job.pk, lane, keeper) is None
    again = claims.claim_next(job.pk, lane, keeper)
    assert again is not None
    assert again.command.trace_id == first.trace_id


def test_what_waits_for_a_job_that_runs_stays(job: Job, cast: Cast) -> None:
    waiting = Command.objects.filter(job_id=job.pk, state=CommandState.READY)
    before = set(waiting.values_list("pk", flat=True))
    sweep.sweep("r1")
    assert before
    assert before <= set(waiting.values_list("pk", flat=True))


def test_an_answer_that_does_not_come_is_unknown_and_never_sent_again(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    command = leaves(item)
    manual_clock.advance(outbox.DEADLINE_S)
    assert doubts.overdue_commands("r1") == []
    manual_clock.advance(0.1)
    assert doubts.overdue_commands("r1") == [command]
    command.refresh_from_db()
    assert (command.state, state(item)) == ("unknown", ("unknown", "timeout"))
    assert doubts.overdue_commands("r1") == []
    assert outbox.due(lanes=[command.lane]).filter(trace_id=item.trace_id).count() == 0


def test_another_relays_commands_are_not_ours_to_doubt(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    free_the_lane(job)
    leaves(make.takeover(job, cast.oki), relay="r2")
    Job.objects.filter(pk=job.pk).update(owner="r2")
    manual_clock.advance(60)
    assert doubts.overdue_commands("r1") == []


def test_what_a_dead_relay_was_sending_does_not_shut_the_lane(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item, relay="dead")
    Job.objects.filter(pk=job.pk).update(owner="r1")
    manual_clock.advance(60)
    doubts.overdue_commands("r1")
    item.refresh_from_db()
    assert item.state == "unknown"


def test_an_accounts_own_command_of_a_dead_relay_does_not_shut_its_lane(job: Job, manual_clock: ManualClock) -> None:
    test = Command.objects.get(account_id=job.account_id, kind="test")
    Command.objects.filter(pk=test.pk).update(state=CommandState.READY)
    assert outbox.claim(test, relay="dead", epoch=1, still_mine=lambda: True)
    manual_clock.advance(60)
    doubts.overdue_commands("r1")
    test.refresh_from_db()
    assert test.state == "ready"  # it only asks: whoever keeps the account now asks again


def test_the_new_keeper_doubts_what_the_dead_one_was_sending(job: Job, cast: Cast) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item, relay="dead")
    assert len(doubts.orphaned_commands((job.pk,), "r1")) == 1
    assert state(item) == ("unknown", "relay_lost")
    assert doubts.orphaned_commands((job.pk,), "r1") == []


@pytest.mark.parametrize("kind", ["stop", "cancel"])
def test_a_stop_or_cancel_that_nobody_answered_goes_once_more(job: Job, cast: Cast, kind: str) -> None:
    lane = outbox.stop_lane(job.pk)
    command = outbox.enqueue(account_id=job.account_id, job_id=job.pk, lane=lane, kind=kind)  # type: ignore[arg-type]
    assert outbox.claim(command, relay="dead", epoch=1, still_mine=lambda: True)
    doubts.orphaned_commands((job.pk,), "r1")
    command.refresh_from_db()
    assert (command.state, command.wait_reason) == ("ready", "relay_lost")


def test_a_doubtful_create_of_a_dead_relay_shuts_its_lane(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.job(make.room(make.account(cast.alpha)), cast.oki)
    create = Command.objects.get(job_id=job.pk, kind="create")
    assert outbox.claim(create, relay="dead", epoch=1, still_mine=lambda: True)
    doubts.orphaned_commands((job.pk,), "r1")
    create.refresh_from_db()
    assert (create.state, Job.objects.get(pk=job.pk).state) == ("unknown", "unknown")


# ----------------------------------------------------------------------------------------------------------------- due


def test_an_end_that_is_not_told_is_assumed_by_time(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item)
    playing = make.happened(item, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    assert playing.due_at is not None
    manual_clock.advance((playing.due_at - clock.now()).total_seconds() - 0.1)
    late_items.due_items("r1")
    assert state(item)[0] == "playing"
    manual_clock.advance(0.2)
    late_items.due_items("r1")
    assert state(item)[0] == "done"
    assert Event.objects.get(kind=Kind.ITEM_FINISHED).data["why"] == "no end reported"


def test_a_cancel_whose_end_is_not_told_does_not_last_for_ever(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    """It was playing and is gone by any reckoning; that the cancel cut it, nobody told."""
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item)
    cancelling = make.happened(item, Kind.ITEM_QUEUED, Kind.ITEM_STARTED, Kind.ITEM_CANCEL_SENT)
    assert (cancelling.state, cancelling.due_at is None) == ("cancelling", False)
    assert cancelling.due_at is not None
    manual_clock.advance((cancelling.due_at - clock.now()).total_seconds() - 0.1)
    late_items.due_items("r1")
    assert state(item)[0] == "cancelling"
    manual_clock.advance(0.2)
    late_items.due_items("r1")
    assert state(item)[0] == "done"
    assert Event.objects.get(kind=Kind.ITEM_FINISHED).data["why"] == "no end reported"


def test_a_cancel_of_what_nobody_heard_begin_is_not_called_spoken_by_time(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item)
    make.happened(item, Kind.ITEM_UNSURE, Kind.ITEM_CANCEL_SENT)
    manual_clock.advance(29)
    late_items.due_items("r1")
    assert state(item)[0] == "cancelling"
    manual_clock.advance(600)
    late_items.due_items("r1")
    assert state(item) == ("unknown", "not_reported")
    assert make.happened(item, Kind.ITEM_CANCELLED).state == "cancelled"  # its answer came after all
    assert not Event.objects.filter(kind=Kind.ITEM_FINISHED).exists()


def test_a_late_queued_notice_does_not_take_the_deadline_away(job: Job, cast: Cast) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item)
    due = make.happened(item, Kind.ITEM_STARTED).due_at
    assert due is not None
    assert make.happened(item, Kind.ITEM_QUEUED).due_at == due


def test_an_accepted_sentence_that_is_never_heard_of_is_unknown(
    metastudio: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    item, next_item = make.takeover(metastudio, cast.oki), make.takeover(metastudio, cast.oki, text=MORE)
    leaves(item)
    accepted = make.happened(item, Kind.ITEM_ACCEPTED)
    assert accepted.due_at is not None
    manual_clock.advance((accepted.due_at - clock.now()).total_seconds() + 0.1)
    late_items.due_items("r1")
    assert state(item) == ("unknown", "not_reported")
    following = Command.objects.get(trace_id=next_item.trace_id)
    assert (following.state, following.body["at"]) == ("ready", "end")  # behind it, if it is still there


def test_what_stands_in_a_paused_room_is_not_called_spoken_by_time(
    metastudio: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    """Its rest, and what waits behind it, is said when the room goes on; time passes for neither until then."""
    item, waiting = make.takeover(metastudio, cast.oki), make.takeover(metastudio, cast.oki, text=MORE)
    leaves(item)
    make.happened(item, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    leaves(waiting)
    make.happened(waiting, Kind.ITEM_ACCEPTED)
    manual_clock.advance(1)
    make.hear(metastudio, JobSays.PAUSED)
    manual_clock.advance(600)
    late_items.due_items("r1")
    assert (state(item)[0], state(waiting)[0]) == ("playing", "accepted")
    make.hear(metastudio, JobSays.LIVE)
    late_items.due_items("r1")
    assert (state(item)[0], state(waiting)[0]) == ("playing", "accepted")
    manual_clock.advance(60)
    late_items.due_items("r1")
    assert (state(item)[0], state(waiting)[0]) == ("done", "unknown")


def test_what_cut_into_a_paused_room_ends_by_time_all_the_same(
    metastudio: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    make.hear(metastudio, JobSays.PAUSED)
    manual_clock.advance(1)
    item = make.takeover(metastudio, cast.oki, mode=Mode.NOW)
    leaves(item)
    make.happened(item, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    manual_clock.advance(60)
    late_items.due_items("r1")
    assert state(item)[0] == "done"


def test_what_only_the_queue_told_of_is_asked_for_though_its_answer_was_not_late(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    """The link broke after it was sent: the next one reads the queue before the answer is overdue."""
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item)
    manual_clock.advance(2)
    queue.queue_read(job, QueueListing((item.trace_id,), clock.now()))
    assert state(item)[0] == "queued"
    assert sweep.sweep("r1").doubtful == [job.pk]
    manual_clock.advance(60)
    queue.queue_read(job, QueueListing((), clock.now()))
    assert state(item) == ("unknown", "left_queue")


@pytest.mark.parametrize(("after_s", "ends"), [(1, "failed"), (60, "done")])
def test_what_the_next_one_followed_too_soon_broke_off(
    job: Job, cast: Cast, manual_clock: ManualClock, after_s: int, ends: str
) -> None:
    """SoftSugar tells a failure by callback alone, which may be lost; it plays one thing at a time."""
    free_the_lane(job)
    item, following = (make.takeover(job, cast.oki) for _ in range(2))
    for one in (item, following):
        make.happened(one, Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    make.happened(item, Kind.ITEM_STARTED)
    manual_clock.advance(after_s)
    make.happened(following, Kind.ITEM_STARTED)
    manual_clock.advance(10)
    queue.queue_read(job, QueueListing((following.trace_id,), clock.now()))
    assert state(item)[0] == ends


def test_what_only_the_queue_told_of_is_asked_for_until_it_left(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item)
    make.happened(item, Kind.ITEM_UNSURE, Kind.ITEM_QUEUED, why="timeout")
    assert state(item)[0] == "queued"
    manual_clock.advance(300)
    assert sweep.sweep("r1").doubtful == [job.pk]
    queue.queue_read(job, QueueListing((), clock.now()))
    assert state(item) == ("unknown", "left_queue")
    assert sweep.sweep("r1").doubtful == []


def test_a_sentence_whose_start_nobody_told_holds_the_next_no_longer_than_it_lasts(
    cast: Cast, manual_clock: ManualClock
) -> None:
    """Without the command channel a start is reckoned; the patience with a missing end is no part of it."""
    job = on_air(cast, VendorKind.METASTUDIO, command_channel=False)
    first, second = make.takeover(job, cast.oki), make.takeover(job, cast.oki, text=MORE)
    leaves(first)
    accepted = make.happened(first, Kind.ITEM_ACCEPTED)
    now = clock.now()
    start = release.expected_start(job, second, now)
    assert accepted.due_at is not None
    assert start == accepted.due_at - release.patience(accepted) + timedelta(milliseconds=accepted.estimate_ms)


@pytest.mark.parametrize("sent", [PlayAt.NEXT, PlayAt.END])
def test_behind_what_went_to_the_end_nothing_is_inserted(
    cast: Cast, manual_clock: ManualClock, *, sent: PlayAt
) -> None:
    """Its reckoned start is past, but a paragraph of the vendor's script may be longer than that."""
    job = on_air(cast, VendorKind.METASTUDIO, command_channel=False)
    item = make.takeover(job, cast.oki)
    Command.objects.filter(trace_id=item.trace_id).update(body={"at": str(sent)})
    leaves(item)
    make.happened(item, Kind.ITEM_ACCEPTED)
    assert release.slot(job, clock.now()) is None
    assert release.slot(job, clock.now() + timedelta(seconds=5)) == sent


def test_what_now_cut_without_a_channel_holds_nobody_back(cast: Cast, manual_clock: ManualClock) -> None:
    job = on_air(cast, VendorKind.METASTUDIO, command_channel=False)
    first = make.takeover(job, cast.oki)
    leaves(first)
    make.happened(first, Kind.ITEM_ACCEPTED)
    manual_clock.advance(6)
    urgent = make.takeover(job, cast.oki, text=MORE, mode=Mode.NOW)
    leaves(urgent)
    make.happened(urgent, Kind.ITEM_ACCEPTED)
    assert state(first) == ("unknown", "not_reported")  # cut, or over and its end was lost
    assert release.slot(job, clock.now() + timedelta(seconds=5)) is not None
    assert make.happened(first, Kind.ITEM_FINISHED).state == "done"  # it had been heard to its end all the same


def test_what_now_cut_is_cut_though_the_start_of_now_was_told_to_nobody(metastudio: Job, cast: Cast) -> None:
    first = make.takeover(metastudio, cast.oki)
    leaves(first)
    make.happened(first, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    urgent = make.takeover(metastudio, cast.oki, text=MORE, mode=Mode.NOW)
    leaves(urgent)
    make.happened(urgent, Kind.ITEM_ACCEPTED, Kind.ITEM_FINISHED)
    cut = make.happened(first)
    assert (cut.state, cut.cut_by_id) == ("cancelled", urgent.pk)


def test_what_is_unknown_by_the_clock_alone_has_had_its_time(cast: Cast, manual_clock: ManualClock) -> None:
    job = on_air(cast, VendorKind.METASTUDIO, command_channel=False)
    item, waiting = make.takeover(job, cast.oki), make.takeover(job, cast.oki, text=MORE)
    leaves(item)
    accepted = make.happened(item, Kind.ITEM_ACCEPTED)
    assert accepted.due_at is not None
    manual_clock.advance((accepted.due_at - clock.now()).total_seconds() + 0.1)
    sweep.sweep("r1")
    assert state(item) == ("unknown", "not_reported")
    assert Command.objects.filter(trace_id=waiting.trace_id).exists()


def test_where_nothing_is_due_the_deadlines_are_one_query(job: Job) -> None:
    with CaptureQueriesContext(connection) as queries:
        late_items.due_items("r1")
    assert len(queries) == 1


def test_what_is_over_has_no_deadline(job: Job, cast: Cast) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item)
    done = make.happened(item, Kind.ITEM_STARTED, Kind.ITEM_FINISHED, Kind.ITEM_UNSURE)
    assert (done.state, done.due_at) == ("done", None)


# --------------------------------------------------------------------------------------------------------------- quiet


def test_quiet_air_gets_the_next_paragraph(job: Job, manual_clock: ManualClock) -> None:
    free_the_lane(job)
    first = Takeover.objects.get(job=job, source="script")
    make.happened(first, Kind.ITEM_FAILED)
    Takeover.objects.filter(job=job, source="script").exclude(pk=first.pk).delete()
    assert idle_rooms.quiet_scripts("r1") == 0
    manual_clock.advance(QUIET_S)
    assert idle_rooms.quiet_scripts("r1") == 1
    assert Takeover.objects.filter(job=job, source="script").count() == 2
    assert idle_rooms.quiet_scripts("r1") == 0


@pytest.mark.parametrize("why", ["held", "ended", "another relay", "a person speaks"])
def test_quiet_air_stays_quiet_where_it_should(job: Job, cast: Cast, manual_clock: ManualClock, why: str) -> None:
    if why == "a person speaks":
        free_the_lane(job)
        item = make.takeover(job, cast.oki)
        leaves(item)
        make.happened(item, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    Takeover.objects.filter(job=job, source="script").delete()
    if why == "held":
        Job.objects.filter(pk=job.pk).update(script_held=True)
    elif why == "ended":
        make.hear(job, JobSays.ENDED)
    elif why == "another relay":
        Job.objects.filter(pk=job.pk).update(owner="r2")
    manual_clock.advance(QUIET_S + 1)
    assert idle_rooms.quiet_scripts("r1") == 0


def test_a_lost_wake_up_holds_no_sentence_back(metastudio: Job, cast: Cast) -> None:
    item = make.takeover(metastudio, cast.oki)
    Command.objects.filter(trace_id=item.trace_id).delete()
    Takeover.objects.filter(pk=item.pk).update(released_at=None)
    assert idle_rooms.held_back("r2") == 0
    assert idle_rooms.held_back("r1") == 1
    assert Command.objects.get(trace_id=item.trace_id).state == "ready"


def test_the_round_names_lanes_with_work_and_queues_to_read(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    free_the_lane(job)
    assert sweep.sweep("r1") == sweep.Found(waiting=[], doubtful=[])
    item = make.takeover(job, cast.oki)
    assert sweep.sweep("r1").waiting == [job.pk]
    assert sweep.sweep("r2").waiting == []
    leaves(item)
    manual_clock.advance(outbox.DEADLINE_S + 1)
    assert sweep.sweep("r1").doubtful == [job.pk]
    assert sweep.sweep("r1").doubtful == [job.pk]  # for half a minute the vendor's queue is asked
    manual_clock.advance(31)
    assert sweep.sweep("r1").doubtful == []


# ------------------------------------------------------------------------------------------------------------ outcomes


def test_what_was_not_sent_waits_and_can_be_taken_back(job: Job, cast: Cast) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    items.said(make.happened(item), leaves(item), NotSent("rate_limit", 1.0), written_only=True)
    assert state(item)[0] == "waiting"
    assert Command.objects.get(trace_id=item.trace_id).state == "ready"
    assert settle.cancel_takeover(item=make.happened(item), user=cast.oki.user, actor=cast.oki.actor).state == (
        "cancelled"
    )


def test_what_waits_again_is_a_new_version(job: Job, cast: Cast) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    command = leaves(item)
    sending = make.happened(item)
    items.said(sending, command, NotSent("rate_limit", 1.0), written_only=True)
    assert make.happened(item).version == sending.version + 1


def test_what_the_vendor_does_not_cancel_is_what_it_was_and_a_new_version(job: Job, cast: Cast) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item)
    make.happened(item, Kind.ITEM_QUEUED)
    settle.cancel_takeover(item=make.happened(item), user=cast.oki.user, actor=cast.oki.actor)
    cancel = Command.objects.get(kind="cancel")
    cancels.cancel_left(cancel, [make.happened(item)])
    cancelling = make.happened(item)
    error = VendorError(code="10003", happened=("Not there.", "不在。"), todo=("Look.", "看。"))
    cancels.cancelled(job, cancel, [cancelling], Rejected(error))
    kept = make.happened(item)
    assert (cancelling.state, kept.state, kept.version) == ("cancelling", "queued", cancelling.version + 1)
    settle.cancel_takeover(item=kept, user=cast.oki.user, actor=cast.oki.actor)
    assert make.happened(item).cancel_requested_at is not None  # once more is a wish of its own


def test_what_was_cancelled_on_its_way_and_not_sent_never_leaves(job: Job, cast: Cast) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    command = leaves(item)
    settle.cancel_takeover(item=make.happened(item), user=cast.oki.user, actor=cast.oki.actor)
    items.said(make.happened(item), command, NotSent("link_down"), written_only=True)
    command.refresh_from_db()
    assert (state(item)[0], command.state) == ("cancelled", "withdrawn")


def test_what_was_on_its_way_when_the_room_was_silenced_and_was_not_sent_never_leaves(
    metastudio: Job, cast: Cast
) -> None:
    item = make.takeover(metastudio, cast.oki)
    command = leaves(item)
    quiet.silence(job=metastudio, user=cast.oki.user, actor=cast.oki.actor)
    items.said(make.happened(item), command, NotSent("rate_limit"), written_only=False)
    command.refresh_from_db()
    assert (state(item)[0], command.state) == ("cancelled", "withdrawn")


def test_words_of_after_the_silence_wait_like_any_other(metastudio: Job, cast: Cast, manual_clock: ManualClock) -> None:
    quiet.silence(job=metastudio, user=cast.oki.user, actor=cast.oki.actor)
    manual_clock.advance(1)
    item = make.takeover(metastudio, cast.oki)
    items.said(make.happened(item), leaves(item), NotSent("rate_limit"), written_only=False)
    assert state(item)[0] == "waiting"


def test_a_written_frame_is_no_evidence(job: Job, cast: Cast) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    command = leaves(item)
    items.said(make.happened(item), command, Accepted(SaidRef()), written_only=True)
    command.refresh_from_db()
    assert (state(item)[0], command.state) == ("sending", "sending")
    make.happened(item, Kind.ITEM_QUEUED)
    command.refresh_from_db()
    assert command.state == "accepted"


def test_a_refused_sentence_says_the_vendors_words(metastudio: Job, cast: Cast) -> None:
    error = VendorError(code="MSS.2", happened=("No.", "否。"), todo=("Try.", "试。"))
    item = make.takeover(metastudio, cast.oki)
    items.said(make.happened(item), leaves(item), Rejected(error), written_only=False)
    refused = make.happened(item)
    assert (refused.state, refused.error["code"]) == ("rejected", "MSS.2")


def test_no_answer_is_a_doubt(metastudio: Job, cast: Cast) -> None:
    item = make.takeover(metastudio, cast.oki)
    command = leaves(item)
    items.said(make.happened(item), command, Unknown("broken_connection"), written_only=False)
    command.refresh_from_db()
    assert (state(item), command.state) == (("unknown", "broken_connection"), "unknown")


# --------------------------------------------------------------------------------------------------- the vendor's queue


def read(job: Job, *listed: Takeover) -> None:
    trace_ids = tuple(item.trace_id for item in listed)
    queue.queue_read(job, QueueListing(trace_ids, clock.now()))


def test_the_vendors_queue_settles_what_it_can(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    free_the_lane(job)
    steps = {
        "sent": (),
        "queued": (Kind.ITEM_QUEUED,),
        "playing": (Kind.ITEM_QUEUED, Kind.ITEM_STARTED),
        "sent and listed": (),
    }
    items = {}
    for name, kinds in steps.items():
        items[name] = make.takeover(job, cast.oki)
        command = leaves(items[name])
        make.happened(items[name], *kinds)
        outbox.settle(command, CommandState.UNKNOWN)
    manual_clock.advance(5)
    read(job, items["sent and listed"])
    assert {name: state(item) for name, item in items.items()} == {
        "sent": ("sending", ""),  # absence proves nothing
        "queued": ("unknown", "left_queue"),
        "playing": ("done", ""),
        "sent and listed": ("queued", "not_reported"),  # no notice told of it, nor may one of its end
    }


def test_a_question_that_left_before_the_sentence_says_nothing_about_it(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    free_the_lane(job)
    asked = clock.now()
    manual_clock.advance(0.5)
    item = make.takeover(job, cast.oki)
    leaves(item)
    make.happened(item, Kind.ITEM_QUEUED)
    queue.queue_read(job, QueueListing((), asked + timedelta(seconds=0.2)))
    assert state(item)[0] == "queued"


def test_what_left_unheard_and_is_heard_after_all_plays(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    free_the_lane(job)
    item = make.takeover(job, cast.oki)
    leaves(item)
    make.happened(item, Kind.ITEM_QUEUED)
    manual_clock.advance(5)
    read(job)
    assert state(item)[0] == "unknown"
    assert make.happened(item, Kind.ITEM_STARTED).state == "playing"
    assert make.happened(item, Kind.ITEM_FINISHED).state == "done"
