"""No page asks the database more than twelve times, and none asks more often because there is more to show."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.live.hub.consumers import MOST_TOPICS
from tests.apps.crowd import Crowd, make_crowd
from tests.cast import Cast

MOST_QUERIES = 12
FEW, MANY = 8, 1_000

PAGES: dict[str, Callable[[Crowd], str]] = {
    "wall": lambda crowd: reverse("console:wall", args=["alpha"]),
    "rooms": lambda crowd: reverse("console:rooms", args=["alpha"]),
    "rooms on air": lambda crowd: reverse("console:rooms", args=["alpha"]) + "?show=on-air",
    "rooms by name": lambda crowd: reverse("console:rooms", args=["alpha"]) + "?q=Room",
    "desk on air": lambda crowd: reverse("console:desk", args=["alpha", crowd.open_jobs[0].room.code]),
    "desk at rest": lambda crowd: reverse("console:desk", args=["alpha", crowd.rooms[1].code]),
    "takeovers": lambda crowd: reverse("console:takeovers", args=["alpha"]),
    "takeovers unknown": lambda crowd: reverse("console:takeovers", args=["alpha"]) + "?show=unknown",
    "jobs": lambda crowd: reverse("console:jobs", args=["alpha"]),
    "jobs running": lambda crowd: reverse("console:jobs", args=["alpha"]) + "?show=running",
    "job on air": lambda crowd: reverse("console:job", args=["alpha", crowd.open_jobs[0].pk]),
    "job ended": lambda crowd: reverse("console:job", args=["alpha", crowd.ended_jobs[0].pk]),
    "vendor accounts": lambda crowd: reverse("console:vendor_accounts", args=["alpha"]),
    "vendor account": lambda crowd: reverse("vendors:detail", args=["alpha", crowd.rooms[0].account_id]),
    "new vendor account": lambda crowd: reverse("vendors:create", args=["alpha"]),
    "new room": lambda crowd: reverse("rooms:create", args=["alpha"]),
    "edit room": lambda crowd: reverse("rooms:edit", args=["alpha", crowd.rooms[0].code]),
    "team": lambda crowd: reverse("accounts:team", args=["alpha"]),
    "settings": lambda crowd: reverse("accounts:settings"),
}


def opened(client: Client, url: str) -> tuple[int, HttpResponse]:
    """How many queries a page took, session and membership included, and the page."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200, url
    return len(captured), answer


def topics_of(answer: HttpResponse) -> dict[str, int]:
    found = re.search(r'data-topics="([^"]*)"', answer.content.decode())
    return dict(json.loads(html.unescape(found[1]))) if found else {}


@pytest.mark.parametrize("count", [FEW, MANY])
def test_no_page_takes_more_than_twelve_queries(cast: Cast, count: int) -> None:
    crowd = make_crowd(cast, count)
    client = Client()
    client.force_login(cast.ada.user)
    taken, topics = {}, {}
    for name, address in PAGES.items():
        taken[name], answer = opened(client, address(crowd))
        topics[name] = len(topics_of(answer))
    print(taken)
    assert {name: number for name, number in taken.items() if number > MOST_QUERIES} == {}
    assert {name: number for name, number in topics.items() if number > MOST_TOPICS} == {}


def test_a_thousand_rooms_take_no_query_more_than_eight(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.ada.user)
    few = make_crowd(cast, FEW)
    at_few = {name: opened(client, address(few))[0] for name, address in PAGES.items()}
    remove(few)
    many = make_crowd(cast, MANY)
    at_many = {name: opened(client, address(many))[0] for name, address in PAGES.items()}
    assert {name: (at_few[name], number) for name, number in at_many.items() if number > at_few[name]} == {}
