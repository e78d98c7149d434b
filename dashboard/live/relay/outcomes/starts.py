"""What follows from the outcome of a start: it runs, it was refused, it never left, or nobody knows."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from dashboard.events.kinds import Kind, Told
from dashboard.events.record import raise_sequence
from dashboard.jobs.models import Job
from dashboard.jobs.services.session import end_unstarted, settle_create
from dashboard.lib import clock
from dashboard.live.relay.outcomes.adoption import adopt
from dashboard.live.relay.outcomes.shared import attempt, error_row, in_room, note, told_payload
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState
from dashboard.vendors.port import Accepted, NotSent, Outcome, Rejected, SessionOpened

#: A room that is pressed on at once after an end is asked for until the vendor has let go of it.
CLOSES_WITHIN = timedelta(seconds=30)
AGAIN_S = 2.0


def created(job: Job, command: Command, outcome: Outcome[SessionOpened]) -> None:
    if isinstance(outcome, Accepted):
        adopt(job, outcome.value, by="answer")
    elif isinstance(outcome, Rejected):
        in_room(job, lambda: _refused(job, command, outcome))
    elif isinstance(outcome, NotSent):
        in_room(job, lambda: _start_not_sent(job, command, outcome))
    else:
        create_unsure(job, command, outcome.why)


def _refused(job: Job, command: Command, outcome: Rejected) -> None:
    if outcome.is_room_taken and _is_closing(job):
        _start_not_sent(job, command, NotSent("busy", AGAIN_S))
        return
    settle_create(job, CommandState.REJECTED, error=error_row(outcome.error))
    note(job, Kind.JOB_REFUSED, told_payload(outcome.error, request_id=outcome.request_id), attempt(command))


def _is_closing(job: Job) -> bool:
    """Whether the room's last job ended just now: MetaStudio says PLAY_END a moment before its task is over (A23)."""
    others = Job.objects.filter(room_id=job.room_id).exclude(Q(pk=job.pk) | Q(vendor_ref=""))  # that one never ran
    ended_at = others.order_by("-id").values_list("ended_at", flat=True).first()
    return ended_at is not None and ended_at >= clock.now() - CLOSES_WITHIN


def _start_not_sent(job: Job, command: Command, outcome: NotSent) -> None:
    """Nothing left us, or the room is not free yet: it waits again, unless somebody stopped the job meanwhile."""
    if outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why) and job.stop_requested_at:
        outbox.withdraw(Command.objects.filter(pk=command.pk))
        end_unstarted(job)
    raise_sequence(job.topic)


def create_unsure(job: Job, command: Command, why: str) -> None:
    """The start may have happened. Never sent again; the account's keeper looks for it in the vendor's list."""

    def doubt() -> None:
        if not outbox.settle(command, CommandState.UNKNOWN):
            return
        payload = Told(
            happened=("The vendor did not answer the start; it may run there.", "厂商没有回应开播请求，可能已经开播。"),
            todo=("Talkback looks for it in the vendor's list.", "Talkback 正在厂商列表中查找。"),
            heard="maybe",
            why=why,
        )
        note(job, Kind.JOB_UNSURE, payload, str(command.pk))

    in_room(job, doubt)


def create_never_arrived(job: Job) -> None:
    """Two listings, ten seconds apart, do not hold it: the start did not reach the vendor."""

    def close() -> None:
        settle_create(job, CommandState.REJECTED)
        payload = Told(
            happened=("The start did not reach the vendor.", "开播请求没有到达厂商。"),
            todo=("Nothing is on air. Start again.", "没有开播，可重新开播。"),
            why="never arrived",
        )
        note(job, Kind.JOB_REFUSED, payload, "never")

    in_room(job, close)
