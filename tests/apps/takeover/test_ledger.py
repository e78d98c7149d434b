"""The takeovers' page: one ledger for all rooms and sources, narrowed by state, room, person and source."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from dashboard.console import ahead, facts, ledger
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.rooms.models import Room
from dashboard.takeover.measured import voice_of
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import ask
from dashboard.takeover.states import Source
from dashboard.takeover.wish import Wish
from dashboard.vendors.models import VendorKind
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ROW = re.compile(r'id="takeover-(\d+)"')


@pytest.fixture
def rooms(cast: Cast) -> tuple[Job, Job]:
    softsugar, metastudio = (make.room(make.account(cast.alpha, vendor)) for vendor in reversed(VendorKind))
    return make.on_air(softsugar, cast.oki), make.on_air(metastudio, cast.pia)


@pytest.fixture
def said(cast: Cast, rooms: tuple[Job, Job]) -> dict[str, Takeover]:
    """By how each is called below: what people and a rule said, one of it unknown, one heard."""
    here, there = rooms
    make.comment(here, "这个多少钱？", user="茶人老周")
    cause = Event.objects.filter(kind=Kind.COMMENT).latest("id")
    rule = Wish("规则说的一句话，欢迎大家来看。", source=Source.RULE, cause_event_id=cause.pk, label="price rule")
    return {
        "queued": make.happened(make.takeover(here, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED),
        "speaking": make.happened(
            make.takeover(here, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED
        ),
        "unknown": make.unknown(there, cast.pia),
        "rule": ask.request_takeover(job=here, wish=rule, user=None, actor=cast.oki.actor, key="rule-1"),
    }


def rows(client: Any, query: str = "") -> set[int]:
    answer = client.get(reverse("console:takeovers", args=["alpha"]) + query)
    assert answer.status_code == 200
    return {int(pk) for pk in ROW.findall(answer.content.decode())}


def test_the_list_is_narrowed_by_state_room_person_and_source(
    cast: Cast, said: dict[str, Takeover], rooms: tuple[Job, Job], sign_in: Any
) -> None:
    client, pks = sign_in(cast.vic), {name: item.pk for name, item in said.items()}
    assert rows(client) == set(pks.values())
    assert rows(client, "?show=unknown") == {pks["unknown"]}
    assert rows(client, "?show=speaking") == {pks["speaking"]}
    assert rows(client, "?show=queued") == {pks["queued"], pks["rule"]}
    assert rows(client, "?show=approval") == set()
    assert rows(client, "?show=today") == set(pks.values())
    assert rows(client, f"?room={rooms[1].room.code}") == {pks["unknown"]}
    assert rows(client, f"?person={cast.oki.user.pk}") == {pks["queued"], pks["speaking"]}
    assert rows(client, "?source=rule") == {pks["rule"]}
    assert rows(client, f"?source=rule&person={cast.oki.user.pk}") == set()
    script = {item.pk for item in Takeover.objects.filter(source=Source.SCRIPT)}
    assert rows(client, "?source=script") == script
    assert rows(client, "?show=nonsense&person=x&source=y") == set(pks.values())


def test_each_choice_tells_how_many_there_are(cast: Cast, said: dict[str, Takeover]) -> None:
    told = {one.value: one.count for one in ledger.choices(cast.alpha, ledger.Chosen(), clock.now())}
    assert told == {"": None, "open": 4, "approval": 0, "speaking": 1, "queued": 2, "unknown": 1, "today": 4}
    Takeover.objects.filter(pk=said["rule"].pk).update(requested_at=clock.now() - timedelta(days=2))
    today = next(one for one in ledger.choices(cast.alpha, ledger.Chosen(), clock.now()) if one.value == "today")
    assert today.count == 3


def test_a_row_tells_its_source_its_cause_and_when_it_will_be_heard(
    cast: Cast, said: dict[str, Takeover], rooms: tuple[Job, Job]
) -> None:
    made = {row.id: row for row in ledger.newest_of_room(rooms[0].room_id, 7)}
    rule, queued = made[said["rule"].pk], made[said["queued"].pk]
    assert (rule.by, rule.source, rule.cause) == ("price rule", "rule", "comment by 茶人老周: 这个多少钱？")
    assert rule.starts is not None
    assert queued.starts is not None
    assert rule.starts > queued.starts
    assert queued.can_pick
    assert not made[said["speaking"].pk].can_pick


@pytest.mark.parametrize("vendor", VendorKind)
def test_the_page_and_the_desk_tell_the_same_times(cast: Cast, manual_clock: ManualClock, vendor: str) -> None:
    """With the steps that were measured in the room, and the ends of the script's own sentences."""
    room = make.room(make.account(cast.alpha, vendor))
    samples = {"han": [0.8], "sent_ms": [400], "now_ms": [1500], "idle_ms": [2300], "gap_ms": [700]}
    Room.objects.filter(pk=room.pk).update(measured={"voice": voice_of(room), "samples": samples})
    job = make.on_air(Room.objects.get(pk=room.pk), cast.oki)
    Job.objects.filter(pk=job.pk).update(script_no=1, script_at=clock.now())
    items = [make.takeover(job, cast.oki) for _ in range(3)]
    manual_clock.advance(0.3)
    desk = ahead.starts(facts.load_desk(Room.objects.select_related("account", "team").get(pk=room.pk), 1))
    page = ledger.starts_of(ledger.found(cast.alpha, ledger.Chosen(), clock.now()), clock.now())
    assert set(page) == {item.pk for item in items}
    assert page == {pk: at for pk, at in desk.items() if pk in page}
    assert page[items[0].pk] - items[0].requested_at > timedelta(milliseconds=2000)
