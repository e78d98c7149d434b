"""What follows from facts about a job: its row. Any order and duplication of one job's facts ends in the same state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q

from dashboard.events.kinds import JobLink, JobStream, Kind, Remaining, ScriptPosition, Told, kept, payload_of
from dashboard.events.kinds import JobState as Said
from dashboard.events.models import Event, EventOutcome
from dashboard.events.record import raise_sequence
from dashboard.jobs import changes, commands
from dashboard.jobs.models import Job
from dashboard.jobs.states import CAN_SPEAK, END_STATES, PHASE, JobState, Link, Rung, follows, order, told
from dashboard.vendors.models import CommandKind

#: A job that was bound this recently may be missing from a listing that left before.
LISTING_SETTLES = timedelta(seconds=5)
#: Vendors' times are cut to it (A11 c).
_WHOLE_SECOND = timedelta(seconds=1)
#: What vendors tell of every few seconds, and all that it is held against: a job is a wide row.
_OFTEN = {Kind.JOB_SCRIPT_POSITION: ("script_no", "state", "state_at"), Kind.JOB_REMAINING: ("pk",)}
APPLIED, NOTHING_NEW, MISFIT = EventOutcome.APPLIED, EventOutcome.NOTHING_NEW, EventOutcome.MISFIT


def apply(event: Event) -> EventOutcome:
    """Update the job that `event` speaks of; the room's sequence is locked by the caller (`record_many`)."""
    kind = Kind(event.kind)
    handler = _HANDLERS.get(kind)
    if event.job_id is None or handler is None:
        return MISFIT
    jobs = Job.objects.only(*_OFTEN[kind]) if kind in _OFTEN else Job.objects.all()
    job = next(iter(jobs.filter(pk=event.job_id)), None)
    return MISFIT if job is None else handler(job, event)


def _state(job: Job, event: Event) -> EventOutcome:
    said = payload_of(Said, event.data)
    reported, current = told(said.says), JobState(job.state)
    if reported == JobState.STARTING:
        return _preparing(job)
    if (said.coarse and knows_better(job)) or _is_older(job, said, reported, event.at):
        return NOTHING_NEW
    if not follows(current, reported):
        _confirm(job, said, reported, event.at)
        return NOTHING_NEW
    job.state, job.state_at = reported, event.at
    job.state_source = "console" if said.by == "person" else "vendor"
    job.rung = Rung.OBSERVED if said.by == "socket" else Rung.REPORTED
    changed = ["state", "state_at", "state_source", "rung"]
    changed += _mark_times(job, reported, event)
    if said.happened[0] and reported in END_STATES:
        job.error = kept(said)
        changed.append("error")
    job.save(update_fields=changed)
    _follow_up(job, current, reported)
    return APPLIED


def _preparing(job: Job) -> EventOutcome:
    """`starting` is our own word, with our time: that the vendor prepares only proves that the start arrived."""
    arrived = Job.objects.filter(pk=job.pk, state__in=(JobState.PLANNED, JobState.STARTING, JobState.UNKNOWN))
    arrived.update(state=JobState.STARTING, rung=max(job.rung, Rung.REPORTED))
    return APPLIED if follows(JobState(job.state), JobState.STARTING) else NOTHING_NEW


def knows_better(job: Job) -> bool:
    """The command channel told a state that the listing's one word for "running" can't tell apart from live."""
    return job.rung == Rung.OBSERVED and JobState(job.state) in CAN_SPEAK


def _is_older(job: Job, said: Said, reported: JobState, at: datetime) -> bool:
    """Whether a report is about a time before the one that the job's state is from."""
    current = JobState(job.state)
    if reported in END_STATES or current == JobState.UNKNOWN:
        return False
    if job.state_source != "vendor":
        # Our own words (starting, stopping) carry our clock, the vendor's the vendor's: here the phase decides.
        return at < job.state_at and PHASE[reported] <= PHASE[current]
    if said.by == "socket" and job.rung < Rung.OBSERVED and current in CAN_SPEAK:
        return False  # only a listing spoke so far, in its one word for "running"
    if JobState.READY in (current, reported) and current in CAN_SPEAK:
        # Nobody goes back from the air to ready, whatever the times say: a callback is stamped when it leaves, and may
        # leave late.
        return PHASE[reported] < PHASE[current]
    return (at, order(reported)) < (job.state_at, order(current))


def _confirm(job: Job, said: Said, reported: JobState, at: datetime) -> None:
    """The vendor says what we know. It counts all the same: what is older than this must not win later."""
    if reported == JobState(job.state) and reported not in END_STATES:
        rung = Rung.OBSERVED if said.by == "socket" else Rung.REPORTED
        Job.objects.filter(pk=job.pk).update(state_at=at, state_source="vendor", rung=max(rung, job.rung))


def _mark_times(job: Job, reported: JobState, event: Event) -> list[str]:
    changed = []
    if reported == JobState.READY and job.ready_at is None:
        job.ready_at = event.at
        changed.append("ready_at")
    if reported == JobState.LIVE and job.live_at is None:
        job.live_at = event.at
        changed.append("live_at")
    if reported in END_STATES and job.ended_at is None:
        job.ended_at = job.account.our_time(event.at, told_at=event.received_at)
        job.listed_until = _listed_until(job)
        job.end_reason = (
            "closed here" if job.state_source == "console" else "asked" if job.stop_requested_at else "vendor"
        )
        changed += ["ended_at", "listed_until", "end_reason"]
    return changed


def _listed_until(job: Job) -> datetime | None:
    """A good listing that lacks a job notes so on its row (`polls`): all before had it, but those of its beginning."""
    listed = job.listed_until or job.account.poll_ok_at
    may_lack = job.billed_from and job.billed_from + LISTING_SETTLES
    return job.billed_from if listed is None or (may_lack and listed < may_lack) else listed


def _follow_up(job: Job, before: JobState, now: JobState) -> None:
    """What a new state sets in motion, in the same transaction."""
    if now == JobState.READY:
        commands.go_live(job)
    if now in END_STATES and before not in END_STATES:
        commands.clear(job)
        changes.end_all(job)
        raise_sequence(f"team:{job.team_id}")


def _accepted(job: Job, event: Event) -> EventOutcome:
    """The vendor took the start. The session itself was bound by the relay in the same transaction."""
    if JobState(job.state) in (JobState.UNKNOWN, JobState.STARTING):
        Job.objects.filter(pk=job.pk).update(
            state=JobState.STARTING,
            rung=max(job.rung, Rung.ACCEPTED),
            billed_from=job.billed_from or event.at,
            error=None,
        )
    if job.stop_requested_at and not commands.has_asked(job, CommandKind.STOP):
        commands.stop(job)
    return APPLIED


def _refused(job: Job, event: Event) -> EventOutcome:
    """The vendor refused the start: nothing runs there, so the job failed before it began."""
    if not follows(JobState(job.state), JobState.FAILED):
        return NOTHING_NEW
    _end(job, JobState.FAILED, event, "refused")
    return APPLIED


def _end(job: Job, state: JobState, event: Event, reason: str) -> None:
    before = JobState(job.state)
    job.state, job.state_at, job.state_source = state, event.at, "vendor"
    job.ended_at, job.end_reason, job.error = job.ended_at or event.at, reason, _error(event)
    job.save(update_fields=["state", "state_at", "state_source", "ended_at", "end_reason", "error"])
    _follow_up(job, before, state)


def _error(event: Event) -> dict[str, object]:
    data = payload_of(Told, event.data)
    return kept(data, why=data.why, request_id=data.request_id)


def _unsure(job: Job, event: Event) -> EventOutcome:
    if JobState(job.state) not in (JobState.STARTING, JobState.PLANNED) or job.rung > Rung.REQUESTED:
        return NOTHING_NEW  # the vendor spoke of it already: the start arrived
    Job.objects.filter(pk=job.pk).update(state=JobState.UNKNOWN, error=_error(event), rung=Rung.REQUESTED)
    return APPLIED


def _said_no(job: Job, event: Event) -> EventOutcome:
    """A refused or doubtful stop, or a refused going on air, is said; the state stays till the vendor tells another."""
    if JobState(job.state) in END_STATES:
        return NOTHING_NEW
    Job.objects.filter(pk=job.pk).update(error=_error(event))
    return APPLIED


def _stop_accepted(job: Job, event: Event) -> EventOutcome:
    if JobState(job.state) in END_STATES:
        return NOTHING_NEW
    Job.objects.filter(pk=job.pk).update(rung=Rung.ACCEPTED, error=None)
    return APPLIED


def _stop_requested(job: Job, event: Event) -> EventOutcome:
    if not job.can_stop:
        return NOTHING_NEW
    Job.objects.filter(pk=job.pk).update(
        state=JobState.STOPPING,
        state_at=event.at,
        state_source="console",
        rung=Rung.REQUESTED,
        stop_requested_at=event.at,
        error=None,
    )
    return APPLIED


def _link(job: Job, event: Event) -> EventOutcome:
    link = Link(payload_of(JobLink, event.data).link)
    if _is_told_late(job, event):
        return NOTHING_NEW
    newer = Q(link_at=None) | Q(link_at__lte=event.at + timedelta(seconds=1))
    changed = Job.objects.filter(newer, pk=job.pk).update(link=link, link_at=_good_at(job, link, event.at))
    return APPLIED if changed else NOTHING_NEW


def _good_at(job: Job, link: Link, at: datetime) -> datetime | None:
    """The last good moment of the link, which it keeps until it is up again, however often it is opened in vain.

    None while it is opened for the first time; where it was never up, when that failed first.
    """
    if link == Link.UP:
        return at
    return job.link_at or (None if link == Link.CONNECTING else at)


def _is_told_late(job: Job, event: Event) -> bool:
    """Whether something newer was told of the link already: the time that it keeps may be older than both."""
    told = Event.objects.filter(job_id=job.pk, kind=Kind.JOB_LINK).exclude(pk=event.pk).order_by("-id")
    return any(at > event.at + timedelta(seconds=1) for at in told.values_list("at", flat=True)[:5])


def _stream(job: Job, event: Event) -> EventOutcome:
    data = payload_of(JobStream, event.data)
    newer = Q(stream_link_at=None) | Q(stream_link_at__lte=event.at)
    changed = Job.objects.filter(newer, pk=job.pk).update(stream_link=data.link, stream_link_at=event.at)
    return APPLIED if changed else NOTHING_NEW


def _position(job: Job, event: Event) -> EventOutcome:
    data = payload_of(ScriptPosition, event.data)
    if data.offset and data.no == job.script_no:
        return NOTHING_NEW  # further on in the same paragraph
    newer = Q(script_at=None) | Q(script_at__lte=event.at)
    changed = Job.objects.filter(newer, pk=job.pk).update(script_no=data.no, script_at=event.at)
    if changed and commands.goes_on_again(job) and event.at > job.state_at + _WHOLE_SECOND:
        # That it goes on was told to a relay that kept the job before, and is not told again.
        Job.objects.filter(pk=job.pk).update(state=JobState.LIVE, state_at=event.at, rung=Rung.REPORTED)
    return APPLIED if changed else NOTHING_NEW


def _remaining(job: Job, event: Event) -> EventOutcome:
    data = payload_of(Remaining, event.data)
    newer = Q(remaining_at=None) | Q(remaining_at__lte=event.at)
    changed = Job.objects.filter(newer, pk=job.pk).update(remaining_s=data.remaining_s, remaining_at=event.at)
    return APPLIED if changed else NOTHING_NEW


def _rtc_expired(job: Job, event: Event) -> EventOutcome:
    """The picture's own token is over; a newer one takes the alarm away."""
    newer = Q(rtc_expired_at=None) | Q(rtc_expired_at__lt=event.at)
    changed = Job.objects.filter(newer, pk=job.pk).update(rtc_expired_at=event.at)
    return APPLIED if changed else NOTHING_NEW


def _rtc_renewed(job: Job, event: Event) -> EventOutcome:
    Job.objects.filter(pk=job.pk, rtc_expired_at__lte=event.at).update(rtc_expired_at=None)
    Job.objects.filter(pk=job.pk, rtc_refused_at__lte=event.at).update(rtc_refused_at=None)
    return APPLIED


def _rtc_refused(job: Job, event: Event) -> EventOutcome:
    Job.objects.filter(pk=job.pk).update(rtc_refused_at=event.at)
    return APPLIED


def _silence_failed(job: Job, event: Event) -> EventOutcome:
    """The vendor refused the silence: said on the bar until the next press, or until the host may speak again."""
    Job.objects.filter(pk=job.pk, silenced_at__isnull=False).update(silence_error=_error(event))
    return APPLIED


def _silence_sent(job: Job, event: Event) -> EventOutcome:
    Job.objects.filter(pk=job.pk, silence_error__isnull=False).update(silence_error=None)
    return APPLIED


def _noted(job: Job, event: Event) -> EventOutcome:
    return APPLIED


_HANDLERS: dict[Kind, Callable[[Job, Event], EventOutcome]] = {
    Kind.JOB_REQUESTED: _noted,
    Kind.JOB_SENDING: _noted,
    Kind.JOB_ACCEPTED: _accepted,
    Kind.JOB_REFUSED: _refused,
    Kind.JOB_UNSURE: _unsure,
    Kind.JOB_STATE: _state,
    Kind.JOB_STOP_REQUESTED: _stop_requested,
    Kind.JOB_STOP_ACCEPTED: _stop_accepted,
    Kind.JOB_STOP_REFUSED: _said_no,
    Kind.JOB_STOP_UNSURE: _said_no,
    Kind.JOB_LIVE_REFUSED: _said_no,
    Kind.JOB_LINK: _link,
    Kind.JOB_STREAM: _stream,
    Kind.JOB_SCRIPT_POSITION: _position,
    Kind.JOB_REMAINING: _remaining,
    Kind.JOB_CONFLICT: _noted,
    Kind.JOB_ADOPTED: _noted,
    Kind.JOB_RTC_EXPIRED: _rtc_expired,
    Kind.JOB_RTC_RENEWED: _rtc_renewed,
    Kind.JOB_RTC_REFUSED: _rtc_refused,
    Kind.JOB_REPORT_UNSURE: _noted,
    Kind.JOB_UNRECOGNISED: _noted,
    Kind.JOB_SILENCED: _noted,
    Kind.JOB_SILENCE_SENT: _silence_sent,
    Kind.JOB_SILENCE_FAILED: _silence_failed,
    Kind.JOB_RESUMED: _noted,
    Kind.JOB_RESUME_FAILED: _noted,
    Kind.JOB_FLOOR_TAKEN: _noted,
    Kind.JOB_FLOOR_RELEASED: _noted,
    Kind.JOB_FLOOR_ASKED: _noted,
    Kind.JOB_CHANGE_ASKED: _noted,
    Kind.JOB_CHANGED: changes.accepted,
    Kind.JOB_CHANGE_REFUSED: changes.refused,
    Kind.JOB_CHANGE_UNSURE: changes.unsure,
    Kind.JOB_CHANGE_LOST: changes.lost,
    Kind.JOB_CHANGE_SEEN: changes.seen,
    Kind.JOB_COMPARED: _noted,
    Kind.JOB_SCRIPT_PAUSED: _noted,
    Kind.JOB_SCRIPT_PAUSE_SENT: _noted,
    Kind.JOB_SCRIPT_PAUSE_FAILED: _noted,
    Kind.JOB_SCRIPT_RESUMED: _noted,
    Kind.JOB_ORDER_FAILED: _noted,
}
