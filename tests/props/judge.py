"""What must hold after any course. What was heard is read from the sandbox's record alone, never from the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.takeover.ends import SURELY_CUT
from dashboard.takeover.models import Kind as ItemKind
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import NEVER_HEARD, TERMINAL, Mode, Source, TakeoverState
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, VendorKind

PROMISE = timedelta(seconds=30)
#: A sentence that was under way when a silence or cancel took effect may begin, and is cut this much later.
OVERTAKEN = timedelta(seconds=6)
TAG_LENGTH = 5


@dataclass
class Books:
    """What the course itself knows: who asked for what, and when."""

    start_s: float
    asked: dict[str, list[int]] = field(default_factory=dict)
    taken_back: set[int] = field(default_factory=set)
    """Items whose cancel was answered while they were still ours."""
    silences: list[tuple[int, datetime]] = field(default_factory=list)
    resumes: list[tuple[int, datetime]] = field(default_factory=list)
    standing: set[int] = field(default_factory=set)
    """Jobs that are paused at the end."""
    taken_over: list[tuple[int, int, datetime]] = field(default_factory=list)
    """Job, epoch, and when a relay took it under that epoch."""
    healed_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass
class Heard:
    """One item as listeners heard it; a pause in the middle does not make it two."""

    ref: str
    text: str
    source: str
    session: str
    began: datetime
    ended: datetime | None
    cut_by: str

    @property
    def is_whole(self) -> bool:
        return self.ended is not None and not self.cut_by


def judge(books: Books, record: list[dict[str, Any]], jobs: tuple[int, ...]) -> list[str]:
    return list(_Judge(books, record, jobs).sentences())


class _Judge:
    def __init__(self, books: Books, record: list[dict[str, Any]], jobs: tuple[int, ...]) -> None:
        self.books = books
        self.jobs = {job.pk: job for job in Job.objects.select_related("account").filter(pk__in=jobs)}
        self.items = list(Takeover.objects.filter(job_id__in=jobs).select_related("job__account").order_by("id"))
        self.people = [item for item in self.items if item.source != Source.SCRIPT]
        self.heard = _heard(record)
        self.by_ref: dict[str, list[Heard]] = defaultdict(list)
        self.by_tag: dict[str, list[Heard]] = defaultdict(list)
        for heard in self.heard:
            self.by_ref[heard.ref].append(heard)
            if "号，" in heard.text:
                self.by_tag[heard.text[:TAG_LENGTH]].append(heard)

    def sentences(self) -> Iterator[str]:
        yield from self._none_lost()
        yield from self._none_twice()
        yield from self._all_settled()
        yield from self._true_ends()
        yield from self._ranks()
        yield from self._order()
        yield from self._silences()
        yield from self._fence()

    # -- which of the heard are this item -----------------------------------------------------------------------------

    def of(self, item: Takeover) -> list[Heard]:
        if item.job.account.vendor == VendorKind.SOFTSUGAR:
            return self.by_ref[item.trace_id]
        known = self.by_ref[item.vendor_ref] if item.vendor_ref else []
        return known or ([] if self._is_repeated(item) else self.by_tag[item.text[:TAG_LENGTH]])

    def _is_repeated(self, item: Takeover) -> bool:
        return item.again_of_id is not None or any(one.again_of_id == item.pk for one in self.people)

    def name(self, item: Takeover) -> str:
        return f"{item.text[:TAG_LENGTH]} (no {item.number}, job {item.job_id}, {item.state}{_reason(item)})"

    # -- the rules ----------------------------------------------------------------------------------------------------

    def _none_lost(self) -> Iterator[str]:
        there = {item.pk for item in self.items}
        for tag, made in self.books.asked.items():
            if len(set(made)) > 1:
                yield f"one press became {len(set(made))} takeovers: {tag}"
            if set(made) - there:
                yield f"lost: {tag} was promised and is in no ledger"

    def _none_twice(self) -> Iterator[str]:
        for item in self.items:
            if item.job.account.vendor == VendorKind.SOFTSUGAR and len(self.by_ref[item.trace_id]) > 1:
                yield f"heard twice: {self.name(item)}"
        for tag, heard in self.by_tag.items():
            wanted = sum(item.text.startswith(tag) for item in self.people)
            if len(heard) > wanted:
                yield f"heard {len(heard)} times, wanted {wanted}: {tag}"

    def _all_settled(self) -> Iterator[str]:
        healed, ended = self.books.healed_at, self.books.ended_at
        for item in self.people:
            if item.job_id in self.books.standing:
                continue  # the room is paused: what waits in it goes on when it does
            if item.state == TakeoverState.UNKNOWN:
                if not item.unknown_reason:
                    yield f"unknown without a reason: {self.name(item)}"
            elif item.state not in TERMINAL:
                yield f"never settled: {self.name(item)}"
        for item in self.people:
            # A cut is told to nobody without a channel: then an item is known to be over when it would have been.
            length = timedelta(milliseconds=item.estimate_ms)
            ends = [max(heard.ended, heard.began + length) for heard in self.of(item) if heard.ended]
            if not ends or healed is None or ended is None:
                continue
            known = _known_at(item)
            # Nothing can be told of what a paused room holds until it goes on.
            since = max(max(ends), healed, item.job.state_at or healed)
            if known is not None and known > since + PROMISE:
                late = (known - since).total_seconds()
                yield f"settled {late:.0f} s after its end: {self.name(item)}"

    def _true_ends(self) -> Iterator[str]:
        for item in self.people:
            heard, state = self.of(item), item.state
            if item.marked_spoken_at is not None or self._is_repeated(item):
                continue
            if item.pk in self.books.taken_back and heard:
                yield f"cancelled before it left, and heard: {self.name(item)}"
            elif state == TakeoverState.DONE and not heard:
                yield f"done, and never heard: {self.name(item)}"
            elif state == TakeoverState.DONE and not _was_said(item, heard) and not _ended_by_time(item):
                yield f"done, and cut by {heard[-1].cut_by or 'nothing'}: {self.name(item)}"
            elif state in NEVER_HEARD and heard:
                yield f"{state}, and heard: {self.name(item)}"
            elif state == TakeoverState.CANCELLED and any(
                one.is_whole and not _while_cancelled(item, one) for one in heard
            ):
                yield f"cancelled, and heard to its end: {self.name(item)}"
            elif state == TakeoverState.CANCELLED and item.claimed_at is None and heard:
                yield f"cancelled before it left, and heard: {self.name(item)}"

    def _ranks(self) -> Iterator[str]:
        """A lower rank never cuts a higher one, an equal one only with *now*."""
        owners = {item.trace_id: item for item in self.items} | {i.vendor_ref: i for i in self.items if i.vendor_ref}
        for item in self.items:
            for heard in self.of(item):
                by = owners.get(heard.cut_by) or (item.cut_by if heard.cut_by == "cancel" else None)
                if by is None or by.pk == item.pk:
                    continue
                if by.rank > item.rank or (by.rank == item.rank and by.mode != Mode.NOW):
                    yield f"a lower rank cut a higher one: {self.name(by)} cut {self.name(item)}"
        for item in self.people:
            for heard in self.of(item):
                if heard.cut_by == "cancel" and not self._may_be_cut(item):
                    yield f"cut though nobody asked for it: {self.name(item)}"

    def _may_be_cut(self, item: Takeover) -> bool:
        asked = item.cancel_requested_at is not None or item.cut_by_id is not None or item.failed_at is not None
        return asked or any(job == item.job_id for job, _ in self.books.silences)

    def _order(self) -> Iterator[str]:
        """What was appended by the same rank is heard in the order of the ledger, unless something was in doubt."""
        told = Event.objects.filter(kind=Kind.ITEM_MOVED).values_list("data__trace_id", flat=True)
        moved = set(told)
        for job_id in self.jobs:
            sure = [
                (item, heard[0])
                for item in self.people
                if item.trace_id not in moved and item.held_at is None and item.approval_asked_at is None
                if item.job_id == job_id and item.mode == Mode.APPEND and item.timeout_at is None and not item.left_at
                if (heard := self.of(item)) and not self._is_repeated(item)
            ]
            for index, (item, heard) in enumerate(sure):
                for other, later in sure[index + 1 :]:
                    if item.rank == other.rank and item.place < other.place and later.began < heard.began:
                        yield f"out of order: {self.name(other)} was heard before {self.name(item)}"

    def _fence(self) -> Iterator[str]:
        """The one rule that the record can't show: who lost a job claims nothing of it any more."""
        for command in _late_claims(self.books.taken_over):
            yield f"claimed by a relay that had lost the job: {command.kind} of job {command.job_id} by {command.relay}"

    def _silences(self) -> Iterator[str]:
        """After a panic nothing of before it begins, but for what was under way, which is cut at once (SoftSugar)."""
        for job_id, at in self.books.silences:
            job = self.jobs[job_id]
            resumed = min((when for one, when in self.books.resumes if one == job_id and when > at), default=None)
            for item in self.items:
                if item.job_id != job_id or item.requested_at > at:
                    continue
                late = [heard for heard in self.of(item) if heard.began > at and (not resumed or heard.began < resumed)]
                if late and (item.claimed_at is None or item.claimed_at > at):
                    yield f"silenced before it left, and heard: {self.name(item)}"
                elif job.account.vendor == VendorKind.SOFTSUGAR and any(one.is_whole for one in late):
                    effect = _silence_effect(job_id, at)
                    if effect is not None and any(one.began > effect + OVERTAKEN for one in late):
                        yield f"begun after the silence took effect, and heard to its end: {self.name(item)}"


def _late_claims(taken_over: list[tuple[int, int, datetime]]) -> Iterator[Command]:
    """Commands that were claimed under an epoch that was over."""
    for command in Command.objects.filter(job_id__isnull=False, claimed_at__isnull=False).exclude(kind="create"):
        newer = (at for job_id, epoch, at in taken_over if job_id == command.job_id and epoch > command.epoch)
        if command.claimed_at is not None and any(at < command.claimed_at for at in newer):
            yield command


def _silence_effect(job_id: int, at: datetime) -> datetime | None:
    sent = Event.objects.filter(job_id=job_id, kind=Kind.JOB_SILENCE_SENT, received_at__gte=at).order_by("id").first()
    return sent.received_at if sent is not None else None


def _was_said(item: Takeover, heard: list[Heard]) -> bool:
    """To its end, or so nearly that its length does not tell a cut (`ends.SURELY_CUT`)."""
    most = timedelta(milliseconds=item.estimate_ms * SURELY_CUT)
    return any(one.is_whole or (one.ended is not None and one.ended - one.began >= most) for one in heard)


def _ended_by_time(item: Takeover) -> bool:
    """Its end was told to nobody; the desk says so."""
    refs = [item.trace_id, item.vendor_ref]
    told = Event.objects.filter(job_id=item.job_id, kind=Kind.ITEM_FINISHED, data__trace_id__in=refs)
    return told.filter(data__why="no end reported").exists()


def _while_cancelled(item: Takeover, heard: Heard) -> bool:
    """Its own end fell between a cancel that had left and its answer; SoftSugar has one word for both (004:305).

    A microphone has no end of its own: it is cancelled by what ends it where somebody lets go, too.
    """
    ended = heard.ended
    if ended is None:
        return False
    if item.kind == ItemKind.VOICE and item.cancel_requested_at is not None and item.cancel_requested_at <= ended:
        return True
    return any(outbox.left_at(one) <= ended and (one.settled_at or ended) >= ended for one in _cancels_of(item))


def _cancels_of(item: Takeover) -> list[Command]:
    cancels = Command.objects.filter(job_id=item.job_id, kind="cancel")
    return [one for one in cancels if one.body.get("all") or item.pk in one.body.get("items", [])]


def _known_at(item: Takeover) -> datetime | None:
    """When the ledger was told the end that it shows."""
    kinds = (Kind.ITEM_FINISHED, Kind.ITEM_CANCELLED, Kind.ITEM_FAILED, Kind.ITEM_REFUSED, Kind.ITEM_EXPIRED)
    unsure = (Kind.ITEM_UNSURE, Kind.ITEM_LEFT)
    wanted = unsure if item.state == TakeoverState.UNKNOWN else kinds
    refs = [item.trace_id, item.vendor_ref]
    told = Event.objects.filter(job_id=item.job_id, kind__in=wanted, data__trace_id__in=refs)
    first = told.order_by("id").first()
    return first.received_at if first is not None else None


def _heard(record: list[dict[str, Any]]) -> list[Heard]:
    """The record's entries, with what a pause cut in two put together again."""
    heard: list[Heard] = []
    paused: dict[tuple[str, str], Heard] = {}
    for row in record:
        began = datetime.fromisoformat(row["started_real"])
        ended = datetime.fromisoformat(row["ended_real"]) if row["ended_real"] else None
        cut_by = row["cut_by"] if row["cut"] else ""
        key = (row["session"], row["ref"])
        if (before := paused.pop(key, None)) is not None:
            before.ended, before.cut_by = ended, cut_by
        else:
            before = Heard(row["ref"], row["text"], row["source"], row["session"], began, ended, cut_by)
            heard.append(before)
        if cut_by == "pause":
            paused[key] = before
    return heard


def _reason(item: Takeover) -> str:
    return f": {item.unknown_reason}" if item.unknown_reason else ""
