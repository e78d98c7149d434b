"""Lines of lists are kept while their room rests: what is shown must be what a first visitor would be shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.console.facts import RECENT_END_S
from dashboard.events.kinds import Kind
from dashboard.events.record import raise_sequence
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.relay.health import set_health
from dashboard.live.relay.outcomes import drift
from dashboard.rooms.services.at_vendor import room_refused
from dashboard.vendors.models import Health, VendorAccount
from dashboard.vendors.port import JobSays, RoomSummary
from dashboard.vendors.port_live import RoundItem
from tests import cast as make
from tests.cast import Cast
from tests.strings import forget_strings

PAGES = ("wall", "rooms", "jobs")
REFUSAL: dict[str, object] = {"code": "1", "happened": ["No.", "否。"], "todo": ["Look.", "看。"], "why": ""}


def lines(client: Client, page: str) -> list[str]:
    """The rows or tiles of a page, in the order in which it has them."""
    html = client.get(reverse(f"console:{page}", args=["alpha"])).content.decode()
    return re.findall(r'<(?:tr|li) (?:class="tile" )?id="(?:room|tile|job)-\d+".*?</(?:tr|li)>', html, re.DOTALL)


def shown(client: Client) -> dict[str, list[str]]:
    return {page: lines(client, page) for page in PAGES}


def queries(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(f"console:{page}", args=["alpha"]))
    return len(captured)


def missing(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(missing_since=clock.now())
    raise_sequence(job.topic)


def plays(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(script_no=1, script_at=clock.now())
    raise_sequence(job.topic)


CHANGES: dict[str, Callable[[Cast, Job], object]] = {
    "it ends": lambda cast, job: make.hear(job, JobSays.ENDED),
    "it fails": lambda cast, job: make.hear(job, JobSays.FAILED),
    "a sentence is heard": lambda cast, job: make.happened(
        make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED
    ),
    "a sentence waits": lambda cast, job: make.takeover(job, cast.oki),
    "nobody knows of a sentence": lambda cast, job: make.unknown(job, cast.oki),
    "a question is asked": lambda cast, job: make.comment(job, "多少钱？"),
    "the room is refused by its vendor": lambda cast, job: room_refused(job.room, REFUSAL),
    "the vendor does not know it": lambda cast, job: missing(job),
    "its place in the script is told": lambda cast, job: plays(job),
    "the vendor falls silent": lambda cast, job: set_health(job.account, Health.UNREACHABLE),
    "the account is listed": lambda cast, job: VendorAccount.objects.filter(pk=job.account_id).update(
        poll_ok_at=clock.now() + timedelta(seconds=5)
    ),
    "the account has another name": lambda cast, job: VendorAccount.objects.filter(pk=job.account_id).update(
        name="Another"
    ),
}


@pytest.fixture
def job(cast: Cast) -> Job:
    account = make.account(cast.alpha)
    make.room(account, code="Z9Z")
    return make.on_air(make.room(account), cast.oki)


@pytest.mark.parametrize("change", CHANGES)
def test_a_list_shows_what_a_first_visitor_would_be_shown(cast: Cast, sign_in: Any, job: Job, change: str) -> None:
    client = sign_in(cast.ada)
    before = shown(client)
    CHANGES[change](cast, job)
    kept = shown(client)
    forget_strings()
    assert kept == shown(client)
    assert kept != before


def test_a_place_that_the_vendor_does_not_have_is_gone_from_the_lists(cast: Cast, sign_in: Any, job: Job) -> None:
    client = sign_in(cast.ada)
    job.refresh_from_db()
    theirs, later = RoomSummary(job.room.vendor_ref, job.room.name, None), clock.now() + timedelta(seconds=1)
    drift.compared(job, theirs, None, later)  # what differs is known from here on, and tells nothing new
    plays(job)
    told = shown(client)
    drift.compared(job, theirs, [RoundItem(7, "", "")], later)
    kept = shown(client)
    forget_strings()
    assert kept == shown(client)
    assert kept != told


@pytest.mark.parametrize("page", PAGES)
def test_rooms_that_rest_are_not_read_again(cast: Cast, sign_in: Any, job: Job, page: str) -> None:
    client = sign_in(cast.ada)
    first, again = queries(client, page), queries(client, page)
    assert again < first
    make.comment(job, "你好")
    assert again < queries(client, page) <= first


def test_the_clock_alone_ends_what_a_lost_channel_is_waited_for(
    cast: Cast, sign_in: Any, manual_clock: ManualClock, job: Job
) -> None:
    client = sign_in(cast.ada)
    Job.objects.filter(pk=job.pk).update(link="down", link_at=clock.now())
    calm = lines(client, "wall")
    manual_clock.advance(11)
    warned = lines(client, "wall")
    assert ['data-need="warn"' in one[0] for one in (calm, warned)] == [False, True]


def test_the_clock_alone_ends_what_an_end_explains(
    cast: Cast, sign_in: Any, manual_clock: ManualClock, job: Job
) -> None:
    client = sign_in(cast.ada)
    make.hear(job, JobSays.FAILED)
    ended = lines(client, "rooms")
    manual_clock.advance(RECENT_END_S + 1)
    rested = lines(client, "rooms")
    forget_strings()
    assert rested == lines(client, "rooms") != ended


def test_each_language_has_its_own(cast: Cast, sign_in: Any, job: Job) -> None:
    english, chinese = sign_in(cast.ada), sign_in(cast.oki)
    chinese.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    first = [shown(client) for client in (english, chinese)]
    assert first == [shown(client) for client in (english, chinese)]
    assert ["打开" in one["wall"][0] for one in first] == [False, True]


def test_pages_of_two_people_share_no_token(cast: Cast, sign_in: Any, job: Job) -> None:
    url = reverse("console:desk", args=["alpha", job.room.code])
    pages = [sign_in(person).get(url).content.decode() for person in (cast.ada, cast.oki)]
    tokens = [set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)) for page in pages]
    assert tokens[0]
    assert tokens[0].isdisjoint(tokens[1])
    assert not any("token-of-this-request" in page for page in pages)


def test_a_page_knows_the_role_of_whoever_asks(cast: Cast, sign_in: Any, job: Job) -> None:
    """What is kept of the frame is kept by role: the admin came first."""
    url, status = reverse("console:wall", args=["alpha"]), reverse("seeing:status", args=["alpha"])
    assert status in sign_in(cast.ada).get(url).content.decode()
    assert status not in sign_in(cast.vic).get(url).content.decode()
