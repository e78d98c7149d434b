"""Requests go to threads that have served others, side by side, and leave no connection of theirs open."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import httpx
import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from dashboard.accounts.models import User
from dashboard.lib.asgi import OneTripHandler

pytestmark = pytest.mark.django_db(transaction=True)


class Handler(OneTripHandler):
    """One answer waits until the test lets it go; each says which thread gave it, and what it found there."""

    def __init__(self) -> None:
        super().__init__()
        self.waits, self.may_go = threading.Event(), threading.Event()

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/fails":
            User.objects.count()
            raise RuntimeError("no answer")
        if request.path == "/slow":
            self.waits.set()
            assert self.may_go.wait(10)
        was_open = connection.connection is not None
        return HttpResponse(f"{threading.current_thread().name} {was_open} {User.objects.count()}")


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
async def browser(handler: Handler) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=handler, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
        yield browser


async def test_one_after_the_other_they_share_threads_and_find_no_connection(browser: httpx.AsyncClient) -> None:
    told = [(await browser.get("/")).text.partition(" ") for _ in range(30)]
    assert len({name for name, _, _ in told}) < 5
    assert {found for _, _, found in told} == {"False 0"}


async def test_who_waits_holds_up_nobody(handler: Handler, browser: httpx.AsyncClient) -> None:
    slow = asyncio.create_task(browser.get("/slow"))
    assert await asyncio.to_thread(handler.waits.wait, 10)
    quick = await browser.get("/")
    assert not slow.done()
    handler.may_go.set()
    assert (await slow).text.split()[0] != quick.text.split()[0]


async def test_an_error_leaves_no_connection_either(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/fails")).status_code == 500
    assert (await browser.get("/")).text.endswith(" False 0")
