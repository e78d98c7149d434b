"""What happens again and again, and who asks for it: whichever worker looks first, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django_tasks.base import Task, TaskResultStatus
from django_tasks_db.models import DBTaskResult

from dashboard.live.worker import tasks
from dashboard.live.worker.models import Periodic

#: Every so many seconds. A round that was missed is made up once, not as often as it was missed.
EVERY: Mapping[Task[Any, Any], int] = {
    tasks.seal_audit: 60,
    tasks.drop_talk_tickets: 3600,
    tasks.archive_events: 6 * 3600,
    tasks.drop_sessions: 24 * 3600,
    tasks.drop_sign_in_attempts: 24 * 3600,
    tasks.drop_finished_tasks: 24 * 3600,
}


def ask_for_due(now: datetime) -> int:
    """Enqueue what is due; how many that were."""
    due_at = dict(Periodic.objects.values_list("name", "due_at"))
    return sum(_ask(task, every, due_at.get(task.name), now) for task, every in EVERY.items())


def _ask(task: Task[Any, Any], every_s: int, due_at: datetime | None, now: datetime) -> int:
    if due_at is not None and due_at > now:
        return 0
    with transaction.atomic():
        next_at = now + timedelta(seconds=every_s)
        if due_at is None:
            _, is_mine = Periodic.objects.get_or_create(name=task.name, defaults={"due_at": next_at})
        else:
            is_mine = bool(Periodic.objects.filter(name=task.name, due_at=due_at).update(due_at=next_at))
        if not is_mine or _is_asked_for(task):
            return 0
        task.enqueue()
    return 1


def _is_asked_for(task: Task[Any, Any]) -> bool:
    open_states = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    return DBTaskResult.objects.filter(task_path=task.module_path, status__in=open_states).exists()
