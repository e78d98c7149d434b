from __future__ import annotations

import pytest

from dashboard.sandbox.speech import SHORTEST_S, is_sentence_end, measure, plain


def test_chinese_is_counted_in_characters_and_english_in_words() -> None:
    assert measure("商汤科技是一家行业领先的人工智能软件公司啊").duration_s == pytest.approx(21 / 4.2)
    assert measure(
        "one two three four five six seven eight nine ten eleven twelve thirteen"
    ).duration_s == pytest.approx(13 / 2.6)


def test_nothing_is_shorter_than_the_shortest() -> None:
    assert measure("").duration_s == SHORTEST_S
    assert measure("好").duration_s == SHORTEST_S


def test_tags_are_not_heard_and_breaks_are() -> None:
    text = '<speak>大家好大家好<break time="2s"/>再见再见&amp;</speak>'
    speech = measure(text)
    assert speech.text == "大家好大家好再见再见&"
    assert speech.duration_s == pytest.approx(10 / 4.2 + 2)
    assert measure('大家好大家好<break time="500ms"/>').duration_s == pytest.approx(6 / 4.2 + 0.5)
    assert plain("<speak>a</speak>") == "a"


def test_sentence_ends_are_after_the_pause_and_the_last_is_the_end() -> None:
    speech = measure("大家好大家好!今天三点五折。Only 3.14 today. Yes")
    assert len(speech.sentence_ends) == 4
    assert speech.sentence_ends[0] == pytest.approx(6 / 4.2 + 0.35)
    assert speech.sentence_ends[-1] == speech.duration_s
    assert list(speech.sentence_ends) == sorted(speech.sentence_ends)


def test_several_marks_in_a_row_pause_once() -> None:
    assert measure("大家好大家好?!").duration_s == measure("大家好大家好?").duration_s


def test_a_decimal_point_ends_no_sentence() -> None:
    assert not is_sentence_end("3.14", 1)
    assert is_sentence_end("Yes.", 3)
    assert is_sentence_end("Yes. No", 3)


def test_a_faster_voice_takes_less_time() -> None:
    text = "大家好,今天有很多好东西。请看这里。"
    assert measure(text, rate=2.0).duration_s == pytest.approx(measure(text).duration_s / 2)


def test_characters_after_follows_the_voice() -> None:
    speech = measure("大家好大家好")
    assert [speech.characters_after(at) for at in (0, 1 / 4.2, 3 / 4.2, 99)] == [0, 1, 3, 6]
