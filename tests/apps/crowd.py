"""A team as it may grow: many rooms, some on air, with all on them that a page could ask for one by one.

Written straight into the tables: the services would take minutes for a thousand rooms, and only reading is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.accounts.models import Member, Team, User
from dashboard.events.kinds import Kind
from dashboard.events.models import Band, Event, EventOutcome, Sequence
from dashboard.events.models import Source as EventSource
from dashboard.jobs.models import Job, JobScriptItem
from dashboard.jobs.states import JobState
from dashboard.lib import clock
from dashboard.library.models import BannedWord, Clip, Product, QuickReply
from dashboard.rooms.models import Room, RuleSet, Scene, ScriptItem
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode, Source
from dashboard.vendors.models import Command, CommandKind, Rank, UnclaimedSession, VendorAccount
from tests import cast as make
from tests.cast import CONFIG, SCRIPT, WORDS, Cast

ON_AIR_SHARE = 5  # every fifth room
MEMBERS = 40
_SOURCES = {Kind.COMMENT: EventSource.AUDIENCE, Kind.JOB_REQUESTED: EventSource.OPERATOR}
LATELY = 2  # the job of this room ended a minute ago


@dataclass(frozen=True, slots=True)
class Crowd:
    team: Team
    rooms: list[Room]
    open_jobs: list[Job]
    ended_jobs: list[Job]
    rule_sets: list[RuleSet]


def make_crowd(cast: Cast, count: int, *, on_air_share: int = ON_AIR_SHARE) -> Crowd:
    """`on_air_share`: every which room is on air."""
    team, now = cast.alpha, clock.now()
    accounts = [make.account(team, vendor) for vendor in (make.SOFTSUGAR, make.METASTUDIO) * 2]
    rooms = _rooms(team, accounts, count, now)
    open_jobs, ended_jobs = _jobs(rooms, rooms[::on_air_share], cast.oki.user, now)
    items = _takeovers(open_jobs, cast.oki.user, now) + _takeovers(ended_jobs[:50], cast.oki.user, now)
    _events(open_jobs, cast.oki.user, now)
    _commands(items, now)
    UnclaimedSession.objects.bulk_create(
        UnclaimedSession(account=accounts[0], vendor_ref=f"ghost-{no}", state="live", first_seen_at=now, seen_at=now)
        for no in range(10)
    )
    _members(cast)
    _library(cast, rooms, now)
    return Crowd(team, rooms, open_jobs, ended_jobs, _rule_sets(cast, rooms))


def _library(cast: Cast, rooms: list[Room], now: datetime) -> None:
    """For every eight rooms a product, a phrase of a room's own, a banned word and a clip."""
    some = rooms[: max(1, len(rooms) // 8)]
    Product.objects.bulk_create(Product(team=cast.alpha, name=f"Tea {no}", price=199) for no in range(len(some)))
    QuickReply.objects.bulk_create(
        QuickReply(team=cast.alpha, room=room, title=f"Phrase {no}", text=WORDS) for no, room in enumerate(some)
    )
    BannedWord.objects.bulk_create(BannedWord(team=cast.alpha, word=f"word {no}") for no in range(len(some)))
    Clip.objects.bulk_create(
        Clip(
            team=cast.alpha,
            name=f"Clip {no}",
            form="wav",
            stored_as=f"crowd-{no}",
            size=1,
            duration_ms=1000,
            added_by=cast.pia.user,
            added_at=now,
        )
        for no in range(len(some))
    )


def _rule_sets(cast: Cast, rooms: list[Room]) -> list[RuleSet]:
    """One for every eight rooms, and one for all MetaStudio rooms."""
    made = [
        make.rule_set(cast.alpha, cast.pia, *[make.rule()] * 12, name=f"Rules {no}") for no in range(len(rooms) // 8)
    ]
    Room.objects.filter(team=cast.alpha, account__vendor=make.METASTUDIO).update(rule_set=made[0])
    return made


def _rooms(team: Team, accounts: list[VendorAccount], count: int, now: datetime) -> list[Room]:
    rooms = Room.objects.bulk_create(
        Room(
            team=team,
            account=accounts[no % len(accounts)],
            code=f"{no:04d}",
            name=f"Room {no}",
            config=CONFIG[accounts[no % len(accounts)].vendor],
            vendor_ref=f"vendor-room-{no}",
            output_url="rtmp://push.talkback.test/live/x",
            created_at=now,
        )
        for no in range(count)
    )
    scenes = Scene.objects.bulk_create(Scene(room=room, no=1, name=room.name) for room in rooms)
    ScriptItem.objects.bulk_create(
        ScriptItem(scene=scene, no=no, text=text) for scene in scenes for no, text in enumerate(SCRIPT, start=1)
    )
    Sequence.objects.bulk_create(Sequence(topic=room.topic, band=Band.ROOM) for room in rooms)
    return rooms


def _jobs(rooms: list[Room], on_air: list[Room], user: User, now: datetime) -> tuple[list[Job], list[Job]]:
    made = Job.objects.bulk_create(
        [_job(room, 1, user, now - timedelta(days=1), state=JobState.ENDED) for room in rooms]
        + [_job(room, 2, user, now, state=JobState.LIVE) for room in on_air]
    )
    ended, opened = made[: len(rooms)], made[len(rooms) :]
    Job.objects.filter(pk=ended[LATELY].pk).update(ended_at=now - timedelta(minutes=1))
    JobScriptItem.objects.bulk_create(
        JobScriptItem(job=job, no=no, text=text) for job in opened for no, text in enumerate(SCRIPT, start=1)
    )
    return opened, ended


def _job(room: Room, number: int, user: User, at: datetime, *, state: JobState) -> Job:
    return Job(
        team_id=room.team_id,
        room=room,
        account_id=room.account_id,
        number=number,
        key=f"{room.code}-{number}",
        started_by=user,
        requested_at=at,
        vendor_ref=f"vendor-job-{room.code}-{number}",
        state=state,
        state_at=at,
        live_at=at,
        billed_from=at,
        ended_at=at + timedelta(hours=2) if state == JobState.ENDED else None,
        end_reason="asked" if state == JobState.ENDED else "",
        script_no=1,
        script_at=at,
        viewers=1200,
        viewers_at=at,
        comments=20,
        error={"code": "97", "happened": ["Full.", "满。"], "todo": ["Wait.", "等。"]} if number == 1 else None,
    )


def _takeovers(jobs: list[Job], user: User, now: datetime) -> list[Takeover]:
    """Per job: a script item and a person's words being heard, waiting, unknown, failed, cut off and sent again."""
    made = Takeover.objects.bulk_create(item for job in jobs for item in _items(job, user, now))
    per_job = len(made) // len(jobs) if jobs else 1
    for first in range(0, len(made), per_job):
        cutter, cut, again, doubtful = (made[first + at] for at in (1, 2, 3, 4))
        cut.cut_by, again.again_of = cutter, doubtful
    Takeover.objects.bulk_update(made, ["cut_by", "again_of"], batch_size=200)
    return made


def _items(job: Job, user: User, now: datetime) -> list[Takeover]:
    waiting: dict[str, object] = {"state": "waiting"} if job.is_open else {"state": "cancelled", "cancel_ok_at": now}
    error = {"code": "39", "happened": ["Refused.", "拒绝。"], "todo": ["Say it otherwise.", "换种说法。"]}
    evidence: list[dict[str, object]] = [
        {"source": Source.SCRIPT, "state": "queued", "claimed_at": now, "queued_at": now},
        {"state": "playing", "claimed_at": now, "accepted_at": now, "started_at": now},
        {"state": "done", "claimed_at": now, "started_at": now, "finished_at": now},
        waiting,
        {"state": "unknown", "claimed_at": now, "timeout_at": now, "unknown_reason": "timeout"},
        {"state": "failed", "claimed_at": now, "failed_at": now, "error": error},
        {**waiting, "mode": Mode.INSERT},
        {"state": "done", "claimed_at": now, "finished_at": now, "marked_spoken_at": now, "marked_by": user},
    ]
    base: dict[str, object] = {
        "source": Source.PERSON,
        "mode": Mode.APPEND,
        "rank": Rank.PERSON,
        "author": user,
        "author_label": str(user),
        "text": WORDS,
        "content_hash": "0" * 64,
        "estimate_ms": 4000,
        "requested_at": now,
    }
    return [
        Takeover(team_id=job.team_id, room=job.room, job=job, number=job.number * 100 + no, place=no, **{**base, **one})
        for no, one in enumerate(evidence)
    ]


def _events(jobs: list[Job], by: User, now: datetime) -> None:
    numbers = {row.topic: row for row in Sequence.objects.filter(topic__in=[job.topic for job in jobs])}
    said = [(Kind.JOB_REQUESTED, {}), (Kind.JOB_ACCEPTED, {}), (Kind.JOB_STATE, {"says": "live", "by": "socket"})]
    said += [(Kind.COMMENT, {"type": 1, "user": f"观众{no}", "text": "多少钱？"}) for no in range(18)]
    Event.objects.bulk_create(
        Event(
            team_id=job.team_id,
            account_id=job.account_id,
            room_id=job.room_id,
            job_id=job.pk,
            sequence=numbers[job.topic],
            seq=seq,
            kind=kind,
            source=_SOURCES.get(kind, EventSource.VENDOR),
            actor_id=by.pk if kind == Kind.JOB_REQUESTED else None,
            dedupe_key=f"crowd:{job.pk}:{seq}",
            at=now,
            received_at=now,
            outcome=EventOutcome.APPLIED,
            data=data,
        )
        for job in jobs
        for seq, (kind, data) in enumerate(said, start=1)
    )
    Sequence.objects.filter(pk__in=[row.pk for row in numbers.values()]).update(seq=len(said))


def _commands(items: list[Takeover], now: datetime) -> None:
    Command.objects.bulk_create(
        Command(
            account_id=item.job.account_id,
            job_id=item.job_id,
            lane=f"job:{item.job_id}:speak",
            kind=CommandKind.SAY,
            trace_id=item.trace_id,
            wait_reason="rate_limit",
            created_at=now,
        )
        for item in items
        if item.state == "waiting"
    )


def _members(cast: Cast) -> None:
    people = User.objects.bulk_create(User(email=f"p{no}@alpha.test", name=f"Person {no}") for no in range(MEMBERS))
    Member.objects.bulk_create(
        Member(team=cast.alpha, user=user, role="viewer", added_by=cast.ada.user) for user in people
    )
