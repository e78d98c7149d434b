"""Connections to SQLite that wait for the next request."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import DjangoDbBlocker

from dashboard.lib.sqlite.base import DatabaseWrapper
from dashboard.lib.sqlite.kept import KEPT, KeptConnections


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> KeptConnections:
    """Those of a process that serves."""
    monkeypatch.setattr("dashboard.lib.sqlite.base.KEPT", own := KeptConnections(most=2))
    return own


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made(tmp_path / "one.sqlite3", "one")
    return tmp_path / "one.sqlite3"


@pytest.fixture
def wrappers(place: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    """`wrappers()`: what one more request has."""
    opened: list[DatabaseWrapper] = []

    def wrapper() -> DatabaseWrapper:
        options = {"transaction_mode": "IMMEDIATE"}
        given = {
            "NAME": str(place),
            "OPTIONS": options,
            "TIME_ZONE": None,
            "AUTOCOMMIT": True,
            "ATOMIC_REQUESTS": False,
        }
        given |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
        opened.append(DatabaseWrapper(given, "other"))
        return opened[-1]

    with django_db_blocker.unblock():
        yield wrapper
        for one in opened:
            one.close()


def made(path: Path, word: str) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE words (word text)")
        database.execute("INSERT INTO words VALUES (?)", [word])
    database.close()


def word_of(wrapper: DatabaseWrapper) -> str:
    with wrapper.cursor() as cursor:
        return str(cursor.execute("SELECT word FROM words").fetchone()[0])


def test_a_process_that_serves_nobody_keeps_none() -> None:
    assert KEPT.most == 0


def test_the_next_request_has_the_connection_of_the_last(kept: KeptConnections, wrappers: Any) -> None:
    first, second = wrappers(), wrappers()
    assert word_of(first) == "one"
    connection = first.connection
    first.close()
    assert word_of(second) == "one"
    assert second.connection is connection


def test_two_at_once_never_share_one(kept: KeptConnections, wrappers: Any) -> None:
    first, second = wrappers(), wrappers()
    word_of(first)
    first.close()
    word_of(first)
    word_of(second)
    assert first.connection is not second.connection


def test_another_file_in_its_place_is_read(kept: KeptConnections, wrappers: Any, place: Path) -> None:
    """As a restored backup is put there; also where a request that began before ends after it."""
    before, during, after = wrappers(), wrappers(), wrappers()
    word_of(before)
    word_of(during)
    before.close()
    made(place.with_name("two.sqlite3"), "two")
    place.with_name("two.sqlite3").replace(place)
    during.close()
    assert word_of(after) == "two"


def test_what_broke_or_is_in_the_middle_of_something_is_closed(kept: KeptConnections, wrappers: Any) -> None:
    broken, middle, after = wrappers(), wrappers(), wrappers()
    word_of(broken)
    word_of(middle)
    gone = {id(broken.connection), id(middle.connection)}
    kept_alive = [broken.connection, middle.connection]
    with pytest.raises(OperationalError), broken.cursor() as cursor:
        cursor.execute("SELECT word FROM nowhere")
    middle.connection.execute("BEGIN IMMEDIATE")
    for request in (broken, middle):
        request.close_at = 0.0  # as at the end of a request
        request.close_if_unusable_or_obsolete()
    word_of(after)
    assert id(after.connection) not in gone
    for connection in kept_alive:
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")


def test_a_reading_that_was_left_half_way_hides_nothing_from_the_next(
    kept: KeptConnections, wrappers: Any, place: Path
) -> None:
    before, after = wrappers(), wrappers()
    with before.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("INSERT INTO words VALUES ('more')")
    left = before.create_cursor()
    left.execute("SELECT word FROM words")
    assert left.fetchone() == ("one",)
    connection = before.connection
    before.close()
    with contextlib.closing(sqlite3.connect(place)) as elsewhere, elsewhere:
        elsewhere.execute("UPDATE words SET word = 'new'")
    assert word_of(after) == "new"
    assert after.connection is connection


def test_none_is_kept_once_a_process_no_longer_serves(wrappers: Any) -> None:
    request = wrappers()
    with KEPT.keeping(2):
        word_of(request)
        connection = request.connection
        request.close()
        connection.execute("SELECT 1")
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")
    assert KEPT.most == 0


def test_no_more_are_kept_than_are_worth_it(kept: KeptConnections, wrappers: Any) -> None:
    three = [wrappers() for _ in range(3)]
    for one in three:
        word_of(one)
    connections = [one.connection for one in three]
    for one in three:
        one.close()
    with pytest.raises(sqlite3.ProgrammingError):
        connections[2].execute("SELECT 1")
