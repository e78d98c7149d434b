"""Old events leave for archive files: nothing is lost or doubled wherever it is cut off, and what is needed stays."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.accounts import services as accounts
from dashboard.audit.models import AuditEntry
from dashboard.events import archive
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.live.worker.retention import archive_old_events
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db
DAY = 24 * 3600


def never(_seconds: float) -> bool:
    return False


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.ARCHIVE_DIR = tmp_path / "archive"
    return tmp_path / "archive"


def job_with_comments(cast: Cast, comments: int = 3) -> Job:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    for number in range(comments):
        make.comment(job, f"第{number}条")
    return job


def ended(job: Job) -> Job:
    return make.hear(job, JobSays.ENDED)


def in_files(folder: Path) -> Counter[int]:
    return Counter(line["id"] for path in folder.glob("*/*.jsonl.gz") for line in archive.read(path))


def test_what_is_older_than_its_team_keeps_it_lies_in_the_file_of_its_day(
    cast: Cast, manual_clock: ManualClock, folder: Path
) -> None:
    job = ended(job_with_comments(cast))
    first = Event.objects.order_by("pk").first()
    assert first is not None
    before = set(Event.objects.values_list("pk", flat=True))
    manual_clock.advance(91 * DAY)
    assert archive_old_events(manual_clock.now(), never).deleted == len(before)
    assert not Event.objects.exists()
    assert in_files(folder) == Counter(before)
    [path] = folder.glob("*/*.jsonl.gz")
    assert path == folder / "alpha" / "2026-03-14.jsonl.gz"
    line = next(archive.read(path))
    assert line["kind"] == first.kind
    assert line["data"] == first.data
    assert line["topic"].split(":")[0] in ("room", "account", "team")
    assert any(row["topic"] == job.topic for row in archive.read(path))


def test_each_team_has_its_own_number_of_days(cast: Cast, manual_clock: ManualClock) -> None:
    accounts.save_retention(team=cast.alpha, keep_days=30, actor=cast.ada.actor)
    ended(job_with_comments(cast))
    other = ended(make.on_air(make.room(make.account(cast.omega)), cast.zoe))
    manual_clock.advance(31 * DAY)
    archive_old_events(manual_clock.now(), never)
    assert set(Event.objects.values_list("team_id", flat=True)) == {cast.omega.pk}
    manual_clock.advance(60 * DAY)
    archive_old_events(manual_clock.now(), never)
    assert not Event.objects.filter(job_id=other.pk).exists()


def test_what_is_younger_stays(cast: Cast, manual_clock: ManualClock, folder: Path) -> None:
    ended(job_with_comments(cast))
    before = Event.objects.count()
    manual_clock.advance(89 * DAY)
    assert archive_old_events(manual_clock.now(), never).deleted == 0
    assert Event.objects.count() == before
    assert not list(folder.glob("*/*.gz"))


def test_an_open_job_keeps_its_events_however_old(cast: Cast, manual_clock: ManualClock, folder: Path) -> None:
    job = job_with_comments(cast)
    manual_clock.advance(200 * DAY)
    kept = Event.objects.filter(job_id=job.pk).count()
    archive_old_events(manual_clock.now(), never)
    assert Event.objects.filter(job_id=job.pk).count() == kept > 3
    ended(job)
    archive_old_events(manual_clock.now(), never)
    left = list(Event.objects.filter(job_id=job.pk))
    assert len(left) < kept  # only what came with the end is young
    assert all(event.received_at == manual_clock.now() for event in left)
    assert max(in_files(folder).values()) == 1


def test_a_takeover_without_an_end_keeps_the_events_of_its_job(cast: Cast, manual_clock: ManualClock) -> None:
    job = job_with_comments(cast)
    item = make.unknown(job, cast.oki)
    ended(job)
    manual_clock.advance(200 * DAY)
    kept = Event.objects.filter(job_id=job.pk).count()
    archive_old_events(manual_clock.now(), never)
    assert Event.objects.filter(job_id=job.pk).count() == kept
    item.refresh_from_db()
    assert item.is_open


class Gone(Exception):
    """The process ends here."""


def dies_before_the_file_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def replace(*_: object) -> None:
        raise Gone

    monkeypatch.setattr("dashboard.events.archive.os.replace", replace)


def dies_while_it_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = archive._lines

    def some(*arguments: Any) -> Any:
        made = lines(*arguments)
        yield next(made)
        raise Gone

    monkeypatch.setattr("dashboard.events.archive._lines", some)


def dies_before_it_deletes(monkeypatch: pytest.MonkeyPatch) -> None:
    def delete(*_: object) -> int:
        raise Gone

    monkeypatch.setattr("dashboard.events.archive.delete", delete)


def dies_while_it_deletes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.events.archive.ROWS_AT_ONCE", 2)

    def pause(*_: object) -> bool:
        raise Gone

    monkeypatch.setattr(f"{__name__}.never", pause)


@pytest.mark.parametrize(
    "dies", [dies_while_it_writes, dies_before_the_file_is_there, dies_before_it_deletes, dies_while_it_deletes]
)
def test_wherever_it_is_cut_off_nothing_is_lost_or_doubled(
    cast: Cast, manual_clock: ManualClock, folder: Path, dies: Callable[[pytest.MonkeyPatch], None]
) -> None:
    ended(job_with_comments(cast, 7))
    every = set(Event.objects.values_list("pk", flat=True))
    manual_clock.advance(91 * DAY)
    with pytest.MonkeyPatch.context() as patched:
        dies(patched)
        with pytest.raises(Gone):
            archive_old_events(manual_clock.now(), never)
        assert set(Event.objects.values_list("pk", flat=True)) | set(in_files(folder)) == every
    archive_old_events(manual_clock.now(), never)
    assert in_files(folder) == Counter(every)
    assert not Event.objects.exists()


def test_a_damaged_file_stops_it_before_anything_is_deleted(
    cast: Cast, manual_clock: ManualClock, folder: Path
) -> None:
    ended(job_with_comments(cast))
    before = Event.objects.count()
    path = folder / "alpha" / "2026-03-14.jsonl.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b'{"id":1}\n')[:-6])
    manual_clock.advance(91 * DAY)
    with pytest.raises(EOFError):
        archive_old_events(manual_clock.now(), never)
    assert Event.objects.count() == before


def test_only_one_at_a_time(cast: Cast, manual_clock: ManualClock, folder: Path) -> None:
    """A worker that stood still and wakes up again must not write over what another one wrote."""
    ended(job_with_comments(cast))
    manual_clock.advance(91 * DAY)
    with archive.alone(folder) as is_alone:
        assert is_alone
        assert archive_old_events(manual_clock.now(), never).deleted == 0
    assert archive_old_events(manual_clock.now(), never).deleted > 0


def test_it_deletes_in_small_steps_and_stops_when_asked(
    cast: Cast, manual_clock: ManualClock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(job_with_comments(cast, 9))
    monkeypatch.setattr("dashboard.events.archive.ROWS_AT_ONCE", 4)
    manual_clock.advance(91 * DAY)
    before = Event.objects.count()
    with CaptureQueriesContext(connection) as asked:
        moved = archive_old_events(manual_clock.now(), lambda seconds: seconds > 0)  # once it has begun to delete
    deletes = [query["sql"] for query in asked if query["sql"].startswith("DELETE")]
    assert len(deletes) == 1
    assert moved.deleted == 4
    assert not moved.is_through
    archive_old_events(manual_clock.now(), never)
    assert sum(in_files(folder).values()) == before


def test_asked_to_end_while_it_writes_nothing_has_happened(cast: Cast, manual_clock: ManualClock, folder: Path) -> None:
    ended(job_with_comments(cast))
    before = Event.objects.count()
    manual_clock.advance(91 * DAY)
    moved = archive_old_events(manual_clock.now(), lambda _seconds: True)
    assert (moved.archived, moved.deleted, moved.is_through) == (0, 0, False)
    assert (Event.objects.count(), list(folder.glob("*/*.gz"))) == (before, [])


def test_a_round_that_is_full_is_followed_by_another(
    cast: Cast, manual_clock: ManualClock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.live.worker.retention.MOST_EVENTS", 4)
    ended(job_with_comments(cast, 5))
    every = Counter(Event.objects.values_list("pk", flat=True))
    manual_clock.advance(91 * DAY)
    rounds = 0
    while not archive_old_events(manual_clock.now(), never).is_through:
        rounds += 1
    assert rounds == len(every) // 4
    assert in_files(folder) == every


def test_the_choice_of_days_is_in_the_trail(cast: Cast) -> None:
    accounts.save_retention(team=cast.alpha, keep_days=30, actor=cast.ada.actor)
    accounts.save_retention(team=cast.alpha, keep_days=30, actor=cast.ada.actor)
    [entry] = AuditEntry.objects.filter(action="save_retention")
    assert (entry.before, entry.after) == ({"keep_days": 90}, {"keep_days": 30})
