"""Addresses that a stream is pushed to: what may be one, and what of it may be shown. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from dashboard.lib.redact import MASK


def shown_address(url: str) -> str:
    """Scheme, host and application: the rest of a push address is often its key."""
    parts = urlsplit(url)
    first, _slash, rest = parts.path.lstrip("/").partition("/")
    tail = f"/{MASK}" if rest or parts.query else ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}/{first}{tail}"
