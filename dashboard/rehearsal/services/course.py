"""What a rehearsal does by itself: the wrong words, its end, and the record of what was heard."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from dashboard.audit.trail import Actor
from dashboard.jobs.selectors import open_job
from dashboard.lib.errors import Refusal
from dashboard.rehearsal.control import Sandbox
from dashboard.rehearsal.models import IS_OPEN, Run
from dashboard.rehearsal.selectors import sessions_of
from dashboard.takeover.services import ask
from dashboard.takeover.states import Mode

logger = logging.getLogger(__name__)

INSTRUCTOR = Actor(id=None, label="Rehearsal")


def what_was_heard(run: Run) -> list[dict[str, Any]] | None:
    """The sandbox's record of the rehearsal so far; None where it does not answer."""
    sandbox = Sandbox(run.room.account)
    try:
        return [row for session in sessions_of(run) for row in sandbox.heard(session, run.started_at)]
    except Refusal:
        return None


def keep_what_was_heard(run: Run) -> None:
    """With the rehearsal, since the sandbox's own record does not last."""
    run.heard = what_was_heard(run)
    run.save(update_fields=["heard"])


def go_on(now: datetime) -> None:
    """Once a second: the wrong words are handed to the host when their time comes, and what is over ends."""
    for run in Run.objects.filter(IS_OPEN, incident_at__lte=now).select_related("room__account", "started_by"):
        if run.scenario.words and run.words_at is None:
            _say_the_words(run, now)
        if run.over_at <= now and Run.objects.filter(IS_OPEN, pk=run.pk).update(ended_at=run.over_at):
            run.ended_at = run.over_at
            keep_what_was_heard(run)


def _say_the_words(run: Run, now: datetime) -> None:
    """Once, whichever relay comes first, and through the same door as a person's words."""
    if not Run.objects.filter(pk=run.pk, words_at=None).update(words_at=now) or run.started_by is None:
        return
    job = open_job(run.room)
    if job is None:
        return
    try:
        ask.request_takeover(
            job=job,
            user=run.started_by,
            actor=INSTRUCTOR,
            text=run.scenario.words,
            mode=Mode.NOW,
            key=f"rehearsal-{run.pk}",
            label=INSTRUCTOR.label,
        )
    except Refusal:
        logger.warning("rehearsal: the host could not be made to speak run=%s", run.pk)
