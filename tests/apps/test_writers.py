"""SQLite's writers take turns: a transaction that ends, however it ends, lets the next thread in."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction

from dashboard.accounts.models import Team
from dashboard.lib.sqlite import base

PATIENCE_S = 10.0

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has many writers")


def _elsewhere(work: Callable[[], object]) -> list[object]:
    """What `work` returned or raised in a thread with a connection of its own."""
    told: list[object] = []

    def run() -> None:
        try:
            told.append(work())
        except OperationalError as error:
            told.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(PATIENCE_S)
    return told


def _write() -> str:
    with transaction.atomic():
        return Team.objects.create(slug="another", name="Another").slug


def _fail() -> None:
    with transaction.atomic():
        raise OperationalError("disk full")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", [_write, _fail])
def test_a_turn_ends_with_its_transaction(before: Callable[[], object]) -> None:
    _elsewhere(before)
    Team.objects.all().delete()
    assert _elsewhere(_write) == ["another"]


@pytest.mark.django_db(transaction=True)
def test_a_turn_ends_with_its_connection() -> None:
    def leave() -> None:
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

    _elsewhere(leave)  # closed in the middle of a transaction
    assert _elsewhere(_write) == ["another"]


@pytest.mark.django_db(transaction=True)
def test_whose_turn_does_not_come_is_told_that_the_database_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PATIENCE_S", 0.01)
    with transaction.atomic():
        (told,) = _elsewhere(_write)
    assert str(told) == "database is locked"
    assert _elsewhere(_write) == ["another"]


@pytest.mark.django_db(transaction=True)
def test_a_single_statement_stands_in_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PATIENCE_S", 0.01)
    with transaction.atomic():
        (told,) = _elsewhere(lambda: Team.objects.filter(slug="nobody").update(name="Nobody"))
    assert str(told) == "database is locked"
    assert _elsewhere(lambda: Team.objects.filter(slug="nobody").update(name="Nobody")) == [0]
