"""Sign in by e-mail address, whatever its letters' case."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend


class EmailBackend(ModelBackend):
    """`UserManager.get_by_natural_key` already ignores case; named so that settings say what it does."""
