"""Fixtures of all tests: the cast, a clock that only the test moves, and a database file per test process."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate
from django.test import Client, override_settings
from django.utils import translation

from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from tests.cast import Cast, Person, make_cast
from tests.strings import forget_strings

#: They take a minute and more, mostly in processes of their own: begun first, all cores are at work to the end.
BEGIN_FIRST = ("tests/faults/test_short.py", "tests/props/", "tests/postgres/", "tests/scaled/", "tests/soak/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(BEGIN_FIRST))


def pytest_collection_finish() -> None:
    """What is loaded by now stays, and tests leave little behind: garbage is looked for seldom (5 % less time)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite: a file, since threads and processes of one test share it; in a folder of this run and worker alone.

    No test cuts the power, so nothing waits for the disk; a process that is killed loses nothing by it.
    """
    given = connections["default"].settings_dict
    if connections["default"].vendor == "postgresql":
        given["TEST"]["NAME"] = f"test_talkback_{os.getpid()}"
        return
    given["TEST"]["NAME"] = str(tmp_path_factory.getbasetemp() / "talkback-test.sqlite3")
    given["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """After the migrations nobody asks Django to list models and permissions: it would for each emptied database."""
    receivers, post_migrate.receivers = post_migrate.receivers, []
    yield
    post_migrate.receivers = receivers


@pytest.fixture(scope="session", autouse=True)
def settings_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Many tests sign in from one address, so no lock-out (its own tests switch it on), and no slow hash.

    What is uploaded lies in a folder of this run. Files of pages are looked for when they are asked for: else each of
    the thousands of clients would list them all.
    """
    with override_settings(
        AXES_ENABLED=False,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        CLIPS_DIR=tmp_path_factory.getbasetemp() / "clips",
        WHITENOISE_AUTOREFRESH=True,
    ):
        yield


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A request leaves its language with the thread: the tests behind it start without one."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def whole_pool() -> Iterator[None]:
    """Threads of a test end without giving their connections back: a pool that lacks many is left behind.

    It is looked for and not made: what is made before the test database would be a pool of another.
    """
    yield
    default: Any = connections["default"]
    if default.vendor == "postgresql" and (pool := default._connection_pools.get(default.alias)) is not None:
        told = pool.get_stats()
        if told.get("pool_size", 0) - told.get("pool_available", 0) > settings.POSTGRES_POOL // 2:
            default.close_pool()


@pytest.fixture(autouse=True)
def own_strings() -> None:
    forget_strings()


@pytest.fixture
def manual_clock() -> Iterator[ManualClock]:
    """The console's clock stands still; `advance(seconds)` moves it."""
    manual = ManualClock()
    before = clock.install(manual)
    yield manual
    clock.install(before)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def sign_in() -> Any:
    """`sign_in(person)`: a browser in which that person is signed in; without one, nobody is."""

    def signed_in(person: Person | None = None) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person.user)
        return client

    return signed_in
