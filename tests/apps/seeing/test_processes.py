"""A process without pages is seen by its own door, and every process by its row, also where the database comes late."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

import httpx
import pytest
from django.core.management.base import CommandError
from django.db import OperationalError

from dashboard.live.management.serving import seen_from_outside
from dashboard.live.models import Process, ProcessKind
from dashboard.live.seeing import reports
from tests.architecture.test_settings import manage, value

pytestmark = pytest.mark.django_db(transaction=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def rows() -> list[tuple[str, int]]:
    return await asyncio.to_thread(lambda: list(Process.objects.values_list("kind", "beat")))


async def test_a_relay_answers_probes_where_it_is_told_to(settings: Any) -> None:
    port = free_port()
    settings.METRICS_LISTEN = f"127.0.0.1:{port}"
    async with seen_from_outside(), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as prober:
        async with asyncio.timeout(10):
            while True:
                try:
                    answer = await prober.get("/healthz")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.01)
        assert answer.status_code == 200
        assert (await prober.get("/readyz")).status_code == 503  # no relay beats in this test
        assert b"talkback_stage_seconds" in (await prober.get("/metrics")).content
        assert (await prober.get("/t/alpha/wall")).status_code == 404
    async with httpx.AsyncClient(trust_env=False) as prober:
        with pytest.raises(httpx.ConnectError):
            await prober.get(f"http://127.0.0.1:{port}/healthz")


async def test_nothing_listens_where_nobody_asked_for_it(settings: Any) -> None:
    assert settings.METRICS_LISTEN == ""
    before = asyncio.all_tasks()
    async with seen_from_outside():
        assert asyncio.all_tasks() == before


async def test_a_taken_port_is_said_before_the_relay_starts(settings: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings.METRICS_LISTEN = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CommandError, match="is not free"):
            async with seen_from_outside():
                pass


async def test_a_process_has_a_row_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "BEAT_EVERY_S", 0.01)
    async with reports.reporting(ProcessKind.RELAY), asyncio.timeout(10):
        while not any(beat >= 2 for _kind, beat in await rows()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await rows() == []


async def test_a_database_that_comes_late_is_waited_for_and_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reports, "BEAT_EVERY_S", 0.01)
    tries, tell = [0], reports.tell

    def late(name: str, kind: ProcessKind, told: reports.Figures) -> None:
        tries[0] += 1
        if tries[0] < 4:
            raise OperationalError("not yet")
        tell(name, kind, told)

    monkeypatch.setattr(reports, "tell", late)
    with caplog.at_level(logging.WARNING):
        async with reports.reporting(ProcessKind.CONSOLE), asyncio.timeout(10):
            while not await rows():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert [record.message for record in caplog.records] == ["what this process does was not noted; it is tried again"]


def test_settings_of_the_log_and_the_door_are_checked(tmp_path: Any) -> None:
    done = manage(tmp_path, "check", TALKBACK_LOG_FORMAT="xml")
    assert done.returncode != 0
    assert "TALKBACK_LOG_FORMAT must be text or json, not 'xml'." in done.stderr
    done = manage(tmp_path, "check", TALKBACK_METRICS_LISTEN="localhost")
    assert "TALKBACK_METRICS_LISTEN must be host:port" in done.stderr
    expression = "settings.LOGGING['handlers']['console']['formatter'], settings.VERSION"
    assert value(tmp_path, expression, TALKBACK_LOG_FORMAT="json") == "json 0.1.0"
