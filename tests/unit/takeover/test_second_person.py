"""Which of what people want heard takes a second person first."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.takeover.second_person import Asked, Conditions, holds, why

SENTENCE = Asked("text", "append", "operator", "今天全网最低价，只要一百九十九元。")


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (Conditions(), ""),
        (Conditions(kinds=frozenset({"audio"})), ""),
        (Conditions(kinds=frozenset({"text"})), "kind:text"),
        (Conditions(modes=frozenset({"now"})), ""),
        (Conditions(modes=frozenset({"append"}), kinds=frozenset({"text"})), "mode:append"),
        (Conditions(roles=frozenset({"operator"})), "role:operator"),
        (Conditions(roles=frozenset({"producer"})), ""),
        (Conditions(words=("国家级", "最低价"), roles=frozenset({"operator"})), "word:最低价"),
        (Conditions(words=("国家级",)), ""),
    ],
)
def test_any_one_condition_is_enough_and_the_most_telling_is_named(conditions: Conditions, expected: str) -> None:
    assert why(conditions, SENTENCE) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("全网最低价", "最低价"),
        ("全网最 低 价", "最低价"),
        ("全网最\u200b低价", "最低价"),
        ('全网最<break time="200ms"/>低价', "最低价"),
        ("全网<最低价>", "最低价"),
        ('<sub alias="最低价">这个价</sub>', "最低价"),
        ("The BEST tea", "best"),
        ("the b\u200best tea", "best"),
        ("ＢＥＳＴ tea", "best"),
        ("best  of\nall", "best of all"),
        ("199元包邮 (100%)", "(100%)"),
    ],
)
def test_a_word_is_found_however_it_is_written(text: str, word: str) -> None:
    assert holds(text, word)


@pytest.mark.parametrize(
    ("text", "word"), [("全网低价", "最低价"), ("", "x"), ("be stable", "best"), ("text", ""), ("a", " ")]
)
def test_what_is_not_said_is_not_found(text: str, word: str) -> None:
    assert not holds(text, word)


@given(st.text(), st.text(min_size=1))
def test_a_word_in_a_text_is_found_and_no_pattern_is_read_into_it(text: str, word: str) -> None:
    assert isinstance(holds(text, word), bool)
    if word.strip() and word.isalpha():
        assert holds(f"{text.replace('<', '')} {word}", word)


def test_a_text_of_open_brackets_is_looked_through_in_time() -> None:
    began = perf_counter()
    assert not holds("<" * 131_072, "最低价")
    assert perf_counter() - began < 0.5
