"""The outbox: commands wait here until the relay that keeps their job or account sends them. See docs/live.md.

A command leaves only through `claim()`: one conditional UPDATE to `sending`, in the transaction that also records the
fact, durable before a byte leaves. Whoever lost the race gets None.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from dashboard.events.notices import Notice, publish_on_commit
from dashboard.lib import clicks, clock, metrics, trace
from dashboard.lib.metrics import Stage
from dashboard.lib.prepared import PreparedObjects
from dashboard.vendors.models import SPEAKS, Command, CommandKind, CommandState, Rank

logger = logging.getLogger(__name__)

#: How long a call may take before its outcome counts as unknown. httpx gives up after 10 s; this covers its close.
DEADLINE_S = 12.0
#: What the keeper of an account sends; everything else is sent by the keeper of a job.
ACCOUNT_KINDS = (
    CommandKind.CREATE,
    CommandKind.TEST,
    CommandKind.PUSH_ROOM,
    CommandKind.IMPORT_ROOMS,
    CommandKind.END_SESSION,
)


def speak_lane(job_id: int) -> str:
    return f"job:{job_id}:speak"


def stop_lane(job_id: int) -> str:
    """Panic, cancel, pause and stop: never waits for `speak`."""
    return f"job:{job_id}:stop"


def check_lane(job_id: int) -> str:
    """Questions about state and queue: a vendor that is slow to answer them holds up nothing else."""
    return f"job:{job_id}:check"


def steer_lane(job_id: int) -> str:
    """Changes of the running job, one after another: of two rewrites the later one counts."""
    return f"job:{job_id}:steer"


def order_lane(job_id: int) -> str:
    """Bringing the vendor's queue into our order: takes several calls, and nothing urgent waits for them."""
    return f"job:{job_id}:order"


def lanes_of(job_id: int) -> tuple[str, ...]:
    """All that the keeper of a job drains, each by itself."""
    lanes = (speak_lane, stop_lane, check_lane, order_lane, steer_lane)
    return tuple(lane(job_id) for lane in lanes)


def enqueue(
    *,
    account_id: int,
    lane: str,
    kind: CommandKind,
    body: dict[str, object] | None = None,
    job_id: int | None = None,
    trace_id: str = "",
    subject: str = "",
    rank: Rank = Rank.PERSON,
    not_before: datetime | None = None,
    origin: str = "",
) -> Command:
    """Add a command and wake the relay after commit. Runs in the caller's transaction.

    `origin` is the request it came from where that is not the present one.
    """
    command = Command.objects.create(
        account_id=account_id,
        job_id=job_id,
        lane=lane,
        kind=kind,
        body=body or {},
        trace_id=trace_id or uuid.uuid4().hex,
        subject=subject,
        rank=rank,
        not_before=not_before,
        created_at=clock.now(),
        origin=origin or trace.asked_in(),
    )
    publish_on_commit([_wake(command)])
    clicks.is_asked(f"{kind} of {lane}", command.trace_id)
    return command


def is_of_job(lane_name: str) -> bool:
    """Whether a lane of this name, the last part of its own, is drained by a job's keeper."""
    return lane_name in [lane.rpartition(":")[2] for lane in lanes_of(0)]


def _wake(command: Command) -> Notice:
    """Who has something to do: a lane of a job, or the account's keeper and that of the job it starts."""
    return Notice(f"outbox:{command.account_id}:{command.job_id or 0}:{command.lane.rpartition(':')[2]}", 0)


def _wakes(command: Command) -> list[Notice]:
    """The same once `command` is settled: words wait for the end of a silence."""
    is_silence = command.kind == CommandKind.CANCEL and command.job_id is not None and bool(command.body.get("all"))
    also = [Notice(f"outbox:{command.account_id}:{command.job_id}:speak", 0)] if is_silence else []
    return [_wake(command), *also]


def due(*, lanes: Iterable[str] | None = None, account_id: int | None = None) -> QuerySet[Command]:
    """Ready commands whose time has come, most urgent first."""
    ready = _due(clock.now())
    if lanes is not None:
        ready = ready.filter(lane__in=list(lanes))
    if account_id is not None:
        ready = ready.filter(account_id=account_id)
    return ready


def next_due(lane: str) -> Command | None:
    """The first of those in this lane."""
    return _NEXT.one(now=clock.now(), lane=lane)


def _due(now: datetime) -> QuerySet[Command]:
    ready = Command.objects.filter(Q(not_before=None) | Q(not_before__lte=now), state=CommandState.READY)
    return ready.order_by("rank", "id")


#: Each lane of each room asks it whenever something happened there.
_NEXT = PreparedObjects(lambda now, lane: _due(now).filter(lane=lane)[:1])


def stands_behind_one_that_came_back(command: Command) -> bool:
    """Whether a sentence before it in its lane was not sent and waits for its next try: nothing overtakes it.

    Nor where that wait has just ended: it was still on when `command` was looked for.
    """
    came_back = Command.objects.filter(lane=command.lane, state=CommandState.READY, kind__in=SPEAKS, attempts__gt=0)
    before = Q(rank__lt=command.rank) | Q(rank=command.rank, id__lt=command.pk)
    return command.kind in SPEAKS and came_back.filter(before).exists()


def claim(command: Command, *, relay: str, epoch: int, still_mine: Callable[[], bool]) -> bool:
    """Take `command` for sending. `still_mine` reads owner and epoch in this very transaction.

    False where another relay was first, the lane is busy, or an earlier create of the lane is still in doubt.
    """
    now = clock.now()
    try:
        with transaction.atomic():
            if not still_mine():
                return False
            taken = Command.objects.filter(pk=command.pk, state=CommandState.READY).update(
                state=CommandState.SENDING,
                relay=relay,
                epoch=epoch,
                claimed_at=now,
                deadline_at=now + timedelta(seconds=DEADLINE_S),
                attempts=F("attempts") + 1,
                wait_reason="",
            )
    except IntegrityError:  # one `sending` per lane, one doubtful create per lane
        return False
    command.attempts += taken
    if taken:
        waited_from = max(command.created_at, command.not_before or command.created_at)
        metrics.took(Stage.COMMITTED_CLAIMED, (now - waited_from).total_seconds())
    return taken == 1


def silence_is_on_its_way(job_id: int) -> bool:
    """A cancel of everything waits, or has no answer yet: what is said meanwhile may be cancelled with the rest."""
    under_way = (CommandState.READY, CommandState.SENDING)
    return Command.objects.filter(
        lane=stop_lane(job_id), kind=CommandKind.CANCEL, body__all=True, state__in=under_way
    ).exists()


def settle(
    command: Command,
    state: CommandState,
    *,
    vendor_ref: str = "",
    error: dict[str, object] | None = None,
    request_id: str = "",
) -> bool:
    """Record how a `sending` (or doubtful) command ended, and wake its lane. False where it was settled before."""
    publish_on_commit(_wakes(command))
    settled = Command.objects.filter(pk=command.pk, state__in=(CommandState.SENDING, CommandState.UNKNOWN)).update(
        state=state,
        vendor_ref=vendor_ref or F("vendor_ref"),
        error=error,
        request_id=request_id or F("request_id"),
        settled_at=clock.now(),
    )
    if settled:
        _say(command, f"is {state}")
        if state in (CommandState.ACCEPTED, CommandState.REJECTED):
            metrics.took(Stage.SENT_ACCEPTED, trace.answered(command.trace_id))
    return bool(settled)


def _say(command: Command, what: str) -> None:
    with trace.following(command.trace_id, command.origin):
        logger.info("%s of %s %s", command.kind, command.lane, what)


def put_back(command: Command, *, after_s: float, reason: str, may_have_left: bool = False) -> bool:
    """Nothing left us: the command waits again, at least `after_s` seconds, and says why.

    False where another relay sends it by now, or it was settled. `may_have_left`: it is harmless to repeat, and this
    try may have arrived; see `left_at`.
    """
    body = command.body
    if may_have_left and command.claimed_at is not None:
        body = {"left_at": command.claimed_at.isoformat(), **body}
    waits = Command.objects.filter(pk=command.pk, state=CommandState.SENDING, attempts=command.attempts).update(
        state=CommandState.READY,
        body=body,
        not_before=clock.now() + timedelta(seconds=after_s),
        wait_reason=reason,
        deadline_at=None,
    )
    if waits:
        _say(command, f"waits again: {reason}")
    return bool(waits)


def left_at(command: Command) -> datetime:
    """When the first try of `command` left that may have arrived; what ended before was not its doing."""
    first = command.body.get("left_at")
    return datetime.fromisoformat(first) if first else command.claimed_at or command.created_at


def withdraw(commands: QuerySet[Command]) -> int:
    """Take back what has not left yet; how many were still ours."""
    return commands.filter(state=CommandState.READY).update(state=CommandState.WITHDRAWN, settled_at=clock.now())


def overdue() -> QuerySet[Command]:
    """`sending` past the deadline, whoever claimed it."""
    return Command.objects.filter(state=CommandState.SENDING, deadline_at__lt=clock.now())
