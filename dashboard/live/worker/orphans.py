"""Tasks whose worker died are done again by another: they are made to be begun twice."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from dashboard.lib import clock
from dashboard.lib.processes import is_gone
from dashboard.live.worker.models import Worker

logger = logging.getLogger(__name__)

#: A task that took so many workers with it is not given to another.
MOST_WORKERS = 5


@dataclass(slots=True)
class Watch:
    """One worker's view of the others' beats, on its own monotonic clock: no two clocks have to agree."""

    name: str
    seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def is_dead(self, name: str, row: Worker | None) -> bool:
        if name == self.name:
            return False
        if row is not None and row.host == socket.gethostname()[:80] and is_gone(row.process):
            return True
        now = clock.monotonic()
        beat = -1 if row is None else row.beat  # no row: not registered yet, or gone for good
        if name not in self.seen or self.seen[name][0] != beat:
            self.seen[name] = (beat, now)
            return False
        return now - self.seen[name][1] > settings.WORKER_DEAD_AFTER_S


def requeue_orphans(watch: Watch) -> int:
    """How many tasks wait again because their worker is dead. Those of workers that only wait are left alone.

    Whoever looks here has no task: one that runs by its name is one whose end the database did not take.
    """
    running = list(DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING))
    rows = {row.name: row for row in Worker.objects.all()}
    names = [_worker_of(one) for one in running]
    orphans = [
        one
        for one, name in zip(running, names, strict=True)
        if name == watch.name or watch.is_dead(name, rows.get(name))
    ]
    for name, row in rows.items():
        if watch.is_dead(name, row):
            Worker.objects.filter(pk=row.pk, beat=row.beat).delete()
    return sum(_requeue(task) for task in orphans)


def _worker_of(task: DBTaskResult[Any, Any]) -> str:
    return str(task.worker_ids[-1]) if task.worker_ids else ""


def _requeue(task: DBTaskResult[Any, Any]) -> int:
    mine = DBTaskResult.objects.filter(
        pk=task.pk, status=TaskResultStatus.RUNNING, started_at=task.started_at
    )  # whoever requeued and claimed it meanwhile has set another time
    if len(task.worker_ids) >= MOST_WORKERS:
        logger.error("task %s ended %d workers and is not begun again", task.task_path, MOST_WORKERS)
        return 0 * mine.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
    logger.warning("the worker of task %s is gone: it is begun again", task.task_path)
    return mine.update(status=TaskResultStatus.READY)
