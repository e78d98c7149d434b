"""Vendor accounts: secrets are encrypted at rest, never shown, and kept where a form leaves them empty."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import F
from django.urls import reverse

from dashboard.accounts.models import Team
from dashboard.audit.models import AuditEntry
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib.errors import Conflict
from dashboard.lib.fields import decrypt, encrypt
from dashboard.rooms.models import Room
from dashboard.vendors import services
from dashboard.vendors.models import Command, Health, VendorAccount, VendorKind
from dashboard.vendors.registry import AddressRefused, credential_of
from dashboard.vendors.services import AccountDraft
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

SECRETS = {"access_key": "AKverysecret", "secret_key": "SKverysecret"}
DRAFT = AccountDraft(
    vendor=VendorKind.METASTUDIO,
    name="Main",
    base_url="https://metastudio.example.com/",
    region="cn-north-4",
    project_ref="p1",
    secrets=SECRETS,
    capabilities={"silent_clip_url": "https://a/b.wav"},
    callback_key="CBverysecret",
)


def create(cast: Cast, draft: AccountDraft = DRAFT, team: Team | None = None) -> VendorAccount:
    return services.create_account(team=team or cast.alpha, draft=draft, actor=cast.ada.actor)


def update(cast: Cast, account: VendorAccount, **changes: Any) -> VendorAccount:
    return services.update_account(account=account, draft=replace(DRAFT, **changes), actor=cast.ada.actor)


def raw(model: type[Any], pk: int, *columns: str) -> tuple[Any, ...]:
    """The columns as they lie in the database file, past Django."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM {model._meta.db_table} WHERE id = %s", [pk])
        return tuple(cursor.fetchone())


def secrets_of(account: VendorAccount) -> dict[str, str]:
    return msgspec.json.decode(VendorAccount.objects.get(pk=account.pk).credential, type=dict[str, str])


# ------------------------------------------------------------------------------------------------------------- at rest


def test_secrets_are_encrypted_in_their_columns(cast: Cast) -> None:
    account = create(cast)
    VendorAccount.objects.filter(pk=account.pk).update(token="TOverysecret")
    for column in raw(VendorAccount, account.pk, "credential", "callback_key", "token"):
        assert column
        assert "verysecret" not in column
        assert "verysecret" in decrypt(column)
    assert secrets_of(account) == SECRETS
    assert credential_of(account).secret_key == "SKverysecret"


def test_secrets_of_rooms_and_jobs_are_encrypted_too(cast: Cast) -> None:
    room = make.room(make.account(cast.alpha))
    room.stream_key = "STverysecret"
    room.save(update_fields=["stream_key"])
    job = make.job(room, cast.oki)
    fields = ("session_token", "rtc", "report_url", "callback_key")
    for name in fields:
        setattr(job, name, "verysecret")
    job.save(update_fields=fields)
    for column in (*raw(Room, room.pk, "stream_key"), *raw(Job, job.pk, *fields)):
        assert "verysecret" not in column
        assert "verysecret" in decrypt(column)


def test_an_empty_secret_stays_empty_and_two_of_a_kind_look_different(cast: Cast) -> None:
    room = make.room(make.account(cast.alpha))
    assert raw(Room, room.pk, "stream_key") == ("",)
    assert encrypt("same") != encrypt("same")


def test_keys_rotate_and_a_lost_key_is_said(settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    token = encrypt("verysecret")
    settings.ENCRYPTION_KEYS = [new, old]
    assert decrypt(token) == "verysecret"
    assert Fernet(new).decrypt(encrypt("x").encode()) == b"x"
    settings.ENCRYPTION_KEYS = [new]
    with pytest.raises(ImproperlyConfigured):
        decrypt(token)


def test_secrets_are_never_serialised(cast: Cast) -> None:
    account = create(cast)
    assert "verysecret" not in serializers.serialize("json", [account])
    assert "verysecret" not in f"{account!r} {credential_of(account)!r}".replace("AKverysecret", "")


# --------------------------------------------------------------------------------------------------------------- shown


def test_pages_never_show_a_secret(cast: Cast, sign_in: Any) -> None:
    account = create(cast)
    pages = [
        reverse("console:vendor_accounts", args=["alpha"]),
        reverse("vendors:detail", args=["alpha", account.pk]),
    ]
    for page in pages:
        answer = sign_in(cast.ada).get(page)
        assert answer.status_code == 200
        assert "verysecret" not in answer.content.decode()


def form(**changes: str) -> dict[str, str]:
    base = {
        "vendor": "metastudio",
        "name": "Main",
        "base_url": "https://metastudio.example.com",
        "region": "cn-north-4",
        "project_ref": "p1",
        "callback_check": "signature",
    }
    return base | changes


def test_a_refused_form_does_not_give_a_secret_back(cast: Cast, sign_in: Any) -> None:
    data = form(secret_key="SKverysecret", token="TOverysecret", callback_key="CBverysecret", base_url="http://x")
    answer = sign_in(cast.ada).post(reverse("vendors:create", args=["alpha"]), data)
    assert answer.status_code == 422
    assert "verysecret" not in answer.content.decode()
    assert VendorAccount.objects.count() == 0


def test_the_forms_empty_secrets_keep_what_is_stored(cast: Cast, sign_in: Any) -> None:
    account = create(cast)
    address = reverse("vendors:detail", args=["alpha", account.pk])
    assert sign_in(cast.ada).post(address, form(name="Renamed")).status_code == 302
    account.refresh_from_db()
    assert (account.name, account.callback_key, secrets_of(account)) == ("Renamed", "CBverysecret", SECRETS)
    assert sign_in(cast.ada).post(address, form(secret_key="new-one")).status_code == 302
    assert secrets_of(account) == {**SECRETS, "secret_key": "new-one"}


def test_a_new_account_needs_its_whole_credential(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.ada).post(reverse("vendors:create", args=["alpha"]), form(secret_key="x"))
    assert answer.status_code == 422
    assert VendorAccount.objects.count() == 0


@pytest.mark.parametrize(
    "url",
    ["http://vendor.example.com", "https://user@vendor.example.com", "https://x/?q=1", "ftp://x", "x", "https://"],
)
def test_only_an_https_address_is_taken(cast: Cast, sign_in: Any, url: str) -> None:
    data = form(base_url=url, access_key="a", secret_key="b")
    assert sign_in(cast.ada).post(reverse("vendors:create", args=["alpha"]), data).status_code == 422


def test_plain_http_is_for_hosts_that_are_listed_as_local(cast: Cast, settings: Any) -> None:
    account = create(cast, replace(DRAFT, base_url="http://127.0.0.1:8900"))
    settings.LOCAL_HOSTS = []
    with pytest.raises(AddressRefused):
        credential_of(account)
    settings.LOCAL_HOSTS = ["127.0.0.1"]
    assert credential_of(account).base_url == "http://127.0.0.1:8900"


# ------------------------------------------------------------------------------------------------------------ services


def test_a_new_account_is_tested_recorded_and_audited(cast: Cast) -> None:
    account = create(cast)
    assert (account.base_url, account.health, account.owner) == ("https://metastudio.example.com", "untested", "")
    assert [(row.kind, row.lane, row.state) for row in Command.objects.all()] == [
        ("test", f"account:{account.pk}:test", "ready")
    ]
    assert Event.objects.get(account_id=account.pk).kind == "account.changed"
    entry = AuditEntry.objects.get(action="create_account")
    assert (entry.target_id, entry.after) == (account.pk, None)


def test_a_changed_account_is_let_go_tested_once_and_audited_without_values(cast: Cast) -> None:
    account = create(cast)
    VendorAccount.objects.filter(pk=account.pk).update(owner="r1", health=Health.OK)
    changed = update(cast, account, secrets={"secret_key": "NEWverysecret", "access_key": ""})
    assert (changed.owner, changed.health) == ("", "untested")
    assert Command.objects.filter(kind="test").count() == 1
    entry = AuditEntry.objects.get(action="edit_account")
    assert entry.after == {"secrets": ["secret_key"]}
    assert "verysecret" not in str(list(AuditEntry.objects.values())) + str(list(Event.objects.values()))
    assert secrets_of(account)["access_key"] == "AKverysecret"


def test_an_edit_leaves_alone_what_a_relay_writes_meanwhile(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL a relay claims an account while it is edited: an epoch that came back would be claimed twice."""
    account = create(cast)
    fill = services._fill

    def claimed_meanwhile(row: VendorAccount, draft: AccountDraft) -> None:
        claimed = {"owner": "relay-a", "epoch": F("epoch") + 1, "token": "new", "callbacks_refused": 2}
        VendorAccount.objects.filter(pk=row.pk).update(**claimed)
        fill(row, draft)

    monkeypatch.setattr(services, "_fill", claimed_meanwhile)
    update(cast, account, name="Other")
    kept = VendorAccount.objects.get(pk=account.pk)
    assert (kept.name, kept.owner) == ("Other", ""), "it is let go of"
    assert (kept.epoch, kept.token, kept.callbacks_refused) == (account.epoch + 1, "new", 2)


def test_capabilities_that_a_form_does_not_show_stay(cast: Cast) -> None:
    account = create(cast, replace(DRAFT, capabilities={"command_channel": True}))
    changed = update(cast, account, capabilities={"silent_clip_url": "https://a"})
    assert changed.capabilities == {"command_channel": True, "silent_clip_url": "https://a"}


def test_a_name_is_once_per_team(cast: Cast) -> None:
    create(cast)
    other = create(cast, replace(DRAFT, name="Other"))
    with pytest.raises(Conflict) as refused:
        create(cast)
    assert refused.value.field == "name"
    with pytest.raises(Conflict):
        update(cast, other, name="Main")
    assert VendorAccount.objects.get(pk=other.pk).name == "Other"
    create(cast, team=cast.omega)
    assert VendorAccount.objects.count() == 3


def test_a_second_test_waits_for_the_first(cast: Cast) -> None:
    account = create(cast)
    services.request_test(account=account, actor=cast.ada.actor)
    assert Command.objects.filter(kind="test").count() == 1
    Command.objects.update(state="accepted")
    services.request_test(account=account, actor=cast.ada.actor)
    assert Command.objects.filter(kind="test", state="ready").count() == 1


def test_an_import_is_asked_for_and_audited(cast: Cast) -> None:
    account = create(cast)
    services.request_import(account=account, actor=cast.ada.actor)
    assert Command.objects.get(kind="import_rooms").lane == f"account:{account.pk}:import"
    assert AuditEntry.objects.filter(action="import_rooms").count() == 1


def test_an_archived_account_has_no_keeper(cast: Cast) -> None:
    account = create(cast)
    VendorAccount.objects.filter(pk=account.pk).update(owner="r1")
    services.archive_account(account=account, actor=cast.ada.actor)
    account.refresh_from_db()
    assert account.archived_at is not None
    assert account.owner == ""


@pytest.mark.parametrize(
    ("proof", "signs", "kept"),
    [("header", "", ("header", False)), ("query", "path", ("query", True)), ("address", "", ("address", False))],
)
def test_the_form_says_how_metastudios_callbacks_are_proven(
    cast: Cast, sign_in: Any, proof: str, signs: str, kept: tuple[str, bool]
) -> None:
    account = make.account(cast.alpha, VendorKind.METASTUDIO)
    assert account.callback_proof == "header"
    form = {
        "name": account.name,
        "base_url": account.base_url,
        "region": "cn-north-4",
        "project_ref": account.project_ref or "p1",
        "callback_check": "signature",
        "callback_proof": proof,
        "callback_signs_path": signs,
    }
    address = reverse("vendors:detail", args=["alpha", account.pk])
    assert sign_in(cast.ada).post(address, form).status_code in (200, 302)
    fresh = VendorAccount.objects.get(pk=account.pk)
    assert (fresh.callback_proof, fresh.capabilities.get("callback_signs_path")) == kept
    page = sign_in(cast.ada).get(address).content.decode()
    assert f'value="{proof}" selected' in page
