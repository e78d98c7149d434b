"""The database of `fan_out.py`: one team, one signed-in person, one room on air. Prints where they are."""

from __future__ import annotations

import json

import django


def main() -> None:
    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    from tests import cast as make

    call_command("migrate", verbosity=0)
    cast = make.make_cast()
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    session = SessionStore()
    session[SESSION_KEY] = str(cast.vic.user.pk)
    session[BACKEND_SESSION_KEY] = "dashboard.accounts.backends.EmailBackend"
    session[HASH_SESSION_KEY] = cast.vic.user.get_session_auth_hash()
    session.create()
    print(json.dumps({"session": session.session_key, "topic": job.topic}))


if __name__ == "__main__":
    main()
