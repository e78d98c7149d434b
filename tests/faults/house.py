"""The rooms of the run: the demo's team with its two accounts, and as many rooms as are wanted, half of each vendor."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from dashboard.accounts.models import Team
from dashboard.audit.trail import CONSOLE
from dashboard.live.demo import content
from dashboard.live.demo.team import make_team
from dashboard.live.relay.sessions import account_callback_url
from dashboard.rooms.models import Room, RoomDraft
from dashboard.rooms.services.edit import create_room
from dashboard.vendors.models import VendorAccount, VendorKind
from tests.cast import undo_window

VENDORS = (VendorKind.SOFTSUGAR, VendorKind.METASTUDIO)
#: Long ones: a script that moves on often only costs time here.
PARAGRAPHS = tuple(
    f"{first}，这一款今天在直播间里慢慢讲给大家听。先看做工，再看用料，最后说价格。喜欢的朋友可以先收藏起来，"
    "等一下统一上链接，不用着急，库存是够的，每个人都能拍到，拍到的朋友在公屏上说一声。"
    for first in ("欢迎来到直播间", "接着看第二款", "再来看看第三款", "最后这一款压轴")
)


@dataclass(frozen=True, slots=True)
class House:
    pk: int
    code: str
    vendor: str


def furnish(sandbox_url: str, rooms: int) -> list[House]:
    """Rooms in turn of both vendors. The demo's own stay off air."""
    with httpx.Client(base_url=sandbox_url, trust_env=False, timeout=10) as control:
        make_team(sandbox_url, dict(control.get("/sandbox/credentials").json()))
        team = Team.objects.get(slug=content.TEAM)
        undo_window(team, 0)
        accounts = {vendor: VendorAccount.objects.get(team=team, vendor=vendor) for vendor in VENDORS}
        sugar = accounts[VendorKind.SOFTSUGAR]
        body = {"vendor": "softsugar", "url": account_callback_url(sugar), "auth_key": sugar.callback_key}
        control.put("/sandbox/callbacks", json=body).raise_for_status()
    made = [make_room(accounts[VENDORS[number % 2]], number) for number in range(rooms)]
    return [House(room.pk, room.code, str(room.account.vendor)) for room in made]


def make_room(account: VendorAccount, number: int) -> Room:
    is_sugar = account.vendor == VendorKind.SOFTSUGAR
    draft = RoomDraft(
        account=account,
        code=f"F{number:02}",
        name=f"Fault room {number}",
        language="zh-hans",
        time_zone="Asia/Shanghai",
        paragraphs=PARAGRAPHS,
        config=dict(content.SOFTSUGAR_CONFIG if is_sugar else content.METASTUDIO_CONFIG),
        output_url="rtmp://push.talkback.test/live/x",
    )
    return create_room(draft=draft, user=None, actor=CONSOLE)
