"""RTC tokens over sockets: a viewer's is kept young, the host's of our own application renewed, and 96 is an alarm."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from dashboard.console import facts, summary, tiles
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs import models
from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.live.relay import rounds, tokens
from dashboard.rooms.models import Room
from dashboard.vendors.models import VendorAccount, VendorKind
from tests.flows.stage import Stage

OWN = {"app_id": "app", "channel_id": "channel-1", "uid": "77", "token": "first"}


@dataclass(slots=True)
class Service:
    """The team's token service. `is_up` False: it answers 500."""

    url: str = ""
    is_up: bool = True
    lasts_s: float = 3600.0
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(parse_qs(urlsplit(head.split(" ")[1]).query))
        body = json.dumps({"token": f"made-{len(self.asked)}", "expires_in": self.lasts_s})
        status = "200 OK" if self.is_up else "500 Broken"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def service(stage: Stage) -> AsyncIterator[Service]:
    made = Service()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/tokens?key=secret"
    async with server:
        yield made


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "TOKENS_EVERY_S", 0.1)
    monkeypatch.setattr(tokens, "AGAIN_S", 0.3)


def _use(account_id: int, url: str) -> None:
    account = VendorAccount.objects.get(pk=account_id)
    secrets = msgspec.json.decode(account.credential, type=dict[str, str])
    account.credential = msgspec.json.encode({**secrets, "rtc_service": url}).decode()
    account.save(update_fields=["credential"])


async def own_picture(stage: Stage, service: Service | None, *, token_s: float = 86_400.0) -> Job:
    if service is not None:
        await in_thread(_use, stage.accounts[VendorKind.SOFTSUGAR].pk, service.url)
    return await stage.on_air(VendorKind.SOFTSUGAR, rtc={**OWN, "token_s": token_s})


def told(job: Job, kind: Kind) -> int:
    return Event.objects.filter(job_id=job.pk, kind=kind).count()


def alarms(stage: Stage) -> int:
    return summary.summary(stage.team.pk, 1).alarm


def told_of(stage: Stage) -> tuple[int, int]:
    """Warnings and alarms of the strip."""
    strip = summary.summary(stage.team.pk, 1)
    return strip.warn, strip.alarm


def why(job: Job) -> tuple[str, str]:
    """The last line of its room's tile."""
    room = Room.objects.select_related("account", "team").get(pk=job.room_id)
    line = tiles.why(facts.load_one(room, 1))
    return line.need, line.text


async def test_a_viewers_token_is_kept_young(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    first = await stage.until(lambda: Job.objects.get(pk=job.pk).viewer_token, "there is one")
    monkeypatch.setattr(tokens, "MARGIN", tokens.VIEWER_TOKEN_LASTS * 2)  # its time has come
    await stage.until(lambda: Job.objects.get(pk=job.pk).viewer_token != first, "it is another")


async def test_the_hosts_token_is_renewed_before_it_ends(stage: Stage, service: Service) -> None:
    job = await own_picture(stage, service, token_s=60.0)  # less than the margin: due at once
    await stage.until(lambda: told(job, Kind.JOB_RTC_RENEWED), "the vendor has a new one")
    assert service.asked[0] == {"channel": ["channel-1"], "uid": ["77"], "key": ["secret"]} or service.asked[0] == {
        "channel": ["channel-1"],
        "uid": ["77"],
    }
    assert await in_thread(told, job, Kind.JOB_RTC_EXPIRED) == 0
    fresh = await stage.fresh(job)
    assert fresh.rtc_ends_at is not None
    asked = len(service.asked)
    await stage.until(lambda: Job.objects.get(pk=job.pk).remaining_s, "rounds go on")
    assert len(service.asked) == asked  # and not again before it is due


async def test_a_token_that_is_not_renewed_warns_before_it_ends_and_alarms_shortly_before(
    stage: Stage, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.is_up = False
    job = await own_picture(stage, service, token_s=100.0)
    before = await in_thread(told_of, stage)
    await stage.until(lambda: told(job, Kind.JOB_RTC_REFUSED) == 1, "it is said that nobody makes one")
    assert await in_thread(why, job) == ("warn", "RTC token not renewed, ends soon")
    assert await in_thread(told_of, stage) == (before[0] + 1, before[1])
    monkeypatch.setattr(tokens, "RTC_ALARM_BEFORE", timedelta(seconds=100))  # the last seconds have come
    monkeypatch.setattr(models, "RTC_ALARM_BEFORE", timedelta(seconds=100))
    await stage.until(lambda: told(job, Kind.JOB_RTC_REFUSED) == 2, "it is said once more")
    assert await in_thread(why, job) == ("crit", "RTC token ends in 30 s, not renewed")
    service.is_up = True
    await stage.until(lambda: told(job, Kind.JOB_RTC_RENEWED), "the vendor has a new one")
    assert await in_thread(why, job) == ("", "Calm")
    assert await in_thread(told_of, stage) == before


async def test_96_is_an_alarm_until_a_new_token_is_there(stage: Stage, service: Service) -> None:
    service.is_up = False
    job = await own_picture(stage, service)
    before = await in_thread(alarms, stage)
    (await stage.control.put("/sandbox/softsugar", json={"rtc_token_s": 0.1})).raise_for_status()
    await stage.fault("session_end", vendor="softsugar", params={"status": 96}, count=1)
    await stage.until(lambda: Job.objects.get(pk=job.pk).rtc_expired_at, "the vendor told it")
    assert await in_thread(alarms, stage) == before + 1
    await stage.until(lambda: told(job, Kind.JOB_RTC_REFUSED), "it is said that nobody makes one")
    service.is_up = True
    await stage.until(lambda: Job.objects.get(pk=job.pk).rtc_expired_at is None, "the alarm is over")
    assert await in_thread(told, job, Kind.JOB_RTC_REFUSED) == 1  # said once, however often it was tried
    assert await in_thread(alarms, stage) == before
