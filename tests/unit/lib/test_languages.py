"""Pairs of sentences: English, Simplified Chinese."""

from __future__ import annotations

import pytest

from dashboard.lib.languages import Language, pick


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "yes"), ("en-gb", "yes"), ("zh-hans", "是"), ("zh", "是"), ("", "yes")]
)
def test_the_sentence_of_a_language(language: str, expected: str) -> None:
    assert pick(("yes", "是"), language) == expected


def test_the_console_speaks_two() -> None:
    assert Language.values == ["en", "zh-hans"]
