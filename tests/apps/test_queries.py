"""No page asks the database more than twelve times, and none asks more often because there is more to show."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.live.hub.consumers import MOST_TOPICS
from tests.apps.crowd import LATELY, Crowd, make_crowd
from tests.cast import Cast
from tests.strings import forget_strings

MOST_QUERIES = 12
FEW, MANY = 8, 1_000

PAGES: dict[str, Callable[[Crowd], str]] = {
    "wall": lambda crowd: reverse("console:wall", args=["alpha"]),
    "rooms": lambda crowd: reverse("console:rooms", args=["alpha"]),
    "rooms on air": lambda crowd: reverse("console:rooms", args=["alpha"]) + "?show=on-air",
    "rooms by name": lambda crowd: reverse("console:rooms", args=["alpha"]) + "?q=Room",
    "desk on air": lambda crowd: reverse("console:desk", args=["alpha", crowd.open_jobs[0].room.code]),
    "script on air": lambda crowd: reverse("console:script", args=["alpha", crowd.open_jobs[0].room.code]),
    "steer on air": lambda crowd: reverse("console:steer", args=["alpha", crowd.open_jobs[0].room.code]),
    "desk at rest": lambda crowd: reverse("console:desk", args=["alpha", crowd.rooms[1].code]),
    "desk just ended": lambda crowd: reverse("console:desk", args=["alpha", crowd.rooms[LATELY].code]),
    "questions and rules": lambda crowd: reverse("console:asked", args=["alpha", crowd.open_jobs[0].room.code]),
    "rule log": lambda crowd: reverse("console:rule_log", args=["alpha", crowd.open_jobs[0].room.code]),
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
    "rules": lambda crowd: reverse("rooms:rule_sets", args=["alpha"]),
    "rule set": lambda crowd: reverse("rooms:rule_set", args=["alpha", crowd.rule_sets[0].pk]),
    "new rule set": lambda crowd: reverse("rooms:create_rule_set", args=["alpha"]),
    "clips": lambda crowd: reverse("library:clips", args=["alpha"]),
    "choice of clips": lambda crowd: reverse("library:choice", args=["alpha"]),
    **{
        name: lambda _crowd, name=name: reverse("library:shelf", args=["alpha", name])  # type: ignore[misc]
        for name in ("phrases", "products", "words")
    },
    **{
        f"new of {name}": lambda _crowd, name=name: reverse("library:create", args=["alpha", name])  # type: ignore[misc]
        for name in ("phrases", "products", "words")
    },
    "status": lambda crowd: reverse("seeing:status", args=["alpha"]),
    "status now": lambda crowd: reverse("seeing:now", args=["alpha"]),
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


def walk(cast: Cast, count: int) -> tuple[dict[str, int], dict[str, int]]:
    """Queries and topics of every page of a team with `count` rooms, as for the first who asks; then they are gone."""
    client = Client()
    client.force_login(cast.ada.user)
    taken, topics = {}, {}
    with transaction.atomic():
        crowd = make_crowd(cast, count)
        for name, address in PAGES.items():
            forget_strings()
            taken[name], answer = opened(client, address(crowd))
            topics[name] = len(topics_of(answer))
        transaction.set_rollback(True)
    return taken, topics


def test_no_page_takes_more_than_twelve_queries_or_more_at_a_thousand_rooms_than_at_eight(cast: Cast) -> None:
    at_few, _ = walk(cast, FEW)
    at_many, topics = walk(cast, MANY)
    assert {name: number for name, number in at_few.items() if number > MOST_QUERIES} == {}
    assert {name: (at_few[name], number) for name, number in at_many.items() if number > at_few[name]} == {}
    # More topics than the socket takes would close it.
    assert {name: number for name, number in topics.items() if number > MOST_TOPICS} == {}
    assert {name: topics[name] for name in ("wall", "rooms", "desk on air", "settings")} == {
        "wall": 101,
        "rooms": 51,
        "desk on air": 2,
        "settings": 1,
    }
