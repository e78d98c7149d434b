"""Estimates of airtime, before anybody measured it."""

from __future__ import annotations

import pytest

from dashboard.lib.speech import HAN_PER_S, PAUSE_S, SHORTEST_S, WORDS_PER_S, estimate_ms


def test_chinese_is_counted_by_characters_and_pauses() -> None:
    assert estimate_ms("欢迎来到直播间，大家好。") == int((10 / HAN_PER_S + 2 * PAUSE_S) * 1000)


def test_english_is_counted_by_words() -> None:
    assert estimate_ms("It's a re-run of version 2.1 today") == int(7 / WORDS_PER_S * 1000)


def test_nothing_is_shorter_than_a_breath() -> None:
    assert estimate_ms("") == estimate_ms("好") == int(SHORTEST_S * 1000)


def test_markup_is_not_spoken() -> None:
    plain = "欢迎来到直播间大家好欢迎来到直播间大家好"
    assert estimate_ms(f'<speak>{plain}<break time="1s"/></speak>') == estimate_ms(plain)


@pytest.mark.parametrize("speed", [2.1, 8.4])
def test_a_measured_speed_stretches_words_but_not_pauses(speed: float) -> None:
    text = "字" * 42
    assert estimate_ms(text, units_per_s=speed) == int(42 / speed * 1000)
    assert estimate_ms(text + "。", units_per_s=speed) == int((42 / speed + PAUSE_S) * 1000)
