"""`manage.py talkback`: console, relay and worker in one process; with --demo also the sandbox and a demo team.

Ctrl-C ends all of it within seconds: sockets close with 1012, the relay hands over, the sandbox saves its state.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from dashboard.live.demo import setup
from dashboard.live.exchange import exchanging
from dashboard.live.hub.renderer import renderer
from dashboard.live.management.command import ServingCommand
from dashboard.live.management.migrating import migrate
from dashboard.live.management.serving import (
    GRACE_S,
    PageServer,
    config,
    configure,
    keep_on_one_processor,
    keeping_connections,
    loop_factory,
    require_free,
)
from dashboard.live.models import ProcessKind
from dashboard.live.relay.supervisor import Relay
from dashboard.live.seeing.reports import reporting
from dashboard.live.worker.engine import Worker

logger = logging.getLogger(__name__)


class Command(ServingCommand):
    help = "Run console, relay and worker. --demo starts the sandbox too and makes a demo team on the first start."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--demo", action="store_true", help="start the sandbox and make a demo team")
        parser.add_argument("--sandbox-port", type=int, default=8900)
        parser.add_argument("--no-relay", action="store_true", help="console only; run `manage.py relay` elsewhere")

        parser.add_argument("--no-worker", action="store_true", help="no background tasks; run `manage.py worker`")

    def handle(self, *args: Any, **options: Any) -> None:
        require_free(options["host"], options["port"], "PORT")
        if options["demo"]:
            require_free("127.0.0.1", options["sandbox_port"], "SANDBOX_PORT")
        configure(options["port"])
        if options["demo"] and not settings.LOCAL_HOSTS:
            settings.LOCAL_HOSTS = ["127.0.0.1", "localhost"]
        migrate()
        with (
            contextlib.suppress(KeyboardInterrupt),
            keeping_connections(),
            asyncio.Runner(loop_factory=loop_factory()) as runner,
        ):
            runner.run(self._run(options))

    async def _run(self, options: dict[str, Any]) -> None:
        renderer.start()
        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        sandbox = await _start_sandbox(options["sandbox_port"]) if options["demo"] else None
        try:
            server = PageServer(config(options["host"], options["port"]))
            relay = None if options["no_relay"] else Relay()
            kind = ProcessKind.WHOLE if relay else ProcessKind.CONSOLE
            worker = Worker() if not options["no_worker"] else None
            async with exchanging(), reporting(kind), working(worker):
                await self._serve(server, relay, stopping, options, sandbox)
        finally:
            await renderer.stop()
            if sandbox is not None:
                await _stop_sandbox(sandbox)

    async def _serve(
        self,
        server: PageServer,
        relay: Relay | None,
        stopping: asyncio.Event,
        options: dict[str, Any],
        sandbox: asyncio.subprocess.Process | None,
    ) -> None:
        serving = asyncio.create_task(server.serve(), name="console")
        stop = asyncio.create_task(stopping.wait(), name="stop")
        ready = asyncio.create_task(server.is_ready.wait(), name="ready")
        await asyncio.wait({serving, stop, ready}, return_when=asyncio.FIRST_COMPLETED)
        keeping = preparing = None
        if ready.done() and not stop.done():
            if relay is not None:
                keep_on_one_processor(*[sandbox.pid] if sandbox else [])
            keeping = asyncio.create_task(relay.run(), name="relay") if relay else None
            preparing = asyncio.create_task(self._prepare_demo(options), name="demo") if options["demo"] else None
            running = {task for task in (serving, keeping, stop) if task}
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        if relay is not None:
            relay.stop()
        for task in (stop, ready, preparing):
            if task is not None:
                task.cancel()
        for task in (preparing, keeping, serving):
            if task is not None:
                await asyncio.wait([task], timeout=GRACE_S)
        if serving.done():
            serving.result()  # a console that could not be loaded must not look like one that was asked to end

    async def _prepare_demo(self, options: dict[str, Any]) -> None:
        try:
            lines = await setup.prepare(console_port=options["port"], sandbox_port=options["sandbox_port"])
        except setup.SandboxMissing as error:
            self.stderr.write(str(error))
            return
        except Exception:
            logger.exception("the demo could not be prepared; the console runs without it")
            return
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


@contextlib.asynccontextmanager
async def working(worker: Worker | None) -> AsyncIterator[None]:
    """Background tasks in a thread, while the block runs."""
    if worker is None:
        yield
        return
    thread = threading.Thread(target=worker.run, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        await asyncio.to_thread(thread.join, GRACE_S)


async def _start_sandbox(port: int) -> asyncio.subprocess.Process:
    """In a session of its own, so that Ctrl-C ends the console first and the sandbox after the last call to it."""
    folder = Path(settings.VAR_DIR) / "sandbox"
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dashboard.sandbox",
        "--port",
        str(port),
        "--folder",
        str(folder),
        "--quiet",
        cwd=settings.BASE_DIR,
        start_new_session=True,
    )


async def _stop_sandbox(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(GRACE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
