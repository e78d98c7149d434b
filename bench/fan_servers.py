"""The servers of `fan_out.py`: `raw` (uvloop TCP), `layer` (Channels `group_send`) and `talkback`.

All are told by lines on stdin (`go`, `cpu`, `end`) and answer with one JSON line each; `sent` is when each number left.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop
from table import ROOT

sys.path.insert(0, str(ROOT))

Push = Callable[[int], Awaitable[None] | None]


def processor_s() -> float:
    """Of this process and of those that it started and that live."""
    ticks, own = os.sysconf("SC_CLK_TCK"), time.process_time()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_bytes().rsplit(b")", 1)[-1].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            own += (int(fields[11]) + int(fields[12])) / ticks
    return own


def memory_mb() -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


class Driver:
    """Calls `push(number)` at a steady pace from `go` on."""

    def __init__(self, gap_s: float, push: Push, *, numbers_itself: bool = True) -> None:
        self._gap_s, self._push, self._numbers_itself = gap_s, push, numbers_itself
        #: When each number left the hub for its browsers, and when it was committed.
        self.sent: dict[int, float] = {}
        self.committed: dict[int, float] = {}
        self.count: Callable[[], float] = lambda: 0.0

    async def run(self) -> None:
        loop, lines = asyncio.get_running_loop(), asyncio.Queue[str]()

        def read() -> None:
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line.strip())

        threading.Thread(target=read, daemon=True).start()
        print("ready", flush=True)
        pushing: asyncio.Task[None] | None = None
        while (line := await lines.get()) != "end":
            if line == "go":
                pushing = asyncio.create_task(self._keep_pushing())
                pushing.add_done_callback(_must_go_on)
            else:
                told = {
                    "cpu_s": processor_s(),
                    "own_cpu_s": time.process_time(),
                    "loop_cpu_s": time.thread_time(),
                    "rss_mb": memory_mb(),
                    "at": time.monotonic(),
                    "overflows": self.count(),
                }
                print(json.dumps(told), flush=True)
        if pushing is not None:
            pushing.cancel()
        print(json.dumps({"sent": self.sent, "committed": self.committed}), flush=True)
        os._exit(0)

    async def _keep_pushing(self) -> None:
        number, due = 0, time.monotonic()
        while True:
            number, due = number + 1, due + self._gap_s
            if self._numbers_itself:
                self.sent[number] = time.monotonic()
            made = self._push(number)
            if made is not None:
                await made
            await asyncio.sleep(max(0.0, due - time.monotonic()))


def _must_go_on(pushing: asyncio.Task[None]) -> None:
    """A server that tells nothing more would look like one that is too slow."""
    if not pushing.cancelled() and pushing.exception() is not None:
        traceback.print_exception(pushing.exception())
        os._exit(1)


def payload(number: int, size: int) -> bytes:
    head = b'{"t":"state","seq":%d,"html":"' % number
    return head + b"x" * max(0, size - len(head) - 2) + b'"}'


def framed(text: bytes) -> bytes:
    size = bytes([len(text)]) if len(text) < 126 else b"\x7e" + len(text).to_bytes(2, "big")
    return b"\x81" + size + text


async def raw(port: int, size: int, gap_s: float) -> None:
    """The floor: the same bytes to the same sockets, and nothing else."""
    sockets: set[Any] = set()

    class Bare(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._transport = transport
            sockets.add(transport)

        def connection_lost(self, error: Exception | None) -> None:
            sockets.discard(self._transport)

    def push(number: int) -> None:
        frame = framed(payload(number, size))
        for transport in sockets:
            transport.write(frame)

    await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port, backlog=2048)
    await Driver(gap_s, push).run()


async def layer(port: int, size: int, gap_s: float) -> None:
    """What Channels offers: each socket is a consumer in a group, each message goes to each of them."""
    import django
    from channels.generic.websocket import AsyncWebsocketConsumer
    from channels.layers import InMemoryChannelLayer
    from django.conf import settings

    settings.configure(
        CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1000}}}
    )
    django.setup()
    import uvicorn
    from channels.layers import get_channel_layer

    class Consumer(AsyncWebsocketConsumer):
        groups = ["all"]

        async def push(self, event: dict[str, str]) -> None:
            await self.send(text_data=event["text"])

    channels: InMemoryChannelLayer = get_channel_layer()

    async def push(number: int) -> None:
        await channels.group_send("all", {"type": "push", "text": payload(number, size).decode()})

    config = uvicorn.Config(
        Consumer.as_asgi(),
        port=port,
        lifespan="off",
        log_level="error",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        backlog=2048,
    )
    serving = asyncio.create_task(uvicorn.Server(config).serve())
    await asyncio.sleep(0.5)
    await Driver(gap_s, push).run()
    serving.cancel()


async def talkback(port: int, small_buffers: bool, gap_s: float) -> None:
    """The console as `manage.py web` runs it, its hub, its renderer; a fact about a room on air each `gap_s`."""
    from dashboard.events.notices import Notice, listen
    from dashboard.jobs.models import Job
    from dashboard.lib import clock, metrics
    from dashboard.live.exchange import exchanging
    from dashboard.live.hub.frames import Flushed
    from dashboard.live.hub.renderer import renderer
    from dashboard.live.intake.facts import Heard, fact_of
    from dashboard.live.intake.writer import writer
    from dashboard.live.management.serving import Server, config
    from dashboard.vendors.port import StreamLink, StreamReport

    job = await asyncio.to_thread(lambda: Job.objects.select_related("room", "account").order_by("-id").first())
    assert job is not None
    links = (StreamLink.UP, StreamLink.RECONNECTING, StreamLink.DOWN)

    async def push(number: int) -> None:
        report = StreamReport(job.vendor_ref, links[number % len(links)], clock.now())
        await writer.record([fact_of(job, report, Heard("socket", f"bench:{begun}:{number}"))])

    begun = time.time_ns()  # the runs share a database: the facts of another one are no repeats
    driver = Driver(gap_s, push, numbers_itself=False)

    def committed(notice: Notice) -> None:
        if notice.topic == job.topic:
            driver.committed[notice.seq] = time.monotonic()

    driver.count = lambda: metrics.REGISTRY.get_sample_value("talkback_hub_overflows_total") or 0.0
    render = renderer.run

    async def timed(work: Any, *arguments: Any) -> Any:
        made = await render(work, *arguments)
        if isinstance(made, Flushed):
            driver.sent[made.seq] = time.monotonic()
        return made

    renderer.start()
    renderer.run = timed  # type: ignore[method-assign]  a clock beside it, nothing else
    async with exchanging():
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if small_buffers:  # else the system holds megabytes for a browser that does not read, and nothing is measured
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        listening.bind(("127.0.0.1", port))
        listening.listen(2_048)
        serving = asyncio.create_task(Server(config("127.0.0.1", port)).serve([listening]))
        while not renderer.is_up:  # noqa: ASYNC110  it takes a second
            await asyncio.sleep(0.05)
        listen(committed)  # a frame's number is its topic's: deliveries are measured from the commit
        await driver.run()
    serving.cancel()


def main() -> None:
    wanted = json.loads(sys.argv[2])
    if sys.argv[1] == "talkback":
        import django

        from dashboard.lib.garbage import look_seldom, settle_soon

        look_seldom()
        django.setup()
        settle_soon()  # as every command that serves
        from dashboard.live.management.serving import configure

        configure(wanted["port"])
        uvloop.run(talkback(wanted["port"], wanted["small_buffers"], wanted["gap_s"]))
        return
    baseline = {"raw": raw, "layer": layer}[sys.argv[1]]
    uvloop.run(baseline(wanted["port"], wanted["size"], wanted["gap_s"]))


if __name__ == "__main__":
    main()
