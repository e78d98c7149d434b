"""The start of a console brings its database to this version, and asks for little where it is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from dashboard.live.management import migrating

pytestmark = pytest.mark.django_db


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    called: list[str] = []
    monkeypatch.setattr(migrating, "call_command", lambda name, **_: called.append(name))
    return called


def test_names_on_disk_are_all_that_django_finds() -> None:
    assert migrating._on_disk() == set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def test_a_database_of_this_version_is_left_alone(called: list[str]) -> None:
    migrating.migrate()
    assert called == []


def test_what_was_not_applied_is(called: list[str]) -> None:
    MigrationRecorder(connection).record_unapplied("takeover", "0001_initial")
    migrating.migrate()
    assert called == ["migrate"]
