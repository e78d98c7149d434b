"""What admins do with vendor accounts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import Team
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Changed, Fact, Kind
from dashboard.events.models import Source
from dashboard.events.record import lock_topic
from dashboard.lib import clock
from dashboard.lib.errors import Conflict
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, Health, Rank, VendorAccount


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """What the account form holds. An empty secret keeps the one that is stored."""

    vendor: str
    name: str
    base_url: str
    region: str = ""
    project_ref: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)
    capabilities: Mapping[str, object] = field(default_factory=dict)
    callback_check: str = "signature"
    callback_key: str = ""


#: What an edit writes. The rest belongs to whoever keeps the account, and may change while it is edited: a keeper whose
#: epoch came back to an old number would go on with the old credential.
EDITED = (
    *("name", "base_url", "region", "project_ref", "credential", "capabilities", "callback_check", "callback_key"),
    *("is_sandbox", "health", "health_error", "owner"),
)


def create_account(*, team: Team, draft: AccountDraft, actor: Actor, is_sandbox: bool = False) -> VendorAccount:
    try:
        with transaction.atomic():
            account = VendorAccount(team=team, vendor=draft.vendor, is_sandbox=is_sandbox)
            _fill(account, draft)
            account.save()
            lock_topic(account.topic)
            deeds.record([_changed(account)], actor=actor, action="create_account", target=account, on_lists=True)
            _enqueue_test(account)
    except IntegrityError:
        raise Conflict(_("This team has an account of that name already."), field="name") from None
    return account


def update_account(
    *, account: VendorAccount, draft: AccountDraft, actor: Actor, is_sandbox: bool = False
) -> VendorAccount:
    """Change an account. Its keeper lets go and takes it up again with what is stored now.

    With another address it is a sandbox's no longer, unless `is_sandbox` says that the sandbox itself has moved.
    """
    try:
        with deeds.locked(account.topic):
            account.refresh_from_db()
            before = account.base_url
            _fill(account, draft)
            account.is_sandbox = is_sandbox or (account.is_sandbox and account.base_url == before)
            account.health, account.health_error = Health.UNTESTED, None
            account.owner = ""
            account.save(update_fields=EDITED)
            after = {"secrets": sorted(name for name, value in draft.secrets.items() if value)}
            deeds.record([_changed(account)], actor=actor, action="edit_account", target=account, after=after)
            _enqueue_test(account)
    except IntegrityError:
        raise Conflict(_("This team has an account of that name already."), field="name") from None
    return account


def _fill(account: VendorAccount, draft: AccountDraft) -> None:
    account.name, account.base_url, account.region = draft.name, draft.base_url.rstrip("/"), draft.region
    account.project_ref = draft.project_ref
    stored = account.secrets_kept
    given = {name: value for name, value in draft.secrets.items() if value}
    account.credential = msgspec.json.encode({**stored, **given}).decode()
    account.capabilities = {**account.capabilities, **draft.capabilities}
    account.callback_check = draft.callback_check
    if draft.callback_key:
        account.callback_key = draft.callback_key


def request_test(*, account: VendorAccount, actor: Actor) -> None:
    """Ask the vendor whether the credential works; the answer arrives on the page."""
    with deeds.locked(account.topic):
        _enqueue_test(account)
        trail.record(team_id=account.team_id, actor=actor, action="test_account", target=account)


def _enqueue_test(account: VendorAccount) -> None:
    waiting = Command.objects.filter(account=account, kind=CommandKind.TEST, state=CommandState.READY)
    if not waiting.exists():
        outbox.enqueue(
            account_id=account.pk, lane=f"account:{account.pk}:test", kind=CommandKind.TEST, rank=Rank.PERSON
        )


def request_import(*, account: VendorAccount, actor: Actor) -> None:
    """Fetch the vendor's list of rooms; those that are not here yet are added."""
    with deeds.locked(account.topic):
        outbox.enqueue(
            account_id=account.pk, lane=f"account:{account.pk}:import", kind=CommandKind.IMPORT_ROOMS, rank=Rank.SCRIPT
        )
        trail.record(team_id=account.team_id, actor=actor, action="import_rooms", target=account)


def archive_account(*, account: VendorAccount, actor: Actor) -> None:
    """Stop using an account. The caller has made sure that no job of it runs."""
    with deeds.locked(account.topic) as now:
        VendorAccount.objects.filter(pk=account.pk).update(archived_at=now, owner="")
        deeds.record([_changed(account)], actor=actor, action="archive_account", target=account, on_lists=True)


def _changed(account: VendorAccount) -> Fact:
    return Fact(
        kind=Kind.ACCOUNT_CHANGED,
        payload=Changed(),
        source=Source.OPERATOR,
        dedupe_key=f"account.changed:{account.pk}:{uuid.uuid4().hex[:16]}",
        at=clock.now(),
        team_id=account.team_id,
        account_id=account.pk,
    )
