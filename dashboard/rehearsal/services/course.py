"""What a rehearsal does by itself: the wrong words, its end, and the record of what was heard."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dashboard.audit.trail import Actor
from dashboard.jobs.models import Job
from dashboard.lib.errors import Refusal
from dashboard.rehearsal.control import Sandbox
from dashboard.rehearsal.models import IS_OPEN, Run
from dashboard.rehearsal.scenarios import BY_SLUG
from dashboard.rehearsal.selectors import sessions_of
from dashboard.takeover.services import ask
from dashboard.takeover.states import Mode
from dashboard.takeover.wish import Wish

logger = logging.getLogger(__name__)

INSTRUCTOR = Actor(id=None, label="Rehearsal")
#: What was cut at the very end is written down by then.
SETTLES = timedelta(seconds=5)
#: The sandbox may have been off; after this long its record is not asked for any more.
ASKED_FOR = timedelta(minutes=10)


def go_on(now: datetime) -> None:
    """Once a second: what is over ends, and the wrong words are handed to the host when their time comes."""
    for run in Run.objects.filter(IS_OPEN, incident_at__lte=now):
        try:
            if run.over_at <= now or run.scenario_slug not in BY_SLUG:
                Run.objects.filter(IS_OPEN, pk=run.pk).update(ended_at=min(run.over_at, now))
            elif run.scenario.words and run.words_at is None:
                _say_the_words(run, now)
        except Exception:
            logger.exception("rehearsal %s did not go on", run.pk)


def _say_the_words(run: Run, now: datetime) -> None:
    """Once, whichever relay comes first, into the very broadcast it began with, by the door of people's words."""
    claimed = Run.objects.filter(IS_OPEN, pk=run.pk, words_at=None, over_at__gt=now).update(words_at=now)
    job = Job.objects.whole(run.job_id)
    if not claimed or run.started_by is None or not job.account.is_sandbox:
        return
    try:
        ask.request_takeover(
            job=job,
            user=run.started_by,
            actor=INSTRUCTOR,
            wish=Wish(run.scenario.words, Mode.NOW, label=INSTRUCTOR.label),
            key=f"rehearsal-{run.pk}",
        )
    except Refusal:
        logger.warning("rehearsal %s: the host could not be made to speak", run.pk)
        Run.objects.filter(IS_OPEN, pk=run.pk).update(ended_at=now, trouble="not_said")


def what_was_heard(run: Run, sessions: Sequence[str]) -> list[dict[str, Any]] | None:
    """The sandbox's record of the rehearsal so far; None where it does not answer. Asks the sandbox, no database."""
    try:
        sandbox = Sandbox(run.room.account)
        return [row for session in sessions for row in sandbox.heard(session, run.started_at)]
    except Refusal:
        return None


def ended_without_record(now: datetime) -> list[tuple[Run, list[str]]]:
    """Rehearsals whose record has to be kept now, each with the vendor's sessions it concerns."""
    ended = Run.objects.filter(ended_at__lte=now - SETTLES, ended_at__gte=now - ASKED_FOR, heard__isnull=True)
    return [(run, sessions_of(run)) for run in ended.select_related("room__account")]


def keep_record(run: Run, heard: list[dict[str, Any]]) -> None:
    """With the rehearsal, since the sandbox's own record does not last."""
    Run.objects.filter(pk=run.pk).update(heard=heard)
