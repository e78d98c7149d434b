"""Pairs of sentences: English, Simplified Chinese."""

from __future__ import annotations

import pytest
from django.utils import translation

from dashboard.lib.languages import Language, pick, together


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "yes"), ("en-gb", "yes"), ("zh-hans", "是"), ("zh", "是"), ("", "yes")]
)
def test_the_sentence_of_a_language(language: str, expected: str) -> None:
    assert pick(("yes", "是"), language) == expected


@pytest.mark.parametrize(
    ("language", "sentences", "expected"),
    [
        ("en", ("Not sent.", "Try again."), "Not sent. Try again."),
        ("zh-hans", ("未发送。", "请重试。"), "未发送。请重试。"),
        ("en", ("", "Try again."), "Try again."),
        ("zh-hans", ("未发送。", ""), "未发送。"),
    ],
)
def test_sentences_stand_together_as_the_language_writes(
    language: str, sentences: tuple[str, ...], expected: str
) -> None:
    with translation.override(language):
        assert together(*sentences) == expected


def test_the_console_speaks_two() -> None:
    assert Language.values == ["en", "zh-hans"]
