"""A relay in a process of its own, to be killed the hard way."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection


def database() -> dict[str, str]:
    """What tells a process of its own where this test's database is."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return {"TALKBACK_SQLITE": name}
    return {"DATABASE_URL": urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))}


async def start(*program: str) -> asyncio.subprocess.Process:
    """`manage.py relay` (or another program) on this test's database, with the real timers."""
    environment = {
        **os.environ,
        **database(),
        "TALKBACK_PUBLIC_URL": settings.PUBLIC_URL,
        "TALKBACK_LOCAL_HOSTS": "127.0.0.1",
        "TALKBACK_VAR": str(settings.VAR_DIR),
        "TALKBACK_SECRET_KEY": settings.SECRET_KEY,
        "TALKBACK_RELAY_LISTEN": "127.0.0.1:0",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *(program or ("manage.py", "relay")),
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )


async def kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    await process.wait()
