"""The status page: what an admin reads of processes, ground, outbox, links and accounts, at the edges too."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from dashboard.jobs.models import Job
from dashboard.lib import clock, metrics
from dashboard.lib.clock import ManualClock
from dashboard.live.models import Process, ProcessKind
from dashboard.live.relay import leases
from dashboard.live.seeing import reports, status
from dashboard.live.seeing.beats import Beat, Beats
from dashboard.vendors.models import RateWindow, Relay
from tests import cast as make
from tests.cast import SOFTSUGAR, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_beat_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "_beats", Beats())


def process(kind: ProcessKind, *, host: str = "h1", number: int = 7, version: str = "", **told: Any) -> Process:
    now = clock.now()
    return Process.objects.create(
        name=f"{host}:{number}",
        kind=kind,
        host=host,
        process=number,
        version=version or settings.VERSION,
        started_at=now,
        beat_at=now,
        figures={"calls": [], "browsers": 0, "layer_age_s": None, **told},
    )


def words(cast: Cast, name: str = "seeing:status") -> str:
    client = Client()
    client.force_login(cast.ada.user)
    answer = client.get(reverse(name, args=["alpha"]))
    assert answer.status_code == 200
    text = re.sub(r"<[^>]+>", " ", answer.content.decode().partition('id="status-now"')[2])
    return " ".join(html.unescape(text).split())


def test_an_empty_installation_says_so(cast: Cast, settings: Any) -> None:
    settings.REDIS_URL = ""
    text = words(cast)
    for told in ("No process tells of itself", "nothing waits", "No vendor account yet", "none: one process"):
        assert told in text


def test_the_moving_part_is_the_same(cast: Cast) -> None:
    process(ProcessKind.CONSOLE)
    client = Client()
    client.force_login(cast.ada.user)
    part = client.get(reverse("seeing:now", args=["alpha"])).content.decode()
    assert 'hx-get="/t/alpha/status/now"' in part
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part


def test_a_relay_shows_what_it_keeps_and_a_console_its_browsers(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(make.room(make.account(cast.alpha), code="K7Q"), cast.oki)
    relay = leases.register("r1")
    Job.objects.filter(pk=job.pk).update(owner=relay.name)
    process(ProcessKind.RELAY, host=relay.host, number=relay.process)
    process(ProcessKind.CONSOLE, browsers=5)
    rows = {row.kind: row for row in status.status(cast.alpha).processes}
    assert [(rows["relay"].jobs, rows["relay"].accounts, rows["relay"].browsers)] == [(1, 0, None)]
    assert [(rows["console"].jobs, rows["console"].browsers)] == [(None, 5)]
    assert {row.tone for row in rows.values()} == {"ok"}


def test_a_process_that_stopped_beating_is_silent_and_its_calls_are_gone(cast: Cast, manual_clock: ManualClock) -> None:
    process(ProcessKind.CONSOLE, calls=[{"vendor": "softsugar", "results": {"accepted": 9}}])
    process(ProcessKind.RELAY, number=8, calls=[{"vendor": "softsugar", "results": {"accepted": 2, "unknown": 1}}])
    first = status.status(cast.alpha)
    assert [(row.total, row.unknown) for row in first.calls] == [(12, 1)]
    manual_clock.advance(reports.DEAD_AFTER_S + 1)
    Process.objects.filter(kind=ProcessKind.RELAY).update(beat=1, beat_at=clock.now())
    later = status.status(cast.alpha)
    assert {row.kind: (row.tone, row.word) for row in later.processes} == {
        "console": ("crit", "silent"),
        "relay": ("ok", "runs"),
    }
    assert [(row.total, row.unknown) for row in later.calls] == [(3, 1)]
    assert "silent" in words(cast)


def test_a_relay_that_tells_nothing_of_itself_is_shown_by_its_lease(cast: Cast, manual_clock: ManualClock) -> None:
    leases.register("old")
    Relay.objects.update(host="elsewhere", process=99)
    rows = status.status(cast.alpha).processes
    assert [(row.kind, row.host, row.process, row.version) for row in rows] == [("relay", "elsewhere", 99, "")]
    manual_clock.advance(60)
    assert [row.word for row in status.status(cast.alpha).processes] == ["silent"]
    Relay.objects.update(leaving=True)
    assert [row.word for row in status.status(cast.alpha).processes] == ["hands over"]


def test_another_version_is_marked(cast: Cast) -> None:
    process(ProcessKind.CONSOLE, version="0.0.1")
    assert [row.is_other_version for row in status.status(cast.alpha).processes] == [True]


def test_the_outbox_and_links_are_the_teams_own(cast: Cast, manual_clock: ManualClock) -> None:
    make.takeover(make.on_air(make.room(make.account(cast.alpha)), cast.oki), cast.oki)
    mine = status.status(cast.alpha)
    speaking = next(row for row in mine.lanes if row.word == "Speaking")
    assert speaking.waiting > 0
    assert mine.oldest is not None
    assert sum(row.number for row in mine.links) == 1
    theirs = status.status(cast.omega)
    assert (theirs.oldest, sum(row.number for row in theirs.links), theirs.accounts) == (None, 0, [])
    assert {(row.waiting, row.on_its_way) for row in theirs.lanes} == {(0, 0)}


def test_limits_and_refused_callbacks_of_an_account(cast: Cast, manual_clock: ManualClock) -> None:
    account = make.account(cast.alpha, make.METASTUDIO)
    now = clock.now()
    lately = [now.timestamp() - 0.5, now.timestamp() - 0.2]
    RateWindow.objects.create(account=account, api="list_jobs", per_s=5, departures=[now.timestamp() - 30, *lately])
    RateWindow.objects.create(account=account, api="create", per_s=2, closed_until=now + timedelta(seconds=9))
    type(account).objects.filter(pk=account.pk).update(callbacks_refused=3, callback_refused_at=now)
    row = status.status(cast.alpha).accounts[0]
    assert row.fullest == (("list_jobs", 2, 5),)
    assert row.closed == (("create", now + timedelta(seconds=9)),)
    text = words(cast)
    assert "list_jobs 2/5" in text
    assert re.search(r"create until \d\d:\d\d:\d\d", text)


def test_the_layer_is_what_processes_heard_of_it(
    cast: Cast, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://:pass-of-redis@10.0.0.6/0")
    assert status.status(cast.alpha).layer_tone == "warn"
    process(ProcessKind.CONSOLE, layer_age_s=1.0)
    assert status.status(cast.alpha).layer_tone == "ok"
    process(ProcessKind.RELAY, number=8, layer_age_s=40.0)
    told = status.status(cast.alpha)
    assert (told.layer_tone, told.layer_at) == ("warn", clock.now() - timedelta(seconds=40))
    assert "pass-of-redis" not in words(cast)


def test_the_page_shows_no_secret_of_an_account(cast: Cast) -> None:
    account = make.account(cast.alpha, SOFTSUGAR)
    text = words(cast)
    assert account.name in text
    for secret in (account.callback_key, account.callback_slug, account.credential):
        assert secret not in text


def test_a_process_tells_of_itself_and_beats(manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "recent_calls", metrics.Recent())  # not what other tests called
    metrics.recent_calls.count("softsugar", "accepted")
    Process.objects.create(
        name="dead", kind="relay", host="h", process=1, version="1", started_at=clock.now(), beat_at=clock.now()
    )
    manual_clock.advance(reports.KEPT_S + 1)
    metrics.recent_calls.count("softsugar", "unknown")
    reports.tell("me", ProcessKind.CONSOLE, reports.figures())
    reports.tell("me", ProcessKind.CONSOLE, reports.figures())
    row = Process.objects.get()  # what was dead for an hour is forgotten
    assert (row.name, row.beat) == ("me", 1)
    assert row.figures["calls"] == [{"vendor": "softsugar", "results": {"unknown": 1}}]


def test_beats_are_timed_on_our_own_clock(manual_clock: ManualClock) -> None:
    beats = Beats()
    ahead = clock.now() + timedelta(minutes=5)
    assert beats.ages([Beat("a", 1, ahead)]) == {"a": 0.0}
    manual_clock.advance(20)
    assert beats.ages([Beat("a", 1, ahead)]) == {"a": 20.0}
    assert beats.ages([Beat("a", 2, ahead)]) == {"a": 0.0}
    assert beats.ages([]) == {}
