"""The desk says what is true: heard in part, where the script stands, what changes, whom a room waits for."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.console import desk, facts, items, parts, tiles
from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.rooms.models import Room
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import approve, ask, pause, quiet
from dashboard.takeover.states import Source
from dashboard.takeover.wish import Wish
from dashboard.vendors.port_live import Timing
from tests import cast as make
from tests.cast import Cast, JobSays, Kind

pytestmark = pytest.mark.django_db

PARAGRAPHS = ("第一段话，介绍今天的商品和价格。", "第二段话，介绍发货的时间和快递。", "第三段话，请大家点关注再走。")
SENT, HEARD = (Kind.ITEM_SENDING, Kind.ITEM_QUEUED), (Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    room = make.room(make.account(cast.alpha, "softsugar"), code="D3H", paragraphs=PARAGRAPHS)
    return make.on_air(room, cast.oki)


def play(job: Job, number: int) -> Takeover:
    return Takeover.objects.filter(job=job, source=Source.SCRIPT, first_no=number).latest("pk")


def look(job: Job) -> facts.RoomFacts:
    return facts.load_desk(Room.objects.select_related("account", "team").get(pk=job.room_id), 1)


def lines(job: Job) -> list[tuple[bool, bool, bool]]:
    return [(line.is_played, line.is_current, line.is_cut) for line in desk.script(look(job), "alpha").lines]


def shown(item: Takeover) -> items.Item:
    return items.queue_items([item], items.Context("alpha", 1, item.requested_at))[0]


def test_a_sentence_cut_in_mid_air_says_how_much_was_heard(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.happened(make.takeover(job, cast.oki), *HEARD)
    Takeover.objects.filter(pk=item.pk).update(estimate_ms=8000)
    manual_clock.advance(2)
    cut = shown(make.happened(item, Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCELLED))
    assert (cut.chip.word, cut.notice.text) == ("CUT OFF", "Heard in part: cut off after 2.0 s, ≈ 25 % of it.")
    never = shown(make.happened(make.takeover(job, cast.oki), Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCELLED))
    assert (never.chip.word, never.notice.text) == ("CANCELLED", "")


def test_what_its_job_took_along_is_not_called_heard(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = make.happened(make.takeover(job, cast.oki), *HEARD)
    quiet.silence(job=job, user=cast.oki.user, actor=cast.oki.actor)
    manual_clock.advance(60)
    make.hear(job, JobSays.ENDED)
    seen = shown(Takeover.objects.get(pk=item.pk))
    assert (seen.chip.word, seen.took) == ("UNKNOWN", "")
    ended = Job.objects.get(pk=job.pk)
    assert seen.at == ended.ended_at == ended.silent_at, "silent by the end of its job, at the latest"


def test_a_paragraph_cut_as_it_began_is_said_after_all(job: Job, manual_clock: ManualClock) -> None:
    make.happened(play(job, 1), *HEARD)
    manual_clock.advance(0.3)
    make.happened(play(job, 1), Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCELLED)
    make.happened(play(job, 2), Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCELLED)
    assert Takeover.objects.filter(job=job, source=Source.SCRIPT).latest("pk").first_no == 1


def test_one_that_was_heard_for_a_while_is_not(job: Job, manual_clock: ManualClock) -> None:
    make.happened(play(job, 1), *HEARD)
    manual_clock.advance(2)
    make.happened(play(job, 1), Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCELLED)
    make.happened(play(job, 2), Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCELLED)
    assert Takeover.objects.filter(job=job, source=Source.SCRIPT).latest("pk").first_no == 2


def test_a_paragraph_that_was_heard_whole_waits_for_nobody(job: Job, cast: Cast) -> None:
    make.happened(play(job, 1), *HEARD, Kind.ITEM_FINISHED)
    make.happened(make.takeover(job, cast.oki), *HEARD)
    assert lines(job)[0] == (True, False, True)
    assert [played for played, _current, _cut in lines(job)] == [True, False, False]


def test_one_that_was_cut_stands(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    make.happened(play(job, 1), *HEARD)
    manual_clock.advance(2)
    make.happened(play(job, 1), Kind.ITEM_CANCEL_REQUESTED, Kind.ITEM_CANCELLED)
    make.happened(make.takeover(job, cast.oki), *HEARD)
    assert lines(job)[0] == (False, True, True)


def test_the_pause_counts_from_where_the_script_fell_silent(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    make.happened(play(job, 1), *HEARD)
    manual_clock.advance(1)
    pause.pause_script(job=job, timing=Timing.SENTENCE_END, user=cast.oki.user, actor=cast.oki.actor)
    manual_clock.advance(4)
    assert desk.script(look(job), "alpha").ends_first
    ended = make.happened(play(job, 1), Kind.ITEM_FINISHED).finished_at
    manual_clock.advance(30)
    heard = parts.heard(look(job))
    assert (heard.words, heard.from_at) == ("The script is paused.", ended)
    assert not desk.script(look(job), "alpha").ends_first


def test_a_change_of_the_scene_shows_beside_its_words(job: Job, cast: Cast, client: Client) -> None:
    change = {"change": {"change_bit_rate": 5}, "speaks": True}
    wish = Wish("换个场景，给大家看看细节。", kind=ItemKind.SCENE, params=change)
    item = ask.request_takeover(job=job, wish=wish, user=cast.oki.user, actor=cast.oki.actor, key="s")
    assert "Scene: 5 Mbit/s" in shown(item).facts
    upcoming = desk.now(look(job)).upcoming
    assert upcoming is not None
    assert "Scene: 5 Mbit/s" in upcoming.about
    client.force_login(cast.oki.user)
    url = reverse("takeover:change_scene", args=["alpha", "D3H"])
    answer = client.post(url, {"bit_rate": "6", "key": "t"}, headers={"HX-Request": "true"})
    assert "Mbit/s" in unquote(answer["X-Toast"])


@pytest.mark.parametrize("ends", [(Kind.ITEM_RETURNED,), (*SENT, Kind.ITEM_FAILED), (Kind.ITEM_CANCELLED,)])
def test_words_that_came_to_nothing_come_back(job: Job, cast: Cast, client: Client, ends: tuple[Kind, ...]) -> None:
    item = make.happened(make.takeover(job, cast.oki), *ends)
    url = shown(item).words_url
    client.force_login(cast.pia.user)
    before = Takeover.objects.count()
    answer = client.post(url, headers={"HX-Request": "true"})
    words = json.loads(unquote(answer["X-Draft-Back"]))
    assert (words["text"], words["kind"], words["room"]) == (item.text, "text", job.room_id)
    assert Takeover.objects.count() == before


def test_what_was_heard_or_is_on_its_way_does_not(job: Job, cast: Cast, client: Client) -> None:
    client.force_login(cast.oki.user)
    for item in (make.takeover(job, cast.oki), make.happened(make.takeover(job, cast.oki), *HEARD, Kind.ITEM_FINISHED)):
        assert shown(item).words_url == ""
        url = reverse("takeover:words", args=["alpha", item.pk])
        assert client.post(url, headers={"HX-Request": "true"}).status_code == 409


def test_what_must_be_approved_first_is_not_next_while_it_is_held(job: Job, cast: Cast) -> None:
    make.undo_window(cast.alpha, 3)
    plain = make.takeover(job, cast.oki)
    assert shown(plain).until_word == "until it leaves"
    assert parts.coming(look(job)) == (plain,)
    make.happened(plain, Kind.ITEM_CANCELLED)
    make.second_person(job.room, roles=["operator"])
    item = make.takeover(job, cast.oki)
    assert (item.state, shown(item).until_word) == ("held", "until approval is asked")
    upcoming = desk.now(look(job)).upcoming
    assert upcoming is None or item.words not in upcoming.words
    assert desk.queue(look(job), "alpha").ends_at is None


def test_returned_and_expired_are_two_words(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    make.second_person(job.room, kinds=["text"])
    item = make.takeover(job, cast.oki)
    approve.return_to_author(item=item, user=cast.pia.user, actor=cast.pia.actor, version=item.version, reason="no")
    assert shown(make.happened(item)).chip.word == "RETURNED"
    late = make.takeover(job, cast.oki)
    Takeover.objects.filter(pk=late.pk).update(approval_due_at=manual_clock.now() - timedelta(seconds=1))
    assert shown(make.happened(late, Kind.ITEM_RETURNED)).chip.word == "EXPIRED"


def test_the_wall_says_which_room_waits_for_a_second_person(job: Job, cast: Cast) -> None:
    make.second_person(job.room, kinds=["text"])
    item = make.takeover(job, cast.oki)
    told = tiles.why(look(job))
    assert (told.text, told.rank) == (f"{item} waits for approval", 3)


def test_the_ledger_shows_the_times_by_which_it_is_ordered(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    first = make.takeover(job, cast.oki)
    manual_clock.advance(5)
    second = make.takeover(job, cast.oki)
    manual_clock.advance(5)
    make.happened(first, *HEARD, Kind.ITEM_FINISHED)
    listed = items.said_in(job, cast.alpha, 1)
    assert [row.at for row in listed if row.id in (first.pk, second.pk)] == [second.requested_at, first.requested_at]


@pytest.mark.parametrize("vendor", ["softsugar", "metastudio"])
def test_a_silence_looks_alike_at_both_vendors(cast: Cast, manual_clock: ManualClock, vendor: str) -> None:
    account = make.account(cast.alpha, vendor)
    account.capabilities = {"command_channel": True}
    account.save()
    job = make.on_air(make.room(account), cast.oki)
    for item in Takeover.objects.filter(job=job):
        make.happened(item, Kind.ITEM_CANCELLED)
    quiet.silence(job=job, user=cast.ada.user, actor=cast.ada.actor)
    if vendor == "metastudio":
        make.hear(job, JobSays.PAUSED)
    chip = parts.air_chip(look(job), big=True)
    assert (chip.fill, chip.line, chip.glyph, chip.more) == (False, True, "paused", "silent by intent")


def test_what_a_silence_cancels_says_so(job: Job, cast: Cast, client: Client) -> None:
    at_vendor, waiting = make.happened(make.takeover(job, cast.oki), *SENT), make.takeover(job, cast.oki)
    Takeover.objects.filter(pk=at_vendor.pk).update(claimed_at=at_vendor.requested_at)
    client.force_login(cast.oki.user)
    url = reverse("takeover:silence", args=["alpha", "D3H"])
    told = unquote(client.post(url, headers={"HX-Request": "true"})["X-Toast"])
    assert told == "Asked the vendor for silence in D3H. It cancels 2 sentences."
    for item in (make.happened(at_vendor, Kind.ITEM_CANCELLED), make.happened(waiting)):
        assert shown(item).notice.text == "Cancelled by the silence."
        assert items.row(item, items.Context("alpha", 1, item.requested_at)).reason == ""
    said = [entry.text for entry in desk.history_of(look(job)).entries]
    assert "silence asked (2 sentences cancelled)" in said


def test_a_rules_answer_is_no_persons_voice(job: Job, cast: Cast) -> None:
    wish = Wish("到手价一百九十九元，左下角小黄车。", source=Source.RULE, label="price")
    item = ask.request_takeover(job=job, wish=wish, user=None, actor=cast.oki.actor, key="r")
    assert shown(make.happened(item, *HEARD)).chip.state == "onair"
    assert shown(make.happened(make.takeover(job, cast.oki), *HEARD)).chip.state == "speaking"
