"""Producers keep phrases, products and words; nothing typed is lost, nothing in use goes."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.console.summary import summary
from dashboard.events.selectors import sequences
from dashboard.library.models import BannedWord, Product, QuickReply
from dashboard.rooms.services.on_sale import put_on_air
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def pia(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.pia.user)
    return client


def new(name: str) -> str:
    return reverse("library:create", args=["alpha", name])


def test_a_product_is_added_and_its_change_is_in_the_trail(cast: Cast, pia: Client) -> None:
    assert pia.post(new("products"), {"name": "口红", "price": "199", "currency": "CNY"}).status_code == 302
    product = Product.objects.get(team=cast.alpha)
    url = reverse("library:edit", args=["alpha", "products", product.pk])
    pia.post(url, {"name": "口红", "price": "189", "currency": "CNY"})
    entry = AuditEntry.objects.filter(action="edit_library").latest("id")
    assert (entry.before, entry.after) == ({"price": "199.00"}, {"price": "189"})


def test_a_name_is_taken_once_and_what_was_typed_stays(cast: Cast, pia: Client) -> None:
    Product.objects.create(team=cast.alpha, name="口红")
    Product.objects.create(team=cast.omega, name="面霜")
    body = {"name": "口红", "price": "199", "currency": "CNY", "facts": "三种颜色"}
    answer = pia.post(new("products"), body)
    assert answer.status_code == 422
    assert "三种颜色" in answer.content.decode()
    assert pia.post(new("products"), {**body, "name": "面霜"}).status_code == 302


def test_an_unknown_variable_is_named(pia: Client) -> None:
    answer = pia.post(new("phrases"), {"title": "x", "text": "这是 {colour} 的", "place": "1"})
    assert answer.status_code == 422
    assert "{colour} means nothing here" in answer.content.decode()
    assert not QuickReply.objects.exists()


def test_a_phrase_is_not_given_to_another_teams_room(cast: Cast, pia: Client) -> None:
    foreign = make.room(make.account(cast.omega))
    answer = pia.post(new("phrases"), {"title": "x", "text": "这是一句话", "place": "1", "room": foreign.pk})
    assert answer.status_code == 422


def test_a_new_phrase_takes_the_next_free_place(cast: Cast, pia: Client) -> None:
    assert 'name="place" value="1"' in pia.get(new("phrases")).content.decode()
    for place in (1, 2, 4):
        QuickReply.objects.create(team=cast.alpha, title=str(place), text="这是一句话", place=place)
    QuickReply.objects.create(team=cast.omega, title="x", text="这是一句话", place=3)
    assert 'name="place" value="3"' in pia.get(new("phrases")).content.decode()
    four = QuickReply.objects.get(team=cast.alpha, place=4)
    edit = pia.get(reverse("library:edit", args=["alpha", "phrases", four.pk]))
    assert 'name="place" value="4"' in edit.content.decode()


def test_a_place_that_is_shared_is_told_and_open_desks_hear_of_it(cast: Cast, pia: Client) -> None:
    QuickReply.objects.create(team=cast.alpha, title="Delivery", text="这是一句话", place=1)
    before = sequences([f"team:{cast.alpha.pk}"])[f"team:{cast.alpha.pk}"]
    was = summary(cast.alpha.pk, before).library
    answer = pia.post(new("phrases"), {"title": "Price", "text": "这是另一句话", "place": "1"}, follow=True)
    assert "Delivery has place 1, too" in answer.content.decode()
    now = sequences([f"team:{cast.alpha.pk}"])[f"team:{cast.alpha.pk}"]
    assert (now > before, summary(cast.alpha.pk, now).library) == (True, was + 1)
    price = QuickReply.objects.get(title="Price")
    pia.post(
        reverse("library:delete", args=["alpha", "phrases", price.pk]),
        headers={"HX-Request": "true", "X-Confirmed": "1"},
    )
    assert summary(cast.alpha.pk, now).library == was + 2


@pytest.mark.parametrize("word", ["", "\u200b", "  "])
def test_a_word_that_nobody_hears_is_refused(pia: Client, word: str) -> None:
    assert pia.post(new("words"), {"word": word}).status_code == 422
    assert not BannedWord.objects.exists()


def test_a_product_on_air_stays_and_says_where(cast: Cast, pia: Client) -> None:
    product = Product.objects.create(team=cast.alpha, name="口红")
    room = make.room(make.account(cast.alpha), code="K7Q")
    put_on_air(room=room, product=product, user=cast.oki.user, actor=cast.oki.actor)
    url = reverse("library:delete", args=["alpha", "products", product.pk])
    answer = pia.post(url, headers={"HX-Request": "true", "X-Confirmed": "1"})
    assert answer.status_code == 409
    assert "K7Q" in answer.content.decode()
    put_on_air(room=room, product=None, user=cast.oki.user, actor=cast.oki.actor)
    assert pia.post(url, headers={"HX-Request": "true", "X-Confirmed": "1"}).status_code == 204
    assert not Product.objects.exists()


def test_another_teams_product_is_not_put_on_air(cast: Cast) -> None:
    room = make.room(make.account(cast.alpha), code="K7Q")
    foreign = Product.objects.create(team=cast.omega, name="口红")
    client = Client()
    client.force_login(cast.oki.user)
    assert client.post(reverse("rooms:on_sale", args=["alpha", "K7Q"]), {"product": foreign.pk}).status_code == 404
    room.refresh_from_db()
    assert room.product is None


@pytest.mark.parametrize("name", ["phrases", "products", "words"])
def test_each_shelf_is_read_by_everybody(cast: Cast, name: str) -> None:
    QuickReply.objects.create(team=cast.alpha, title="价格", text="{product}到手{price}。")
    Product.objects.create(team=cast.alpha, name="口红", price=199)
    BannedWord.objects.create(team=cast.alpha, word="最低价")
    client = Client()
    client.force_login(cast.vic.user)
    body = client.get(reverse("library:shelf", args=["alpha", name])).content.decode()
    assert {"phrases": "价格", "products": "口红", "words": "最低价"}[name] in body
