"""When words will be heard on MetaStudio while nobody has told yet what began after the last sentence."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.lib.speech import sentence_ends_ms
from dashboard.rooms.models import Room
from dashboard.takeover.measured import measured
from dashboard.takeover.models import Takeover
from dashboard.takeover.outlook import read_outlook, starts_of_jobs
from dashboard.takeover.states import Mode
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

FIRST = "欢迎来到直播间。今天给大家介绍一款新茶，请大家慢慢看！"
SECOND = "这一批是明前采的，香气很足，喝起来很甜。一罐是一百克。"
ZH = "各位朋友大家好，今天下单明天就发出，江浙沪隔天送到。"


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    job = make.on_air(make.room(make.account(cast.alpha, "metastudio"), paragraphs=(FIRST, SECOND)), cast.oki)
    Job.objects.filter(pk=job.pk).update(script_no=1, script_at=clock.now())
    return job


def fresh(job: Job) -> Job:
    return Job.objects.select_related("room", "account").get(pk=job.pk)


def at_the_vendor(job: Job, cast: Cast) -> Takeover:
    item = make.takeover(job, cast.oki, text=ZH)
    return make.happened(item, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED)


def one_that_ends(job: Job, cast: Cast, clock: ManualClock, *, behind: bool) -> tuple[datetime, Takeover | None]:
    """Somebody is heard from the first sentence's end on; when they are over, and who is at the vendor behind them."""
    item = at_the_vendor(job, cast)
    clock.advance(2)
    make.happened(item, Kind.ITEM_STARTED)
    waiting = make.takeover(job, cast.oki, text=ZH) if behind else None
    if waiting is not None:
        waiting = make.happened(waiting, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED)
    clock.advance(item.estimate_ms / 1000)
    ended = make.happened(item, Kind.ITEM_FINISHED)
    assert ended.finished_at is not None
    return ended.finished_at, waiting


def test_the_next_paragraph_began_when_the_last_sentence_ended(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    ended_at, _waiting = one_that_ends(job, cast, manual_clock, behind=False)
    manual_clock.advance(0.3)  # the notice of the paragraph is on its way
    known = measured(Room.objects.get(pk=job.room_id))
    doors = [ended_at + timedelta(milliseconds=end) for end in sentence_ends_ms(SECOND, known.pace)]
    ahead = read_outlook(fresh(job), clock.now())
    assert ahead.doors.at == tuple(doors)
    assert ahead.heard_at(Mode.APPEND, clock.now()) == doors[0] + timedelta(milliseconds=known.steps.gap_ms)


def test_what_the_vendor_has_begins_where_the_last_sentence_ended(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    ended_at, waiting = one_that_ends(job, cast, manual_clock, behind=True)
    assert waiting is not None
    manual_clock.advance(0.3)  # the notice of its start is on its way
    gap = timedelta(milliseconds=measured(Room.objects.get(pk=job.room_id)).steps.gap_ms)
    free = max(ended_at + gap, clock.now()) + timedelta(milliseconds=waiting.estimate_ms)
    ahead = read_outlook(fresh(job), clock.now())
    assert ahead.append_from == free
    assert starts_of_jobs([fresh(job)], clock.now()) == {waiting.pk: max(ended_at + gap, clock.now())}


def test_a_paragraph_that_was_told_since_counts(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    one_that_ends(job, cast, manual_clock, behind=False)
    manual_clock.advance(0.3)
    Job.objects.filter(pk=job.pk).update(script_no=2, script_at=clock.now())
    known = measured(Room.objects.get(pk=job.room_id))
    ends = sentence_ends_ms(SECOND, known.pace)
    assert read_outlook(fresh(job), clock.now()).doors.at == tuple(
        clock.now() + timedelta(milliseconds=end) for end in ends
    )
