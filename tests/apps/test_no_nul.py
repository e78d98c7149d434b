"""PostgreSQL keeps no NUL, so none gets as far as a query: it is refused, with the field named."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import cast as make
from tests.cast import Cast

ROOMS, HELP, TAKEOVERS = "/t/alpha/rooms", "/t/alpha/help/errors", "/t/alpha/takeovers"
SEARCHES = [f"{ROOMS}?q=%00", f"{ROOMS}?vendor=a%00", f"{HELP}?q=%00", f"{TAKEOVERS}?show=%00", f"{ROOMS}?a%00=1"]


@pytest.mark.parametrize("url", SEARCHES)
def test_a_search_for_it_is_refused(cast: Cast, sign_in: Any, url: str) -> None:
    answer = sign_in(cast.ada).get(url, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer["X-Field"] in ("q", "vendor", "show", "a%00")
    assert "nothing can show" in answer.content.decode()


def test_a_page_whose_address_holds_it_is_not_there(cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.ada).get("/t/alpha/rooms/K%007").status_code == 404


def test_words_with_it_are_refused_in_their_field(cast: Cast, sign_in: Any) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    url = reverse("takeover:create", args=["alpha", job.room.code])
    sent = {"text": "Hallo\x00 zusammen", "mode": "append"}
    answer = sign_in(cast.oki).post(url, sent, headers={"HX-Request": "true", "Idempotency-Key": "1" * 32})
    assert (answer.status_code, answer["X-Field"]) == (422, "text")
    assert not job.takeovers.filter(text__contains="zusammen").exists()


def test_a_cookie_with_it_is_nobodys(cast: Cast) -> None:
    visitor = Client()
    visitor.cookies.load(f'{settings.SESSION_COOKIE_NAME}="abcdefgh\\000ijkl"')
    with CaptureQueriesContext(connection) as asked:
        answer = visitor.get(ROOMS)
    assert answer.status_code == 302
    assert not any("django_session" in query["sql"] for query in asked)
