"""What follows from facts about takeovers and script items: evidence on their rows, and what that sets in motion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from dashboard.events.kinds import Item, Kind, payload_of
from dashboard.events.models import Event, EventOutcome
from dashboard.jobs.models import Job
from dashboard.jobs.states import END_STATES, JobState
from dashboard.takeover import release, script
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.rules import may_cut
from dashboard.takeover.states import TERMINAL, Mode, Source, TakeoverState, derive
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, Rank, VendorKind

APPLIED, NOTHING_NEW, WAITING = EventOutcome.APPLIED, EventOutcome.NOTHING_NEW, EventOutcome.WAITING

#: Which column holds the evidence of which kind of fact.
_EVIDENCE: dict[Kind, str] = {
    Kind.ITEM_SENDING: "claimed_at",
    Kind.ITEM_ACCEPTED: "accepted_at",
    Kind.ITEM_QUEUED: "queued_at",
    Kind.ITEM_STARTED: "started_at",
    Kind.ITEM_FINISHED: "finished_at",
    Kind.ITEM_FAILED: "failed_at",
    Kind.ITEM_REFUSED: "rejected_at",
    Kind.ITEM_UNSURE: "timeout_at",
    Kind.ITEM_LEFT: "left_at",
    Kind.ITEM_CANCEL_REQUESTED: "cancel_requested_at",
    Kind.ITEM_CANCEL_SENT: "cancel_sent_at",
    Kind.ITEM_CANCELLED: "cancel_ok_at",
    Kind.ITEM_EXPIRED: "expired_at",
    Kind.ITEM_MARKED_SPOKEN: "marked_spoken_at",
}
_PROVES_TAKEN = (Kind.ITEM_ACCEPTED, Kind.ITEM_QUEUED, Kind.ITEM_STARTED, Kind.ITEM_FINISHED)


def apply(event: Event) -> EventOutcome:
    """Note the evidence of `event` on its takeover; a reference we don't know yet waits in the log."""
    data = payload_of(Item, event.data)
    kind = Kind(event.kind)
    item = _find(event, data)
    if item is None:
        event.ref = data.trace_id
        return _settle_by_reply(event) if kind == Kind.ITEM_FINISHED else WAITING
    column = _EVIDENCE[kind]
    if kind in (Kind.ITEM_FINISHED, Kind.ITEM_CANCELLED) and _is_assumed(item):
        item.cancel_ok_at = None  # the vendor's word replaces what we assumed when the job ended
    if getattr(item, column) is not None:
        return NOTHING_NEW
    setattr(item, column, event.at)
    changed = [column, *_details(item, kind, data, event), *_due(item, kind, event.at), *_over(item)]
    item.refresh_state()
    item.save(update_fields=[*changed, "state"])
    _settle_command(item, kind)
    _FOLLOW_UP.get(kind, _nothing)(item, event)
    return APPLIED


def bind_reference(item: Takeover, vendor_ref: str, *, but: int | None = None) -> None:
    """From now on the vendor's own id means this item; facts that waited for it are applied, all but event `but`."""
    item.vendor_ref = vendor_ref
    item.save(update_fields=["vendor_ref"])
    waiting = Event.objects.filter(job_id=item.job_id, ref=vendor_ref, outcome=WAITING)
    for event in waiting.exclude(pk=but or 0).order_by("id"):
        event.outcome = apply(event)
        event.save(update_fields=["outcome"])


def job_moved(event: Event) -> EventOutcome:
    """A job's new state may start the script, release what is held back, or end what still waits."""
    job = _job_of(event)
    if job is None:
        return EventOutcome.MISFIT
    if JobState(job.state) in END_STATES:
        _end_items(job)
    elif JobState(job.state) in (JobState.LIVE, JobState.READY):
        script.play_next(job)
        release.release(job)
    return APPLIED


# ----------------------------------------------------------------------------------------------------------- details


def _job_of(event: Event) -> Job | None:
    if event.job_id is None:
        return None
    return Job.objects.select_related("account", "room").filter(pk=event.job_id).first()


def _find(event: Event, data: Item) -> Takeover | None:
    if event.job_id is None:
        return None
    items = Takeover.objects.select_related("job__account", "job__room")
    found = items.filter(trace_id=data.trace_id).first()
    if found is None:
        found = items.filter(job_id=event.job_id, vendor_ref=data.trace_id).exclude(vendor_ref="").first()
    if found is None or found.job_id != event.job_id:
        return None
    found.room = found.job.room  # known already: no second join of the same row
    return found


def _details(item: Takeover, kind: Kind, data: Item, event: Event) -> list[str]:
    if kind in (Kind.ITEM_FAILED, Kind.ITEM_REFUSED):
        item.error = {"code": data.code, "happened": list(data.happened), "todo": list(data.todo)}
        return ["error"]
    if kind == Kind.ITEM_FINISHED:
        return ["cancel_ok_at"]
    if kind in (Kind.ITEM_UNSURE, Kind.ITEM_LEFT):
        item.unknown_reason = data.why[:40]
        return ["unknown_reason"]
    if kind == Kind.ITEM_MARKED_SPOKEN:
        item.marked_by_id = event.actor_id
        return ["marked_by"]
    return []


def _due(item: Takeover, kind: Kind, at: datetime) -> list[str]:
    """When the relay's sweep has to look at this item again; see `reconcile`."""
    length = timedelta(milliseconds=item.estimate_ms)
    grace = timedelta(seconds=release.GRACE_S)
    before = item.due_at
    if derive(item) in TERMINAL:
        item.due_at = None
    elif kind == Kind.ITEM_ACCEPTED and _is_unheard(item) and item.timeout_at is None and release.holds_back(item.job):
        start = release.expected_start(item.job, item, at)
        item.due_at = start + (grace if release.has_channel(item.job) else release.patience(item))
    elif kind == Kind.ITEM_UNSURE and _is_unheard(item):
        item.due_at = at + length + grace  # until then it may still be heard, and holds its place
    elif kind == Kind.ITEM_QUEUED and item.started_at is None:
        item.due_at = None  # the vendor's own queue holds it; reconciliation watches the link instead
    elif kind == Kind.ITEM_STARTED:
        item.due_at = at + length * 2 + grace
    return ["due_at"] if item.due_at != before else []


def _is_unheard(item: Takeover) -> bool:
    """Neither the vendor's queue nor its voice was told of."""
    return item.queued_at is None and item.started_at is None


def _settle_by_reply(event: Event) -> EventOutcome:
    """An unmatched finish settles a doubtful command where only one reading is possible (design.md, section 3)."""
    job = _job_of(event)
    if job is None or not release.holds_back(job) or job.room.config.get("has_vendor_rules"):
        return WAITING
    if _is_a_clip(job, event.ref):
        return WAITING
    doubtful = list(
        Takeover.objects.filter(
            Q(timeout_at__isnull=False) | Q(left_at__isnull=False), IS_OPEN, job=job, vendor_ref="", started_at=None
        )
    )
    if len(doubtful) != 1 or Takeover.objects.filter(job=job, state=TakeoverState.SENDING).exists():
        return WAITING
    item = doubtful[0]
    sent = item.claimed_at or item.requested_at
    latest = sent + timedelta(milliseconds=item.estimate_ms, seconds=60 + release.GRACE_S)
    if not sent <= event.at <= latest:
        return WAITING
    Takeover.objects.filter(pk=item.pk).update(vendor_ref=event.ref)
    outcome = apply(event)
    item.refresh_from_db()
    bind_reference(item, event.ref, but=event.pk)  # e.g. its start, which nobody could tell whose it was
    return outcome


def _is_a_clip(job: Job, reply_id: str) -> bool:
    """The silent clip's end comes with a reply id too; while one is on its way no unmatched end is ours to guess."""
    clips = Command.objects.filter(job_id=job.pk, kind=CommandKind.CLIP)
    if clips.filter(vendor_ref=reply_id).exists():
        return True
    return clips.filter(state__in=(CommandState.SENDING, CommandState.UNKNOWN)).exists()


def _end_items(job: Job) -> None:
    """Unreleased items are cancelled; those at the vendor stay unknown unless a notice tells more."""
    for item in Takeover.objects.filter(IS_OPEN, job=job):
        item.job = job
        if changed := _over(item):
            item.refresh_state()
            item.save(update_fields=[*changed, "state"])


def _over(item: Takeover) -> list[str]:
    """What is assumed of an open item whose job has ended, whether its last notice came before or after that end."""
    at = item.job.ended_at
    if at is None or derive(item) in TERMINAL:
        return []
    item.due_at = None
    left_us = item.claimed_at or item.accepted_at or item.queued_at
    if item.started_at is not None or left_us is None:
        # It was cut in the middle: heard in part, and nothing more will be told about it. Or it never left us.
        item.cancel_ok_at, item.reason = at, item.reason or "the job ended"
        return ["cancel_ok_at", "reason", "due_at"]
    if item.left_at is None:
        item.left_at, item.unknown_reason = at, item.unknown_reason or "job_ended"
    return ["left_at", "unknown_reason", "due_at"]


def _is_assumed(item: Takeover) -> bool:
    return item.cancel_ok_at is not None and item.cancel_ok_at == item.job.ended_at


def _settle_command(item: Takeover, kind: Kind) -> None:
    """A notice may tell what became of a command before its own answer does; its lane goes on at once."""
    if kind not in _PROVES_TAKEN and kind != Kind.ITEM_FAILED:
        return
    state = CommandState.REJECTED if kind == Kind.ITEM_FAILED else CommandState.ACCEPTED
    for command in Command.objects.filter(trace_id=item.trace_id, kind__in=(CommandKind.SAY, CommandKind.CLIP)):
        outbox.settle(command, state, vendor_ref=item.vendor_ref, error=item.error)


# --------------------------------------------------------------------------------------------------------- follow-ups


def _nothing(item: Takeover, event: Event) -> None:
    return


def _on_queued(item: Takeover, event: Event) -> None:
    if item.cancel_requested_at is not None and item.cancel_ok_at is None:
        if item.is_open:
            enqueue_cancel(item.job, [item])
        return
    # Told late, when it is heard already, it must not cut what comes after it.
    if item.mode == Mode.NOW and _is_softsugar(item) and item.state == TakeoverState.QUEUED:
        _cut_what_plays(item)


def _is_softsugar(item: Takeover) -> bool:
    return item.job.account.vendor == VendorKind.SOFTSUGAR


def _cut_what_plays(item: Takeover) -> None:
    """*Now* on SoftSugar is two calls: priority 1, and once that is queued, the cancel of what plays."""
    playing = Takeover.objects.filter(IS_OPEN, job_id=item.job_id, state=TakeoverState.PLAYING).exclude(pk=item.pk)
    cut = [other for other in playing if may_cut(item.rank, other.rank, is_now=True)]
    for other in cut:
        Takeover.objects.filter(pk=other.pk).update(cut_by=item)
    if cut:
        enqueue_cancel(item.job, cut, rank=Rank.PERSON_NOW)


def enqueue_cancel(job: Job, items: Sequence[Takeover], *, rank: Rank = Rank.PANIC) -> Command:
    return outbox.enqueue(
        account_id=job.account_id,
        job_id=job.pk,
        lane=outbox.stop_lane(job.pk),
        kind=CommandKind.CANCEL,
        body={"items": [item.pk for item in items]},
        rank=rank,
    )


def _on_started(item: Takeover, event: Event) -> None:
    job = item.job
    if item.cancel_requested_at is not None and item.is_open and not release.holds_back(job):
        enqueue_cancel(job, [item])
    if item.source == Source.SCRIPT:
        Job.objects.filter(pk=job.pk).update(script_no=item.first_no, script_at=event.at)
        script.play_next(job)
    if release.holds_back(job):
        if item.mode == Mode.NOW:
            _was_cut(item, event.at)
        release.release(job)


def _was_cut(item: Takeover, at: datetime) -> None:
    """MetaStudio cuts at once and sends no finish for what it cut (vendor-notes, play types)."""
    playing = Takeover.objects.filter(IS_OPEN, job_id=item.job_id, state=TakeoverState.PLAYING, started_at__lte=at)
    for other in playing.exclude(pk=item.pk):
        other.cancel_ok_at, other.cut_by = at, item
        other.due_at = None
        other.refresh_state()
        other.save(update_fields=["cancel_ok_at", "cut_by", "due_at", "state"])


def _on_accepted(item: Takeover, event: Event) -> None:
    if item.mode == Mode.NOW and release.holds_back(item.job) and not release.has_channel(item.job):
        _was_cut(item, event.at)


def _on_over(item: Takeover, event: Event) -> None:
    job = item.job
    release.release(job)
    if item.source == Source.SCRIPT and TakeoverState(item.state) in TERMINAL:
        script.play_next(job)


def _on_unsure(item: Takeover, event: Event) -> None:
    """A finish may have come before we gave up on the answer."""
    waiting = Event.objects.filter(
        job_id=item.job_id, kind=Kind.ITEM_FINISHED, outcome=WAITING, at__gte=item.claimed_at or item.requested_at
    )
    candidates = list(waiting.order_by("id")[:2])
    if len(candidates) == 1:
        outcome = _settle_by_reply(candidates[0])
        if outcome != WAITING:
            candidates[0].outcome = outcome
            candidates[0].save(update_fields=["outcome"])


_FOLLOW_UP: dict[Kind, Callable[[Takeover, Event], None]] = {
    Kind.ITEM_QUEUED: _on_queued,
    Kind.ITEM_STARTED: _on_started,
    Kind.ITEM_ACCEPTED: _on_accepted,
    Kind.ITEM_FINISHED: _on_over,
    Kind.ITEM_FAILED: _on_over,
    Kind.ITEM_REFUSED: _on_over,
    Kind.ITEM_CANCELLED: _on_over,
    Kind.ITEM_EXPIRED: _on_over,
    Kind.ITEM_MARKED_SPOKEN: _on_over,
    Kind.ITEM_UNSURE: _on_unsure,
}
