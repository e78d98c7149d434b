"""Runs background tasks: the library's worker, with a beat, a sweep for what dead workers left, and a prompt end."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.models import F
from django_tasks_db.management.commands.db_worker import Worker as TaskRunner
from django_tasks_db.models import DBTaskResult

from dashboard.lib import clock
from dashboard.live.worker import schedule, stopping
from dashboard.live.worker.models import Worker as Row
from dashboard.live.worker.orphans import Watch, requeue_orphans

logger = logging.getLogger(__name__)


class Worker:
    """One worker; `run` in a thread or a process of its own until `stop`, which may be called from anywhere."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:8]}"
        self._stopping = threading.Event()
        self._runner: TaskRunner | None = None
        self._watch = Watch(self.name)

    def run(self) -> None:
        stopping.asked.set(self._stopping)
        self._guarded(self._beat)  # before it claims anything: others must be able to tell whether it lives
        beating = threading.Thread(target=self._keep_beating, name="worker-beat", daemon=True)
        beating.start()
        try:
            while not self._stopping.is_set():
                self._guarded(self._round)
                self._stopping.wait(settings.WORKER_LOOKS_EVERY_S)
        finally:
            self._stopping.set()
            beating.join()
            self._guarded(lambda: Row.objects.filter(name=self.name).delete())
            connections.close_all()

    def stop(self) -> None:
        """After the step that the task of the moment is at."""
        self._stopping.set()
        if self._runner is not None:
            self._runner.running = False

    def _round(self) -> None:
        requeue_orphans(self._watch)
        schedule.ask_for_due(clock.now())
        if DBTaskResult.objects.ready().exists():  # looking costs no lock; the library's claim takes the only one
            self._drain()

    def _drain(self) -> None:
        self._runner = TaskRunner(
            queue_names=["*"],
            interval=0.05,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=self.name,
            excluded_queue_names=[],
        )
        if not self._stopping.is_set():
            self._runner.run()

    def _keep_beating(self) -> None:
        """In a thread of its own: a long task must not look like a dead worker."""
        while not self._stopping.wait(settings.WORKER_BEAT_EVERY_S):
            self._guarded(self._beat)

    def _beat(self) -> None:
        now = clock.now()
        if Row.objects.filter(name=self.name).update(beat=F("beat") + 1, beat_at=now):
            return
        Row.objects.filter(beat_at__lt=now - timedelta(days=1)).delete()
        Row.objects.create(
            name=self.name, host=socket.gethostname()[:80], process=os.getpid(), beat_at=now, started_at=now
        )

    def _guarded(self, step: Callable[[], object]) -> None:
        """A database that is away is waited for; nothing else stops because background work does."""
        try:
            step()
        except DatabaseError as error:
            logger.warning("background tasks wait for the database: %s", error)
        except Exception:
            logger.exception("background tasks failed and go on")
        finally:
            connections.close_all()
