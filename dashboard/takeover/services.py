"""What operators do with takeovers. Each function is one intention: check, one transaction, record, audit, enqueue."""

from __future__ import annotations

import hashlib
import uuid

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.kinds import Fact, Item, Kind, Nothing
from dashboard.events.models import Source as EventSource
from dashboard.events.record import Projections, lock_topic, record_many
from dashboard.jobs.models import Job
from dashboard.jobs.services import job_fact
from dashboard.lib import clock
from dashboard.lib.errors import Conflict, Invalid
from dashboard.lib.speech import estimate_ms
from dashboard.takeover import projection, release
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.models import Kind as TakeoverKind
from dashboard.takeover.script import PLACE_STEP, play_next, plays_for
from dashboard.takeover.states import CAN_CANCEL, Mode, Source, TakeoverState
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, Rank, VendorKind

_PROJECTIONS = Projections(one={kind: (projection.apply,) for kind in Kind if kind.value.startswith("item.")})
#: MetaStudio prints 131,072 (002:14027). SoftSugar prints only a minimum (004:237); this one is ours.
LONGEST = {VendorKind.METASTUDIO: 131_072, VendorKind.SOFTSUGAR: 5_000}
SHORTEST = {VendorKind.METASTUDIO: 1, VendorKind.SOFTSUGAR: 10}


def item_fact(
    item: Takeover, kind: Kind, *, source: EventSource, actor_id: int | None = None, key: str = "", why: str = ""
) -> Fact:
    """A fact about `item` as of now; one per kind unless `key` tells several apart."""
    return Fact(
        kind=kind,
        payload=Item(trace_id=item.trace_id, item=item.number, why=why),
        source=source,
        dedupe_key=f"{kind}:{item.job_id}:{item.trace_id}{':' + key if key else ''}",
        at=clock.now(),
        team_id=item.team_id,
        account_id=item.job.account_id,
        room_id=item.room_id,
        job_id=item.job_id,
        actor_id=actor_id,
    )


def check_text(text: str, vendor: str) -> str:
    """The text as it will be sent; raises `Invalid` naming the limit it breaks."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(_("Write what the host should say."), field="text")
    kind = VendorKind(vendor)
    if len(text) < SHORTEST[kind]:
        raise Invalid(
            _("%(vendor)s takes sentences of %(least)d characters or more; this one has %(count)d. Nothing was sent.")
            % {"vendor": kind.label, "least": SHORTEST[kind], "count": len(text)},
            field="text",
        )
    if len(text) > LONGEST[kind]:
        raise Invalid(
            _("At most %(most)d characters at once; this one has %(count)d. Nothing was sent.")
            % {"most": LONGEST[kind], "count": len(text)},
            field="text",
        )
    return text


def request_takeover(
    *,
    job: Job,
    user: User,
    actor: Actor,
    text: str,
    mode: Mode,
    key: str,
    reason: str = "",
    cause_event_id: int | None = None,
    again_of: Takeover | None = None,
) -> Takeover:
    """Make the digital human say `text`. Same key and content: the same row; same key, other content: Conflict."""
    text = check_text(text, job.account.vendor)
    digest = hashlib.sha256(f"{mode}\n{text}".encode()).hexdigest()
    with transaction.atomic():
        lock_topic(job.topic)
        if existing := _same_key(job, key):
            if existing.content_hash != digest or existing.room_id != job.room_id:
                raise Conflict(
                    _("These words were sent already, with another text. Yours is kept; send it once more as new."),
                    code="key",
                )
            return existing
        job.refresh_from_db()
        _check_can_speak(job)
        item = _create(job, text=text, mode=mode, key=key, digest=digest, author=user, reason=reason)
        if cause_event_id or again_of:
            item.cause_event_id, item.again_of = cause_event_id, again_of
            item.save(update_fields=["cause_event_id", "again_of"])
        record_many(
            [item_fact(item, Kind.ITEM_REQUESTED, source=EventSource.OPERATOR, actor_id=user.pk)], Projections()
        )
        trail.record(
            team_id=job.team_id,
            actor=actor,
            action="take_over",
            target=item,
            room_id=job.room_id,
            reason=reason,
            after={"text": text, "mode": str(mode)},
        )
        _hand_on(item)
    return item


def _same_key(job: Job, key: str) -> Takeover | None:
    if not key:
        return None
    return Takeover.objects.filter(team_id=job.team_id, key=key).select_related("room", "job__account").first()


def _check_can_speak(job: Job) -> None:
    if job.can_speak:
        return
    raise Conflict(
        _("%(code)s is not on air (%(state)s), so nothing was sent. Your words are kept.")
        % {"code": job.room.code, "state": job.get_state_display()},
        field="text",
    )


def _create(
    job: Job,
    *,
    text: str,
    mode: Mode,
    key: str,
    digest: str,
    author: User | None,
    reason: str = "",
    rank: Rank | None = None,
    kind: TakeoverKind = TakeoverKind.TEXT,
    source: Source = Source.PERSON,
) -> Takeover:
    now = clock.now()
    number = (Takeover.objects.filter(room_id=job.room_id).aggregate(last=Max("number"))["last"] or 0) + 1
    return Takeover.objects.create(
        team_id=job.team_id,
        room_id=job.room_id,
        job=job,
        number=number,
        key=key,
        source=source,
        rank=rank if rank is not None else Rank.PERSON_NOW if mode == Mode.NOW else Rank.PERSON,
        kind=kind,
        mode=mode,
        text=text,
        content_hash=digest,
        author=author,
        author_label=str(author) if author else "",
        reason=reason[:300],
        place=_place(job, mode, number),
        estimate_ms=estimate_ms(text, units_per_s=job.room.units_per_s),
        requested_at=now,
    )


def _place(job: Job, mode: Mode, number: int) -> int:
    """Behind everything for *At end*; before everything that has not left yet otherwise."""
    if mode == Mode.APPEND:
        return number * PLACE_STEP
    first = (
        Takeover.objects.filter(IS_OPEN, job=job, started_at=None)
        .exclude(source=Source.SCRIPT)
        .order_by("place")
        .values_list("place", flat=True)
        .first()
    )
    return first - 1 if first is not None else number * PLACE_STEP


def _hand_on(item: Takeover) -> None:
    """SoftSugar's queue takes it now; on MetaStudio it is held back until the slot is free."""
    if release.holds_back(item.job):
        release.release(item.job)
        item.refresh_from_db()
        return
    outbox.enqueue(
        account_id=item.job.account_id,
        job_id=item.job_id,
        lane=outbox.speak_lane(item.job_id),
        kind=CommandKind.SAY,
        trace_id=item.trace_id,
        subject=f"takeover:{item.pk}",
        rank=Rank(item.rank),
    )


def cancel_takeover(*, item: Takeover, user: User, actor: Actor, version: int | None = None) -> Takeover:
    """Take an item back. Before it left: at once. At the vendor: a standing wish, carried out where the vendor can."""
    with transaction.atomic():
        lock_topic(item.job.topic)
        item.refresh_from_db()
        if version is not None and version != item.version:
            raise Conflict(_("This item changed meanwhile; look again before you cancel it."))
        if TakeoverState(item.state) not in CAN_CANCEL or item.cancel_requested_at is not None:
            return item
        if item.claimed_at is None:
            _take_back(item, actor_id=user.pk)
        elif not _can_cancel_at_vendor(item):
            raise Conflict(
                _("MetaStudio holds this sentence already and can't give it back. Silence cuts it when it is heard.")
            )
        else:
            facts = [item_fact(item, Kind.ITEM_CANCEL_REQUESTED, source=EventSource.OPERATOR, actor_id=user.pk)]
            record_many(facts, _PROJECTIONS)
            projection.enqueue_cancel(item.job, [item])
        trail.record(team_id=item.team_id, actor=actor, action="cancel_takeover", target=item, room_id=item.room_id)
        item.refresh_from_db()
    return item


def _can_cancel_at_vendor(item: Takeover) -> bool:
    return item.job.account.vendor == VendorKind.SOFTSUGAR


def _take_back(item: Takeover, *, actor_id: int | None) -> None:
    facts = [
        item_fact(item, Kind.ITEM_CANCEL_REQUESTED, source=EventSource.OPERATOR, actor_id=actor_id),
        item_fact(item, Kind.ITEM_CANCELLED, source=EventSource.OPERATOR, actor_id=actor_id),
    ]
    outbox.withdraw(Command.objects.filter(trace_id=item.trace_id))
    record_many(facts, _PROJECTIONS)


def mark_spoken(*, item: Takeover, user: User, actor: Actor) -> Takeover:
    """A person heard it: an unknown item counts as done from now on."""
    with transaction.atomic():
        lock_topic(item.job.topic)
        item.refresh_from_db()
        if item.state != TakeoverState.UNKNOWN:
            return item
        record_many(
            [item_fact(item, Kind.ITEM_MARKED_SPOKEN, source=EventSource.OPERATOR, actor_id=user.pk)], _PROJECTIONS
        )
        trail.record(team_id=item.team_id, actor=actor, action="mark_spoken", target=item, room_id=item.room_id)
        item.refresh_from_db()
    return item


def check_again(*, item: Takeover, user: User, actor: Actor) -> Takeover:
    """Ask the vendor once more what became of an unknown item, where it can be asked."""
    with transaction.atomic():
        lock_topic(item.job.topic)
        item.refresh_from_db()
        if item.state == TakeoverState.UNKNOWN:
            outbox.enqueue(
                account_id=item.job.account_id,
                job_id=item.job_id,
                lane=outbox.stop_lane(item.job_id),
                kind=CommandKind.CHECK,
                subject=f"takeover:{item.pk}",
                rank=Rank.PERSON,
            )
            trail.record(team_id=item.team_id, actor=actor, action="check_again", target=item, room_id=item.room_id)
    return item


def send_again(*, item: Takeover, user: User, actor: Actor, key: str) -> Takeover:
    """A person decided: the words of an unknown item go out once more, as a new item. Viewers may hear them twice."""
    with transaction.atomic():
        lock_topic(item.job.topic)
        item.refresh_from_db()
        sent = Takeover.objects.filter(again_of=item).exclude(key=key)
        if item.state != TakeoverState.UNKNOWN or sent.exclude(state__in=_NEVER_HEARD).exists():
            raise Conflict(_("Only an item of unknown outcome can be sent again."))
        return request_takeover(
            job=item.job, user=user, actor=actor, text=item.text, mode=Mode(item.mode), key=key, again_of=item
        )


#: Ends after which nobody can have heard a sentence, so that it may be sent once more.
_NEVER_HEARD = (TakeoverState.REJECTED, TakeoverState.EXPIRED)


def silence(*, job: Job, user: User, actor: Actor) -> Job:
    """Nobody speaks in this room from now on: cancel what plays and waits, then hold the script.

    SoftSugar: cancel `-1`, our player sends no further paragraph. MetaStudio: pause over the command channel, else the
    account's silent clip cuts in and the rest of the script follows it; the screen says so.
    """
    with transaction.atomic():
        lock_topic(job.topic)
        job.refresh_from_db()
        now = clock.now()
        _check_can_speak(job)
        # First the script is held, last the lane is emptied: taking one item back lets the next one out.
        Job.objects.filter(pk=job.pk).update(silenced_at=now, script_held=plays_for(job) or release.has_channel(job))
        for item in Takeover.objects.filter(IS_OPEN, job=job, claimed_at=None).select_related("job__account"):
            _take_back(item, actor_id=user.pk)
        outbox.withdraw(Command.objects.filter(job_id=job.pk, lane=outbox.speak_lane(job.pk)).exclude(kind="go_live"))
        outbox.withdraw(Command.objects.filter(job_id=job.pk, kind=CommandKind.RESUME))
        record_many(
            [
                job_fact(
                    job,
                    Kind.JOB_SILENCED,
                    Nothing(),
                    key=uuid.uuid4().hex,
                    source=EventSource.OPERATOR,
                    actor_id=user.pk,
                )
            ],
            Projections(),
        )
        trail.record(team_id=job.team_id, actor=actor, action="silence", target=job, room_id=job.room_id)
        _silence_at_vendor(job, user)
        job.refresh_from_db()
    return job


def _silence_at_vendor(job: Job, user: User) -> None:
    lane, rank = outbox.stop_lane(job.pk), Rank.PANIC
    if plays_for(job):
        at_vendor = Takeover.objects.filter(IS_OPEN, job=job).select_related("job__account")
        facts = [
            item_fact(item, Kind.ITEM_CANCEL_REQUESTED, source=EventSource.OPERATOR, actor_id=user.pk)
            for item in at_vendor
        ]
        record_many(facts, _PROJECTIONS)
        body: dict[str, object] = {"all": True}
        outbox.enqueue(
            account_id=job.account_id, job_id=job.pk, lane=lane, kind=CommandKind.CANCEL, body=body, rank=rank
        )
    elif release.has_channel(job):
        outbox.enqueue(account_id=job.account_id, job_id=job.pk, lane=lane, kind=CommandKind.PAUSE, rank=rank)
    else:
        outbox.enqueue(
            account_id=job.account_id, job_id=job.pk, lane=lane, kind=CommandKind.CLIP, body={"silent": True}, rank=rank
        )


def resume(*, job: Job, user: User, actor: Actor) -> Job:
    """Let the script go on after a silence."""
    with transaction.atomic():
        lock_topic(job.topic)
        job.refresh_from_db()
        if not job.script_held:
            return job
        # A silence that still waits to be sent again would cut what speaks from now on.
        silences = Command.objects.filter(job_id=job.pk, lane=outbox.stop_lane(job.pk))
        outbox.withdraw(silences.filter(Q(kind=CommandKind.PAUSE) | Q(body__all=True) | Q(body__silent=True)))
        Job.objects.filter(pk=job.pk).update(script_held=False, silenced_at=None)
        record_many(
            [
                job_fact(
                    job,
                    Kind.JOB_RESUMED,
                    Nothing(),
                    key=uuid.uuid4().hex,
                    source=EventSource.OPERATOR,
                    actor_id=user.pk,
                )
            ],
            Projections(),
        )
        trail.record(team_id=job.team_id, actor=actor, action="resume", target=job, room_id=job.room_id)
        if not plays_for(job) and release.has_channel(job):
            outbox.enqueue(
                account_id=job.account_id,
                job_id=job.pk,
                lane=outbox.stop_lane(job.pk),
                kind=CommandKind.RESUME,
                rank=Rank.PERSON,
            )
        job.refresh_from_db()
        play_next(job)
        release.release(job)
    return job
