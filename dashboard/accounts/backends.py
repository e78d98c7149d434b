"""Sign in by e-mail address, whatever its letters' case."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend

from dashboard.accounts.models import User
from dashboard.lib.prepared import PreparedObjects


class EmailBackend(ModelBackend):
    """`UserManager.get_by_natural_key` already ignores case; named so that settings say what it does."""

    def get_user(self, user_id: int) -> User | None:
        """Part of every page, and so its SQL is made once."""
        user = _BY_ID.one(pk=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


_BY_ID = PreparedObjects(lambda pk: User.objects.filter(pk=pk))
