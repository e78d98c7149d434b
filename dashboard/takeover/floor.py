"""The floor of a job as its row: who has it, for how long, and how it moves. Services decide; nothing here refuses.

A floor belongs to a person and, once a microphone is armed with it, to one page. That page renews it every two seconds;
whoever does not is gone, and the floor is free.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from dashboard.accounts.models import User
from dashboard.events.kinds import Fact, FloorMoved, Kind
from dashboard.events.models import Source
from dashboard.events.record import raise_sequence
from dashboard.jobs.facts import job_fact
from dashboard.jobs.models import Job
from dashboard.takeover.models import Floor

#: A floor that was taken waits so long for its microphone.
TO_ARM_S = 45.0
#: How often an armed microphone renews its floor, and how long one renewal lasts.
RENEW_EVERY_S = 2.0
RENEWED_S = 8.0
#: A question for the floor that nobody answered is over.
ASKED_S = 30.0


def of_job(job: Job) -> Floor:
    """The job's floor, made with the first look. The topic is locked by the caller."""
    floor, _made = Floor.objects.select_related("holder", "asked_by").get_or_create(
        job=job, defaults={"team_id": job.team_id, "room_id": job.room_id}
    )
    floor.job = job
    return floor


def is_held(floor: Floor | None, now: datetime) -> bool:
    return floor is not None and floor.holder_id is not None and floor.expires_at is not None and floor.expires_at > now


def is_asked(floor: Floor | None, now: datetime) -> bool:
    if floor is None or floor.asked_by_id is None or floor.asked_at is None:
        return False
    return now - floor.asked_at < timedelta(seconds=ASKED_S)


def give(floor: Floor, user: User, now: datetime) -> None:
    """`user` has the floor from now on, with no microphone armed yet."""
    floor.holder, floor.holder_label, floor.since = user, str(user)[:120], now
    floor.epoch += 1
    floor.talker, floor.expires_at = "", now + timedelta(seconds=TO_ARM_S)
    _forget_question(floor)
    floor.save()


def free(floor: Floor) -> None:
    floor.holder, floor.holder_label, floor.since = None, "", None
    floor.epoch += 1
    floor.talker, floor.expires_at = "", None
    _forget_question(floor)
    floor.save()


def ask(floor: Floor, user: User, now: datetime) -> None:
    floor.asked_by, floor.asked_label, floor.asked_at = user, str(user)[:120], now
    floor.save(update_fields=["asked_by", "asked_label", "asked_at"])


def forget_question(floor: Floor) -> None:
    """Nobody answered it: no event, but open pages must not go on showing it."""
    _forget_question(floor)
    floor.save(update_fields=["asked_by", "asked_label", "asked_at"])
    show(floor)


def show(floor: Floor) -> None:
    """Open pages look again, for what is no event of its own."""
    raise_sequence(floor.job.topic)


def _forget_question(floor: Floor) -> None:
    floor.asked_by, floor.asked_label, floor.asked_at = None, "", None


def renew(job_id: int, epoch: int, talker: str, now: datetime) -> bool:
    """The armed microphone is alive; False where the floor is no longer its own."""
    mine = Floor.objects.filter(job_id=job_id, epoch=epoch, talker=talker, holder__isnull=False)
    return bool(mine.update(expires_at=now + timedelta(seconds=RENEWED_S)))


def lapsed(now: datetime) -> QuerySet[Floor]:
    """Floors that nobody renews, and those with a question that nobody answered."""
    forgotten = Q(asked_by__isnull=False, asked_at__lte=now - timedelta(seconds=ASKED_S))
    return Floor.objects.filter(Q(holder__isnull=False, expires_at__lte=now) | forgotten)


def fact(floor: Floor, kind: Kind, payload: FloorMoved, *, user: User | None, key: str = "") -> Fact:
    """`key` tells apart what may happen more than once to one holder."""
    source = Source.OPERATOR if user is not None else Source.CONSOLE
    actor_id = user.pk if user is not None else None
    return job_fact(floor.job, kind, payload, key=f"{floor.epoch}:{key}", source=source, actor_id=actor_id)
