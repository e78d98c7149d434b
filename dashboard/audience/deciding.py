"""Rules of vendors that run none: the pure engine decides on recorded events, once each, in the order of the log.

See docs/rules.md and docs/decisions/0022. The words of a decision are asked for apart (`services/answer.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from dashboard.audience.models import RuleCursor, RuleDecision
from dashboard.audience.rules import StillMine, outcome_of
from dashboard.events.kinds import Kind
from dashboard.events.models import Event as RecordedEvent
from dashboard.events.record import lock_topic, raise_sequence
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.rooms.rules.engine import Matcher
from dashboard.rooms.rules.model import Decision, Event, Rule, Why
from dashboard.rooms.rules.stored import read_rules

#: Events of one round; what is left waits for the next one.
MOST_EVENTS = 500
_RULED = (Kind.COMMENT, Kind.JOINED, Kind.LIKED, Kind.GIFT)


def cursor_of(job: Job) -> RuleCursor:
    """The rules that `job` answers by: those it began with, or that were put on air since."""
    if existing := RuleCursor.objects.filter(job=job).first():
        existing.follow(job)
        return existing
    chosen = job.room.rule_set
    told: dict[str, object] = {"rules": job.rules or []}  # as they were when it began
    if chosen is not None:
        told |= {"rule_set_name": chosen.name, "rule_set_version": chosen.version}
    return RuleCursor.objects.get_or_create(job=job, defaults=told)[0]


def decide_next(job: Job, *, still_mine: StillMine) -> int:
    """Decide the next events of `job`; how many events were looked at. Without `still_mine` nothing is written."""
    cursor = cursor_of(job)
    if not cursor.rules:
        return 0
    recorded = list(
        RecordedEvent.objects.filter(job_id=job.pk, id__gt=cursor.through_id, kind__in=_RULED).order_by("id")[
            :MOST_EVENTS
        ]
    )
    if not recorded:
        return 0
    rules = read_rules(cursor.rules)
    matcher = Matcher(rules, seed_of(job), cursor.memory)
    is_silenced = Job.objects.filter(pk=job.pk, script_held=True).exists()
    decided = [(one, matcher.decide(event_of(one), can_speak=not is_silenced)) for one in recorded]
    now = clock.now()
    rows = [
        row
        for one, decision in decided
        if (row := _row(job, rules, one, decision, now, is_silenced=is_silenced)) is not None
    ]
    with transaction.atomic():
        lock_topic(job.topic)
        # Whoever decided these events meanwhile has moved the cursor: then this was in vain.
        mine = RuleCursor.objects.filter(pk=cursor.pk, through_id=cursor.through_id)
        moved = still_mine() and mine.update(through_id=recorded[-1].pk, memory=matcher.remembered())
        if not moved:
            return 0
        if rows:
            RuleDecision.objects.bulk_create(rows)
            raise_sequence(job.topic)
    return len(recorded)


def seed_of(job: Job) -> str:
    """Of the job's dice: the same events give the same texts, whoever decides them, and however often."""
    return f"job {job.pk}"


def event_of(recorded: RecordedEvent) -> Event:
    """As it would be reported to a vendor that runs rules; the room's one scene has no name to rules."""
    data = recorded.data
    raw = str(data.get("raw", ""))
    if not raw:
        raw = json.dumps({"user": {"name": data.get("user", "")}, "content": data.get("text", "")}, ensure_ascii=False)
    return Event(int(data["type"]), recorded.at.timestamp(), raw)


def _row(
    job: Job, rules: Sequence[Rule], recorded: RecordedEvent, decision: Decision, now: datetime, *, is_silenced: bool
) -> RuleDecision | None:
    if (found := outcome_of(decision, is_silenced=is_silenced)) is None:
        return None
    held = {Why.ANSWERS: 0, Why.SUPPRESSED: 1, Why.LOST: 2}
    verdicts = sorted(decision.verdicts, key=lambda verdict: held[verdict.why])
    first = verdicts[0]
    return RuleDecision(
        team_id=job.team_id,
        room_id=job.room_id,
        job_id=job.pk,
        event_id=recorded.pk,
        event_type=decision.event.type,
        event_at=recorded.at,
        received_at=recorded.received_at,
        who=str(recorded.data.get("user", ""))[:80],
        words=str(recorded.data.get("text", ""))[:300],
        rule_index=rules[first.place].index[:64],
        rule_name=name_of(rules, first.place),
        beaten=[name_of(rules, verdict.place) for verdict in verdicts if verdict.why == Why.LOST],
        text=decision.reply.text if decision.reply is not None else "",
        quiet_until=None if first.until_s is None else datetime.fromtimestamp(first.until_s, UTC),
        outcome=found[0],
        cause=found[1],
        decided_at=now,
    )


def name_of(rules: Sequence[Rule], place: int) -> str:
    """What people call a rule: its name, else its place in the set."""
    return (rules[place].name or f"#{place + 1}")[:120]
