"""`manage.py talkback`: console and relay in one process; with --demo also the sandbox and a demo team.

Ctrl-C ends all of it within seconds: sockets close with 1012, the relay hands over, the sandbox saves its state.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.live.demo import setup
from dashboard.live.exchange import exchanging
from dashboard.live.hub.renderer import renderer
from dashboard.live.relay.supervisor import Relay

logger = logging.getLogger(__name__)

GRACE_S = 3


class _Server(uvicorn.Server):
    """uvicorn re-raises the signal it caught after serving, which would skip our own clean-up."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Command(BaseCommand):
    help = "Run the console with its relay. --demo starts the sandbox too and makes a demo team on the first start."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--demo", action="store_true", help="start the sandbox and make a demo team")
        parser.add_argument("--sandbox-port", type=int, default=8900)
        parser.add_argument("--no-relay", action="store_true", help="console only; run `manage.py relay` elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        _require_free(options["host"], options["port"], "PORT")
        if options["demo"]:
            _require_free("127.0.0.1", options["sandbox_port"], "SANDBOX_PORT")
        self._configure(options)
        call_command("migrate", verbosity=0, interactive=False)
        with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self._run(options))

    def _configure(self, options: dict[str, Any]) -> None:
        """The port decides the console's own address unless the environment says another."""
        # One process does nearly everything: with Python's 5 ms a socket waits that long for each thread at work.
        sys.setswitchinterval(0.0005)
        os.umask(0o077)  # database and keys are nobody else's
        if "TALKBACK_PUBLIC_URL" not in os.environ:
            settings.PUBLIC_URL = f"http://127.0.0.1:{options['port']}"
            os.environ["TALKBACK_PUBLIC_URL"] = settings.PUBLIC_URL  # for the process that makes fragments
        if options["demo"] and not settings.LOCAL_HOSTS:
            settings.LOCAL_HOSTS = ["127.0.0.1", "localhost"]

    async def _run(self, options: dict[str, Any]) -> None:
        renderer.start()
        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        sandbox = await _start_sandbox(options["sandbox_port"]) if options["demo"] else None
        try:
            server = _Server(_config(options["host"], options["port"]))
            relay = None if options["no_relay"] else Relay()
            async with exchanging():
                await self._serve(server, relay, stopping, options)
        finally:
            renderer.stop()
            if sandbox is not None:
                await _stop_sandbox(sandbox)

    async def _serve(
        self, server: _Server, relay: Relay | None, stopping: asyncio.Event, options: dict[str, Any]
    ) -> None:
        serving = asyncio.create_task(server.serve(), name="console")
        keeping = asyncio.create_task(relay.run(), name="relay") if relay else None
        preparing = asyncio.create_task(self._prepare_demo(options), name="demo") if options["demo"] else None
        stop = asyncio.create_task(stopping.wait())
        running = {task for task in (serving, keeping, stop) if task}
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        if relay is not None:
            relay.stop()
        stop.cancel()
        for task in (preparing, keeping, serving):
            if task is not None:
                if task is preparing:
                    task.cancel()
                await asyncio.wait([task], timeout=GRACE_S)

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


def _require_free(host: str, port: int, name: str) -> None:
    """A taken port is said in one sentence, before anything is started."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} of {host} is not free ({error.strerror}). Choose another one: make run {name}={port + 1}"
            ) from None


def _config(host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        "dashboard.asgi:application",
        host=host,
        port=port,
        lifespan="off",
        log_level="warning",
        loop="none",
        ws="websockets-sansio",
        ws_max_size=65_536,
        # Fragments are small: compressing them costs a factor of 2 to 15 in fan-out.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=20,
        proxy_headers=False,
        server_header=False,
    )


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


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
