"""A vendor's refusal on every screen: what happened, whether viewers heard anything, what to do, its linked code."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from dashboard.console import facts, fragments, tiles
from dashboard.console.reading import Reading, Wanted
from dashboard.events.kinds import Kind, Told, kept
from dashboard.events.record import record_many
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.live.relay.health import set_health
from dashboard.live.relay.inventory import _pushed
from dashboard.rooms.models import Room
from dashboard.takeover.facts import item_fact
from dashboard.vendors.metastudio import errors as metastudio
from dashboard.vendors.models import Command, CommandKind, Health
from dashboard.vendors.port import Rejected, Vendor, VendorError
from dashboard.vendors.said import parts, said
from dashboard.vendors.softsugar import errors as softsugar
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
HELP = "/t/alpha/help/errors"
REVIEW = metastudio.of_answer("MSS.20010007", 500, "text include sensitive word <b>茶</b>")
NO_SLOT = softsugar.of_status(98)


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def page(cast: Cast, path: str) -> str:
    client = Client()
    client.force_login(cast.vic.user)
    answer = client.get(f"/t/alpha/{path}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def shows(html: str, error: VendorError, heard: str, label: str, anchor: str) -> None:
    """The four parts in their order, and the code as a link into this team's help."""
    whole = f"{error.happened[0]} {heard} {error.todo[0]} ({label})"
    assert whole in text_of(html), text_of(html)
    assert f'#{anchor}">{label}</a>' in html
    assert f'<a href="{HELP}?q=' in html


def refused_start(cast: Cast) -> Job:
    job = make.job(make.room(make.account(cast.alpha)), cast.oki)
    told = Told(request_id="req-7", **parts(NO_SLOT))
    record_many([job_fact(job, Kind.JOB_REFUSED, told, key="1")], PROJECTIONS)
    return Job.objects.select_related("room", "account", "team").get(pk=job.pk)


def test_a_refused_takeover_on_the_desk_and_in_the_list(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, make.METASTUDIO)), cast.oki)
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING)
    record_many([item_fact(item, Kind.ITEM_REFUSED, error=REVIEW, request_id="req-8")], PROJECTIONS)
    for path in (f"rooms/{job.room.code}", "takeovers", f"jobs/{job.pk}"):
        html = page(cast, path)
        shows(html, REVIEW, "Nothing was heard.", "MetaStudio MSS.20010007", "metastudio-MSS.20010007")
        assert "<b>茶</b>" not in html
        assert "text include sensitive word <b>茶</b>" in text_of(html)
        assert "request ID req-8" in text_of(html)


def test_a_takeover_that_failed_while_it_played(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    item = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_STARTED)
    error = softsugar.of_status(39, heard="maybe")
    record_many([item_fact(item, Kind.ITEM_FAILED, error=error)], PROJECTIONS)
    html = page(cast, "takeovers")
    shows(html, error, "Viewers may have heard part of it.", "SoftSugar 39", "softsugar-39")


def test_a_refused_start_on_every_screen_of_the_job(cast: Cast) -> None:
    job = refused_start(cast)
    for path in (f"rooms/{job.room.code}", "jobs", f"jobs/{job.pk}"):
        shows(page(cast, path), NO_SLOT, "Nothing changed on air.", "SoftSugar 98", "softsugar-98")
    wall = page(cast, "wall")
    assert f"{NO_SLOT.happened[0]} Nothing changed on air. {NO_SLOT.todo[0]}" in text_of(wall)
    assert '#softsugar-98">SoftSugar 98</a>' in wall
    assert "request ID req-7" in text_of(page(cast, f"jobs/{job.pk}"))


def test_a_refused_account(cast: Cast) -> None:
    account = make.account(cast.alpha)
    set_health(account, Health.REFUSED, softsugar.of_http(401))
    html = page(cast, "vendor-accounts")
    shows(html, softsugar.of_http(401), "Nothing changed on air.", "SoftSugar HTTP 401", "softsugar-http_401")
    assert f'href="{HELP}"' in html


def test_a_room_that_the_vendor_refuses(cast: Cast) -> None:
    room = make.room(make.account(cast.alpha, make.METASTUDIO))
    error = metastudio.of_answer("MSS.20010031", 400, "room name duplicate")
    command = Command.objects.filter(kind=CommandKind.PUSH_ROOM).latest("pk")
    _pushed(command, Rejected(error, "req-9"))
    html = page(cast, f"rooms/{room.code}")
    shows(html, error, "Nothing changed on air.", "MetaStudio MSS.20010031", "metastudio-MSS.20010031")
    assert "The vendor does not hold this room as it is." in text_of(html)


def test_live_fragments_link_into_the_team_of_their_room(cast: Cast) -> None:
    """One rendering serves all viewers of a room, so the address must come from the room, not from who looks."""
    job = refused_start(cast)
    for view, region in (("desk", f"room-bar-{job.room_id}"), ("desk", f"history-{job.room_id}"), ("jobs", "job-")):
        made = fragments.render(Reading(job.topic, 1, [view]), view=view, language="en", wanted=Wanted()).regions
        html = next(html for name, html in made.items() if name.startswith(region))
        assert f'href="{HELP}?q=98&amp;vendor=softsugar#softsugar-98"' in html


def test_a_refused_cancel_is_said_on_the_item_that_stays(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    item = make.takeover(job, cast.oki)
    item.error = kept(softsugar.ours("not_cancelled"))
    item.save(update_fields=["error"])
    assert "not all of these takeovers could be cancelled." in text_of(page(cast, f"rooms/{job.room.code}"))


def test_a_kept_refusal_in_both_languages(cast: Cast) -> None:
    stored: dict[str, Any] = kept(REVIEW, request_id="")
    assert "request_id" not in stored
    with translation.override("zh-hans"):
        chinese = said(stored, Vendor.METASTUDIO, "alpha", about="words")
    assert chinese.text.startswith("文本未通过 MetaStudio 内容审核。")
    assert chinese.text.endswith("请修改措辞。厂商一般不指明具体词语。")
    assert "MetaStudio's" not in chinese.text


def test_what_was_kept_before_has_no_line_about_hearing() -> None:
    """Rows of earlier versions say neither yes nor no, and an empty one shows nothing."""
    stored = {"code": "98", "happened": ["Full.", "满。"], "todo": ["Wait.", "等。"]}
    with translation.override("en"):
        assert str(said(stored, Vendor.SOFTSUGAR)) == "Full. Wait. (SoftSugar 98)"
        assert not said(None, Vendor.SOFTSUGAR)
        assert not said({}, Vendor.SOFTSUGAR)


def test_the_reason_on_the_wall_needs_no_further_query(cast: Cast, django_assert_num_queries: Any) -> None:
    job = refused_start(cast)
    (one,) = facts.load([Room.objects.select_related("account").get(pk=job.room_id)])
    with django_assert_num_queries(0):
        why = tiles.why(one, "alpha")
    assert (why.tone, why.ref.code) == ("crit", "SoftSugar 98")
