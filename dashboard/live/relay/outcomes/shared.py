"""What the outcomes of all commands have in common: the lock, the note in the log, and the harmless repeat."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from dashboard.events.kinds import Kind, Payload, Told, kept
from dashboard.events.record import lock_topic
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.live.intake.accept import accept
from dashboard.vendors import outbox, words
from dashboard.vendors.models import Command, CommandState
from dashboard.vendors.port import Vendor, VendorError
from dashboard.vendors.said import parts

#: Cancels, pauses and checks may be repeated without harm; after this many tries the screen says that it failed.
HARMLESS_TRIES = 5


def error_row(error: VendorError, request_id: str = "") -> dict[str, object]:
    return kept(error, request_id=request_id)


def no_answer(vendor: str) -> VendorError:
    """The vendor did not answer a question that changes nothing there."""
    return words.error(Vendor(vendor), "no_answer")


def told_payload(error: VendorError, *, why: str = "", request_id: str = "") -> Told:
    return Told(why=why, request_id=request_id, **parts(error))


def in_room(job: Job, work: Callable[[], None]) -> None:
    """Do `work` in one transaction that first locks the room's sequence, with the job as it is then."""

    def as_it_is_now() -> None:
        job.refresh_from_db()
        work()

    in_topic(job.topic, as_it_is_now)


def in_topic(topic: str, work: Callable[[], None]) -> None:
    """Do `work` in one transaction that first locks `topic`: all of it is kept, or nothing."""
    with transaction.atomic():
        lock_topic(topic)
        work()


def attempt(command: Command) -> str:
    """The key of a fact that each try of a command may bring once."""
    return f"{command.pk}:{command.attempts}"


def note(job: Job, kind: Kind, payload: Payload, key: str) -> None:
    accept(job_fact(job, kind, payload, key=key))


def again_or_fail(job: Job, command: Command, why: str, kind: Kind, *, after_s: float = 1.0) -> None:
    """A stop, cancel or pause without an answer goes once more: repeating it changes nothing on the air."""
    if command.attempts < HARMLESS_TRIES:
        outbox.put_back(command, after_s=after_s, reason=why, may_have_left=True)
        return
    payload = Told(
        happened=("The vendor did not answer.", "厂商没有回应。"),
        todo=("Check what is on air, then try again.", "请先确认播出情况，再重试。"),
        heard="maybe",
        why=why,
    )

    def give_up() -> None:
        outbox.settle(command, CommandState.UNKNOWN)
        note(job, kind, payload, attempt(command))

    in_room(job, give_up)
