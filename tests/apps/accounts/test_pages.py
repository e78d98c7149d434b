"""What people's own pages say: a refusal names who can help; a language stays with its person."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, Cast, Person


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_refused_page_says_which_role_it_takes_and_who_can_give_it(cast: Cast, method: str) -> None:
    answer = getattr(signed_in(cast.vic), method)(reverse("rooms:create", args=["alpha"]))
    words = answer.content.decode()
    assert answer.status_code == 403
    assert "it takes the role Producer. An admin of the team can give it to you." in words
    assert "<code>" not in words


def test_the_language_chosen_in_one_browser_is_that_of_the_next_sign_in(cast: Cast) -> None:
    signed_in(cast.oki).post(reverse("set_language"), {"language": "zh-hans", "next": "/"})
    elsewhere = Client()
    elsewhere.post(reverse("accounts:sign_in"), {"username": "oki@alpha.test", "password": PASSWORD})
    assert 'lang="zh-hans"' in elsewhere.get(reverse("console:wall", args=["alpha"])).content.decode()


def test_a_language_that_there_is_not_and_one_of_a_stranger_change_nobody(cast: Cast) -> None:
    signed_in(cast.oki).post(reverse("set_language"), {"language": "xx"})
    Client().post(reverse("set_language"), {"language": "zh-hans"})
    cast.oki.user.refresh_from_db()
    assert cast.oki.user.language == "en"
