"""What lets a console bring sound to a relay: signed, for one job of one relay, good once and for seconds."""

from __future__ import annotations

import secrets

from django.core import signing

GOOD_FOR_S = 10
_SALT = "talkback.talk.line"
#: Of one listener; far more than seconds of passes can hold.
_MOST_USED = 4096


def issue(relay: str, job_id: int) -> str:
    return signing.dumps({"relay": relay, "job": job_id, "once": secrets.token_hex(8)}, salt=_SALT)


class Gate:
    """Of one relay: remembers what was used while it would still be good."""

    def __init__(self, relay: str) -> None:
        self._relay = relay
        self._used: dict[str, None] = {}

    def lets_in(self, token: str, job_id: int) -> bool:
        try:
            told = signing.loads(token, salt=_SALT, max_age=GOOD_FOR_S)
        except signing.BadSignature:
            return False
        once = str(told.get("once"))
        if told.get("relay") != self._relay or told.get("job") != job_id or once in self._used:
            return False
        self._used[once] = None
        while len(self._used) > _MOST_USED:
            del self._used[next(iter(self._used))]
        return True
