"""From SQLite to a real PostgreSQL: everything or nothing, the same on both sides, and new rows get new numbers."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from tests.architecture.budgets import ROOT
from tests.keeping import previous
from tests.keeping.place import Place
from tests.postgres.server import postgres

#: Signs in, opens pages, adds rows: on PostgreSQL, behind the move.
_GO_ON = """
import django
django.setup()
from django.test import Client
from django.urls import reverse
from dashboard.accounts.models import Member, Team
from dashboard.audit.models import AuditEntry
from dashboard.audit import trail
from dashboard.events.models import Event
from dashboard.events.record import lock_topic
from dashboard.vendors.models import VendorAccount
from tests.keeping.previous import PASSWORD

team = Team.objects.get()
client = Client(headers={"host": "127.0.0.1"})
client.post(reverse("accounts:sign_in"), {"username": "ada@demo.talkback.test", "password": PASSWORD})
for name in ("console:wall", "console:takeovers", "console:jobs", "accounts:team"):
    assert client.get(reverse(name, args=[team.slug])).status_code == 200, name
last = AuditEntry.objects.order_by("-pk").first().pk
assert trail.record(team_id=team.pk, actor=trail.CONSOLE, action="x", target=team).pk == last + 1
assert all(account.credential for account in VendorAccount.objects.all())
print("went on")
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def target(server: str, request: pytest.FixtureRequest) -> str:
    """A new, empty database."""
    name = f"moved_{abs(hash(request.node.name)) % 10**8}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The demo's data, migrated; nothing here changes it."""
    made = Place(tmp_path_factory.mktemp("demo"), previous.KEY)
    previous.put(made.database)
    assert made.manage("migrate", "-v", "0").returncode == 0
    with made.connect() as database:  # what the demo does not have: a null in JSON, fractions, more than one language
        database.execute(
            'UPDATE audit_auditentry SET before = \'null\', after = \'{"b": 1.0, "a": [0.1, "中", null]}\''
            " WHERE id = (SELECT min(id) FROM audit_auditentry)"
        )
    return made


def counts(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}  # type: ignore[call-overload,index]


def test_everything_is_there_and_goes_on(demo: Place, target: str) -> None:
    done = demo.manage("move_database", "--to", target)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "the same on both sides" in done.stdout
    here, there = previous.counts(demo.database), counts(target)
    own = "django_migrations"
    assert {name: count for name, count in there.items() if name != own} == {
        name: count for name, count in here.items() if name != own
    }
    assert there["events_event"] > 1_000
    with psycopg.connect(target) as connection:
        before, after = connection.execute(
            "SELECT before::text, after FROM audit_auditentry ORDER BY id LIMIT 1"
        ).fetchone() or ("", "")
    assert before == "null"
    assert after == {"a": [0.1, "中", None], "b": 1}
    went = demo.python("-c", _GO_ON, DATABASE_URL=target)
    assert went.returncode == 0, went.stderr[-3000:]


def test_a_target_that_is_not_empty_is_refused(demo: Place, target: str) -> None:
    assert demo.manage("migrate", "-v", "0", DATABASE_URL=target).returncode == 0
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute("INSERT INTO events_sequence (topic, band, seq) VALUES ('room:1', 0, 1)")
    before = counts(target)
    done = demo.manage("move_database", "--to", target)
    assert done.returncode == 1
    assert "events_sequence has rows" in done.stderr
    assert counts(target) == before


#: Like the command, but the process is gone when it is about to compare: everything is copied, nothing is kept.
_DIES = """
import os, sys
import django
django.setup()
from django.core.management import call_command
from dashboard.live.management import move
move._content = lambda *_: os._exit(9)
call_command("move_database", "--to", sys.argv[1])
"""


def test_after_a_crash_it_is_done_again(demo: Place, target: str) -> None:
    assert demo.python("-c", _DIES, target).returncode == 9
    assert set(counts(target)) >= {"events_event"}
    assert counts(target)["events_event"] == 0
    done = demo.manage("move_database", "--to", target)
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_difference_keeps_nothing(demo: Place, target: str) -> None:
    """A copy that loses something is not believed."""
    loses = _DIES.replace(
        "move._content = lambda *_: os._exit(9)",
        "rows = move._rows\n"
        "move._rows = lambda model, alias: (row for n, row in enumerate(rows(model, alias))"
        " if alias == 'default' or n != 3)",
    )
    done = demo.python("-c", loses, target)
    assert done.returncode == 1
    assert "differs after the move" in done.stderr
    assert counts(target)["events_event"] == 0


@pytest.mark.parametrize("wrong", ["", "sqlite:///x", "postgresql://"])
def test_only_to_postgresql(demo: Place, wrong: str) -> None:
    done = demo.manage("move_database", "--to", wrong)
    assert done.returncode == 1
    assert "postgresql://user:password@host" in done.stderr


def test_not_while_talkback_runs(demo: Place, target: str) -> None:
    with contextlib.ExitStack() as stack:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"], cwd=ROOT, env=demo.environment, stdout=subprocess.PIPE, text=True
        )
        stack.callback(worker.wait, 20)
        stack.callback(worker.terminate)
        assert worker.stdout is not None
        stack.callback(worker.stdout.close)
        assert worker.stdout.readline()
        done = demo.manage("move_database", "--to", target)
    assert done.returncode == 1
    assert "Stop it" in done.stderr
