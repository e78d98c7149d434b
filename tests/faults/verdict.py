"""The judge: the rules of `tests/props/judge.py` over what was audible, and what only processes can lose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.states import TakeoverState
from dashboard.vendors.models import VendorKind
from tests.faults.books import Ledger
from tests.props.judge import Books, judge


def sentences(books: Ledger) -> list[str]:
    return [*_rules(books), *_microphones(books), *_starts(books), *_events(books), *books.faults]


def _rules(books: Ledger) -> list[str]:
    rows = dict(Takeover.objects.filter(key__in=[one.key for one in books.asked]).values_list("key", "pk"))
    known = Books(start_s=0.0, silences=books.silences, resumes=books.resumes)
    # A number that no row has: the judge calls it lost.
    known.asked = {one.tag: [rows.get(one.key, -1)] for one in books.asked if one.is_acknowledged}
    jobs = tuple(Job.objects.values_list("pk", flat=True))
    told = judge(known, books.record, jobs)
    # MetaStudio's microphones have no reference: its record can't tell which of ours was heard, see `_microphones`.
    nameless = [f"done, and never heard:  (no {one.number}, job {one.job_id}," for one in _voices_of_metastudio()]
    return [one for one in told if not one.startswith(tuple(nameless))]


def _voices_of_metastudio() -> list[Takeover]:
    voices = Takeover.objects.filter(kind=Kind.VOICE, job__account__vendor=VendorKind.METASTUDIO)
    return list(voices.select_related("job"))


def _microphones(books: Ledger) -> Iterator[str]:
    """Of a job no more microphones were done than the vendor got sound of."""
    done = Counter(one.job.vendor_ref for one in _voices_of_metastudio() if one.state == TakeoverState.DONE)
    got = Counter(books.sounds.values())
    for session, count in done.items():
        if count > got[session]:
            yield f"{count} microphones are done, and the vendor got sound of {got[session]}: {session}"


def _starts(books: Ledger) -> Iterator[str]:
    for key, is_acknowledged in books.starts.items():
        made = Job.objects.filter(key=key).count()
        if made > 1 or (is_acknowledged and made != 1):
            yield f"one press of start became {made} jobs: {key}"


def _events(books: Ledger) -> Iterator[str]:
    """A comment whose report was answered is in the log."""
    kept = set(Event.objects.filter(kind="audience.comment").values_list("data__text", flat=True))
    lost = [one for one in books.events if one not in kept]
    if lost:
        yield f"{len(lost)} of {len(books.events)} acknowledged comments are not in the log: {lost[:3]}"


_NAMED = re.compile(r"\(no (\d+), job (\d+),")
_TIMES = (
    *("requested_at", "released_at", "claimed_at", "accepted_at", "queued_at", "started_at", "finished_at"),
    *("timeout_at", "left_at", "cancel_requested_at", "cancel_sent_at", "cancel_ok_at"),
)
#: What the log has of the job around the end of such an item.
_AROUND = timedelta(seconds=5)


def details(sentence: str, books: Ledger) -> list[str]:
    """What the ledger and the record know of each item that a sentence of the judge names."""
    lines = []
    for number, job in _NAMED.findall(sentence):
        item = Takeover.objects.select_related("job__account").get(job_id=job, number=number)
        times = {name: f"{at:%H:%M:%S.%f}"[:-3] for name in _TIMES if (at := getattr(item, name))}
        where = f"{item.job.account.vendor} {item.mode} place {item.place}, {item.vendor_ref or item.trace_id}"
        lines.append(f"{item.text[:5]} {where}: {times}")
        heard = [row for row in books.record if row["ref"] in (item.trace_id, item.vendor_ref) or _is_tagged(row, item)]
        lines += [
            f"  heard as {row['ref']} {row['started_real']} to {row['ended_real']} {row['cut_by']}" for row in heard
        ]
        if at := item.finished_at or item.cancel_ok_at or item.left_at:
            lines += _around(item, at)
    return lines


def _around(item: Takeover, at: datetime) -> list[str]:
    told = Event.objects.filter(job_id=item.job_id, received_at__range=(at - _AROUND, at + _AROUND)).order_by("id")
    return [
        f"  {one.received_at:%H:%M:%S.%f} {one.kind} {one.data.get('trace_id', '')} {one.outcome}"
        for one in told.exclude(kind__startswith="audience.")
    ]


def _is_tagged(row: dict[str, object], item: Takeover) -> bool:
    return bool(item.text) and str(row["text"]).startswith(item.text[:5])
