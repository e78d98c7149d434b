"""Frames that were encoded once, on uvicorn's own socket: to a browser the same as ASGI's, and nobody waits."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from typing import Any

import pytest
import uvicorn
import websockets

from dashboard.live.hub import wire
from dashboard.live.hub.client import Client, Told, push_all
from dashboard.live.hub.frames import Variant
from dashboard.live.hub.wire import EXTENSION, FrameSocket
from dashboard.live.management.serving import Server

PATIENCE_S = 10.0
BIG = "话" * 30_000


class Page:
    """What the server's side of one socket has."""

    def __init__(self) -> None:
        self.accepted = asyncio.Event()
        self.send: Callable[[dict[str, Any]], Any]
        self.socket: FrameSocket

    async def app(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.send, self.socket = send, scope["extensions"][EXTENSION]
        self.accepted.set()
        while (await receive())["type"] != "websocket.disconnect":
            pass

    def client(self) -> Client:
        return Client(1, "s", 1, frozenset(), lambda _code: None, Variant("wall", "en"), wire=self.socket)


@contextlib.asynccontextmanager
async def served(page: Page) -> AsyncIterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(
            page.app, lifespan="off", log_level="error", ws=FrameSocket, ws_per_message_deflate=False, interface="asgi3"
        )
        server = Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = server.force_exit = True
            await serving


@pytest.fixture
async def page() -> AsyncIterator[tuple[Page, websockets.ClientConnection]]:
    there = Page()
    async with (
        served(there) as port,
        asyncio.timeout(PATIENCE_S),
        websockets.connect(f"ws://127.0.0.1:{port}/", max_size=None) as browser,
    ):
        await there.accepted.wait()
        yield there, browser


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not seen():  # noqa: ASYNC110  told by the transport
            await asyncio.sleep(0)


def test_the_pin_is_what_this_was_tested_with() -> None:
    """Another uvicorn may write its own frames elsewhere: read `websockets_sansio_impl.py` before this is changed."""
    assert version("uvicorn") == wire.UVICORN


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
async def test_a_browser_reads_what_was_written(page: tuple[Page, websockets.ClientConnection], size: int) -> None:
    there, browser = page
    there.client().push(Told("x" * size))
    assert await browser.recv() == "x" * size


async def test_letters_beyond_ascii_arrive_whole(page: tuple[Page, websockets.ClientConnection]) -> None:
    there, browser = page
    there.client().push(Told("“多少钱？” 👏"))
    assert await browser.recv() == "“多少钱？” 👏"


async def test_frames_and_asgi_keep_their_order(page: tuple[Page, websockets.ClientConnection]) -> None:
    there, browser = page
    client = there.client()
    for number in range(20):
        if number % 3:
            client.push(Told(str(number)))
        else:
            await there.send({"type": "websocket.send", "text": str(number)})
    assert [await browser.recv() for _ in range(20)] == [str(number) for number in range(20)]
    await (await browser.ping())  # its own words are uvicorn's as before


async def test_of_a_socket_that_closes_nothing_is_written(page: tuple[Page, websockets.ClientConnection]) -> None:
    there, browser = page
    client = there.client()
    await there.send({"type": "websocket.close", "code": 4401})
    assert not client.is_free
    client.push(Told("too late"))
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await browser.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def state(number: int) -> Told:
    return Told(f'{{"t":"state","topic":"room:1","seq":{number},"regions":{{"now":"{number} {BIG}"}},"gone":[]}}')


async def test_a_browser_that_stalls_costs_nothing_and_resumes_with_the_newest(
    page: tuple[Page, websockets.ClientConnection],
) -> None:
    there, browser = page
    client, transport = there.client(), browser.transport
    transport.pause_reading()
    number = 0
    async with asyncio.timeout(PATIENCE_S):
        while client.is_free:  # until the system's own buffers are full
            number += 1
            client.push(state(number))
            await asyncio.sleep(0)
    written = number
    for number in range(written + 1, written + 1_000):
        client.push(state(number))
    assert there.socket.transport.get_write_buffer_size() <= wire.MOST_WAITING + 100_000
    transport.resume_reading()
    got = []
    while not got or got[-1] < number:
        text = str(await browser.recv())
        got.append(int(text.split('"seq":')[1].split(",")[0]))
    assert got[:written] == list(range(1, written + 1))
    assert len(got) < written + 10
    assert got == sorted(got)
    client.push(state(number + 1))
    assert f'"seq":{number + 1},' in str(await browser.recv())


async def test_a_stalled_browser_is_cut_off_at_once(page: tuple[Page, websockets.ClientConnection]) -> None:
    there, browser = page
    client = there.client()
    browser.transport.pause_reading()
    while client.is_free:
        client.push(state(1))
        await asyncio.sleep(0)
    client.end()
    there.socket.cut()
    await until(lambda: there.socket.disconnected)
    client.push(state(2))
    assert not client.backlog


#: A closing frame as browsers send it, masked with zeros.
CLOSE = b"\x88\x82\x00\x00\x00\x00\x03\xe9"


@pytest.mark.parametrize("way", ["the browser's word", "the server ends", "its application ended"])
async def test_who_is_about_to_close_is_held_at_once(page: tuple[Page, websockets.ClientConnection], way: str) -> None:
    there, _browser = page
    client = there.client()
    assert client.is_free
    if way == "the browser's word":
        there.socket.data_received(CLOSE)
    elif way == "the server ends":
        there.socket.shutdown()
    else:
        there.socket.queue.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await until(there.socket.transport.is_closing)
    assert not client.is_free


@pytest.mark.parametrize("end", ["close", "abort"])
async def test_of_a_browser_that_left_nothing_is_written(
    page: tuple[Page, websockets.ClientConnection], end: str
) -> None:
    there, browser = page
    client = there.client()
    assert client.is_free
    if end == "close":
        await browser.close()
    else:
        browser.transport.abort()
    await until(lambda: not client.is_free)
    push_all([client], ["too late"])
    assert client.backlog.take() == "too late"  # kept, not written: the consumer ends the client


async def test_who_is_made_for_a_socket_that_is_gone_is_never_free(
    page: tuple[Page, websockets.ClientConnection],
) -> None:
    there, browser = page
    await browser.close()
    await until(lambda: there.socket.disconnected)
    assert not there.client().is_free


async def test_who_left_holds_up_nobody(page: tuple[Page, websockets.ClientConnection]) -> None:
    there, browser = page
    left = Client(1, "s", 1, frozenset(), lambda _code: None, Variant("wall", "en"))
    left.end()
    push_all([left, there.client()], ["one", "two"])
    assert [await browser.recv(), await browser.recv()] == ["one", "two"]
