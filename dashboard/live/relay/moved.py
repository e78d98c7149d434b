"""Which jobs' rooms moved since somebody had done with them: a quiet room costs a round nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from dashboard.events.selectors import sequences
from dashboard.jobs.models import Job


@dataclass(frozen=True, slots=True)
class Due:
    """A job under one epoch, and how far its room had come."""

    job_id: int
    epoch: int
    seq: int


class Moved:
    """What one relay remembers between its rounds."""

    def __init__(self) -> None:
        self._done: dict[int, Due] = {}

    def among(self, jobs: QuerySet[Job]) -> list[Due]:
        """In the order of `jobs`, which are all that a round looks at: those with something new."""
        kept = list(jobs.values_list("pk", "epoch", "room_id"))
        # The numbers before the events: what comes in between moves the room once more.
        numbers = sequences(f"room:{room_id}" for *_, room_id in kept)
        now = [Due(pk, epoch, numbers[f"room:{room_id}"]) for pk, epoch, room_id in kept]
        self._done = {due.job_id: self._done[due.job_id] for due in now if due.job_id in self._done}
        return [due for due in now if self._done.get(due.job_id) != due]

    def done(self, due: Due) -> None:
        """Nothing more is there until its room moves again."""
        self._done[due.job_id] = due
