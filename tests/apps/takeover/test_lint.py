"""The lint on every path: banned words are refused by name and place, an unlike price is marked and goes out."""

from __future__ import annotations

import uuid
from time import perf_counter
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Invalid
from dashboard.library.models import BannedWord, Product, QuickReply
from dashboard.rooms.models import Room
from dashboard.rooms.services.on_sale import put_on_air
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import ask
from dashboard.takeover.states import Mode, Source
from dashboard.takeover.wish import Wish, wish_of
from dashboard.vendors.models import Command, Rank
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

FINE = "今天下单明天就发出，喜欢的朋友抓紧时间。"


@pytest.fixture
def job(cast: Cast, manual_clock: ManualClock) -> Job:
    BannedWord.objects.create(team=cast.alpha, word="最低价", why="advertising law")
    BannedWord.objects.create(team=cast.omega, word="下单")  # another team's
    return make.on_air(make.room(make.account(cast.alpha, "softsugar"), code="K7Q"), cast.oki)


@pytest.fixture
def lipstick(job: Job, cast: Cast) -> Product:
    product = Product.objects.create(team=cast.alpha, name="丝绒口红", price=199)
    put_on_air(room=job.room, product=product, user=cast.oki.user, actor=cast.oki.actor)
    job.refresh_from_db()
    return product


def say(job: Job, cast: Cast, text: str, source: Source = Source.PERSON) -> Takeover:
    wish = Wish(text, source=source)
    user = cast.oki.user if source != Source.RULE else None
    return ask.request_takeover(job=job, wish=wish, user=user, actor=cast.oki.actor, key=uuid.uuid4().hex)


@pytest.mark.parametrize("source", [Source.PERSON, Source.QUICK_REPLY, Source.RULE])
def test_a_banned_word_is_refused_on_every_path(job: Job, cast: Cast, source: Source) -> None:
    rows, commands = Takeover.objects.count(), Command.objects.count()
    with pytest.raises(Invalid) as refused:
        say(job, cast, "今天是全网最\u200b低价，大家抓紧时间。", source)
    assert "character 6" in refused.value.message
    assert "advertising law" in refused.value.message
    assert (Takeover.objects.count(), Command.objects.count()) == (rows, commands)


@pytest.mark.parametrize(
    ("text", "at"),
    [("{product}今天直播间到手{price}，喜欢的抓紧。", 1), ("今天直播间到手｛价格｝，喜欢的朋友抓紧。", 8)],
)
def test_words_that_were_to_be_filled_in_are_never_said(job: Job, cast: Cast, text: str, at: int) -> None:
    rows, commands = Takeover.objects.count(), Command.objects.count()
    with pytest.raises(Invalid) as refused:
        say(job, cast, text)
    assert (refused.value.field, refused.value.code) == ("text", "unfilled")
    assert f"character {at} " in refused.value.message
    assert (Takeover.objects.count(), Command.objects.count()) == (rows, commands)


def test_another_teams_words_are_not_mine(job: Job, cast: Cast) -> None:
    assert "lint" not in say(job, cast, FINE).params


def test_an_unlike_price_goes_out_and_is_marked(job: Job, cast: Cast, lipstick: Product) -> None:
    item = say(job, cast, "丝绒口红今天到手149元，喜欢的抓紧。")
    (found,) = item.params["lint"]
    assert (found["level"], found["rule"]) == ("warn", "price")
    assert "199" in found["text"]
    assert "149" in found["text"]
    assert "lint" not in wish_of(item).params
    assert "lint" not in say(job, cast, "丝绒口红今天到手一百九十九元，喜欢的抓紧。").params


def test_the_same_press_is_one_press_although_the_price_changed_meanwhile(
    job: Job, cast: Cast, lipstick: Product
) -> None:
    wish, key = Wish("丝绒口红今天到手149元，喜欢的抓紧。", Mode.APPEND), "once"
    first = ask.request_takeover(job=job, wish=wish, user=cast.oki.user, actor=cast.oki.actor, key=key)
    Product.objects.update(price=149)
    second = ask.request_takeover(job=job, wish=wish, user=cast.oki.user, actor=cast.oki.actor, key=key)
    assert first.pk == second.pk


def test_the_composer_is_told_in_time(job: Job, cast: Cast, lipstick: Product, client: Client) -> None:
    BannedWord.objects.bulk_create(BannedWord(team=cast.alpha, word=f"禁词{no}") for no in range(300))
    client.force_login(cast.oki.user)
    url = reverse("takeover:lint", args=["alpha", "K7Q"])
    client.post(url, {"text": FINE})  # templates are read once
    began = perf_counter()
    answer = client.post(url, {"text": "全网最低价，只要149元。" + FINE * 10})
    took_ms = (perf_counter() - began) * 1000
    print(f"lint of a draft, request and answer: {took_ms:.1f} ms")
    body = answer.content.decode()
    assert 'data-level="refuse"' in body
    assert 'data-level="warn"' in body
    assert took_ms < 50


def press(client: Client, cast: Cast, reply: QuickReply, **body: str) -> object:
    client.force_login(cast.oki.user)
    return client.post(
        reverse("takeover:quick", args=["alpha", "K7Q", reply.pk]),
        {"key": uuid.uuid4().hex, **body},
        headers={"HX-Request": "true"},
    )


def test_a_quick_reply_is_said_at_the_end_with_its_variables(
    job: Job, cast: Cast, lipstick: Product, client: Client
) -> None:
    reply = QuickReply.objects.create(team=cast.alpha, title="price", text="{product}今天到手{price}，在{room}下单。")
    answer = press(client, cast, reply)
    assert answer.status_code == 204  # type: ignore[attr-defined]
    item = Takeover.objects.get(job=job, source=Source.QUICK_REPLY)
    assert item.text == f"丝绒口红今天到手199元，在{job.room.name}下单。"
    assert (item.mode, item.rank) == (Mode.APPEND, Rank.QUICK_REPLY)


@pytest.mark.parametrize("text", ["{product}今天到手{price}，喜欢的抓紧。", "全网最低价，大家抓紧时间下单。", "好。"])
def test_what_is_refused_comes_back_as_words(job: Job, cast: Cast, client: Client, text: str) -> None:
    reply = QuickReply.objects.create(team=cast.alpha, title="price", text=text)
    answer = press(client, cast, reply)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert unquote(answer["X-Compose"]) == text  # type: ignore[index]
    assert not Takeover.objects.filter(job=job, source=Source.QUICK_REPLY).exists()


def test_a_press_without_a_key_could_be_two_sentences(job: Job, cast: Cast, client: Client) -> None:
    reply = QuickReply.objects.create(team=cast.alpha, title="fine", text=FINE)
    answer = press(client, cast, reply, key="")
    assert (answer.status_code, unquote(answer["X-Compose"])) == (422, FINE)  # type: ignore[attr-defined, index]
    assert not Takeover.objects.filter(job=job, source=Source.QUICK_REPLY).exists()


def test_to_edit_sends_nothing(job: Job, cast: Cast, client: Client) -> None:
    reply = QuickReply.objects.create(team=cast.alpha, title="price", text=FINE)
    answer = press(client, cast, reply, edit="1")
    assert (answer.status_code, unquote(answer["X-Compose"])) == (204, FINE)  # type: ignore[attr-defined, index]
    assert not Takeover.objects.filter(job=job).exclude(source=Source.SCRIPT).exists()


def test_the_row_of_a_room_holds_its_own_and_the_teams(job: Job, cast: Cast, client: Client) -> None:
    other = make.room(job.account, code="P9X")
    for title, room, language in (("all", None, ""), ("mine", job.room, ""), ("other", other, ""), ("en", None, "en")):
        QuickReply.objects.create(team=cast.alpha, title=title, text=FINE, room=room, language=language)
    QuickReply.objects.create(team=cast.omega, title="foreign", text=FINE)
    client.force_login(cast.vic.user)
    body = client.get(reverse("takeover:quick_row", args=["alpha", "K7Q"])).content.decode()
    assert [title in body for title in (">all<", ">mine<", ">other<", ">en<", ">foreign<")] == [
        True,
        True,
        False,
        Room.objects.get(pk=job.room_id).language == "en",
        False,
    ]
    assert 'data-key="2"' in body
