"""What operators do with jobs. Each function is one intention: check, one transaction, record, audit, enqueue."""

from __future__ import annotations

import uuid

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Fact, Kind, Nothing, Payload, Told
from dashboard.events.models import Event, Source
from dashboard.events.record import Projections, lock_topic, raise_sequence, record_many
from dashboard.jobs import projection
from dashboard.jobs.models import IS_OPEN, Job, JobScriptItem
from dashboard.jobs.states import JobState
from dashboard.lib import clock
from dashboard.lib.errors import Conflict, Invalid
from dashboard.rooms.models import Room
from dashboard.rooms.selectors import launch_problems, script_of
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, VendorKind
from dashboard.vendors.port import SessionOpened

_PROJECTIONS = Projections(one={kind: (projection.apply,) for kind in Kind if kind.value.startswith("job.")})


def job_fact(job: Job, kind: Kind, payload: Payload, *, key: str, source: Source, actor_id: int | None = None) -> Fact:
    """A fact about `job` as of now. `key` is unique within the job and kind."""
    return Fact(
        kind=kind,
        payload=payload,
        source=source,
        dedupe_key=f"{kind}:{job.pk}:{key}",
        at=clock.now(),
        team_id=job.team_id,
        account_id=job.account_id,
        room_id=job.room_id,
        job_id=job.pk,
        actor_id=actor_id,
    )


def start_job(*, room: Room, user: User, actor: Actor, key: str) -> Job:
    """Open a job for `room`. The same key gives the same job, however often it is asked."""
    with transaction.atomic():
        lock_topic(room.topic)
        if existing := Job.objects.filter(team_id=room.team_id, key=key).select_related("room").first():
            if existing.room_id != room.pk:  # a key of another room's page must not pass for a start of this one
                raise Conflict(_("The page sent no key for this start. Reload it and press once more."), field="key")
            return existing
        room = Room.objects.select_related("account").get(pk=room.pk)
        if problems := [problem for problem in launch_problems(room) if problem.blocks]:
            raise Invalid(problems[0].text, field=problems[0].field)
        if Job.objects.filter(IS_OPEN, room=room).exists():
            raise Conflict(_("%(code)s already has a running job. Nothing was started.") % {"code": room.code})
        job = _new_job(room, user, key)
        record_many(
            [job_fact(job, Kind.JOB_REQUESTED, Nothing(), key=key, source=Source.OPERATOR, actor_id=user.pk)],
            _PROJECTIONS,
        )
        trail.record(team_id=job.team_id, actor=actor, action="start_job", target=job, room_id=room.pk)
        # SoftSugar's creates are serial per account: only then can a create without an answer be matched (B33).
        serial = room.account.vendor == VendorKind.SOFTSUGAR
        outbox.enqueue(
            account_id=job.account_id,
            job_id=job.pk,
            lane=f"account:{job.account_id}:create" if serial else f"job:{job.pk}:create",
            kind=CommandKind.CREATE,
            trace_id=f"create-{job.pk}",
        )
        raise_sequence(f"team:{job.team_id}")
    return job


def _new_job(room: Room, user: User, key: str) -> Job:
    now = clock.now()
    last = Job.objects.filter(room=room).order_by("-number").values_list("number", flat=True).first()
    job = Job.objects.create(
        team_id=room.team_id,
        room=room,
        account=room.account,
        number=(last or 0) + 1,
        key=key,
        started_by=user,
        requested_at=now,
        state=JobState.STARTING,
        state_at=now,
    )
    JobScriptItem.objects.bulk_create(
        JobScriptItem(job=job, no=no, scene_no=item.scene.no, title=item.title, text=item.text, source_item_id=item.pk)
        for no, item in enumerate(script_of(room), start=1)
    )
    return job


def stop_job(*, job: Job, user: User | None, actor: Actor, reason: str = "") -> Job:
    """Ask the vendor to end the job. A start that has not left yet is simply taken back."""
    with transaction.atomic():
        lock_topic(job.topic)
        job.refresh_from_db()
        if not job.is_open or (job.state == JobState.STOPPING and job.error is None):
            return job
        fact = job_fact(
            job,
            Kind.JOB_STOP_REQUESTED,
            Told(why=reason[:200]),
            key=uuid.uuid4().hex,
            source=Source.OPERATOR,
            actor_id=user.pk if user else None,
        )
        record_many([fact], _PROJECTIONS)
        trail.record(
            team_id=job.team_id, actor=actor, action="stop_job", target=job, room_id=job.room_id, reason=reason
        )
        create = Command.objects.filter(job_id=job.pk, kind=CommandKind.CREATE)
        if outbox.withdraw(create):
            end_unstarted(job)
        elif job.vendor_ref:
            outbox.withdraw(Command.objects.filter(job_id=job.pk, lane=outbox.speak_lane(job.pk)))
            projection.enqueue_stop(job)
        job.refresh_from_db()
    return job


def end_unstarted(job: Job) -> None:
    """The start never left us: the job ends without the vendor having heard of it."""
    now = clock.now()
    Job.objects.filter(pk=job.pk).update(
        state=JobState.ENDED, state_at=now, state_source="console", ended_at=now, end_reason="never started"
    )
    raise_sequence(f"team:{job.team_id}")


def bind_session(*, job: Job, opened: SessionOpened) -> None:
    """Keep how the vendor addresses this job (its secrets encrypted), and let facts that waited for it apply."""
    session = opened.session
    job.vendor_ref = session.vendor_ref
    if session.token:
        job.session_token = session.token
    if session.rtc:
        job.rtc = msgspec.json.encode(dict(session.rtc)).decode()
    if session.report_url:
        job.report_url = session.report_url
        job.report_url_until = opened.report_url_until
    job.billed_from = job.billed_from or clock.now()
    job.save(update_fields=["vendor_ref", "session_token", "rtc", "report_url", "report_url_until", "billed_from"])


def settle_create(job: Job, state: CommandState, *, error: dict[str, object] | None = None) -> None:
    """Close the job's create command, also a doubtful one (it blocks further creates of its lane)."""
    for command in Command.objects.filter(job_id=job.pk, kind=CommandKind.CREATE):
        outbox.settle(command, state, vendor_ref=job.vendor_ref, error=error)


def waiting_facts(account_id: int, ref: str) -> list[Event]:
    return list(Event.objects.filter(account_id=account_id, ref=ref, outcome="waiting").order_by("id"))
