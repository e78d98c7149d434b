"""Banned words and prices in a text, however they are written."""

from __future__ import annotations

from decimal import Decimal
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.library.lint import banned_in, folded, prices_in
from dashboard.library.phrases import fill, price_said, unknown_in


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("这是全网最低价", "最低价"),
        ("这是全网最\u200b低\ufeff价", "最低价"),
        ("这是全网最 低 价", "最低价"),
        ("We are ＮＯ．１ here", "no.1"),
        ("we are No.1 here", "ＮＯ．１"),
        ("STRASSE", "straße"),
        ("最\ufe0f低价", "最低价"),
    ],
)
def test_a_banned_word_is_found_however_it_is_written(text: str, word: str) -> None:
    (found,) = banned_in(text, [(word, "")])
    assert folded(text[found.start : found.end])[0] == folded(word)[0]


def test_what_is_not_there_is_not_found() -> None:
    assert banned_in("这是最好的价格", [("最低价", ""), ("", ""), ("\u200b", "")]) == []


def test_the_first_in_the_text_comes_first_with_its_place() -> None:
    found = banned_in("第一名，绝对安全", [("绝对", "law"), ("第一", "")])
    assert [(one.word, one.start, one.end, one.why) for one in found] == [("第一", 0, 2, ""), ("绝对", 4, 6, "law")]


@given(st.text(max_size=60), st.text(min_size=1, max_size=5), st.text(max_size=60))
def test_a_word_between_others_is_always_found(before: str, word: str, after: str) -> None:
    text = f"{before}{word}{after}"
    wanted = folded(word)[0]
    assert bool(banned_in(text, [(word, "")])) == (bool(wanted) and wanted in folded(text)[0])


@pytest.mark.parametrize(
    ("text", "prices"),
    [
        ("到手149元", ["149"]),
        ("现价 ￥１９９", ["199"]),
        ("¥1,299.50", ["1299.50"]),
        ("一百九十九元", ["199"]),
        ("两万三千五百块", ["23500"]),
        ("十二元", ["12"]),
        ("only $19.9 or 20 dollars", ["19.9", "20"]),
        ("原价299元，现在199元", ["199"]),
        ("立减50元，满200元可用", []),
        ("was $30", []),
        ("203 陶土红，第 3 件", []),
    ],
)
def test_prices_to_pay_are_found_in_digits_and_numerals(text: str, prices: list[str]) -> None:
    assert prices_in(text) == [Decimal(price) for price in prices]


def test_a_long_text_against_many_words_is_looked_through_in_time() -> None:
    words = [(f"禁词{number}", "") for number in range(300)]
    text = "今天这款茶限时八折，到手一百九十九元，喜欢可以先收藏。" * 180  # SoftSugar's longest
    began = perf_counter()
    assert banned_in(text, words) == []
    prices_in(text)
    assert perf_counter() - began < 0.05


@pytest.mark.parametrize(
    "text", ["1" * 16_000, "一" * 16_000, "1元" * 8_000, "1,111" * 3_000, "1点" * 8_000, "¥ " * 8_000]
)
def test_no_text_is_slow_to_be_looked_through_for_prices(text: str) -> None:
    began = perf_counter()
    prices_in(text)
    assert perf_counter() - began < 0.5


def test_variables_are_filled_in_and_what_has_no_value_is_named() -> None:
    assert fill("{product} 今天只要 {price}", {"product": "口红", "price": "199元"}) == ("口红 今天只要 199元", [])
    assert fill("{product} {price}", {"product": "口红"}) == ("口红 {price}", ["price"])
    assert unknown_in("{product} {colour}") == ["colour"]


def test_a_price_is_written_as_it_is_said() -> None:
    assert price_said(Decimal("199.00"), "CNY") == "199元"
    assert price_said(Decimal("19.90"), "USD") == "19.90 dollars"
    assert price_said(None, "CNY") == ""
