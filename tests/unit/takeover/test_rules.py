"""The queue's decisions: who may cut whom, and what one play of the script player consists of."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.takeover.rules import JOIN_BELOW, Paragraph, Play, may_cut, next_play
from dashboard.vendors.models import Rank

LONG = "这一段有十个字以上了。"  # 11 characters
ALSO = "另外一段也有十个字以上。"


def script(*texts: str) -> list[Paragraph]:
    return [Paragraph(no, text) for no, text in enumerate(texts, start=1)]


@pytest.mark.parametrize("playing", Rank)
@pytest.mark.parametrize("rank", Rank)
def test_only_now_and_only_an_equal_or_higher_rank_cuts(rank: Rank, playing: Rank) -> None:
    assert may_cut(rank, playing, is_now=True) == (rank <= playing)
    assert not may_cut(rank, playing, is_now=False)


def test_an_empty_script_has_no_play() -> None:
    assert next_play([], 0, repeat=True) is None
    assert next_play(script("", "  "), 0, repeat=True) is None


def test_paragraphs_follow_each_other() -> None:
    parts = script(LONG, ALSO)
    assert next_play(parts, 0, repeat=False) == Play(1, 1, LONG)
    assert next_play(parts, 1, repeat=False) == Play(2, 2, ALSO)


def test_a_script_ends_or_begins_again() -> None:
    parts = script(LONG, ALSO)
    assert next_play(parts, 2, repeat=False) is None
    assert next_play(parts, 2, repeat=True) == Play(1, 1, LONG)


def test_a_short_paragraph_is_joined_with_the_next() -> None:
    assert next_play(script("短。", LONG, ALSO), 0, repeat=True) == Play(1, 2, f"短。\n{LONG}")


def test_nine_characters_are_too_few_and_ten_are_enough() -> None:
    nine, ten = "一二三四五六七八九", "一二三四五六七八九十"
    assert next_play(script(nine, LONG, ALSO), 0, repeat=True) == Play(1, 2, f"{nine}\n{LONG}")
    assert next_play(script(ten, LONG, ALSO), 0, repeat=True) == Play(1, 1, ten)


def test_several_short_ones_are_joined_until_they_are_long_enough() -> None:
    assert next_play(script("一二三", "四五六", "七八九十", LONG), 0, repeat=True) == Play(
        1, 3, "一二三\n四五六\n七八九十"
    )


def test_a_short_last_paragraph_goes_with_the_one_before_it() -> None:
    """It has no next neighbour; the whole script must not be said again because of it."""
    parts = script(LONG, ALSO, "再见。")
    assert next_play(parts, 0, repeat=True) == Play(1, 1, LONG)
    assert next_play(parts, 1, repeat=True) == Play(2, 3, f"{ALSO}\n再见。")
    assert next_play(parts, 3, repeat=False) is None


def test_a_script_that_is_too_short_as_a_whole_is_said_until_the_vendor_takes_it() -> None:
    play = next_play(script("你好。"), 0, repeat=True)
    assert play is not None
    assert (play.first, play.last) == (1, 1)
    assert play.text.split("\n") == ["你好。"] * play.text.count("你好。")
    assert len(play.text) >= JOIN_BELOW


@given(lengths=st.lists(st.integers(min_value=1, max_value=25), min_size=1, max_size=12), repeat=st.booleans())
@settings(derandomize=True, max_examples=300, deadline=None)
def test_one_round_says_every_paragraph_once_and_in_order(lengths: list[int], repeat: bool) -> None:
    parts = script(*("字" * length for length in lengths))
    after, covered = 0, []
    while after < len(parts):
        play = next_play(parts, after, repeat=repeat)
        assert play is not None
        assert play.first == after + 1
        assert len(play.text.strip()) >= JOIN_BELOW
        covered += list(range(play.first, play.last + 1))
        said = "\n".join(part.text for part in parts[play.first - 1 : play.last])
        assert play.text == said or sum(lengths) + len(lengths) - 1 < JOIN_BELOW
        after = play.last
    assert covered == list(range(1, len(parts) + 1))
    again = next_play(parts, after, repeat=repeat)
    assert (again is not None and again.first == 1) if repeat else again is None
