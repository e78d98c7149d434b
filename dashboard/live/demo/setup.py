"""Makes the demo team on the first start, by the same services that people use, and finds the sandbox again later."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
from django.conf import settings
from django.db import transaction

from dashboard.accounts import services as accounts
from dashboard.accounts.models import Team, User
from dashboard.audience.addresses import intake_url
from dashboard.audit.trail import CONSOLE
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.jobs.services.start import start_job
from dashboard.lib.errors import Refusal
from dashboard.lib.threads import in_thread
from dashboard.live.demo import content
from dashboard.live.relay.sessions import account_callback_url
from dashboard.rooms.models import Room, RoomDraft
from dashboard.rooms.services.edit import create_room
from dashboard.vendors import services as vendors
from dashboard.vendors.models import VendorAccount, VendorKind
from dashboard.vendors.services import AccountDraft

logger = logging.getLogger(__name__)

TEAM = "demo"
AUDIENCE_RATE_PER_S = 1.5
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
    _keep(asyncio.create_task(_go_on(base_url, start=is_new), name="demo-audience"))
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


def make_team(base_url: str, credentials: dict[str, str]) -> bool:
    """True where the team was made now. Later only what may have changed is written again: address and keys."""
    with transaction.atomic():
        team = Team.objects.filter(slug=TEAM).first()
        if team is None:
            team = accounts.create_team(slug=TEAM, name="Demo")
            for email, name, role in content.PEOPLE:
                accounts.add_member(
                    team=team, email=email, name=name, role=role, password=content.PASSWORD, actor=CONSOLE
                )
            drafts = _account_drafts(base_url, credentials)
            made = {
                draft.vendor: vendors.create_account(team=team, draft=draft, actor=CONSOLE, is_sandbox=True)
                for draft in drafts
            }
            for cover, room in enumerate(content.ROOMS):
                create_room(draft=_room_draft(room, made[room.vendor], cover), user=None, actor=CONSOLE)
            return True
        for draft in _account_drafts(base_url, credentials):
            account = VendorAccount.objects.filter(team=team, vendor=draft.vendor, is_sandbox=True).first()
            if account is not None and account.base_url != base_url:
                vendors.update_account(account=account, draft=draft, actor=CONSOLE)
        return False


def _account_drafts(base_url: str, credentials: dict[str, str]) -> list[AccountDraft]:
    return [
        AccountDraft(
            vendor=VendorKind.METASTUDIO,
            name="MetaStudio sandbox",
            base_url=base_url,
            region="cn-north-4",
            project_ref=credentials["SANDBOX_PROJECT_ID"],
            secrets={"access_key": credentials["SANDBOX_AK"], "secret_key": credentials["SANDBOX_SK"]},
            capabilities={"command_channel": True, "silent_clip_url": "https://assets.talkback.test/silence.wav"},
        ),
        AccountDraft(
            vendor=VendorKind.SOFTSUGAR,
            name="SoftSugar sandbox",
            base_url=base_url,
            secrets={"token": credentials["SANDBOX_SOFTSUGAR_TOKEN"]},
        ),
    ]


def _room_draft(room: content.DemoRoom, account: VendorAccount, cover: int) -> RoomDraft:
    is_softsugar = room.vendor == VendorKind.SOFTSUGAR
    return RoomDraft(
        account=account,
        code=room.code,
        name=room.name,
        language="zh-hans",
        time_zone="Asia/Shanghai",
        paragraphs=room.paragraphs,
        config=dict(content.SOFTSUGAR_CONFIG if is_softsugar else content.METASTUDIO_CONFIG),
        output_url=f"rtmp://push.talkback.test/live/{room.code.lower()}",
        cover=cover,
    )


async def _give_callback_address(control: httpx.AsyncClient) -> None:
    """SoftSugar's staff set this by hand for real accounts (004:1123); the sandbox takes it over its control API."""
    account = await in_thread(
        lambda: VendorAccount.objects.filter(team__slug=TEAM, vendor=VendorKind.SOFTSUGAR, is_sandbox=True).first()
    )
    if account is None:
        return
    body = {"vendor": "softsugar", "url": account_callback_url(account), "auth_key": account.callback_key}
    await control.put("/sandbox/callbacks", json=body)


async def _go_on(base_url: str, *, start: bool) -> None:
    """Start the demo's three rooms once, then give every running sandbox job its audience."""
    if start:
        await _start_rooms()
    told: set[str] = set()
    async with httpx.AsyncClient(base_url=base_url, timeout=5.0, trust_env=False) as control:
        while True:
            try:
                wanted = await in_thread(_audiences)
                for job_ref, url, seed in wanted:
                    if job_ref not in told:
                        await _tell(control, job_ref, url, AUDIENCE_RATE_PER_S, seed)
                        told.add(job_ref)
                for job_ref in told - {job_ref for job_ref, *_ in wanted}:
                    await _tell(control, job_ref, base_url, 0, 0)  # its job is over: nobody watches any more
                    told.discard(job_ref)
            except httpx.HTTPError:
                logger.debug("the sandbox did not take an audience; tried again")
            await asyncio.sleep(2.0)


async def _tell(control: httpx.AsyncClient, job_ref: str, url: str, rate_per_s: float, seed: int) -> None:
    body = {"job": job_ref, "url": url, "rate_per_s": rate_per_s, "seed": seed}
    (await control.put("/sandbox/audience", json=body)).raise_for_status()


def _audiences() -> list[tuple[str, str, int]]:
    running = Job.objects.filter(IS_OPEN, account__is_sandbox=True, team__slug=TEAM).exclude(vendor_ref="")
    return [(job.vendor_ref, intake_url(job), job.pk) for job in running]


async def _start_rooms() -> None:
    """MetaStudio holds a room only once the relay has pushed it, so some starts wait a moment."""
    waiting = [room.code for room in content.ROOMS if room.on_air]
    for _ in range(60):
        for code in list(waiting):
            if await in_thread(_start_room, code):
                waiting.remove(code)
        if not waiting:
            return
        await asyncio.sleep(0.5)


def _start_room(code: str) -> bool:
    room = Room.objects.select_related("account").get(team__slug=TEAM, code=code)
    user = User.objects.get(email=content.PEOPLE[0][0])
    try:
        start_job(room=room, user=user, actor=CONSOLE, key=f"demo-{code}")
    except Refusal:
        return False
    return True


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
