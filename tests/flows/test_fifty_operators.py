"""Fifty operators move items of one queue at once: one order everywhere within two seconds, and no error page.

Everywhere is: the ledger, the queue at the vendor, and the desk in each of fifty browsers, fed by their sockets.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter

import httpx
import pytest
import websockets
from django.test import Client
from django.urls import reverse

from dashboard.accounts import services as accounts
from dashboard.audit.trail import CONSOLE
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.relay.sessions import session_of
from dashboard.takeover.models import Takeover
from dashboard.takeover.selectors import waiting_of
from dashboard.takeover.states import Mode
from dashboard.vendors.models import VendorKind
from dashboard.vendors.port import Accepted
from dashboard.vendors.registry import make_gateway
from tests.flows.stage import Stage

OPERATORS = 50
ITEMS = 12
MOVES_EACH = 2
WITHIN_S = 2.0
LONG = "这是一段很长的话，" * 40 + "说完需要很久。"
ITEM = re.compile(r'<li class="q" id="q-(\d+)"[^>]*data-movable[^>]*data-version="(\d+)"')


class Browser:
    """One operator's desk: signed in, its socket open, the queue as it was shown last."""

    def __init__(self, stage: Stage, job: Job, number: int, cookie: str) -> None:
        self.stage, self.job, self.number = stage, job, number
        self.cookies = {"talkback_session": cookie}
        self.http = httpx.AsyncClient(base_url=stage.url, cookies=self.cookies, trust_env=False, timeout=30)
        self.shown: list[int] = []
        self.versions: dict[int, int] = {}
        self.answers: list[int] = []
        self._token = ""

    async def open(self) -> None:
        page = await self.http.get(reverse("console:desk", args=["alpha", self.job.room.code]))
        assert page.status_code == 200
        self._token = re.search(r"X-CSRFToken[^:]*:\s*(?:&quot;|\")([^\"&]+)", page.text)[1]  # type: ignore[index]
        self._see(page.text)
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        url = self.stage.url.replace("http", "ws") + "/ws/live"
        self.link = await websockets.connect(url, origin=self.stage.url, additional_headers={"Cookie": cookie})  # type: ignore[arg-type]
        topics = {self.job.topic: 0}
        await self.link.send(json.dumps({"op": "hello", "topics": topics, "view": "desk", "language": "en"}))
        self.reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for text in self.link:
            frame = json.loads(text)
            if html := frame.get("regions", {}).get(f"queue-{self.job.room_id}"):
                self._see(html)

    def _see(self, html: str) -> None:
        found = [(int(pk), int(version)) for pk, version in ITEM.findall(html)]
        self.shown, self.versions = [pk for pk, _version in found], dict(found)

    async def move(self, pk: int, to: str, beside: int | None) -> None:
        url = reverse("takeover:move", args=["alpha", pk])
        fields = {"to": to, "beside": str(beside or ""), "version": str(self.versions[pk])}
        headers = {"X-CSRFToken": self._token, "HX-Request": "true", "Origin": self.stage.url}
        answer = await self.http.post(url, data=fields, headers=headers)
        self.answers.append(answer.status_code)

    async def close(self) -> None:
        self.reader.cancel()
        await self.link.close()
        await self.http.aclose()


def sign_in(stage: Stage, number: int) -> str:
    """The session cookie of one more operator."""
    member = accounts.add_member(
        team=stage.team,
        email=f"operator-{number}@alpha.test",
        name=f"Operator {number}",
        role="operator",
        password="a-long-enough-one",
        actor=CONSOLE,
    )
    client = Client()
    client.force_login(member.user)
    return str(client.cookies["talkback_session"].value)


@pytest.fixture
async def queue(stage: Stage) -> tuple[Job, list[Takeover]]:
    """A long sentence plays, and a dozen wait behind it at the vendor."""
    job = await stage.on_air(VendorKind.SOFTSUGAR)
    long = await stage.say(job, LONG, Mode.NOW)
    await stage.until_item(long, "playing", within=30)
    await stage.control.put("/sandbox/clock", json={"speed": 0.5})
    items = [await stage.say(job, f"第{number}句话，请大家仔细听好，马上就说到了。") for number in range(ITEMS)]
    for item in items:
        await stage.until_item(item, "queued", within=30)
    return job, items


async def test_fifty_operators_end_with_one_order(stage: Stage, queue: tuple[Job, list[Takeover]]) -> None:
    job, items = queue
    cookies = await in_thread(lambda: [sign_in(stage, number) for number in range(OPERATORS)])
    browsers = [Browser(stage, job, number, cookie) for number, cookie in enumerate(cookies)]
    gateway = await in_thread(
        lambda: make_gateway(Job.objects.select_related("account").get(pk=job.pk).account, clock.current())
    )
    session = await in_thread(session_of, await stage.fresh(job))
    try:
        for browser in browsers:
            await browser.open()
        dice = random.Random(50)
        for _ in range(MOVES_EACH):
            await asyncio.gather(*(press(browser, items, dice) for browser in browsers))
        answered = clock.monotonic()

        async def is_one() -> bool:
            ledger = await in_thread(lambda: [(item.pk, item.trace_id) for item in waiting_of(job)])
            listing = await gateway.queue(session)
            assert isinstance(listing, Accepted)
            ours = {trace_id for _pk, trace_id in ledger}
            at_vendor = [trace_id for trace_id in listing.value.trace_ids if trace_id in ours]
            everywhere = all(browser.shown == [pk for pk, _trace in ledger] for browser in browsers)
            return everywhere and at_vendor == [trace_id for _pk, trace_id in ledger]

        await stage.until_async(is_one, "one order everywhere", within=30)
        took = clock.monotonic() - answered
        page = await browsers[0].http.get(reverse("console:desk", args=["alpha", job.room.code]))
        assert [int(pk) for pk, _version in ITEM.findall(page.text)] == browsers[0].shown
        statuses = Counter(status for browser in browsers for status in browser.answers)
    finally:
        for browser in browsers:
            await browser.close()
        await gateway.close()
    print(f"one order everywhere {took:.2f} s after the last answer; answers {dict(statuses)}")
    assert set(statuses) <= {204, 409}
    assert statuses.total() == OPERATORS * MOVES_EACH
    assert took <= WITHIN_S
    assert len(browsers[0].shown) == ITEMS


async def press(browser: Browser, items: list[Takeover], dice: random.Random) -> None:
    item, beside = dice.sample(items, 2)
    await browser.move(item.pk, dice.choice(["before", "after", "head", "tail"]), beside.pk)
