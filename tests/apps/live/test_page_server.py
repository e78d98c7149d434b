"""A console's views are loaded as soon as its port is open; where they can't be, it ends and says why."""

from __future__ import annotations

import asyncio
import sys

import pytest
from django.test import override_settings
from django.urls import clear_url_caches

from dashboard.live.management.serving import PageServer, config


async def served() -> PageServer:
    server = PageServer(config("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve())
    ready = asyncio.create_task(server.is_ready.wait())
    await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    server.should_exit = True
    await serving
    return server


def test_views_are_there_when_it_is_ready() -> None:
    clear_url_caches()
    sys.modules.pop("dashboard.urls", None)
    assert asyncio.run(served()).is_ready.is_set()
    assert "dashboard.urls" in sys.modules


def test_a_console_that_cannot_be_loaded_is_none() -> None:
    with override_settings(ROOT_URLCONF="no_such_addresses"), pytest.raises(ModuleNotFoundError):
        asyncio.run(served())
