"""The languages the console speaks, and how to render in one outside a request."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    ENGLISH = "en", _("English")
    CHINESE = "zh-hans", _("Simplified Chinese")


def pick(sentences: tuple[str, str], language: str) -> str:
    """The sentence in `language` of a pair (English, Simplified Chinese)."""
    return sentences[1] if language.startswith("zh") else sentences[0]
