"""The demo team with its people, accounts and rooms, made by the same services that people use."""

from __future__ import annotations

from django.db import transaction

from dashboard.accounts import services as accounts
from dashboard.accounts.models import Team
from dashboard.audit.trail import CONSOLE
from dashboard.live.demo import content
from dashboard.live.demo.library import add_chime, fill_library
from dashboard.rooms.models import RoomDraft, RuleSet
from dashboard.rooms.services.edit import create_room
from dashboard.rooms.services.rule_sets import RuleSetDraft, create_rule_set
from dashboard.vendors import services as vendors
from dashboard.vendors.models import VendorAccount, VendorKind
from dashboard.vendors.services import AccountDraft


def make_team(base_url: str, credentials: dict[str, str]) -> bool:
    """True where the team was made now. Later only what may have changed is written again: address and keys."""
    with transaction.atomic():
        team = Team.objects.filter(slug=content.TEAM).first()
        if team is None:
            team = accounts.create_team(slug=content.TEAM, name="Demo")
            for email, name, role in content.PEOPLE:
                accounts.add_member(
                    team=team, email=email, name=name, role=role, password=content.PASSWORD, actor=CONSOLE
                )
            drafts = account_drafts(base_url, credentials)
            made = {
                draft.vendor: vendors.create_account(team=team, draft=draft, actor=CONSOLE, is_sandbox=True)
                for draft in drafts
            }
            rules = create_rule_set(team=team, draft=RuleSetDraft(content.RULES_NAME, content.RULES), actor=CONSOLE)
            for cover, room in enumerate(content.ROOMS):
                create_room(draft=room_draft(room, made[room.vendor], cover, rules), user=None, actor=CONSOLE)
            fill_library(team)
            add_chime(team)
            return True
        for draft in account_drafts(base_url, credentials):
            account = VendorAccount.objects.filter(team=team, vendor=draft.vendor, is_sandbox=True).first()
            if account is not None and account.base_url != base_url:
                vendors.update_account(account=account, draft=draft, actor=CONSOLE, is_sandbox=True)
        return False


def account_drafts(base_url: str, credentials: dict[str, str]) -> list[AccountDraft]:
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


def room_draft(room: content.DemoRoom, account: VendorAccount, cover: int, rules: RuleSet) -> RoomDraft:
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
        rule_set=rules if is_softsugar else None,
    )
