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
    rf"""(?P<name>["']?\b(?:[a-z]+[_-])*(?:{_MASKED_NAMES})["']?\s*[:=]\s*)(?P<value>\[[^\]]*\]|"[^"]*"|'[^']*'|[^\s,;&}}\]]+)""",
    re.IGNORECASE,
)
#: Addresses that are keys themselves: who knows one may report there.
_ADDRESS = re.compile(r"(/callbacks/(?:jobs|accounts)/|/intake/)[^\s?\"'<>]+")
_BEARER = re.compile(r"\b(Bearer|SDK-HMAC-SHA256)\s+[^\r\n\"']+", re.IGNORECASE)


def redact(text: str) -> str:
    """The same text with the values of anything named like a secret masked."""
    text = _ADDRESS.sub(lambda found: found[1] + MASK, text)
    return _PAIR.sub(lambda found: found["name"] + MASK, _BEARER.sub(lambda found: f"{found[1]} {MASK}", text))


class RedactingFormatter(logging.Formatter):
    """Masks the whole line as it is written, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
