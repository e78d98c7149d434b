"""Backups of a database that is written to all the time, and what a restore takes and refuses."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from dashboard.lib.running import StillRunning, nobody_else, serving
from tests.architecture.budgets import ROOT
from tests.keeping import previous
from tests.keeping.place import KEY, Place

OTHER_KEY = Fernet.generate_key().decode()


@pytest.fixture
def place(migrated: Place, tmp_path: Path) -> Place:
    made = Place(tmp_path / "here")
    made.folder.mkdir()
    made.database.write_bytes(migrated.database.read_bytes())
    with made.connect() as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("INSERT INTO events_sequence (topic, band, seq) VALUES ('room:1', 0, 1)")
    return made


@contextlib.contextmanager
def writers(place: Place) -> Iterator[list[int]]:
    """Three that write pairs of rows in one transaction each, as fast as they can; how often each has."""
    ended, counts = threading.Event(), [0, 0, 0]

    def write(me: int) -> None:
        with place.connect() as database:
            while not ended.is_set():
                database.execute("BEGIN IMMEDIATE")
                for half in "ab":
                    topic = f"room:{me}-{counts[me]}-{half}"
                    database.execute("INSERT INTO events_sequence (topic, band, seq) VALUES (?, 0, 0)", [topic])
                database.execute("COMMIT")
                counts[me] += 1

    threads = [threading.Thread(target=write, args=(me,)) for me in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield counts
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def test_a_backup_under_writers_is_of_one_moment(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    with writers(place) as counts:
        done = place.manage("backup", str(file))
        during = sum(counts)
    assert done.returncode == 0, done.stderr
    assert during > 100  # nobody had to wait for it
    assert file.stat().st_mode & 0o777 == 0o600
    there = Place(tmp_path / "there")
    there.folder.mkdir()
    done = there.manage("restore", str(file))
    assert done.returncode == 0, done.stderr
    restored = there.count()
    assert restored % 2 == 1  # the one of the beginning, and pairs
    assert 0 < restored <= place.count()


def test_restore_keeps_what_was_there_and_brings_clips_and_keys(place: Place, tmp_path: Path) -> None:
    (place.folder / "clips" / "3").mkdir(parents=True)
    (place.folder / "clips" / "3" / "sound.pcm").write_bytes(b"sound")
    file = tmp_path / "backup.tar.gz"
    assert place.manage("backup", "--keys", str(file)).returncode == 0
    with place.connect() as database:
        database.execute("DELETE FROM events_sequence")
    (place.folder / "clips" / "3" / "sound.pcm").unlink()
    done = place.manage("restore", str(file))
    assert done.returncode == 0, done.stderr
    assert place.count() == 1
    assert (place.folder / "clips" / "3" / "sound.pcm").read_bytes() == b"sound"
    assert (place.folder / "encryption-keys").read_text() == KEY
    [before] = place.folder.glob("talkback.sqlite3.before-*")
    with contextlib.closing(sqlite3.connect(before)) as database:
        assert database.execute("SELECT count(*) FROM events_sequence").fetchone() == (0,)
    assert place.manage("migrate", "--check").returncode == 0


def test_what_waited_then_is_neither_said_nor_started_now(tmp_path: Path) -> None:
    place = Place(tmp_path / "demo", previous.KEY)
    place.folder.mkdir()
    previous.put(place.database)
    with place.connect() as database:
        [(said, trace, job)] = database.execute(
            "SELECT id, trace_id, job_id FROM takeover_takeover WHERE state = 'done' ORDER BY id DESC LIMIT 1"
        )
        evidence = "claimed_at = NULL, accepted_at = NULL, queued_at = NULL, started_at = NULL, finished_at = NULL"
        database.execute(f"UPDATE takeover_takeover SET state = 'waiting', {evidence} WHERE id = ?", [said])
        database.execute("UPDATE vendors_command SET state = 'ready' WHERE trace_id = ?", [trace])
        database.execute("UPDATE vendors_command SET state = 'ready' WHERE kind = 'create' AND job_id = ?", [job])
        database.execute("INSERT INTO django_session VALUES ('ended-since', 'data', '2099-01-01')")
        numbers = dict(database.execute("SELECT topic, seq FROM events_sequence"))
    file = tmp_path / "backup.tar.gz"
    assert place.manage("backup", str(file)).returncode == 0
    done = place.manage("restore", str(file))
    assert done.returncode == 0, done.stderr
    with place.connect() as database:
        assert database.execute("SELECT state FROM takeover_takeover WHERE id = ?", [said]).fetchone() == ("expired",)
        states = dict(database.execute("SELECT kind, state FROM vendors_command WHERE trace_id = ?", [trace]))
        assert list(states.values()) == ["withdrawn"]
        [(state, deadline)] = database.execute(
            "SELECT state, deadline_at FROM vendors_command WHERE kind = 'create' AND job_id = ?", [job]
        )
        assert state == "sending"
        assert deadline < "2026-11-22"  # long over: the relay asks the vendor what became of it
        assert not database.execute(
            "SELECT 1 FROM vendors_command WHERE state = 'ready' AND job_id = ?", [job]
        ).fetchone()
        assert database.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
        after = dict(database.execute("SELECT topic, seq FROM events_sequence"))
    assert all(after[topic] > seq + 10**9 for topic, seq in numbers.items())


def test_restore_refuses_while_talkback_runs(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    assert place.manage("backup", str(file)).returncode == 0
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker"], cwd=ROOT, env=place.environment, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    try:
        assert worker.stdout.readline().endswith("runs\n")
        done = place.manage("restore", str(file))
        assert done.returncode == 1
        assert "Stop Talkback" in done.stderr
    finally:
        worker.terminate()
        assert worker.wait(20) == 0
        worker.stdout.close()
    assert place.manage("restore", str(file)).returncode == 0


def test_restore_refuses_while_anything_has_the_file_open(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    assert place.manage("backup", str(file)).returncode == 0
    with place.connect() as database:
        database.execute("SELECT count(*) FROM events_sequence").fetchone()
        done = place.manage("restore", str(file))
    assert done.returncode == 1
    assert "Stop Talkback" in done.stderr


def test_restore_refuses_what_is_newer(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    with place.connect() as database:
        row = "('jobs', '9999_of_next_year', '2027-01-01')"
        database.execute(f"INSERT INTO django_migrations (app, name, applied) VALUES {row}")
    assert place.manage("backup", str(file)).returncode == 0
    done = place.manage("restore", str(file))
    assert done.returncode == 1
    assert "newer Talkback (jobs.9999_of_next_year" in done.stderr


def test_restore_refuses_secrets_that_nobody_could_read(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    assert place.manage("backup", str(file)).returncode == 0
    done = place.manage("restore", str(file), TALKBACK_ENCRYPTION_KEYS=OTHER_KEY)
    assert done.returncode == 1
    assert "other encryption keys" in done.stderr
    assert place.manage("restore", str(file), TALKBACK_ENCRYPTION_KEYS=f"{OTHER_KEY} {KEY}").returncode == 0
    assert place.manage("restore", "--lose-secrets", str(file), TALKBACK_ENCRYPTION_KEYS=OTHER_KEY).returncode == 0


@pytest.mark.parametrize("harm", ["cut", "flipped", "swapped", "nothing", "not text"])
def test_restore_refuses_a_damaged_file(place: Place, tmp_path: Path, harm: str) -> None:
    file = tmp_path / "backup.tar.gz"
    assert place.manage("backup", str(file)).returncode == 0
    whole = file.read_bytes()
    if harm == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif harm == "flipped":
        middle = len(whole) // 2
        file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    elif harm == "nothing":
        file.write_bytes(b"not a backup")
    elif harm == "swapped":
        swap_database(file, tmp_path)
    else:
        with opened(file, tmp_path) as folder:
            (folder / "manifest.json").write_bytes(b'{"made_at": "\xff"}')
    done = place.manage("restore", str(file))
    assert done.returncode == 1
    assert "CommandError" in done.stderr
    assert place.count() == 1


def swap_database(file: Path, tmp_path: Path) -> None:
    """A whole archive, whose database is another one than it says."""
    with (
        opened(file, tmp_path) as folder,
        contextlib.closing(sqlite3.connect(folder / "talkback.sqlite3")) as database,
        database,
    ):
        database.execute("DELETE FROM events_sequence")


@contextlib.contextmanager
def opened(file: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder that an archive holds; what is changed in it is changed in the archive."""
    with tarfile.open(file) as tar:
        tar.extractall(tmp_path / "open", filter="data")
    yield tmp_path / "open"
    with tarfile.open(file, "w:gz") as tar:
        for path in (tmp_path / "open").iterdir():
            tar.add(path, arcname=path.name)


def test_the_lock_lets_many_serve_or_one_replace(
    settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.lib.running._path", lambda _connection: tmp_path / "running")
    with serving(), serving(), pytest.raises(StillRunning), nobody_else():
        pass
    with nobody_else(), pytest.raises(StillRunning), serving():
        pass
    with serving():
        pass


def test_postgresql_has_its_own(place: Place, tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    for command, names in (("backup", "pg_dump"), ("restore", "pg_restore")):
        done = place.manage(command, str(tmp_path / "x"), DATABASE_URL=url)
        assert done.returncode == 1
        assert names in done.stderr
