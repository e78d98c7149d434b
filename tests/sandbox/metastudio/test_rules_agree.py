"""The console's rules engine and the vendor's: two implementations of one reading decide a thousand shows alike."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from dashboard.audience.deciding import decide_next
from dashboard.audience.models import RuleDecision
from dashboard.audience.states import Cause, Outcome
from dashboard.events.kinds import AUDIENCE, Audience, Fact, Kind
from dashboard.events.models import Event as RecordedEvent
from dashboard.events.models import Source
from dashboard.events.record import record_many
from dashboard.jobs.models import Job
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.rooms.rules.engine import Matcher, explain
from dashboard.rooms.rules.model import Event, ReplyOrder, Why
from dashboard.rooms.rules.stored import read_rules
from dashboard.sandbox.metastudio_rules import BOT_SAYS, Reply, RuleBook
from tests import cast as make
from tests.cast import Cast

SHOWS, RECORDED_SHOWS = 1_000, 60
BEGAN = datetime(2026, 5, 1, 12, tzinfo=UTC)
_KINDS = {1: Kind.COMMENT, 2: Kind.JOINED, 3: Kind.LIKED, 4: Kind.GIFT}
WORDS = ("多少钱", "价格是多少？", "好看", "how much", "", "加购物车了", "扣1")
PATTERNS = ("多少钱|价格", "^好", "(?i)HOW", "[0-9]+", "(a+)+$", "车了$", "")
TEXT_FIELDS, NUMBER_FIELDS = (
    ("content", "name", "user.name", "nobody"),
    ("giftNum", "gift.totalValue", "level", "nothing"),
)
SCENES = ("", "opening", "evening")


def test_a_thousand_shows_are_decided_as_the_vendor_decides_them() -> None:
    fired = suppressed = 0
    for number in range(SHOWS):
        dice = random.Random(number)
        rules = [_rule(dice, place) for place in range(dice.randint(0, 8))]
        events = _events(dice, dice.randint(5, 30))
        book = RuleBook(rules, seed=str(number))
        decided = _decided_with_a_crash(rules, events, str(number), dice)
        for event, decision in zip(events, decided, strict=True):
            answer = book.answer(event.type, event.content, event.at_s, event.scene)
            where = f"show {number} at {event.at_s}: {event.content}"
            if decision.reply is None:
                assert answer is None, where
            else:
                assert decision.place is not None
                _same(answer, decision.reply, rules[decision.place], where)
                fired += 1
            suppressed += any(verdict.why == Why.SUPPRESSED for verdict in decision.verdicts)
    # A generator whose rules never fire, or never hold each other back, would prove nothing.
    assert fired > 2 * SHOWS
    assert suppressed > SHOWS


def test_recorded_events_are_decided_as_the_vendor_decides_them(cast: Cast) -> None:
    """The whole way: events of the log, decisions as rows, and relays that die before what they did was kept."""
    account = make.account(cast.alpha, make.SOFTSUGAR)
    fired = 0
    for number in range(RECORDED_SHOWS):
        dice = random.Random(number)
        rules = [_rule(dice, place) for place in range(dice.randint(2, 8))]
        events = [replace(event, scene="") for event in _events(dice, dice.randint(10, 30))]
        job = make.on_air(make.room(account), cast.oki)
        job.rules = rules
        middle = dice.randint(0, len(events))
        for part in (events[:middle], events[middle:]):
            record_many([_fact(job, event, place) for place, event in enumerate(part, start=len(part))], PROJECTIONS)
            with transaction.atomic():
                decide_next(job, still_mine=lambda: True)
                transaction.set_rollback(True)
            decide_next(job, still_mine=lambda: True)
        recorded = RecordedEvent.objects.filter(job_id=job.pk, kind__in=AUDIENCE).order_by("id")
        rows = {row.event_id: row for row in RuleDecision.objects.filter(job=job)}
        book = RuleBook(rules, seed=str(number))
        for event, pk in zip(events, recorded.values_list("pk", flat=True), strict=True):
            answer = book.answer(event.type, event.content, event.at_s, "")
            where = f"show {number} at {event.at_s}: {event.content}"
            fired += _same_as_row(answer, rows.get(pk), rules, where)
    assert fired > 2 * RECORDED_SHOWS


def _fact(job: Job, event: Event, number: int) -> Fact:
    return Fact(
        kind=_KINDS[event.type],
        payload=Audience(type=event.type, raw=event.content),
        source=Source.AUDIENCE,
        dedupe_key=f"audience:{job.pk}:{event.at_s}:{number}",
        at=BEGAN + timedelta(seconds=event.at_s),
        team_id=job.team_id,
        account_id=job.account_id,
        room_id=job.room_id,
        job_id=job.pk,
    )


def _same_as_row(answer: Reply | None, row: RuleDecision | None, rules: list[dict[str, Any]], where: str) -> bool:
    """Whether words were decided. What the vendor would not say has no row, or one that says why not."""
    if answer is None:
        assert row is None or row.outcome != Outcome.MADE, where
        return False
    assert row is not None, where
    assert row.rule_index == answer.rule_index, where
    if answer.audio_url or answer.text == BOT_SAYS:
        # Which of a rule's texts and recordings it is by chance, is each one's own dice.
        assert row.outcome == Outcome.REFUSED or row.text, where
        return False
    trigger = next(rule["trigger"] for rule in rules if rule["rule_index"] == row.rule_index)
    if trigger["reply_order"] == ReplyOrder.RANDOM:
        assert row.text in trigger["reply_texts"] or row.cause == Cause.RECORDING, where
    else:
        assert row.text == answer.text, where
    return row.outcome == Outcome.MADE


def _decided_with_a_crash(
    rules: list[dict[str, Any]], events: list[Event], seed: str, dice: random.Random
) -> list[Any]:
    """What is decided over two lives, the second with what the first left as JSON, and what is explained."""
    parsed = read_rules(rules)
    explained = explain(parsed, events, seed)
    middle = dice.randint(0, len(events))
    first = Matcher(parsed, seed)
    decided = [first.decide(event) for event in events[:middle]]
    second = Matcher(parsed, seed, json.loads(json.dumps(first.remembered())))
    decided += [second.decide(event) for event in events[middle:]]
    for one, whole in zip(decided, explained, strict=True):
        assert (one.place, one.reply) == (whole.place, whole.reply)
        held = [verdict for verdict in whole.verdicts if verdict.why in (Why.ANSWERS, Why.SUPPRESSED, Why.LOST)]
        assert [(verdict.place, verdict.why) for verdict in one.verdicts] == [(v.place, v.why) for v in held]
    return decided


def _same(answer: Reply | None, ours: Any, rule: dict[str, Any], where: str) -> None:
    assert answer is not None, where
    expected = (rule["rule_index"], ours.role, ours.play_type)
    assert (answer.rule_index, answer.role, answer.play_type) == expected, where
    if not (ours.text or ours.audio_url):
        assert answer.text == BOT_SAYS, where
    elif rule["trigger"]["reply_order"] == ReplyOrder.RANDOM:
        # Which text it is, is each one's own dice.
        assert answer.text in rule["trigger"]["reply_texts"] or answer.audio_url, where
    else:
        assert (answer.text, answer.audio_url) == (ours.text, ours.audio_url), where


def _rule(dice: random.Random, place: int) -> dict[str, Any]:
    texts = [f"answer {place}-{number}" for number in range(dice.choice([0, 1, 2, 3, 3]))]
    audios = [{"audio_url": f"https://x.test/{place}.mp3"}] if dice.random() < 0.2 else []
    relation = dice.choice(["AND", "OR", "And", "Or", "RESERVED", None])
    return {
        "rule_index": f"rule-{place}",
        "enabled": dice.choice([True, True, True, False, None]) is not False,
        "event_type": dice.choice([1, 1, 1, 1, 2, 3, 4, 4, 10]),
        "enabled_scenes": dice.choice([None, None, None, None, ["opening"], ["opening", "evening"]]),
        "hit_condition": {
            "relation": relation,
            "priority": dice.choice([None, 0, 1, 500, 999]),
            "tags": _tags(dice),
        },
        "trigger": {
            "time_window": dice.choice([None, 0, 0, -1, 5, 5, 30]),
            "reply_mode": dice.choice(["SYSTEM_REPLY"] * 9 + ["SHOW_LAYER", "CALLBACK", "INTELLIGENT_REPLY"]),
            "reply_texts": texts,
            "reply_audios": audios,
            "reply_order": dice.choice(["ORDER", "RANDOM"]),
            "reply_role": dice.choice(["STREAMER", "CO_STREAMER"]),
            "play_type": dice.choice([None, "APPEND", "INSERT", "PLAY_NOW"]),
        },
    }


def _tags(dice: random.Random) -> list[dict[str, Any]]:
    tags: dict[tuple[str, str], dict[str, Any]] = {}
    for _ in range(dice.choice([0, 1, 1, 2, 3])):
        if dice.random() < 0.6:
            match = dice.choice(["EQUAL", "REGEX"])
            value = dice.choice(PATTERNS if match == "REGEX" else WORDS)
            tag = {"tag": dice.choice(TEXT_FIELDS), "operation": "NONE", "match": match, "value": value}
        else:
            operation = dice.choice(["NONE", "SUM", "AVG", "COUNT"])
            match = dice.choice(["MATH_GT", "MATH_GE", "MATH_LT", "MATH_LE", "MATH_EQ"])
            value = dice.choice(["0", "1", "2.5", "7", "30", "many"])
            tag = {"tag": dice.choice(NUMBER_FIELDS), "operation": operation, "match": match, "value": value}
        # Two conditions on one sum share their values at the vendor, where each event then counts twice.
        tags[str(tag["tag"]), str(tag["operation"])] = tag
    return list(tags.values())


def _events(dice: random.Random, count: int) -> list[Event]:
    at, events = 0.0, []
    for _ in range(count):
        at += dice.choice([0, 0.5, 1, 4, 20])
        user = {"userId": "1", "name": dice.choice(["Anna", "价格"]), "level": dice.randint(0, 9)}
        gift = {"giftName": "Star", "giftNum": dice.choice([1, 3, 10, "7"]), "totalValue": dice.randint(0, 40)}
        kind = dice.choice([1, 1, 1, 2, 3, 4, 4])
        content: dict[str, Any] = {"user": user}
        content |= {"content": dice.choice(WORDS)} if kind == 1 else {}
        content |= {"gift": gift} if kind == 4 else {}
        text = "plain words 多少钱" if dice.random() < 0.1 else json.dumps(content, ensure_ascii=False)
        events.append(Event(kind, at, text, dice.choice(SCENES)))
    return events
