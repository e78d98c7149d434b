"""Notices between processes, by a real Redis that comes and goes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from dashboard.events import notices
from dashboard.events.notices import Notice
from dashboard.live.exchange import Exchange
from tests.redis.server import RedisServer, redis_server

WITHIN_S = 10.0


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@contextlib.asynccontextmanager
async def running(redis: RedisServer) -> AsyncIterator[Exchange]:
    exchange = Exchange(RedisPubSubChannelLayer(hosts=[redis.url], prefix="test"))
    task = asyncio.create_task(exchange.run())
    try:
        yield exchange
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(seen: Callable[[], object], what: str) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not seen():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.01)
    assert seen(), what


class Other:
    """Another process's end of the layer."""

    def __init__(self, redis: RedisServer) -> None:
        self.layer = RedisPubSubChannelLayer(hosts=[redis.url], prefix="test")
        self.heard: list[object] = []

    async def follow(self) -> None:
        channel = await self.layer.new_channel()
        await self.layer.group_add("talkback.notices", channel)
        while True:
            self.heard += (await self.layer.receive(channel))["told"]

    async def tell(self, *told: Notice) -> None:
        rows = [{"topic": one.topic, "seq": one.seq, "is_urgent": one.is_urgent} for one in told]
        await self.layer.group_send("talkback.notices", {"type": "notices", "by": "another", "told": rows})


async def test_what_one_process_publishes_the_other_hears_once_and_not_itself_twice(redis: RedisServer) -> None:
    here: list[Notice] = []
    other = Other(redis)
    following = asyncio.create_task(other.follow())
    stop = notices.listen(here.append)
    async with running(redis) as exchange:
        await until(lambda: exchange.heard_at, "the exchange hears itself")
        notices._publish((Notice("room:7", 4), Notice("room:7", 5, is_urgent=False), Notice("room:8", 1)))
        await until(lambda: len(other.heard) == 2, "the other heard of both rooms")
        await other.tell(Notice("room:9", 3, is_urgent=False))
        await until(lambda: len(here) == 4, "this process heard of the third")
    stop()
    following.cancel()
    assert other.heard[:2] == [
        {"topic": "room:7", "seq": 5, "is_urgent": True},
        {"topic": "room:8", "seq": 1, "is_urgent": True},
    ]
    assert here[3] == Notice("room:9", 3, is_urgent=False)


async def test_a_redis_that_goes_and_comes_back_is_followed_again(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    here: list[Notice] = []
    stop = notices.listen(here.append)
    other = Other(redis)
    async with running(redis) as exchange:
        await until(lambda: exchange.heard_at, "the exchange hears itself")
        redis.stop()
        notices._publish((Notice("room:1", 1),))  # nobody waits, nothing fails
        await until(lambda: "the channel layer is down" in caplog.text, "it is said")
        redis.start()

        async def heard_again() -> bool:
            with contextlib.suppress(Exception):
                await other.tell(Notice("room:2", 2))
            return Notice("room:2", 2) in here

        async with asyncio.timeout(WITHIN_S):
            while not await heard_again():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    stop()
    assert caplog.text.count("the channel layer is down") == 1
