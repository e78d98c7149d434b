"""Jobs as the list shows them: running, ended, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.console import parts
from dashboard.console.facts import POLLED_LIMITS, is_broken
from dashboard.console.meters import Meter, has_meter, meter_of
from dashboard.jobs.air import LOUD, AirState, air
from dashboard.jobs.models import Job
from dashboard.jobs.states import JobState
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Source
from dashboard.vendors.said import Said, said


@dataclass(frozen=True, slots=True)
class JobRow:
    id: int
    seq: int
    topic: str
    order: str
    code: str
    name: str
    url: str
    desk_url: str
    vendor: str
    is_open: bool
    air: parts.AirChip
    from_at: datetime
    to_at: datetime | None
    why: Said
    tone: str
    link: str
    items: int
    billed: str
    meter: Meter | None
    adopted_at: datetime | None
    close_url: str
    zone: str


def job_rows(jobs: Iterable[Job], slug: str, seqs: Mapping[int, int]) -> list[JobRow]:
    """`seqs`: the numbers of their rooms' topics, by job, read before."""
    found = list(jobs)
    counts = _item_counts([job.pk for job in found])
    return [job_row(job, slug, seqs[job.pk], counts.get(job.pk, 0)) for job in found]


def newest_of_room(room_id: int, seq: int) -> JobRow | None:
    jobs = Job.objects.filter(room_id=room_id).select_related("room", "account", "team")
    job = jobs.order_by("-number").first()
    return job_rows([job], job.team.slug, {job.pk: seq})[0] if job is not None else None


def _item_counts(job_ids: Sequence[int]) -> dict[int, int]:
    people = Takeover.objects.filter(~Q(source=Source.SCRIPT), job_id__in=list(job_ids))
    return dict(people.values_list("job_id").annotate(n=Count("id")))


def job_row(job: Job, slug: str, seq: int, items: int) -> JobRow:
    return JobRow(
        id=job.pk,
        seq=seq,
        topic=job.topic,
        order=f"{9_999_999_999 - job.pk:010d}",
        code=str(job),
        name=job.room.name,
        url=reverse("console:job", args=[slug, job.pk]),
        desk_url=reverse("console:desk", args=[slug, job.room.code]),
        vendor=job.account.name,
        is_open=job.is_open,
        air=air_of(job),
        from_at=job.requested_at,
        to_at=job.ended_at,
        why=why(job, slug),
        tone="crit" if is_broken(job) or _is_in_alarm(job) else "warn" if job.error else "",
        link=parts.link_word(job),
        items=items,
        billed=_billed(job),
        meter=meter_of(job),
        adopted_at=job.adopted_at,
        close_url=reverse("takeover:close_job", args=[slug, job.pk]) if job.is_open and job.missing_since else "",
        zone=job.room.time_zone,
    )


def air_of(job: Job) -> parts.AirChip:
    state = air(job.state, stream_link=job.stream_link).state
    live = job.is_open and bool(job.vendor_ref) and job.missing_since is None
    at = max(filter(None, [job.state_at, job.account.poll_ok_at])) if live else job.missing_since or job.state_at
    return parts.AirChip(
        state=str(state),
        word=str(AirState(state).label),
        fill=state in LOUD and job.is_open,
        big=False,
        rung=job.rung if job.is_open else None,
        rung_word=job.get_rung_display(),
        at=at,
        fresh=f"account:{job.account_id}" if live else "",
        source=job.account.name,
        limits=POLLED_LIMITS,
    )


def why(job: Job, slug: str) -> Said:
    """Why it ended, or what it needs."""
    if job.is_open and job.missing_since is not None:
        return Said(_("The vendor does not know this job; it counts as running here"))
    if job.is_open and (words := parts.rtc_words(job)):
        return Said(words)
    return said(job.error, job.account.vendor, slug) if job.error else Said(_why_it_ended(job))


def _why_it_ended(job: Job) -> str:
    state = JobState(job.state)
    if job.end_reason == "closed here":
        return _("closed here: the vendor did not know it any more")
    if state == JobState.LOST:
        return _("closed by the vendor: no heartbeat, or the network was cut")
    if state == JobState.BLOCKED:
        return _("stopped by the vendor's content review")
    if state == JobState.ENDED:
        endings = {"asked": _("stopped here"), "never started": _("taken back before it started")}
        return endings.get(job.end_reason, _("ended at the vendor"))
    return ""


def _is_in_alarm(job: Job) -> bool:
    return job.is_open and (job.missing_since is not None or job.rtc_is_alarm)


def _billed(job: Job) -> str:
    """How long the vendor's meter ran, once it stands: from create to the end."""
    if job.billed_from is None or job.ended_at is None or not has_meter(job):
        return ""
    spent = max(timedelta(), job.ended_at - job.billed_from)
    minutes, seconds = divmod(int(spent.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}"
