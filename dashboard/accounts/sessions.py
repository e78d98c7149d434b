"""Where sign-ins are kept: Django's own table, asked only for keys that a database can look for."""

from __future__ import annotations

from django.contrib.sessions.backends import db

from dashboard.lib.htmx import NUL


class SessionStore(db.SessionStore):
    """A cookie may hold any character, and PostgreSQL refuses a query for a NUL: such a visitor is signed out."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(None if session_key and NUL in session_key else session_key)
