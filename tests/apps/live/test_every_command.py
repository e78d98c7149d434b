"""Every kind of command × what may go wrong on its way; this table is the promise, and each row is tried here.

kind                                            lost answer, or relay dead in between     over sockets in
say, sound, scene                               unknown, never sent again                 relay_dies, unknown, talk
create                                          unknown; found in the listing, or not     faults_calls
rewrite_script, rewrite_rules, output, layer,   unknown; the vendor's record settles it   steering
preload
push_room                                       unknown as a create, again as an update   faults_calls
drop_inserted                                   unknown: some of it may be heard          panic
go_live, stop, cancel, pause, resume, clip,     again: a repeat changes nothing           faults_calls, order, panic
reorder, compare, end_session                                                             ghosts
check, record, test, import_rooms               again: they only ask                      ghosts
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.jobs.models import Job, JobChange
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.relay import doubts
from dashboard.takeover.models import Takeover
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, Relay, VendorAccount
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
UNKNOWN, AGAIN = CommandState.UNKNOWN, CommandState.READY
AFTER_A_LOST_ANSWER = {
    CommandKind.SAY: UNKNOWN,
    CommandKind.SOUND: UNKNOWN,
    CommandKind.SCENE: UNKNOWN,
    CommandKind.CREATE: UNKNOWN,
    CommandKind.REWRITE_SCRIPT: UNKNOWN,
    CommandKind.REWRITE_RULES: UNKNOWN,
    CommandKind.OUTPUT: UNKNOWN,
    CommandKind.LAYER: UNKNOWN,
    CommandKind.PRELOAD: UNKNOWN,
    CommandKind.PUSH_ROOM: UNKNOWN,  # a create: the vendor may hold the room
    CommandKind.DROP_INSERTED: UNKNOWN,
    CommandKind.GO_LIVE: AGAIN,
    CommandKind.STOP: AGAIN,
    CommandKind.CANCEL: AGAIN,
    CommandKind.PAUSE: AGAIN,
    CommandKind.RESUME: AGAIN,
    CommandKind.CLIP: AGAIN,
    CommandKind.REORDER: AGAIN,
    CommandKind.COMPARE: AGAIN,
    CommandKind.END_SESSION: AGAIN,
    CommandKind.CHECK: AGAIN,
    CommandKind.RECORD: AGAIN,
    CommandKind.TEST: AGAIN,
    CommandKind.IMPORT_ROOMS: AGAIN,
}
CHANGES = (
    CommandKind.REWRITE_SCRIPT,
    CommandKind.REWRITE_RULES,
    CommandKind.OUTPUT,
    CommandKind.LAYER,
    CommandKind.PRELOAD,
)
WORDS = (CommandKind.SAY, CommandKind.SOUND, CommandKind.SCENE)
EVERY = pytest.mark.parametrize("kind", list(CommandKind))


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    made = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    Job.objects.filter(pk=made.pk).update(owner="r1", epoch=1)
    VendorAccount.objects.filter(pk=made.account_id).update(owner="r1", epoch=1)
    return Job.objects.select_related("room", "account").get(pk=made.pk)


def command(job: Job, kind: CommandKind, cast: Cast) -> Command:
    """One of `kind`, ready to leave, with what it is about."""
    about: dict[str, object] = {}
    if kind in WORDS:
        item = make.takeover(job, cast.oki)
        ready = Command.objects.get(trace_id=item.trace_id)
        Command.objects.filter(pk=ready.pk).update(kind=kind)
        return Command.objects.get(pk=ready.pk)
    if kind in CHANGES:
        change = JobChange.objects.create(job=job, kind="layer", author_label="Oki", asked_at=clock.now())
        about["subject"] = change.subject
    elif kind == CommandKind.PUSH_ROOM:
        about["body"] = {"room": make.room(job.account).pk, "version": 1}
    elif kind == CommandKind.END_SESSION:
        about["body"] = {"session": make.ghost(job.account, "theirs").pk}
    of_account = kind in outbox.ACCOUNT_KINDS and kind != CommandKind.CREATE
    lane = f"account:{job.account_id}:{kind}" if kind in outbox.ACCOUNT_KINDS else outbox.stop_lane(job.pk)
    return outbox.enqueue(
        account_id=job.account_id,
        job_id=None if of_account else job.pk,
        lane=lane,
        kind=kind,
        **about,  # type: ignore[arg-type]
    )


def claim(one: Command, relay: str) -> bool:
    return outbox.claim(one, relay=relay, epoch=1, still_mine=lambda: True)


def taken_over(job: Job) -> None:
    """The relay is gone, and another keeps the job and its account now."""
    Relay.objects.all().delete()
    Job.objects.filter(pk=job.pk).update(owner="r2", epoch=2)
    VendorAccount.objects.filter(pk=job.account_id).update(owner="r2", epoch=2)


def test_the_table_names_every_kind() -> None:
    assert set(AFTER_A_LOST_ANSWER) == set(CommandKind)


@EVERY
def test_of_two_relays_one_sends_it(job: Job, cast: Cast, kind: CommandKind) -> None:
    one = command(job, kind, cast)
    assert [claim(one, "r1"), claim(one, "r2")] == [True, False]
    assert Command.objects.get(pk=one.pk).attempts == 1


@EVERY
def test_taken_back_before_it_left_it_never_leaves(job: Job, cast: Cast, kind: CommandKind) -> None:
    one = command(job, kind, cast)
    assert outbox.withdraw(Command.objects.filter(pk=one.pk)) == 1
    assert not claim(one, "r1")
    assert Command.objects.get(pk=one.pk).attempts == 0


@EVERY
def test_a_relay_that_died_with_it_leaves_it_settled(
    job: Job, cast: Cast, kind: CommandKind, manual_clock: ManualClock
) -> None:
    """Between claim and send, or between send and answer: nobody can tell which, so both end alike."""
    one = command(job, kind, cast)
    assert claim(one, "r1")
    taken_over(job)
    manual_clock.advance(outbox.DEADLINE_S + 1)
    doubts.orphaned_commands((job.pk,), "r2")
    doubts.overdue_commands("r2")
    assert Command.objects.get(pk=one.pk).state == AFTER_A_LOST_ANSWER[kind]
    assert not outbox.overdue().exists()  # no lane stays shut


@pytest.mark.parametrize("kind", WORDS)
def test_words_of_a_dead_relay_are_not_known_and_not_sent_again(
    job: Job, cast: Cast, kind: CommandKind, manual_clock: ManualClock
) -> None:
    one = command(job, kind, cast)
    assert claim(one, "r1")
    taken_over(job)
    doubts.orphaned_commands((job.pk,), "r2")
    manual_clock.advance(timedelta(minutes=5).total_seconds())
    assert not outbox.due(lanes=outbox.lanes_of(job.pk)).filter(trace_id=one.trace_id).exists()
    assert Takeover.objects.get(trace_id=one.trace_id).timeout_at is not None
