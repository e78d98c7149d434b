"""The languages the console speaks, and how to render in one outside a request."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    ENGLISH = "en", _("English")
    CHINESE = "zh-hans", _("Simplified Chinese")


def pick(sentences: tuple[str, str], language: str) -> str:
    """The sentence in `language` of a pair (English, Simplified Chinese)."""
    return sentences[1] if language.startswith("zh") else sentences[0]


def together(*sentences: str) -> str:
    """Sentences one behind the other in the language of now: Chinese full stops need no space behind them."""
    space = "" if (get_language() or "").startswith("zh") else " "
    return space.join(sentence for sentence in sentences if sentence)
