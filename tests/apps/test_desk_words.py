"""What the desk says: after the end, in silence, before the air; whom it names, and what it offers no more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from dashboard.console import bar, comments, desk, desk_markup, dock, facts, fragments, history, parts
from dashboard.console.reading import Reading, Wanted
from dashboard.console.summary import summary
from dashboard.events.kinds import JobLink, Kind
from dashboard.events.record import record_many
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.jobs.services.stop import stop_job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import Cast


def test_an_ended_job_has_no_rate_and_nothing_is_heard(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    make.comment(job, "多少钱？")
    assert comments.tally(job, clock.now()).rate == "0.1"
    job = make.hear(job, JobSays.ENDED)
    told = comments.tally(job, clock.now()), comments.tally_of(job, comments.newest(job), clock.now())
    assert told == (comments.Tally("", 1, 0, None), comments.Tally("", 1, 0, None))
    made = fragments.render(
        Reading(job.topic, 1, ["desk"]), view="desk", language="en", wanted=Wanted(counters=False)
    ).regions
    assert "comments a second" not in made[f"tally-{job.room_id}"]
    assert "Hearing now" not in made[f"now-{job.room_id}"]
    assert "Nothing is heard" in made[f"now-{job.room_id}"]


def test_a_room_that_is_silent_by_our_press_looks_so(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    chip = parts.air_chip(desk_of(job), big=True)
    assert (chip.fill, chip.line, chip.glyph, chip.more) == (True, False, "", "")
    Job.objects.filter(pk=job.pk).update(script_held=True, silenced_at=clock.now())
    shown = desk_of(job)
    on_desk, on_tile = parts.air_chip(shown, big=True), parts.air_chip(shown)
    assert (on_desk.word, on_desk.fill, on_desk.line, on_desk.glyph) == ("ON AIR", False, True, "paused")
    assert (on_desk.more, on_tile.more) == ("silent by intent", "silent")
    speaks = make.takeover(job, cast.oki)
    make.happened(speaks, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    assert parts.air_chip(desk_of(job), big=True).fill


def test_silence_stays_at_hand_in_a_silent_room(cast: Cast) -> None:
    """A second press of it in haste must not meet the button that lets the host speak again."""
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    Job.objects.filter(pk=job.pk).update(script_held=True, silenced_at=clock.now())
    shown = bar.bar(desk_of(job), "alpha")
    assert (shown.silence_url != "", shown.restore_url != "") == (True, True)
    make.takeover(job, cast.oki)
    shown = bar.bar(desk_of(job), "alpha")
    assert (shown.silence_url != "", shown.restore_url) == (True, "")


def test_what_a_paused_job_was_saying_is_neither_heard_nor_counted(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    (speaking,) = desk.queue(desk_of(job), "alpha").items
    assert (speaking.chip.word, speaking.eta is None, summary(cast.alpha.pk, 0).talkback) == ("SPEAKING", False, 1)
    make.hear(job, JobSays.PAUSED)
    (held,) = desk.queue(desk_of(job), "alpha").items
    assert (held.chip.word, held.eta, summary(cast.alpha.pk, 0).talkback) == ("PAUSED", None, 0)


def test_begun_is_not_heard(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    steps = (Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    make.happened(make.takeover(job, cast.oki), *steps, Kind.ITEM_FINISHED)
    make.happened(
        make.takeover(job, cast.oki, text="这一句说到一半就被剪断了，观众没有听完。"), *steps, Kind.ITEM_CANCELLED
    )
    assert [bool(item.took) for item in desk.queue(desk_of(job), "alpha").items] == [True, False]


def test_what_is_over_stands_by_its_end_not_by_when_it_was_written(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    last, first, taken_back = (make.takeover(job, cast.oki) for _ in range(3))
    for item in (first, last):
        manual_clock.advance(1)
        make.happened(item, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED, Kind.ITEM_FINISHED)
    manual_clock.advance(1)
    make.happened(taken_back, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_CANCELLED)
    waiting = make.takeover(job, cast.oki)
    shown = desk.queue(desk_of(job), "alpha").items
    assert [item.id for item in shown] == [item.pk for item in (waiting, first, last, taken_back)]


def test_behind_paragraphs_that_are_spoken_as_one_comes_the_one_after_the_last(cast: Cast) -> None:
    script = ("太短", "也短", "这一段足够长，可以单独说。", "最后一段也足够长，可以单独说。")
    job = make.on_air(make.room(make.account(cast.alpha), paragraphs=script), cast.oki)
    play = Takeover.objects.get(job=job, source="script")
    make.happened(play, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    room = Room.objects.select_related("account", "team").get(pk=job.room_id)
    for shown in (desk_of(job), facts.load([room])[0]):
        following = shown.following
        assert following is not None
        assert (play.first_no, following.no) == (1, (play.last_no or 0) + 1)
        assert following.no > 2


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("starting", "{code} is not on air (PREPARING). Your draft is kept."),
        ("ready", ""),
        ("live", ""),
        ("paused", ""),
        ("stopping", "{code} is not on air (ENDING). Your draft is kept."),
        ("ended", "{code} is not on air (ENDED). Your draft is kept."),
    ],
)
def test_the_desk_says_why_nothing_can_be_said(cast: Cast, state: str, reason: str) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    Job.objects.filter(pk=job.pk).update(state=state, ended_at=clock.now() if state == "ended" else None)
    shown = desk_of(job)
    expected = reason.format(code=job.room.code)
    assert (bar.bar(shown, "alpha").say_reason, dock.dock(shown, "alpha").say_reason) == (expected, expected)


def test_the_stop_dialog_tells_how_old_its_figure_is(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    Job.objects.filter(pk=job.pk).update(viewers=312, viewers_at=clock.now())
    shown = desk_of(job)
    html = desk_markup.desk_html(shown, "alpha")[f"stop-box-{job.room_id}"]
    assert "<span data-value>312</span>" in html
    assert 'data-limits="30,60,300"' in html


def test_a_sentence_that_was_sent_again_does_not_offer_it_once_more(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    doubtful = make.unknown(job, cast.oki)
    assert offered(job, doubtful)
    again = make.takeover(job, cast.oki)
    Takeover.objects.filter(pk=again.pk).update(again_of=doubtful)
    assert not offered(job, doubtful)
    make.happened(again, Kind.ITEM_SENDING, Kind.ITEM_REFUSED)  # nobody can have heard it
    assert offered(job, doubtful)


def desk_of(job: Job) -> facts.RoomFacts:
    return facts.load_desk(Room.objects.select_related("account", "team").get(pk=job.room_id), 3)


def offered(job: Job, item: Takeover) -> bool:
    return any(shown.again_url for shown in desk.queue(desk_of(job), "alpha").items if shown.id == item.pk)


# -------------------------------------------------------------------------------------------------------------- history


def told(job: Job) -> list[tuple[str, str, str]]:
    """Who, what and how loud: the story as the desk tells it."""
    return [(entry.lane, entry.text, entry.tone) for entry in history.story(job).entries]


def link(job: Job, state: str) -> None:
    fact = job_fact(job, Kind.JOB_LINK, JobLink(link=state, why=""), at=clock.now(), key=f"link:{clock.now()}")
    record_many([fact], PROJECTIONS)


def test_history_names_who_asked_without_another_query(
    cast: Cast, manual_clock: ManualClock, django_assert_num_queries: Any
) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    manual_clock.advance(1)
    stop_job(job=job, actor=cast.pia.actor, user=cast.pia.user, reason="the show is over")
    with django_assert_num_queries(1):
        entries = told(job)
    assert entries[0] == ("Oki Wang", "start asked", "")
    assert entries[-1] == ("Pia Chen", "stop asked (the show is over)", "")


def test_a_channel_that_goes_down_warns_until_the_job_was_to_stop(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    manual_clock.advance(1)
    link(job, "down")
    manual_clock.advance(1)
    link(job, "up")
    manual_clock.advance(1)
    stop_job(job=job, actor=cast.oki.actor, user=cast.oki.user, reason="over")
    manual_clock.advance(1)
    link(job, "down")
    job.refresh_from_db()
    tones = [tone for _, text, tone in told(job) if text == "takeover channel down"]
    assert tones == ["warn", ""]


def test_history_says_that_it_shows_the_newest_once_there_are_more(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    before = len(told(job))
    for at in range(history.SHOWN - before):
        manual_clock.advance(1)
        link(job, "up" if at % 2 else "down")
    assert (len(told(job)), f"{history.SHOWN} entries" in history_page(job)) == (history.SHOWN, True)
    manual_clock.advance(1)
    link(job, "stale")
    assert (len(told(job)), f"newest {history.SHOWN}<" in history_page(job)) == (history.SHOWN, True)


def history_page(job: Job) -> str:
    room = Room.objects.select_related("account", "team").get(pk=job.room_id)
    return desk_markup.history_html(facts.load_desk(room, 3))


@pytest.mark.parametrize(("voice", "told"), [("voice-2", 3), ("", 0)])
def test_every_kind_of_words_can_be_the_co_hosts_where_the_room_has_one(
    cast: Cast, sign_in: Any, settings: Any, voice: str, told: int
) -> None:
    settings.PUBLIC_URL = "https://talkback.example"  # MetaStudio fetches clips from there
    room = make.room(make.account(cast.alpha, make.METASTUDIO))
    Room.objects.filter(pk=room.pk).update(config={**room.config, "co_voice_asset_id": voice})
    page = sign_in(cast.oki).get(reverse("console:desk", args=["alpha", room.code])).content.decode()
    forms = [form for form in page.split("<form")[1:] if re.match(r"[^>]*data-dock", form)]
    kinds = [re.match(r"[^>]*data-dock(-\w+)?", form)[1] for form in forms]  # type: ignore[index]
    assert kinds == [None, "-ssml", "-clip"]
    assert sum('<select name="role">' in form.split("</form>")[0] for form in forms) == told
