"""What people's own pages say: a refusal names who can help."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, Person


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
