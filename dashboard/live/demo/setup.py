"""Makes the demo on the first start and finds the sandbox again later, for `make run`."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from django.conf import settings

from dashboard.lib.threads import in_thread
from dashboard.live.demo import content
from dashboard.live.demo.on_air import go_on
from dashboard.live.demo.team import make_team
from dashboard.live.relay.sessions import account_callback_url
from dashboard.vendors.models import VendorAccount, VendorKind

SANDBOX_WAIT_S = 20.0


class SandboxMissing(Exception):
    """The sandbox did not answer; the console runs on without it."""


async def prepare(*, console_port: int, sandbox_port: int) -> list[str]:
    """Make or find the demo, put three rooms on air once, and keep an audience in every sandbox job from now on.

    Returns the lines that `make run` prints. The audience goes on in a task of its own.
    """
    base_url = f"http://127.0.0.1:{sandbox_port}"
    async with httpx.AsyncClient(base_url=base_url, timeout=5.0, trust_env=False) as control:
        credentials = await _credentials(control, base_url)
        is_new = await in_thread(make_team, base_url, credentials)
        await _give_callback_address(control)
        lines = await in_thread(_lines, console_port, base_url, credentials)
    _keep(asyncio.create_task(go_on(base_url, start=is_new), name="demo-audience"))
    return lines


_tasks: set[asyncio.Task[None]] = set()


def _keep(task: asyncio.Task[None]) -> None:
    """The event loop holds tasks weakly: without this one could vanish in mid-flight."""
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _credentials(control: httpx.AsyncClient, base_url: str) -> dict[str, str]:
    deadline = asyncio.get_running_loop().time() + SANDBOX_WAIT_S
    while True:
        try:
            answer = await control.get("/sandbox/credentials")
            answer.raise_for_status()
            return dict(answer.json())
        except httpx.HTTPError:
            if asyncio.get_running_loop().time() > deadline:
                raise SandboxMissing(f"The sandbox at {base_url} does not answer; the demo rooms stay off.") from None
            await asyncio.sleep(0.1)


async def _give_callback_address(control: httpx.AsyncClient) -> None:
    """SoftSugar's staff set this by hand for real accounts (004:1123); the sandbox takes it over its control API."""
    account = await in_thread(
        lambda: VendorAccount.objects.filter(
            team__slug=content.TEAM, vendor=VendorKind.SOFTSUGAR, is_sandbox=True
        ).first()
    )
    if account is None:
        return
    body = {"vendor": "softsugar", "url": account_callback_url(account), "auth_key": account.callback_key}
    await control.put("/sandbox/callbacks", json=body)


def _lines(console_port: int, base_url: str, credentials: dict[str, Any]) -> list[str]:
    people = [f"  {role:<9} {email:<26} {content.PASSWORD}" for email, _, role in content.PEOPLE]
    secrets = [f"{name}={credentials[name]}" for name in sorted(credentials) if name.startswith("SANDBOX_")]
    return [
        "",
        f"Talkback is on air at {settings.PUBLIC_URL or f'http://127.0.0.1:{console_port}'}",
        "Sign in as:",
        *people,
        f"The sandbox (both vendors) listens at {base_url}, its control API at {base_url}/sandbox/",
        *secrets,
        "Ctrl-C stops everything; nothing is lost.",
        "",
    ]
