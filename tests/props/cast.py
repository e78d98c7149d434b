"""Makes the templates: a team, its accounts and rooms, on air, by the services and the relay themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from dashboard.accounts import services as accounts
from dashboard.accounts.access import actor_of
from dashboard.accounts.models import Member, Team, User
from dashboard.audit.trail import CONSOLE, Actor
from dashboard.jobs.models import Job
from dashboard.jobs.services.start import start_job
from dashboard.lib.threads import in_thread
from dashboard.live.demo import content
from dashboard.live.demo.team import account_drafts
from dashboard.live.relay.sessions import account_callback_url
from dashboard.rooms.models import Room, RoomDraft
from dashboard.rooms.services.edit import create_room
from dashboard.takeover.services.policy import save_second_person
from dashboard.vendors import services as vendors
from dashboard.vendors.models import VendorAccount, VendorKind
from tests.props import house
from tests.props.stage import Stage, staged, world_now
from tests.props.steps import NEEDS_TWO

#: Long ones: a script that moves on often only costs time here.
PARAGRAPHS = tuple(
    f"{first}，这一款今天在直播间里慢慢讲给大家听。先看做工，再看用料，最后说价格。喜欢的朋友可以先收藏起来，"
    "等一下统一上链接，不用着急，库存是够的，每个人都能拍到，拍到的朋友在公屏上说一声。"
    for first in ("欢迎来到直播间", "接着看第二款", "再来看看第三款", "最后这一款压轴")
)
PEOPLE = (("oki", "operator"), ("pia", "producer"), ("ada", "admin"))
VENDORS = {"S": VendorKind.SOFTSUGAR, "M": VendorKind.METASTUDIO, "N": VendorKind.METASTUDIO}


def make_templates(folder: Path, casts: tuple[str, ...] = house.CASTS) -> None:
    for cast in casts:
        house.put(folder / "schema.sqlite3")
        with staged(Random(1), 0.0) as stage:
            jobs = stage.loop.run_until_complete(_made(stage, cast))
            house.save_template(folder, cast, world_now(stage), stage.loop.time(), jobs)


async def _made(stage: Stage, cast: str) -> list[int]:
    playing = stage.spawn(stage.play(), stage.sandbox_process)
    stage.start_relay()
    relay = stage.relays[0][0]
    jobs = await on_air(stage, cast)
    await asyncio.sleep(3)
    relay.stop()
    await stage.relays[0][2]
    playing.cancel()
    await stage.close()
    return jobs


async def on_air(stage: Stage, cast: str, paragraphs: tuple[str, ...] = PARAGRAPHS) -> list[int]:
    """The jobs of a new team's new rooms, in the cast's order, as soon as they can be spoken to."""
    rooms = await in_thread(_make_rows, stage, cast, paragraphs)
    face = stage.world.face("softsugar")
    softsugar = await in_thread(lambda: VendorAccount.objects.filter(vendor=VendorKind.SOFTSUGAR).first())
    if softsugar is not None:
        face.set_callbacks({"url": account_callback_url(softsugar), "auth_key": softsugar.callback_key})  # type: ignore[attr-defined]
    jobs = []
    for number, room in enumerate(rooms):
        while room.account.vendor == VendorKind.METASTUDIO and not room.vendor_ref:
            await asyncio.sleep(0.5)
            await in_thread(room.refresh_from_db)
        user, actor = stage.people[0]
        job = await in_thread(start_job, room=room, user=user, actor=actor, key=f"start-{number}")
        jobs.append(job.pk)
    for job_id, kind in zip(jobs, cast, strict=True):
        while True:
            await asyncio.sleep(0.5)
            job = await in_thread(Job.objects.get, pk=job_id)
            if job.state == "live" and (kind == "N" or job.link == "up"):
                break
            if stage.loop.time() > 120:
                raise RuntimeError(f"{cast}: job {job_id} is {job.state}, link {job.link}")
    return jobs


def _make_rows(stage: Stage, cast: str, paragraphs: tuple[str, ...]) -> list[Room]:
    team = accounts.create_team(slug="alpha", name="Alpha")
    for name, role in PEOPLE:
        accounts.add_member(
            team=team, email=f"{name}@alpha.test", name=name, role=role, password="a-long-enough-one", actor=CONSOLE
        )
    # One of the three may take back for some seconds what they said.
    Team.objects.filter(pk=team.pk).update(undo_s={"operator": 0, "producer": 3, "admin": 0})
    stage.people = people(team)
    made = {kind: _account(stage, team, kind) for kind in sorted(set(cast))}
    return [_room(made[kind], kind, number, paragraphs) for number, kind in enumerate(cast)]


def people(team: Team | None = None) -> list[tuple[User, Actor]]:
    members = Member.objects.select_related("user", "team").order_by("pk")
    return [(member.user, actor_of(member)) for member in members]


def _account(stage: Stage, team: Team, kind: str) -> VendorAccount:
    drafts = account_drafts(f"http://127.0.0.1:{stage.sandbox.config.port}", stage.world.credentials.lines())
    draft = next(draft for draft in drafts if draft.vendor == VENDORS[kind])
    if kind == "N":
        draft = vendors.AccountDraft(
            vendor=draft.vendor,
            name=f"{draft.name} N",
            base_url=draft.base_url,
            region=draft.region,
            project_ref=draft.project_ref,
            secrets=draft.secrets,
            capabilities={**draft.capabilities, "command_channel": False},
        )
    return vendors.create_account(team=team, draft=draft, actor=CONSOLE, is_sandbox=True)


def _room(account: VendorAccount, kind: str, number: int, paragraphs: tuple[str, ...]) -> Room:
    config = content.SOFTSUGAR_CONFIG if kind == "S" else content.METASTUDIO_CONFIG
    draft = RoomDraft(
        account=account,
        code="",
        name=f"Room {number}",
        language="zh-hans",
        time_zone="Asia/Shanghai",
        paragraphs=paragraphs,
        config=dict(config),
        output_url="rtmp://push.talkback.test/live/x",
    )
    room = create_room(draft=draft, user=None, actor=CONSOLE)
    save_second_person(
        room=room,
        chosen={"kinds": [], "modes": [], "roles": [], "words": [NEEDS_TWO], "approver": "operator", "within_s": 20},
        version=0,
        actor=CONSOLE,
    )
    return Room.objects.select_related("account").get(pk=room.pk)
