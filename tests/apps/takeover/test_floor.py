"""Who may speak by microphone: one person, on one page; colleagues ask, take with a reason, or are given it."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.audit.models import AuditEntry
from dashboard.console import desk, facts
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.jobs.states import Link
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Conflict, Forbidden, Invalid
from dashboard.live.relay.sweep import sweep
from dashboard.rooms.models import Room
from dashboard.takeover import floor as floors
from dashboard.takeover.models import Floor, Takeover, TalkTicket
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.release import GRACE_S
from dashboard.takeover.services import arming, ask, floor, voice
from dashboard.takeover.states import TakeoverState
from dashboard.vendors.models import Command, CommandState, VendorKind
from tests import cast as make
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db


RELAY = "relay-of-the-test"


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    return on_air(cast)


def on_air(cast: Cast, vendor: str = VendorKind.SOFTSUGAR, **capabilities: object) -> Job:
    job = make.on_air(make.room(make.account(cast.alpha, vendor, **capabilities)), cast.oki)
    Command.objects.filter(job_id=job.pk, kind="create").update(state=CommandState.ACCEPTED)
    Job.objects.filter(pk=job.pk).update(link=Link.UP)
    return job


def by(person: Person) -> dict[str, Any]:
    return {"user": person.user, "actor": person.actor}


def armed(job: Job, person: Person) -> Floor:
    return arming.redeem(token=arming.arm(job=job, **by(person)), job_id=job.pk, user_id=person.user.pk)


def speak(job: Job, person: Person, of: Floor, key: str = "press", **options: Any) -> Takeover:
    return voice.open_voice(job=job, **by(person), epoch=of.epoch, talker=of.talker, key=key, **options)


def row(job: Job) -> Floor:
    return Floor.objects.get(job=job)


# ----------------------------------------------------------------------------------------------------- whose it is


def test_a_free_floor_is_taken_and_given_up(cast: Cast, job: Job) -> None:
    taken = floor.take(job=job, **by(cast.oki))
    assert (taken.holder_label, taken.epoch) == ("Oki Wang", 1)
    floor.release(job=job, **by(cast.oki))
    assert (row(job).holder, row(job).epoch) == (None, 2)
    told = Event.objects.filter(kind__startswith="job.floor").order_by("id").values_list("kind", "data")
    assert list(told) == [(Kind.JOB_FLOOR_TAKEN, {"who": "Oki Wang"}), (Kind.JOB_FLOOR_RELEASED, {"who": "Oki Wang"})]


@pytest.mark.parametrize("chosen", [{"kinds": ["voice"]}, {"modes": ["now"]}, {"roles": ["operator"]}])
def test_no_voice_waits_for_a_second_person(cast: Cast, job: Job, chosen: dict[str, list[str]]) -> None:
    make.second_person(job.room, **chosen)
    item = speak(job, cast.oki, armed(job, cast.oki))
    assert (item.approval_why, item.approval_due_at, item.state) == ("", None, TakeoverState.WAITING)
    assert item.released_at is not None


def test_a_second_speaker_is_refused_by_name(cast: Cast, job: Job) -> None:
    floor.take(job=job, **by(cast.oki))
    with pytest.raises(Conflict, match="Oki Wang has the floor"):
        arming.arm(job=job, **by(cast.pia))
    assert not TalkTicket.objects.exists()


def test_a_second_page_of_the_same_person_is_refused_by_name(cast: Cast, job: Job) -> None:
    armed(job, cast.oki)
    with pytest.raises(Conflict, match="Oki Wang has a microphone armed"):
        arming.arm(job=job, **by(cast.oki))


def test_a_colleague_asks_and_is_given_the_floor(cast: Cast, job: Job) -> None:
    floor.take(job=job, **by(cast.oki))
    floor.ask(job=job, **by(cast.pia))
    floor.ask(job=job, **by(cast.pia))  # the same press once more
    with pytest.raises(Conflict, match="Pia Chen has asked"):
        floor.ask(job=job, **by(cast.ada))
    with pytest.raises(Conflict, match="not yours"):
        floor.hand_over(job=job, **by(cast.pia))
    assert floor.hand_over(job=job, **by(cast.oki)).holder == cast.pia.user
    assert not floors.is_asked(row(job), row(job).since)  # type: ignore[arg-type]
    assert Event.objects.filter(kind=Kind.JOB_FLOOR_ASKED).count() == 1


def test_a_question_that_nobody_answers_is_over(cast: Cast, job: Job, manual_clock: ManualClock) -> None:
    floor.take(job=job, **by(cast.oki))
    floor.ask(job=job, **by(cast.pia))
    manual_clock.advance(31)
    with pytest.raises(Conflict, match="Nobody asks"):
        floor.hand_over(job=job, **by(cast.oki))
    floor.sweep()
    assert (row(job).asked_by, row(job).holder) == (None, cast.oki.user)


def test_taking_it_from_a_colleague_needs_a_reason_and_a_second_press(cast: Cast, job: Job) -> None:
    floor.take(job=job, **by(cast.oki))
    with pytest.raises(Invalid, match="Say why"):
        floor.take(job=job, **by(cast.pia))
    assert floor.cut_by_taking(job=job, user=cast.pia.user, reason="wrong price") == "Oki Wang"
    assert row(job).holder == cast.oki.user
    assert floor.take(job=job, **by(cast.pia), reason="wrong price").holder == cast.pia.user
    trail = AuditEntry.objects.filter(action="take_floor").latest("id")
    assert (trail.actor_label, trail.reason) == ("Pia Chen", "wrong price")
    assert trail.before == {"holder": "Oki Wang"}


def test_a_floor_without_a_microphone_frees_itself(cast: Cast, job: Job, manual_clock: ManualClock) -> None:
    floor.take(job=job, **by(cast.oki))
    manual_clock.advance(floors.TO_ARM_S + 1)
    floor.sweep()
    assert row(job).holder is None
    assert Event.objects.get(kind=Kind.JOB_FLOOR_RELEASED).data["why"] == "lapsed"


def test_an_armed_microphone_keeps_it_as_long_as_it_answers(cast: Cast, job: Job, manual_clock: ManualClock) -> None:
    mine = armed(job, cast.oki)
    for _ in range(20):
        manual_clock.advance(floors.RENEW_EVERY_S)
        assert floors.renew(job.pk, mine.epoch, mine.talker, manual_clock.now())
        floor.sweep()
    manual_clock.advance(floors.RENEWED_S + 1)
    floor.sweep()
    assert row(job).holder is None
    assert not floors.renew(job.pk, mine.epoch, mine.talker, manual_clock.now())


def test_a_job_that_is_not_on_air_has_no_floor(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.job(make.room(make.account(cast.alpha)), cast.oki)
    with pytest.raises(Conflict, match="is not on air"):
        floor.take(job=job, **by(cast.oki))


def test_an_account_without_the_channel_says_why(cast: Cast, manual_clock: ManualClock) -> None:
    job = on_air(cast, VendorKind.METASTUDIO, command_channel=False)
    with pytest.raises(Conflict, match="RTC command channel"):
        arming.arm(job=job, **by(cast.oki))


# --------------------------------------------------------------------------------------------------------- tickets


def test_a_ticket_is_good_once_and_for_its_person(cast: Cast, job: Job) -> None:
    token = arming.arm(job=job, **by(cast.oki))
    assert token not in str(list(TalkTicket.objects.values()))
    with pytest.raises(Forbidden):
        arming.redeem(token=token, job_id=job.pk, user_id=cast.pia.user.pk)
    arming.redeem(token=token, job_id=job.pk, user_id=cast.oki.user.pk)
    with pytest.raises(Forbidden):
        arming.redeem(token=token, job_id=job.pk, user_id=cast.oki.user.pk)


def test_a_ticket_ends_after_thirty_seconds(cast: Cast, job: Job, manual_clock: ManualClock) -> None:
    token = arming.arm(job=job, **by(cast.oki))
    manual_clock.advance(arming.TICKET_S + 1)
    with pytest.raises(Forbidden):
        arming.redeem(token=token, job_id=job.pk, user_id=cast.oki.user.pk)


def test_a_ticket_of_an_earlier_floor_opens_nothing(cast: Cast, job: Job) -> None:
    token = arming.arm(job=job, **by(cast.oki))
    floor.take(job=job, **by(cast.pia), reason="mine")
    with pytest.raises(Conflict, match="somebody else"):
        arming.redeem(token=token, job_id=job.pk, user_id=cast.oki.user.pk)


# -------------------------------------------------------------------------------------------------------- speaking


def test_only_the_holders_page_opens_the_microphone(cast: Cast, job: Job) -> None:
    mine = armed(job, cast.oki)
    floor.take(job=job, **by(cast.pia), reason="mine")
    with pytest.raises(Conflict, match="no longer yours"):
        speak(job, cast.oki, mine)
    assert not Takeover.objects.filter(kind=ItemKind.VOICE).exists()


def test_the_same_press_is_one_takeover(cast: Cast, job: Job) -> None:
    mine = armed(job, cast.oki)
    first, second = speak(job, cast.oki, mine), speak(job, cast.oki, mine)
    assert first == second
    assert (first.kind, first.get_rank_display()) == (ItemKind.VOICE, "microphone")


def test_softsugars_queue_is_emptied_first_with_a_second_press(cast: Cast, job: Job) -> None:
    waiting = make.takeover(job, cast.oki)
    make.happened(waiting, Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    mine = armed(job, cast.oki)
    with pytest.raises(Conflict, match="cancelled first: 1"):
        speak(job, cast.oki, mine)
    item = speak(job, cast.oki, mine, confirmed=True)
    waiting.refresh_from_db()
    assert waiting.cancel_requested_at is not None
    assert waiting.cut_by == item
    cancel = Command.objects.get(job_id=job.pk, kind="cancel")
    assert waiting.pk in cancel.body["items"]
    assert item.pk not in cancel.body["items"]


def test_what_has_not_left_is_taken_back_at_once(cast: Cast, job: Job) -> None:
    waiting = make.takeover(job, cast.oki)
    speak(job, cast.oki, armed(job, cast.oki), confirmed=True)
    waiting.refresh_from_db()
    assert waiting.state == TakeoverState.CANCELLED
    assert not Command.objects.filter(trace_id=waiting.trace_id, state=CommandState.READY).exists()


def test_metastudio_holds_back_what_waits_and_cancels_nothing(cast: Cast, manual_clock: ManualClock) -> None:
    job = on_air(cast, VendorKind.METASTUDIO, command_channel=True)
    speak(job, cast.oki, armed(job, cast.oki))
    waiting = make.takeover(job, cast.oki)
    assert waiting.state == TakeoverState.WAITING
    assert not Command.objects.filter(trace_id=waiting.trace_id).exists()


def test_the_channel_must_be_up(cast: Cast, job: Job) -> None:
    mine = armed(job, cast.oki)
    Job.objects.filter(pk=job.pk).update(link=Link.DOWN)
    with pytest.raises(Conflict, match="Nothing was heard"):
        speak(job, cast.oki, mine)


def test_giving_the_floor_up_takes_back_what_never_left(cast: Cast, job: Job) -> None:
    item = speak(job, cast.oki, armed(job, cast.oki))
    floor.release(job=job, **by(cast.oki))
    item.refresh_from_db()
    assert item.state == TakeoverState.CANCELLED


def test_a_voice_of_unknown_outcome_is_not_offered_or_sent_again(cast: Cast, job: Job) -> None:
    """Its sound is not kept, so there is nothing that could be said once more."""
    voiced = speak(job, cast.oki, armed(job, cast.oki))
    unknown = make.happened(make.happened(voiced, Kind.ITEM_SENDING), Kind.ITEM_UNSURE, why="link_lost")
    assert unknown.state == TakeoverState.UNKNOWN
    before = (Takeover.objects.count(), Command.objects.count())
    with pytest.raises(Conflict, match="can't be sent again"):
        ask.send_again(item=unknown, key="again", **by(cast.oki))
    assert (Takeover.objects.count(), Command.objects.count()) == before
    room = facts.load_desk(Room.objects.select_related("account", "team").get(pk=job.room_id), 3)
    [shown] = [item for item in desk.queue(room, "alpha").items if item.id == unknown.pk]
    assert (bool(shown.spoken_url), shown.again_url) == (True, "")


@pytest.mark.parametrize("late", [Kind.ITEM_STARTED, Kind.ITEM_UNSURE], ids=["its start", "its loss"])
@pytest.mark.parametrize("had_sound", [True, False])
def test_a_voice_that_its_relay_lost_ends_whichever_was_recorded_last(
    cast: Cast, job: Job, manual_clock: ManualClock, late: Kind, had_sound: bool
) -> None:
    """A relay that was stopped goes on: what it read before is recorded behind what it does now. Others wait for it.

    That the vendor opened it is told as its start; done is only what is known to have had sound.
    """
    Job.objects.filter(pk=job.pk).update(owner=RELAY)
    first = Kind.ITEM_UNSURE if late == Kind.ITEM_STARTED else Kind.ITEM_STARTED
    sound = (Kind.ITEM_ACCEPTED,) if had_sound else ()
    item = make.happened(speak(job, cast.oki, armed(job, cast.oki)), Kind.ITEM_SENDING, *sound, first, late)
    assert item.due_at is not None
    manual_clock.advance(GRACE_S + 1)
    sweep(RELAY)
    item.refresh_from_db()
    assert item.state == (TakeoverState.DONE if had_sound else TakeoverState.FAILED)
    assert had_sound or item.error["heard"] == "maybe"
