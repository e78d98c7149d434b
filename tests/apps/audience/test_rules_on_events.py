"""Rules that Talkback runs itself: one decision per recorded event, its words asked for once, or a reason why not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dashboard.audience.deciding import decide_next
from dashboard.audience.models import RuleCursor, RuleDecision
from dashboard.audience.rules import MOST_AHEAD, USEFUL_S
from dashboard.audience.services.answer import say_decided
from dashboard.audience.states import Cause, Outcome
from dashboard.audit.models import AuditEntry
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.states import ChangeKind, ChangeState
from dashboard.lib import clock
from dashboard.live.relay.useless_items import expire_items
from dashboard.rooms.models import Room, RuleSet
from dashboard.rooms.rules.model import Trigger
from dashboard.rooms.rules.stored import written
from dashboard.takeover.models import Takeover
from dashboard.takeover.services.quiet import resume, silence
from dashboard.takeover.states import Mode, Source
from dashboard.vendors.models import Command, CommandKind, Rank
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import SOFTSUGAR, Cast

REPLY = "到手价一百九十九元，左下角小黄车。"


def yes() -> bool:
    return True


def no() -> bool:
    return False


def answering(cast: Cast, *rules: Any) -> Job:
    rules = rules or (make.rule("多少钱|价格", REPLY, name="price"),)
    chosen = make.rule_set(cast.alpha, cast.pia, *rules)
    return make.on_air(make.room(make.account(cast.alpha, SOFTSUGAR), rules=chosen), cast.oki)


def decisions(job: Job) -> list[RuleDecision]:
    return list(RuleDecision.objects.filter(job=job).order_by("id"))


def only(job: Job) -> RuleDecision:
    (found,) = decisions(job)
    return found


def decided(job: Job) -> RuleDecision:
    """The one decision of a job, with its words asked for."""
    decide_next(Job.objects.get(pk=job.pk), still_mine=yes)
    return say_decided(only(job), still_mine=yes)


def test_a_comment_is_answered_once_however_often_it_is_asked(cast: Cast) -> None:
    job = answering(cast)
    make.comment(job, "好看")
    make.comment(job, "多少钱？", user="Anna")
    assert decide_next(job, still_mine=yes) == 2
    assert decide_next(job, still_mine=yes) == 0
    for _ in range(2):
        say_decided(only(job), still_mine=yes)
    made = only(job)
    item = Takeover.objects.exclude(source=Source.SCRIPT).get()
    assert (made.outcome, made.takeover, made.who, made.words) == (Outcome.FIRED, item, "Anna", "多少钱？")
    assert (item.text, item.source, item.rank, item.mode) == (REPLY, Source.RULE, Rank.RULE, Mode.APPEND)
    assert (item.author, item.author_label, item.cause_event_id) == (None, "price", made.event_id)
    assert item.useful_until == made.received_at + timedelta(seconds=USEFUL_S)
    assert Command.objects.filter(trace_id=item.trace_id).count() == 1
    entry = AuditEntry.objects.get(action="take_over")
    assert (entry.actor_id, entry.actor_label) == (None, "rule price")


def test_a_relay_that_lost_the_job_decides_and_says_nothing(cast: Cast) -> None:
    job = answering(cast)
    make.comment(job, "多少钱？")
    assert decide_next(job, still_mine=no) == 0
    assert decisions(job) == []
    decide_next(job, still_mine=yes)
    assert say_decided(only(job), still_mine=no).outcome == Outcome.MADE
    assert not Takeover.objects.filter(source=Source.RULE).exists()


def test_two_that_decide_at_once_decide_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second had read the same events before the first committed."""
    job = answering(cast)
    make.comment(job, "多少钱？")

    def meanwhile() -> bool:
        decide_next(job, still_mine=yes)
        return True

    assert decide_next(job, still_mine=meanwhile) == 0
    assert len(decisions(job)) == 1


def test_the_next_relay_goes_on_with_the_memory_of_the_first(cast: Cast) -> None:
    job = answering(cast, make.rule("多少钱", trigger=Trigger(-1, (REPLY,))))
    make.comment(job, "多少钱")
    decide_next(job, still_mine=yes)
    make.comment(job, "多少钱")
    decide_next(job, still_mine=yes)
    assert [(one.outcome, one.cause) for one in decisions(job)] == [
        (Outcome.MADE, Cause.NONE),
        (Outcome.SUPPRESSED, Cause.ONCE),
    ]


def test_a_window_is_told_with_its_end_and_the_rule_that_lost_by_name(cast: Cast) -> None:
    quiet = make.rule("钱", name="quiet", trigger=Trigger(30, (REPLY,)))
    job = answering(cast, quiet, make.rule("多少", name="behind", trigger=Trigger(30, (REPLY,))))
    for _ in range(3):
        make.comment(job, "多少钱")
    decide_next(job, still_mine=yes)
    first, second, third = decisions(job)
    assert (first.rule_name, first.beaten, first.outcome) == ("quiet", ["behind"], Outcome.MADE)
    assert (second.rule_name, second.outcome) == ("behind", Outcome.MADE)  # a quiet rule lets the next one answer
    assert (third.rule_name, third.outcome, third.cause) == ("quiet", Outcome.SUPPRESSED, Cause.WINDOW)
    assert third.quiet_until == first.event_at + timedelta(seconds=30)


def test_a_running_job_keeps_the_rules_it_started_with(cast: Cast) -> None:
    job = answering(cast)
    decide_next(job, still_mine=yes)
    RuleSet.objects.update(rules=[])
    Room.objects.update(rule_set=None)
    make.comment(job, "多少钱？")
    assert decided(Job.objects.get(pk=job.pk)).outcome == Outcome.FIRED


def test_a_room_without_rules_answers_nobody_also_when_it_gets_some_while_on_air(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, SOFTSUGAR)), cast.oki)
    make.comment(job, "多少钱？")
    assert decide_next(job, still_mine=yes) == 0
    Room.objects.filter(pk=job.room_id).update(rule_set=make.rule_set(cast.alpha, cast.pia))
    assert decide_next(Job.objects.get(pk=job.pk), still_mine=yes) == 0
    assert RuleCursor.objects.get(job=job).rules == []


# ----------------------------------------------------------------------------------------------- what stands against it


def test_no_rule_speaks_into_a_silence(cast: Cast) -> None:
    job = answering(cast)
    make.comment(job, "多少钱？")
    decide_next(job, still_mine=yes)
    silence(job=job, user=cast.oki.user, actor=cast.oki.actor)
    made = say_decided(only(job), still_mine=yes)
    assert (made.outcome, made.cause) == (Outcome.SUPPRESSED, Cause.SILENCED)
    assert not Takeover.objects.filter(source=Source.RULE).exists()


def test_a_hit_into_a_silence_begins_no_window(cast: Cast) -> None:
    """Viewers who ask again after the silence are answered, and nobody is told that it answered a moment ago."""
    job = answering(cast, make.rule("多少钱", trigger=Trigger(600, (REPLY,))))
    silence(job=job, user=cast.oki.user, actor=cast.oki.actor)
    for _ in range(2):
        make.comment(job, "多少钱？")
    decide_next(job, still_mine=yes)
    assert [(one.outcome, one.cause) for one in decisions(job)] == [(Outcome.SUPPRESSED, Cause.SILENCED)] * 2
    resume(job=job, user=cast.oki.user, actor=cast.oki.actor)
    make.comment(job, "多少钱？")
    make.comment(job, "多少钱？")
    decide_next(job, still_mine=yes)
    first, second = decisions(job)[2:]
    assert (say_decided(first, still_mine=yes).outcome, second.cause) == (Outcome.FIRED, Cause.WINDOW)


@pytest.mark.parametrize(
    ("says", "cause"),
    [(JobSays.PAUSED, Cause.PAUSED), (JobSays.TAKEN_OVER, Cause.FLOOR), (JobSays.ENDED, Cause.NOT_ON_AIR)],
)
def test_no_rule_speaks_where_the_room_does_not(cast: Cast, says: JobSays, cause: Cause) -> None:
    job = answering(cast)
    make.comment(job, "多少钱？")
    make.hear(job, says)
    made = decided(job)
    assert (made.outcome, made.cause) == (Outcome.SUPPRESSED, cause)


def test_a_rule_lets_people_speak_first(cast: Cast) -> None:
    job = answering(cast)
    for _ in range(MOST_AHEAD):
        make.takeover(job, cast.oki)
    make.comment(job, "多少钱？")
    made = decided(job)
    assert (made.outcome, made.cause, made.takeover) == (Outcome.LOST, Cause.QUEUE, None)


def test_what_would_come_too_late_is_not_asked_for(cast: Cast) -> None:
    job = answering(cast)
    make.takeover(job, cast.oki)
    Takeover.objects.update(estimate_ms=(USEFUL_S + 1) * 1000)
    make.comment(job, "多少钱？")
    made = decided(job)
    assert (made.outcome, made.cause) == (Outcome.LOST, Cause.LATE)


def test_an_event_that_nobody_decided_for_a_minute_is_decided_and_not_answered(cast: Cast) -> None:
    job = answering(cast)
    make.comment(job, "多少钱？")
    for event in Event.objects.filter(kind=Kind.COMMENT):
        event.received_at -= timedelta(seconds=USEFUL_S + 1)
        event.save()
    made = decided(job)
    assert (made.outcome, made.cause) == (Outcome.LOST, Cause.LATE)


def test_words_that_the_vendor_would_refuse_are_told_and_do_not_stop_the_next(cast: Cast) -> None:
    job = answering(cast)
    Job.objects.update(rules=[{**RuleSet.objects.get().rules[0], "trigger": {"reply_texts": ["short"]}}])
    make.comment(job, "多少钱？")
    made = decided(job)
    assert (made.outcome, made.cause, made.takeover) == (Outcome.REFUSED, Cause.LIMITS, None)


def test_an_answer_that_still_waits_when_nobody_wonders_any_more_is_taken_back(cast: Cast) -> None:
    job = answering(cast)
    Job.objects.filter(pk=job.pk).update(owner="me")
    make.comment(job, "多少钱？")
    waiting = decided(job).takeover
    assert waiting is not None
    expire_items("me")
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    Takeover.objects.filter(pk=waiting.pk).update(useful_until=waiting.requested_at)
    expire_items("me")
    waiting.refresh_from_db()
    assert waiting.state == "expired"
    assert not Command.objects.filter(trace_id=waiting.trace_id, state="ready").exists()


def test_an_answer_at_the_vendor_is_cancelled_there(cast: Cast) -> None:
    job = answering(cast)
    Job.objects.filter(pk=job.pk).update(owner="me")
    make.comment(job, "多少钱？")
    waiting = decided(job).takeover
    assert waiting is not None
    make.happened(waiting, Kind.ITEM_SENDING, Kind.ITEM_QUEUED)
    Takeover.objects.filter(pk=waiting.pk).update(useful_until=waiting.requested_at)
    for _ in range(2):
        expire_items("me")
    (cancel,) = Command.objects.filter(kind=CommandKind.CANCEL)
    assert cancel.body == {"items": [waiting.pk]}


def put_on_air(job: Job, chosen: RuleSet, state: ChangeState) -> None:
    """Other rules were asked for on air, and became what `state` says."""
    rules = [written(make.rule("多少钱|价格", "价格请看左下角的小黄车。", name="newer"))]
    payload = {"name": chosen.name, "version": chosen.version}
    JobChange.objects.create(job=job, kind=ChangeKind.RULES, state=state, payload=payload, asked_at=clock.now())
    if state == ChangeState.ACCEPTED:
        Job.objects.filter(pk=job.pk).update(rules=rules)


def test_rules_put_on_air_decide_from_then_on_and_what_was_decided_stays(cast: Cast) -> None:
    job, newer = answering(cast), make.rule_set(cast.alpha, cast.pia)
    make.comment(job, "多少钱？")
    decide_next(job, still_mine=yes)
    before = RuleCursor.objects.get(job=job)
    put_on_air(job, newer, ChangeState.ACCEPTED)
    job = Job.objects.get(pk=job.pk)
    assert decide_next(job, still_mine=yes) == 0  # the former comment is not decided anew
    after = RuleCursor.objects.get(job=job)
    assert (after.through_id, after.memory) == (before.through_id, before.memory)
    assert (after.rules, after.rule_set_name, after.rule_set_version) == (job.rules, newer.name, newer.version)
    make.comment(job, "价格呢？", user="Bo")
    decide_next(job, still_mine=yes)
    assert [one.rule_name for one in decisions(job)] == ["price", "newer"]


def test_rules_that_were_refused_on_air_change_nothing(cast: Cast) -> None:
    job, newer = answering(cast), make.rule_set(cast.alpha, cast.pia)
    make.comment(job, "多少钱？")
    decide_next(job, still_mine=yes)
    before = RuleCursor.objects.filter(job=job).values().get()
    put_on_air(job, newer, ChangeState.REFUSED)
    decide_next(Job.objects.get(pk=job.pk), still_mine=yes)
    assert RuleCursor.objects.filter(job=job).values().get() == before
