from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.sandbox.metastudio_rules import RuleBook, compare, facts_of, look_up


def rule(index: str, event_type: int = 1, **more: Any) -> dict[str, Any]:
    condition = {"relation": more.pop("relation", "And"), "priority": more.pop("priority", 500)}
    condition["tags"] = more.pop("tags", [])
    trigger = {"reply_texts": [index], "time_window": more.pop("window", 0)}
    return {"rule_index": index, "event_type": event_type, "hit_condition": condition, "trigger": trigger, **more}


def tag(name: str, match: str, value: str, operation: str = "NONE") -> dict[str, str]:
    return {"tag": name, "match": match, "value": value, "operation": operation}


def answer(book: RuleBook, content: str, now: float = 0.0, kind: int = 1, scene: str = "S") -> str | None:
    reply = book.answer(kind, content, now, scene)
    return None if reply is None else reply.text


def test_smallest_priority_answers_and_the_general_rule_only_last() -> None:
    price = tag("content", "REGEX", "price")
    book = RuleBook(
        [
            rule("general", relation="RESERVED", priority=0),
            rule("late", tags=[price], priority=900),
            rule("early", tags=[price], priority=1),
        ]
    )
    assert answer(book, '{"content":"the price"}') == "early"
    assert answer(book, '{"content":"hello"}') == "general"


def test_a_suppressed_rule_leaves_the_word_to_the_next() -> None:
    book = RuleBook([rule("first", priority=1, window=10), rule("second", window=-1)])
    assert [answer(book, "x", now) for now in (0, 5, 9.9, 10, 25)] == ["first", "second", None, "first", "first"]


def test_disabled_rules_other_events_and_other_scenes_are_silent() -> None:
    book = RuleBook([rule("off", enabled=False), rule("gift", 4), rule("scene", enabled_scenes=["Other"])])
    assert answer(book, "x") is None
    assert answer(book, "x", scene="Other") == "scene"


@pytest.mark.parametrize(("relation", "wanted"), [("And", None), ("OR", "r")])
def test_relation_of_conditions(relation: str, wanted: str | None) -> None:
    tags = [tag("content", "EQUAL", "hi"), tag("user.level", "MATH_GE", "10")]
    book = RuleBook([rule("r", relation=relation, tags=tags)])
    assert answer(book, '{"content":"hi","user":{"level":3}}') == wanted
    assert answer(book, '{"content":"hi","user":{"level":10}}') == "r"


def test_sums_and_counts_run_over_the_window() -> None:
    book = RuleBook([rule("sum", 4, tags=[tag("giftNum", "MATH_GE", "10", "SUM")], window=60)])
    gift = '{"gift":{"giftNum":4}}'
    assert [answer(book, gift, now, 4) for now in (0, 70, 80, 90)] == [None, None, None, "sum"]
    likes = RuleBook([rule("count", 3, tags=[tag("user", "MATH_EQ", "3", "COUNT")], window=-1)])
    assert [answer(likes, '{"user":{}}', now, 3) for now in range(4)] == [None, None, "count", None]


@pytest.mark.parametrize(
    ("match", "found", "value", "holds"),
    [
        ("EQUAL", "a", "a", True),
        ("EQUAL", 3, "3", True),
        ("REGEX", "how much?", "much", True),
        ("REGEX", "x", "(", False),
        ("MATH_GT", "3", "2.5", True),
        ("MATH_LT", 3, "many", False),
        ("MATH_LE", None, "3", False),
    ],
)
def test_comparisons(match: str, found: object, value: str, holds: bool) -> None:
    assert compare(match, found, value) is holds


def test_content_that_is_no_json_is_the_comment_itself() -> None:
    assert facts_of("xxxxx") == {"content": "xxxxx"}
    assert facts_of(None) == {"content": ""}
    assert facts_of("[1]") == {"content": "[1]"}
    assert look_up({"user": {"name": "A"}, "gift": {"giftName": "Star"}}, "giftName") == "Star"


def test_random_replies_are_repeatable() -> None:
    def replies(seed: str) -> list[str | None]:
        one = rule("r")
        one["trigger"] = {"reply_texts": ["a", "b", "c"], "reply_order": "RANDOM"}
        book = RuleBook([one], seed=seed)
        return [answer(book, "x", now) for now in range(20)]

    assert replies("1") == replies("1")
    assert set(replies("1")) == {"a", "b", "c"}


@pytest.mark.parametrize("mode", ["SHOW_LAYER", "CALLBACK"])
def test_replies_that_make_no_sound(mode: str) -> None:
    silent = rule("r")
    silent["trigger"]["reply_mode"] = mode
    assert answer(RuleBook([silent]), "x") is None


def test_two_conditions_about_one_field_count_each_event_once() -> None:
    tags = [
        {"tag": "giftNum", "operation": "SUM", "match": "MATH_GE", "value": "4"},
        {"tag": "giftNum", "operation": "SUM", "match": "MATH_LT", "value": "9"},
    ]
    rule = {
        "event_type": 4,
        "hit_condition": {"relation": "AND", "tags": tags},
        "trigger": {"time_window": -1, "reply_texts": ["谢谢大家的礼物。"]},
    }
    book = RuleBook([rule])
    gift = json.dumps({"gift": {"giftNum": 2}})
    assert book.answer(4, gift, 1.0, "") is None
    assert book.answer(4, gift, 2.0, "") is not None


@pytest.mark.parametrize(
    "content",
    ['{"content": ' + "9" * 400 + "}", "[" * 3000, '{"a":' * 400 + "1" + "}" * 400, '{"content": "\\ud800"}'],
    ids=["huge number", "deep list", "deep object", "half a character"],
)
def test_odd_contents_answer_nothing_and_break_nothing(content: str) -> None:
    tags = [
        {"tag": "content", "match": "MATH_GT", "value": "1e999"},
        {"tag": "content", "match": "REGEX", "value": "(a+)+$"},
    ]
    rule = {"event_type": 1, "hit_condition": {"relation": "OR", "tags": tags}, "trigger": {"reply_texts": ["好的。"]}}
    assert RuleBook([rule]).answer(1, content, 0.0, "") is None


def test_a_pattern_cannot_make_the_vendor_hang() -> None:
    tags = [{"tag": "content", "match": "REGEX", "value": "(a|aa)+$"}]
    rule = {"event_type": 1, "hit_condition": {"relation": "AND", "tags": tags}, "trigger": {"reply_texts": ["好的。"]}}
    assert RuleBook([rule]).answer(1, "a" * 480 + "b", 0.0, "") is None
