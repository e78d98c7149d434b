"""A login that ended, or a role that changed, closes sockets in every process, also while Redis is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import websockets
from django.contrib.sessions.models import Session
from django.test import Client as Visitor

from dashboard.accounts import services as accounts
from dashboard.asgi import application
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.exchange import exchanging
from dashboard.live.hub.client import Told
from dashboard.live.hub.hub import hub
from dashboard.live.management.serving import Server, config
from tests import cast as make
from tests.cast import Cast, Person
from tests.redis.server import RedisServer, redis_server

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN_S = 2.0
PATIENCE_S = 20.0


@pytest.fixture
def stopped_redis(settings: Any) -> Iterator[RedisServer]:
    with redis_server() as redis:
        settings.REDIS_URL = redis.url
        settings.CHANNEL_LAYERS = {
            "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [redis.url]}}
        }
        redis.stop()
        yield redis


@contextlib.asynccontextmanager
async def console() -> AsyncIterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        served = config("127.0.0.1", 0)
        served.app = application
        server = Server(served)
        serving = asyncio.create_task(server.serve([listening]))
        async with exchanging():
            try:
                yield int(listening.getsockname()[1])
            finally:
                server.should_exit = server.force_exit = True
                await serving


def cookie_of(person: Person) -> str:
    visitor = Visitor()
    visitor.force_login(person.user, "dashboard.accounts.backends.EmailBackend")
    return f"talkback_session={visitor.cookies['talkback_session'].value}"


def sign_out(person: Person) -> None:
    """By another process: nothing tells this one but the database."""
    for session in Session.objects.all():
        if session.get_decoded()["_auth_user_id"] == str(person.user.pk):
            session.delete()


async def desk(port: int, person: Person, job: Job) -> websockets.ClientConnection:
    browser = await websockets.connect(
        f"ws://127.0.0.1:{port}/ws/live",
        origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
        additional_headers={"Cookie": await in_thread(cookie_of, person)},
        max_queue=None,
    )
    await browser.send(json.dumps({"op": "hello", "topics": {job.topic: 0}, "view": "wall", "language": "en"}))
    while json.loads(await browser.recv())["t"] != "state":
        pass
    return browser


async def closed(browser: websockets.ClientConnection) -> tuple[int, float]:
    """The code, and when it came."""
    with contextlib.suppress(websockets.ConnectionClosed):
        while True:
            await browser.recv()
    return browser.close_code or 0, clock.monotonic()


async def test_sockets_of_ended_logins_and_changed_roles_are_closed(cast: Cast, stopped_redis: RedisServer) -> None:
    job = await in_thread(lambda: make.on_air(make.room(make.account(cast.alpha)), cast.oki))
    async with console() as port, asyncio.timeout(PATIENCE_S):
        vic, oki = await desk(port, cast.vic, job), await desk(port, cast.oki, job)
        began = clock.monotonic()
        await in_thread(accounts.change_role, member=cast.vic.member, role="operator", actor=cast.ada.actor)
        await in_thread(sign_out, cast.oki)
        (changed, changed_at), (out, out_at) = await closed(vic), await closed(oki)
        assert (changed, out) == (4403, 4401)
        assert max(changed_at, out_at) - began < WITHIN_S


async def test_a_browser_that_does_not_read_is_closed_too(cast: Cast, stopped_redis: RedisServer) -> None:
    job = await in_thread(lambda: make.on_air(make.room(make.account(cast.alpha)), cast.oki))
    async with console() as port, asyncio.timeout(PATIENCE_S):
        browser = await desk(port, cast.vic, job)
        (client,) = hub._clients
        browser.transport.pause_reading()
        text = json.dumps({"t": "tick", "now": 0, "fresh": {"x" * 50_000: 1}})
        while client.is_free:
            client.push(Told(text))
            await asyncio.sleep(0)
        began = clock.monotonic()
        await in_thread(accounts.change_role, member=cast.vic.member, role="operator", actor=cast.ada.actor)
        while hub._clients:  # noqa: ASYNC110  told by the transport
            await asyncio.sleep(0.01)
        assert clock.monotonic() - began < WITHIN_S
        browser.transport.resume_reading()
        assert (await closed(browser))[0] == 1006
