"""The worker is killed (SIGKILL) again and again while it archives: each event is somewhere, and in the end once."""

from __future__ import annotations

import gzip
import json
import signal
from collections import Counter
from pathlib import Path

from tests.keeping.place import Place

EVENTS, DAYS = 3_000, 3
#: At which of its steps each run dies: while reading (1, 5), before the file is on the disk, before and after it is in
#: place, while deleting, and in the next day.
DIES_AT = (1, 5, 11, 12, 13, 14, 5, 30, 20, 60)

_FILL = """
import django
django.setup()
from datetime import timedelta
from dashboard.accounts.services import create_team
from dashboard.events.models import Event, Sequence
from dashboard.lib import clock
team = create_team(slug="t", name="T")
row = Sequence.objects.create(topic="room:1", band=0, seq=10_000)
Event.objects.bulk_create([
    Event(team_id=team.pk, room_id=1, sequence=row, seq=n, kind="audience.comment", source="audience",
          dedupe_key=f"k:{n}", at=clock.now(), received_at=clock.now() - timedelta(days=100 - n %% %(days)d),
          outcome="applied", data={"type": 1, "user": "u", "text": str(n), "raw": ""})
    for n in range(%(events)d)
])
"""
_ARCHIVE = """
import os
import signal
import sys
import django
django.setup()
from dashboard.events import archive
from dashboard.lib import clock
from dashboard.live.worker.retention import archive_old_events

left = int(sys.argv[1])

def step(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return False

def stepping(function):
    def call(*arguments):
        step()
        done = function(*arguments)
        step()
        return done
    return call

lines = archive._lines

def some(*arguments):
    for number, line in enumerate(lines(arguments[0], lambda _seconds: False)):
        if number % 100 == 0:
            step()
        yield line

archive._lines = some
archive.os.fsync = stepping(os.fsync)
archive.os.replace = stepping(os.replace)
archive.ROWS_AT_ONCE = 25
archive_old_events(clock.now(), step)
"""


def in_files(place: Place) -> Counter[int]:
    return Counter(
        json.loads(line)["id"]
        for path in (place.folder / "archive").glob("*/*.jsonl.gz")
        for line in gzip.decompress(path.read_bytes()).splitlines()
    )


def in_database(place: Place) -> set[int]:
    with place.connect() as database:
        return {pk for (pk,) in database.execute("SELECT id FROM events_event")}


def test_killed_anywhere_nothing_is_lost_or_doubled(migrated: Place, tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.database.write_bytes(migrated.database.read_bytes())
    filled = place.python("-c", _FILL % {"days": DAYS, "events": EVENTS})
    assert filled.returncode == 0, filled.stderr
    every = in_database(place)
    assert len(every) == EVENTS
    for steps in DIES_AT:
        assert place.python("-c", _ARCHIVE, str(steps)).returncode == -signal.SIGKILL
        files = in_files(place)
        assert set(files) | in_database(place) == every
        assert max(files.values(), default=1) == 1
    done = place.python("-c", _ARCHIVE, "0")
    assert done.returncode == 0, done.stderr
    assert in_files(place) == Counter(every)
    assert in_database(place) == set()
    assert len(list((place.folder / "archive" / "t").glob("*.gz"))) == DAYS
