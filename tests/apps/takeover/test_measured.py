"""A room's voice is measured by what was heard whole; what was cut, cancelled or doubtful tells nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.events.kinds import Kind
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.lib.speech import estimate_ms, sentence_ends_ms
from dashboard.rooms.models import Room
from dashboard.takeover.eta import FIRST_MS
from dashboard.takeover.measured import KEPT, Measured, measured
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

ZH = "各位朋友大家好，今天下单明天就发出，江浙沪隔天送到。"
EN = "We ship every order tomorrow morning, and returns are free within seven days."


def samples(job: Job) -> dict[str, list[float]]:
    return dict(Room.objects.get(pk=job.room_id).measured.get("samples", {}))


def known(job: Job) -> Measured:
    return measured(Room.objects.get(pk=job.room_id))


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return make.on_air(make.room(make.account(cast.alpha, "softsugar")), cast.oki)


def heard(
    job: Job,
    cast: Cast,
    clock: ManualClock,
    text: str = ZH,
    *,
    speed: float = 1.0,
    mode: Mode = Mode.APPEND,
    took_s: float = 0.7,
) -> Takeover:
    """Said, queued after 0.1 s, begun `took_s` after the press, heard to its end in a voice of this speed."""
    item = make.takeover(job, cast.oki, text=text, mode=mode)
    make.happened(item, Kind.ITEM_SENDING)
    clock.advance(0.1)
    make.happened(item, Kind.ITEM_QUEUED)
    clock.advance(took_s - 0.1)
    make.happened(item, Kind.ITEM_STARTED)
    clock.advance(estimate_ms(text) / 1000 / speed)
    make.happened(item, Kind.ITEM_FINISHED)
    clock.advance(1)
    return item


def test_nothing_measured_is_an_unhurried_host(job: Job) -> None:
    assert (known(job).pace.han, known(job).pace.words, known(job).count) == (1.0, 1.0, 0)
    assert known(job).steps.now_ms == FIRST_MS


def test_what_was_heard_whole_sets_the_pace_of_what_comes(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    heard(job, cast, manual_clock, speed=1.3)
    assert known(job).pace.han == pytest.approx(1.3, abs=0.01)
    item = make.takeover(job, cast.oki, text=ZH)
    assert item.estimate_ms == pytest.approx(estimate_ms(ZH) / 1.3, rel=0.01)


def test_each_language_is_measured_alone(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    heard(job, cast, manual_clock, speed=1.3)
    assert known(job).pace.words == pytest.approx(1.3, abs=0.01)  # not heard yet: as the other
    heard(job, cast, manual_clock, EN, speed=0.8)
    assert known(job).pace.words == pytest.approx(0.8, abs=0.01)
    assert known(job).pace.han == pytest.approx(1.3, abs=0.01)


def test_one_odd_sentence_moves_nothing_and_a_new_voice_is_learnt_in_five(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    for _ in range(KEPT):
        heard(job, cast, manual_clock, speed=0.8)
    heard(job, cast, manual_clock, speed=3.0)
    assert known(job).pace.han == pytest.approx(0.8, abs=0.01)
    for _ in range(5):
        heard(job, cast, manual_clock, speed=1.4)
    assert known(job).pace.han == pytest.approx(1.4, abs=0.01)
    assert len(samples(job)["han"]) == KEPT


def test_what_was_cancelled_or_too_short_tells_nothing(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.takeover(job, cast.oki, text=ZH)
    for kind in (Kind.ITEM_SENDING, Kind.ITEM_STARTED, Kind.ITEM_CANCEL_SENT, Kind.ITEM_FINISHED):
        make.happened(item, kind)
        manual_clock.advance(1)
    assert "han" not in samples(job)


def test_another_voice_is_measured_anew(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    heard(job, cast, manual_clock, speed=1.3)
    Room.objects.filter(pk=job.room_id).update(config={**job.room.config, "file_id": "another-host"})
    assert known(job).count == 0


def test_now_tells_the_way_from_press_to_sound(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    heard(job, cast, manual_clock, mode=Mode.NOW)
    steps = known(job).steps
    assert (steps.sent_ms, steps.now_ms) == (100, 700)


def test_notices_that_came_late_do_not_lengthen_the_way(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    """A slow notice only adds: of a few samples a lower one is nearer to the truth than the middle."""
    for took_s, now_ms in ((1.7, 1700), (0.7, 700), (1.3, 700), (0.8, 800), (0.7, 700)):
        heard(job, cast, manual_clock, mode=Mode.NOW, took_s=took_s)
        assert known(job).steps.now_ms == now_ms


def test_the_promise_is_kept_with_the_press(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    first = heard(job, cast, manual_clock, mode=Mode.NOW)
    assert first.promised_ms is not None
    second = make.takeover(job, cast.oki, text=ZH, mode=Mode.NOW)
    assert second.promised_ms == 700
    assert second.eta_at == second.requested_at + timedelta(milliseconds=700)


def test_a_start_told_before_the_end_of_what_played_is_no_silence(
    job: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    heard(job, cast, manual_clock)
    before = make.takeover(job, cast.oki, text=ZH)
    for kind in (Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED):
        make.happened(before, kind)
    item = make.takeover(job, cast.oki, text=ZH)
    for kind in (Kind.ITEM_SENDING, Kind.ITEM_QUEUED):
        make.happened(item, kind)
    manual_clock.advance(4)
    was = samples(job)
    make.happened(item, Kind.ITEM_STARTED)  # the two notices crossed on their way
    make.happened(before, Kind.ITEM_FINISHED)
    assert samples(job).get("idle_ms") == was.get("idle_ms")


def test_what_was_held_back_is_under_way_from_its_release(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, "metastudio")), cast.oki)
    first, second = (make.takeover(job, cast.oki, text=ZH) for _ in range(2))
    for kind in (Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED):
        make.happened(first, kind)
    manual_clock.advance(3)
    make.happened(first, Kind.ITEM_STARTED)
    second.refresh_from_db()
    assert second.released_at is not None
    make.happened(second, Kind.ITEM_SENDING)
    manual_clock.advance(0.1)
    make.happened(second, Kind.ITEM_ACCEPTED)
    assert samples(job)["sent_ms"][-1] == 100


def test_words_that_were_heard_so_soon_took_no_longer(cast: Cast, manual_clock: ManualClock) -> None:
    """No *now* was measured: an insert that caught the end of a sentence tells when a sound is there at the latest."""
    job = make.on_air(make.room(make.account(cast.alpha, "metastudio")), cast.oki)
    for took_s, at_most in ((2.0, FIRST_MS), (0.4, 400), (1.5, 400)):
        heard(job, cast, manual_clock, mode=Mode.INSERT, took_s=took_s)
        assert known(job).steps.idle_ms <= at_most
    # A bound is seldom met: three quarters of the way from the vendor's word (100 ms) to it.
    assert known(job).steps.idle_ms == 325


def test_a_quick_sound_is_not_forgotten_for_ones_that_waited(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, "metastudio")), cast.oki)
    heard(job, cast, manual_clock, mode=Mode.INSERT, took_s=0.4)
    for _ in range(KEPT + 1):
        heard(job, cast, manual_clock, mode=Mode.INSERT, took_s=3.0)
    assert known(job).steps.idle_ms == 325


def test_words_that_let_the_end_of_a_sentence_go_by_took_longer(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, "metastudio"), paragraphs=(ZH + ZH,)), cast.oki)
    first, second = sentence_ends_ms(ZH + ZH)
    Job.objects.filter(pk=job.pk).update(script_no=1, script_at=clock.now())
    manual_clock.advance(first / 1000 - 1.5)  # 1.5 s before the first end
    heard(job, cast, manual_clock, mode=Mode.INSERT, took_s=(second - first) / 1000 + 1.5)
    assert samples(job)["least_ms"] == [pytest.approx(1400)]
    assert known(job).steps.idle_ms == pytest.approx(1400)


def test_what_waited_for_another_let_no_sentence_go_by(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, "metastudio"), paragraphs=(ZH + ZH,)), cast.oki)
    Job.objects.filter(pk=job.pk).update(script_no=1, script_at=clock.now())
    manual_clock.advance(1)
    before = make.takeover(job, cast.oki, text=ZH * 3)
    for kind in (Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED):
        make.happened(before, kind)
    heard(job, cast, manual_clock, mode=Mode.INSERT, took_s=sentence_ends_ms(ZH + ZH)[1] / 1000)
    assert "least_ms" not in samples(job)
