"""One click, followed by its ids: from the request through the outbox and the relay to the vendor, and back."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.jobs.models import Job
from dashboard.lib import metrics
from dashboard.lib.logs import JsonFormatter
from dashboard.lib.threads import in_thread
from dashboard.takeover.models import Takeover
from dashboard.vendors.models import Command, VendorKind
from tests.flows.stage import Stage, open_stage

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "今天直播间到手价一百九十九元，拍下还送同色系小样。"
CLICK = "click-from-the-edge.7"


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """The log as JSON, from INFO on."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.setLevel(before)
    root.removeHandler(handler)


async def click(stage: Stage, job: Job, **headers: str) -> tuple[str, Takeover]:
    """Say something as a browser does; the id that the answer carries, and the takeover."""

    def session() -> str:
        client = Client()
        client.force_login(stage.user)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    cookies = {settings.SESSION_COOKIE_NAME: await in_thread(session)}
    async with httpx.AsyncClient(base_url=stage.url, cookies=cookies, trust_env=False) as browser:
        page = await browser.get(reverse("console:desk", args=["alpha", job.room.code]))
        token = page.text.partition('X-CSRFToken": "')[2].partition('"')[0]
        body = {"text": WORDS, "mode": "append", "key": f"key-{job.pk}"}
        headers = {"X-CSRFToken": token, "HX-Request": "true", "X-Confirmed": "1", **headers}
        answer = await browser.post(
            reverse("takeover:create", args=["alpha", job.room.code]), data=body, headers=headers
        )
    assert answer.status_code == 204, answer.text
    item = await in_thread(lambda: Takeover.objects.select_related("room").get(key=f"key-{job.pk}"))
    return answer.headers["X-Request-Id"], item


def count(stage: str) -> float:
    return metrics.REGISTRY.get_sample_value("talkback_stage_seconds_count", {"stage": stage}) or 0.0


@pytest.mark.parametrize("vendor", list(VendorKind))
async def test_one_trace_from_the_click_to_the_vendor_and_back(
    vendor: VendorKind, lines: StringIO, tmp_path: Path, settings: Any
) -> None:
    settings.BEHIND_PROXY = True
    async with open_stage(tmp_path) as stage:
        job = await stage.on_air(vendor)
        before = {str(one): count(one) for one in metrics.Stage}
        request_id, item = await click(stage, job, **{"X-Request-ID": CLICK})
        await stage.until_item(item, "done")
        command = await in_thread(Command.objects.get, trace_id=item.trace_id)
        audited = await in_thread(lambda: AuditEntry.objects.filter(request_id=CLICK).count())
    assert (request_id, item.origin, command.origin) == (CLICK, CLICK, CLICK)
    assert audited
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(line) for line in told)
    ours = [line for line in told if line.get("trace_id") == item.trace_id]
    assert ours, (len(told), told[-5:])
    assert {line["request_id"] for line in ours} == {CLICK}
    story = " | ".join(line["message"] for line in ours)
    places = [
        story.find(words) for words in ("say of job:", "is claimed by", "sent by", "is accepted", "item.finished")
    ]
    assert -1 not in places, story
    assert places[1:4] == sorted(places[1:4]), story
    assert "item.started, told by" in story
    assert not {line["message"] for line in ours if WORDS in line["message"]}  # no words in the log
    stages = set(metrics.Stage) - {metrics.Stage.NOTICE_FLUSHED}
    assert {str(one) for one in stages if count(one) <= before[one]} == set()


async def test_nobody_but_a_proxy_names_a_request(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        job = await stage.on_air(VendorKind.SOFTSUGAR)
        request_id, item = await click(stage, job, **{"X-Request-ID": CLICK})
        assert request_id == item.origin != CLICK
        assert len(request_id) == 32
