"""Background tasks: asked for once whoever looks, begun again where a worker died, and ended when asked to."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django_tasks.base import TaskResultStatus
from django_tasks.signals import task_finished
from django_tasks_db.models import DBTaskResult

from dashboard.audit import sealing, trail
from dashboard.audit.models import AuditEntry
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.live.worker import schedule, tasks
from dashboard.live.worker.engine import Worker
from dashboard.live.worker.models import Periodic
from dashboard.live.worker.models import Worker as Row
from dashboard.live.worker.orphans import MOST_WORKERS, Watch, requeue_orphans
from dashboard.takeover.models import TalkTicket
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def open_tasks() -> list[str]:
    return sorted(DBTaskResult.objects.filter(status=TaskResultStatus.READY).values_list("task_path", flat=True))


def test_what_is_due_is_asked_for_once(manual_clock: ManualClock) -> None:
    assert schedule.ask_for_due(clock.now()) == len(schedule.EVERY)
    assert schedule.ask_for_due(clock.now()) == 0
    manual_clock.advance(61)
    DBTaskResult.objects.update(status=TaskResultStatus.SUCCESSFUL)
    assert schedule.ask_for_due(clock.now()) == 1
    assert open_tasks() == ["dashboard.live.worker.tasks.seal_audit"]


def test_missed_rounds_are_made_up_once_and_not_beside_one_that_waits(manual_clock: ManualClock) -> None:
    schedule.ask_for_due(clock.now())
    manual_clock.advance(30 * 24 * 3600)
    assert schedule.ask_for_due(clock.now()) == 0  # all of them wait still
    DBTaskResult.objects.all().delete()
    manual_clock.advance(30 * 24 * 3600)
    assert schedule.ask_for_due(clock.now()) == len(schedule.EVERY)
    assert schedule.ask_for_due(clock.now()) == 0


def test_two_that_look_at_once_ask_once(manual_clock: ManualClock) -> None:
    schedule.ask_for_due(clock.now())
    DBTaskResult.objects.all().delete()
    manual_clock.advance(61)
    due_at = Periodic.objects.get(name="seal_audit").due_at
    asked = [schedule._ask(tasks.seal_audit, 60, due_at, clock.now()) for _ in range(2)]
    assert asked == [1, 0]


def running(worker: str, *before: str) -> DBTaskResult[Any, Any]:
    made = DBTaskResult.objects.get(pk=tasks.drop_talk_tickets.enqueue().id)
    made.worker_ids = list(before)
    made.claim(worker)
    return made


def row(name: str, *, host: str = "elsewhere", process: int = 1) -> Row:
    return Row.objects.create(name=name, host=host, process=process, beat_at=clock.now(), started_at=clock.now())


def test_tasks_of_a_worker_that_stopped_beating_are_begun_again(manual_clock: ManualClock) -> None:
    task, other, watch = running("quiet"), running("busy"), Watch("me")
    row("quiet")
    busy = row("busy")
    assert requeue_orphans(watch) == 0
    for _ in range(4):
        manual_clock.advance(settings.WORKER_DEAD_AFTER_S / 3)
        busy.beat += 1
        busy.save()
        requeue_orphans(watch)
    task.refresh_from_db()
    other.refresh_from_db()
    assert (task.status, other.status) == (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    assert not Row.objects.filter(name="quiet").exists()


def test_a_worker_whose_process_is_gone_is_not_waited_for(manual_clock: ManualClock) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    task = running("dead")
    row("dead", host=socket.gethostname()[:80], process=process.pid)
    assert requeue_orphans(Watch("me")) == 1
    task.refresh_from_db()
    assert task.status == TaskResultStatus.READY


def test_a_worker_that_left_no_row_is_waited_for_and_then_not(manual_clock: ManualClock) -> None:
    running("unheard")
    watch = Watch("me")
    assert requeue_orphans(watch) == 0
    manual_clock.advance(settings.WORKER_DEAD_AFTER_S + 1)
    assert requeue_orphans(watch) == 1


def test_a_task_whose_end_the_database_did_not_take_is_begun_again_by_the_same_worker() -> None:
    task = running("me")
    assert requeue_orphans(Watch("me")) == 1
    task.refresh_from_db()
    assert task.status == TaskResultStatus.READY


def test_a_task_that_ends_its_workers_is_given_up(manual_clock: ManualClock) -> None:
    task = running("fifth", *(f"{number}" for number in range(MOST_WORKERS - 1)))
    watch = Watch("me")
    requeue_orphans(watch)
    manual_clock.advance(settings.WORKER_DEAD_AFTER_S + 1)
    assert requeue_orphans(watch) == 0
    task.refresh_from_db()
    assert task.status == TaskResultStatus.FAILED


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_what_waits_and_ends_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "WORKER_LOOKS_EVERY_S", 0.02)
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    old, young = (
        TalkTicket.objects.create(
            team=cast.alpha, job=job, user=cast.oki.user, floor_epoch=1, digest=digest, expires_at=clock.now() + age
        )
        for digest, age in (("a", timedelta(days=-1)), ("b", timedelta(seconds=30)))
    )
    worker = Worker()
    done = threading.Event()

    def notice(**_: object) -> None:
        open_states = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
        if not DBTaskResult.objects.filter(status__in=open_states).exists():
            done.set()

    task_finished.connect(notice)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        assert done.wait(20)
        assert Row.objects.get().process == os.getpid()
    finally:
        task_finished.disconnect(notice)
        worker.stop()
        thread.join(10)
    assert not thread.is_alive()
    states = dict(DBTaskResult.objects.values_list("task_path", "status"))
    assert len(states) == len(schedule.EVERY)
    assert set(states.values()) == {TaskResultStatus.SUCCESSFUL}
    assert list(TalkTicket.objects.all()) == [young], old
    assert not Row.objects.exists()


# ---------------------------------------------------------------------------------------------------------- the seals


def trail_of(cast: Cast, entries: int) -> None:
    for number in range(entries):
        trail.record(team_id=1, actor=cast.ada.actor, action=f"deed_{number}", target=cast.alpha, after={"n": number})


def test_a_change_of_the_trail_shows(manual_clock: ManualClock, cast: Cast) -> None:
    trail_of(cast, 5)
    assert sealing.seal_next(clock.now()) == 0  # too young: an entry with a smaller number may still come
    manual_clock.advance(61)
    while sealing.seal_next(clock.now()):
        pass
    assert not AuditEntry.objects.filter(seal="").exists()
    trail_of(cast, 1)
    assert list(sealing.broken()) == []
    victim = AuditEntry.objects.get(action="deed_2")
    AuditEntry.objects.filter(pk=victim.pk).update(after={"n": 7})
    assert list(sealing.broken()) == [victim]
    AuditEntry.objects.filter(pk=victim.pk).update(after={"n": 2})
    assert list(sealing.broken()) == []


@pytest.mark.parametrize("how", ["deleted", "unsealed"])
def test_a_missing_entry_or_seal_shows(manual_clock: ManualClock, cast: Cast, how: str) -> None:
    trail_of(cast, 5)
    manual_clock.advance(61)
    while sealing.seal_next(clock.now()):
        pass
    victim = AuditEntry.objects.filter(action="deed_2")
    if how == "deleted":
        victim.delete()
    else:
        victim.update(seal="")
    assert list(sealing.broken()) != []


def test_seals_outlive_a_change_of_keys(manual_clock: ManualClock, cast: Cast, settings: Any) -> None:
    trail_of(cast, 2)
    manual_clock.advance(61)
    sealing.seal_next(clock.now())
    settings.ENCRYPTION_KEYS = ["another-key", *settings.ENCRYPTION_KEYS]
    trail_of(cast, 2)
    manual_clock.advance(61)
    sealing.seal_next(clock.now())
    assert list(sealing.broken()) == []
    settings.ENCRYPTION_KEYS = ["another-key"]
    assert list(sealing.broken()) != []


# ------------------------------------------------------------------------------------------------------- when it fails


@pytest.mark.django_db(transaction=True)
def test_a_task_that_fails_is_in_the_log_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("dashboard.live.worker.tasks.retention.archive_old_events", fails)
    worker = Worker()
    schedule.ask_for_due(clock.now())
    worker._round()
    states = dict(DBTaskResult.objects.values_list("task_path", "status"))
    failed = {path for path, status in states.items() if status == TaskResultStatus.FAILED}
    assert failed == {"dashboard.live.worker.tasks.archive_events"}
    assert list(states.values()).count(TaskResultStatus.SUCCESSFUL) == len(schedule.EVERY) - 1
    [told] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "archive_events" in told.getMessage()
    assert "no space left on device" in caplog.text
