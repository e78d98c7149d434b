"""Requests go to threads that have served others, each to one of its own, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import AsyncIterator

import httpx
import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from dashboard.accounts.models import User
from dashboard.lib.asgi import OneTripHandler

pytestmark = pytest.mark.django_db(transaction=True)


class Handler(OneTripHandler):
    """Tells which thread gave each answer; one waits until the test lets it go."""

    def __init__(self) -> None:
        super().__init__()
        self.waits, self.may_go, self.went_on = threading.Event(), threading.Event(), threading.Event()
        self.found_open: list[bool] = []
        self.was_whole = False
        self.is_gone = threading.Event()

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        weakref.finalize(request, self.is_gone.set)
        request.itself = lambda: request  # type: ignore[attr-defined]  # as the sign-in's and the messages' are
        self.found_open.append(connection.connection is not None)
        if request.path == "/slow":  # it holds no connection meanwhile: PostgreSQL has less of them
            self.waits.set()
            assert self.may_go.wait(10)
            self.was_whole = hasattr(request, "path")
            self.went_on.set()
        else:
            assert User.objects.count() == 0
        if request.path == "/fails":
            raise RuntimeError("no answer")
        return HttpResponse(str(threading.get_ident()))


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
async def browser(handler: Handler) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=handler, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
        yield browser


async def test_one_after_the_other_they_share_threads(browser: httpx.AsyncClient) -> None:
    assert len({(await browser.get("/")).text for _ in range(30)}) < 5


async def test_no_connection_stays_open_behind_a_request(handler: Handler, browser: httpx.AsyncClient) -> None:
    for path in ("/", "/fails") * 10:
        await browser.get(path)
    assert handler.found_open == [False] * 20


async def test_a_request_is_no_garbage_behind_its_answer(handler: Handler, browser: httpx.AsyncClient) -> None:
    gc.collect()
    gc.disable()
    try:
        await browser.get("/")
        assert await asyncio.to_thread(handler.is_gone.wait, 5)
    finally:
        gc.enable()


async def test_as_many_as_wait_hold_up_nobody(handler: Handler, browser: httpx.AsyncClient) -> None:
    slow = [asyncio.create_task(browser.get("/slow")) for _ in range(60)]
    assert await asyncio.to_thread(handler.waits.wait, 10)
    quick = await browser.get("/")
    assert not any(one.done() for one in slow)
    handler.may_go.set()
    threads = [(await one).text for one in slow]
    assert len({quick.text, *threads}) == 61


async def test_a_thread_whose_browser_went_away_is_lent_to_nobody_while_it_works(
    handler: Handler, browser: httpx.AsyncClient
) -> None:
    gone = asyncio.create_task(browser.get("/slow"))
    assert await asyncio.to_thread(handler.waits.wait, 10)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    async with asyncio.timeout(5):
        assert [(await browser.get("/")).status_code for _ in range(5)] == [200] * 5
    handler.may_go.set()
    assert await asyncio.to_thread(handler.went_on.wait, 10)
    assert handler.was_whole  # it is emptied behind what its thread still does
