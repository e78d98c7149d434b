"""Keeps secrets out of logs and raw payloads, whoever wrote them."""

from __future__ import annotations

import logging
import re

MASK = "•••"
_MASKED_NAMES = (
    r"authorization|x-auth-token|x-subject-token|sessiontoken|session_token|token|rtctoken|urtctoken|stream_key|"
    r"stream_keys|secret|secret_key|sk|password|auth_key|signature|hwsecret|key|credential"
)
_PAIR = re.compile(
    rf"""(?P<name>["']?\b(?:{_MASKED_NAMES})["']?\s*[:=]\s*)(?P<value>\[[^\]]*\]|"[^"]*"|'[^']*'|[^\s,;&}}\]]+)""",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(Bearer|SDK-HMAC-SHA256)\s+[^\r\n\"']+", re.IGNORECASE)


def redact(text: str) -> str:
    """The same text with the values of anything named like a secret masked."""
    return _PAIR.sub(lambda found: found["name"] + MASK, _BEARER.sub(lambda found: f"{found[1]} {MASK}", text))


class RedactingFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        masked = redact(message)
        if masked != message:
            record.msg, record.args = masked, ()
        return True
