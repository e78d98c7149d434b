"""Airtime of a text: what it is made of, and how fast a measured voice says it."""

from __future__ import annotations

from time import perf_counter

import pytest

from dashboard.lib.speech import (
    COMMA_PAUSE_S,
    HAN_PER_S,
    NORMAL,
    SENTENCE_PAUSE_S,
    SHORTEST_S,
    WORDS_PER_S,
    Pace,
    count,
    estimate_ms,
    sentence_ends_ms,
)


def ms(seconds: float) -> int:
    return int(seconds * 1000)


def test_chinese_is_counted_by_characters_and_pauses() -> None:
    assert estimate_ms("欢迎来到直播间，大家好。") == ms(10 / HAN_PER_S + COMMA_PAUSE_S + SENTENCE_PAUSE_S)


def test_english_is_counted_by_words() -> None:
    assert estimate_ms("It's a re-run of the old version today") == ms(8 / WORDS_PER_S)


def test_nothing_is_shorter_than_a_breath() -> None:
    assert estimate_ms("") == estimate_ms("好") == ms(SHORTEST_S)


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("到手358", 2 + 5),  # 三百五十八
        ("到手200", 2 + 2),  # 二百
        ("到手10", 2 + 2),
        ("到手7", 2 + 1),
        ("到手1999", 2 + 7),
        ("只要3.14", 2 + 4),  # 三点一四
        ("¥199", 1 + 5),
        ("1,280", 6),
        ("拨打13800138000", 2 + 11),
        ("款号007", 2 + 3),
    ],
)
def test_numbers_count_as_they_are_said(text: str, syllables: int) -> None:
    assert count(text).han == pytest.approx(syllables, abs=1.0)
    assert count(text).words == 0


def test_prices_in_english_are_words() -> None:
    units = count("Today it costs $199 for everybody")
    assert units.han == 0
    assert units.words == 5 + 1 + 5


def test_a_point_inside_a_number_is_no_pause_and_two_marks_are_one() -> None:
    assert count("只要 3.14 元").pause_s == 0
    assert count("真的？！").pause_s == SENTENCE_PAUSE_S
    assert count("真的。\n好").pause_s == SENTENCE_PAUSE_S
    assert count("Yes. No").pause_s == SENTENCE_PAUSE_S


def test_emoji_and_zero_width_characters_are_silent() -> None:
    assert count("大家好🎉👨‍👩‍👧\u200b") == count("大家好")


def test_markup_is_not_spoken_but_its_pauses_are_heard() -> None:
    plain = "欢迎来到直播间大家好欢迎来到直播间大家好"
    assert estimate_ms(f'<speak>{plain}<break time="1s"/></speak>') == estimate_ms(plain) + 1000
    assert estimate_ms(f'<speak>{plain}<break time="500ms"/></speak>') == estimate_ms(plain) + 500


@pytest.mark.parametrize("speed", [0.7, 1.4])
def test_a_measured_pace_stretches_words_and_pauses_but_no_written_break(speed: float) -> None:
    text = "字" * 42 + "。"
    assert estimate_ms(text, Pace(han=speed)) == pytest.approx(estimate_ms(text) / speed, abs=1)
    assert estimate_ms(f'{text}<break time="2s"/>', Pace(han=speed)) == pytest.approx(
        estimate_ms(text) / speed + 2000, abs=1
    )


def test_each_language_has_its_own_pace() -> None:
    both = "欢迎大家来到直播间 welcome"
    slow_english = estimate_ms(both, Pace(han=1.0, words=0.5))
    assert slow_english - estimate_ms(both) == pytest.approx(1000 / WORDS_PER_S, abs=1)


def test_sentence_ends_rise_and_end_with_the_whole() -> None:
    text = "第一句话说完。第二句话，还没说完！最后"
    ends = sentence_ends_ms(text, NORMAL)
    assert ends == sorted(ends)
    assert len(ends) == 3
    assert ends[-1] == estimate_ms(text)
    assert ends[0] == estimate_ms("第一句话说完。")


def test_tags_that_never_end_are_counted_in_time() -> None:
    began = perf_counter()
    count("<break " * 10_000)
    assert perf_counter() - began < 0.5
