"""SDK-HMAC-SHA256, the AK/SK signature of a request (002:524-546, 002:484-494). Pure.

The reference names the scheme and prints no algorithm; it is the vendor's published signing guide with its worked
example, and what the vendor's SDK does (docs/vendor-readings.md).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, unquote, unquote_to_bytes

ALGORITHM = "SDK-HMAC-SHA256"
_BARE = "-_.~"


def stamp(now: datetime) -> str:
    """X-Sdk-Date (002:5869): YYYYMMDD'T'HHMMSS'Z' in UTC."""
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def authorization(
    *,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    access_key: str,
    secret_key: str,
) -> str:
    """The Authorization header. All of `headers` are signed; x-sdk-date must be one of them."""
    signed = {name.lower(): value.strip() for name, value in headers.items()}
    names = ";".join(sorted(signed))
    canonical = canonical_request(method=method, path=path, query=query, headers=signed, body=body)
    to_sign = f"{ALGORITHM}\n{signed['x-sdk-date']}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    # The key is the secret itself: no date or region is derived into it.
    signature = hmac.new(secret_key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}"


def canonical_request(*, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> str:
    names = sorted(headers)
    return "\n".join(
        [
            method.upper(),
            canonical_path(path),
            canonical_query(query),
            # Each header has its own line end, so an empty line follows the last one.
            "".join(f"{name}:{headers[name]}\n" for name in names),
            ";".join(names),
            hashlib.sha256(body).hexdigest(),
        ]
    )


def canonical_path(path: str) -> str:
    """Decoded, each segment encoded again, and always with a slash at the end."""
    segments = [quote(unquote_to_bytes(segment), safe=_BARE) for segment in path.split("/")]
    encoded = "/".join(segments)
    return encoded if encoded.endswith("/") else encoded + "/"


def canonical_query(query: str) -> str:
    """Pairs sorted by their decoded text; a key without a value signs as `key=`."""
    pairs = []
    for part in query.split("&"):
        if part:
            key, _, value = part.partition("=")
            pairs.append((unquote(key), unquote(value)))
    return "&".join(f"{quote(key, safe=_BARE)}={quote(value, safe=_BARE)}" for key, value in sorted(pairs))
