"""What takeovers ask of the vendor, as rows of the outbox: a job's lanes `speak`, `stop`, `check`. See docs/live.md."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from dashboard.jobs.models import Job
from dashboard.takeover.models import IS_OPEN, Kind, Takeover
from dashboard.takeover.states import TakeoverState
from dashboard.takeover.streamed import THERE
from dashboard.vendors import outbox
from dashboard.vendors.models import SPEAKS, Command, CommandKind, CommandState, Rank, VendorKind
from dashboard.vendors.port import PlayAt
from dashboard.vendors.port_live import Timing

#: How an item of each kind leaves; a microphone's sound goes by no command.
_KINDS = {
    Kind.TEXT: CommandKind.SAY,
    Kind.SSML: CommandKind.SAY,
    Kind.AUDIO: CommandKind.SOUND,
    Kind.SCENE: CommandKind.SCENE,
}


def say(job: Job, item: Takeover, *, at: PlayAt | None = None) -> Command:
    """Let the vendor have `item`. Without `at` its place in the vendor's queue follows from its mode."""
    return outbox.enqueue(
        account_id=job.account_id,
        job_id=job.pk,
        lane=outbox.speak_lane(job.pk),
        kind=_KINDS[Kind(item.kind)],
        trace_id=item.trace_id,
        subject=f"takeover:{item.pk}",
        body={"at": str(at)} if at is not None else None,
        rank=Rank(item.rank),
        origin=item.origin,
    )


def open_voices(job: Job) -> QuerySet[Takeover]:
    """Microphones over which nothing else is sent: one that speaks, and one before it whose end nobody has told yet.

    For those of unknown outcome nothing waits.
    """
    items = Takeover.objects.filter(IS_OPEN, job=job, kind=Kind.VOICE)
    return items.exclude(state=TakeoverState.UNKNOWN).order_by("id")


def has_streamed_clip(job: Job) -> bool:
    """A clip that waits for the vendor's empty queue, or plays: our script sends nothing meanwhile."""
    there = (TakeoverState.WAITING, *THERE)
    clips = Takeover.objects.filter(job=job, kind=Kind.AUDIO, state__in=there)
    return clips.filter(job__account__vendor=VendorKind.SOFTSUGAR).exists()


def take_back(item: Takeover) -> int:
    return outbox.withdraw(Command.objects.filter(trace_id=item.trace_id))


def forget(item: Takeover) -> None:
    """What was to leave is not what was meant; it will be asked for anew, under the same trace id."""
    Command.objects.filter(trace_id=item.trace_id, state=CommandState.READY).delete()


def settle(item: Takeover, *, taken: bool) -> None:
    """A notice may tell what became of a command before its own answer does; its lane goes on at once."""
    state = CommandState.ACCEPTED if taken else CommandState.REJECTED
    for command in Command.objects.filter(trace_id=item.trace_id, kind__in=SPEAKS):
        outbox.settle(command, state, vendor_ref=item.vendor_ref, error=item.error)


# ------------------------------------------------------------------------------------------------------ the stop lane


def cancel(job: Job, items: Sequence[Takeover], *, is_urgent: bool = True) -> Command:
    rank = Rank.PANIC if is_urgent else Rank.PERSON_NOW
    return _stop(job, CommandKind.CANCEL, {"items": [item.pk for item in items]}, rank)


def cancel_all(job: Job) -> Command:
    return _stop(job, CommandKind.CANCEL, {"all": True})


def pause(job: Job) -> Command:
    return _stop(job, CommandKind.PAUSE)


def pause_script(job: Job, timing: Timing) -> Command:
    """The vendor's own script alone; words that people insert are still heard."""
    return _stop(job, CommandKind.PAUSE, {"script": True, "timing": str(timing)}, Rank.PERSON)


def let_script_go(job: Job) -> None:
    """A pause that still waits to be sent is taken back; the vendor lets its own script go on."""
    pauses = Command.objects.filter(job_id=job.pk, kind=CommandKind.PAUSE, body__script=True)
    outbox.withdraw(pauses)
    if pauses.exists():
        _stop(job, CommandKind.RESUME, {"script": True}, Rank.PERSON)


def can_drop(job: Job) -> bool:
    """Whether the account has the vendor's newer call that drops what was inserted and was not heard yet."""
    return bool(job.account.capabilities.get("newer_calls"))


def drop_inserted(job: Job, items: Sequence[Takeover] = (), *, is_urgent: bool = True) -> Command:
    """All that waits at the vendor is dropped, replies of its own rules too; what is being said goes on.

    `items`: what somebody wished to cancel by it, and is told of where it fails.
    """
    rank = Rank.PANIC if is_urgent else Rank.PERSON_NOW
    return _stop(job, CommandKind.DROP_INSERTED, {"items": [item.pk for item in items]} if items else None, rank)


def play_silence(job: Job) -> Command:
    """The account's silent clip cuts in."""
    return _stop(job, CommandKind.CLIP, {"silent": True})


def resume(job: Job) -> Command:
    return _stop(job, CommandKind.RESUME, rank=Rank.PERSON)


def check(item: Takeover) -> Command:
    """Ask once more what became of `item`."""
    return outbox.enqueue(
        account_id=item.job.account_id,
        job_id=item.job_id,
        lane=outbox.check_lane(item.job_id),
        kind=CommandKind.CHECK,
        subject=f"takeover:{item.pk}",
        rank=Rank.PERSON,
    )


def put_in_order(job: Job, *, asked: bool = False) -> None:
    """Bring the vendor's queue into our order; `asked` by a person, else it is only compared. One that waits is enough,
    since it reads our order when it leaves; a person's does not wait for the next try of another."""
    lane = outbox.order_lane(job.pk)
    waiting = Command.objects.filter(lane=lane, state=CommandState.READY)
    if asked:
        outbox.withdraw(waiting.exclude(not_before=None))
    if waiting.exists():
        return
    kind, rank = (CommandKind.REORDER, Rank.PERSON) if asked else (CommandKind.COMPARE, Rank.SCRIPT)
    outbox.enqueue(account_id=job.account_id, job_id=job.pk, lane=lane, kind=kind, rank=rank)


def is_being_checked(item: Takeover) -> bool:
    """Whether a question about `item` still waits or has no answer yet."""
    asked = Command.objects.filter(job_id=item.job_id, kind=CommandKind.CHECK, subject=f"takeover:{item.pk}")
    return asked.filter(state__in=(CommandState.READY, CommandState.SENDING)).exists()


def _stop(job: Job, kind: CommandKind, body: dict[str, object] | None = None, rank: Rank = Rank.PANIC) -> Command:
    lane = outbox.stop_lane(job.pk)
    return outbox.enqueue(account_id=job.account_id, job_id=job.pk, lane=lane, kind=kind, body=body, rank=rank)


def clear_speech(job: Job) -> None:
    """Nothing that still waits in this job may be heard any more; going on air may."""
    outbox.withdraw(Command.objects.filter(job_id=job.pk, lane=outbox.speak_lane(job.pk)).exclude(kind="go_live"))
    outbox.withdraw(Command.objects.filter(job_id=job.pk, kind=CommandKind.RESUME))


def clear_silences(job: Job) -> None:
    """A silence that still waits to be sent again would cut what speaks from now on."""
    silences = Command.objects.filter(job_id=job.pk, lane=outbox.stop_lane(job.pk))
    outbox.withdraw(silences.filter(Q(kind=CommandKind.PAUSE) | Q(body__all=True) | Q(body__silent=True)))
