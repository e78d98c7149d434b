"""SDK-HMAC-SHA256 as the vendor checks it (002:524-546, 002:484-494).

The reference names the scheme and leaves the algorithm to a guide that is no seed. What is here follows the published
guide and its worked example, and is lenient where the vendor's SDK is: whatever headers the caller lists are the ones
that are signed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

ALGORITHM = "SDK-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
# The guide allows a quarter of an hour between the two clocks; the skew fault is meant to cross it.
TOLERANCE = timedelta(minutes=15)
# 002:530: larger bodies need a token.
LARGEST_BODY = 12 * 1024 * 1024

# Without them a signature could be sent again elsewhere or later; 002:500 signs both.
MUST_BE_SIGNED = ("host", "x-sdk-date")
AUTHORIZATION = re.compile(
    rf"{ALGORITHM} +Access=(?P<access>[^,\s]+), *SignedHeaders=(?P<headers>[^,\s]+),"
    r" *Signature=(?P<signature>[0-9a-fA-F]+)"
)


class SignatureRefused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Signed:
    """What of a request the signature covers; header names in lower case, path and query as they came on the wire."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def verify(request: Signed, secrets: Mapping[str, str], now: datetime) -> str:
    """The access key that signed `request`; raises SignatureRefused."""
    match = AUTHORIZATION.fullmatch(request.headers.get("authorization", "").strip())
    if match is None:
        raise SignatureRefused("the Authorization header is not an SDK-HMAC-SHA256 signature")
    if len(request.body) > LARGEST_BODY:
        raise SignatureRefused("bodies above 12 MB need a token")
    stamp = check_date(request.headers.get("x-sdk-date", ""), now)
    access = match["access"]
    names = match["headers"].split(";")
    if unsigned := [name for name in MUST_BE_SIGNED if name not in (one.lower() for one in names)]:
        raise SignatureRefused(f"{' and '.join(unsigned)} must be among the SignedHeaders")
    expected = signature(request, names, stamp, secrets.get(access, ""))
    # The comparison runs for unknown keys too, so that a refusal takes as long whether or not the key exists.
    if not hmac.compare_digest(expected, match["signature"].lower()) or access not in secrets:
        raise SignatureRefused("verify aksk signature fail" if access in secrets else "the access key does not exist")
    return access


def check_date(stamp: str, now: datetime) -> str:
    try:
        sent = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise SignatureRefused("X-Sdk-Date is missing or not YYYYMMDD'T'HHMMSS'Z'") from None
    if abs(now - sent) > TOLERANCE:
        raise SignatureRefused("X-Sdk-Date is more than 15 minutes from the service's clock")
    return stamp


def signature(request: Signed, names: list[str], stamp: str, secret: str) -> str:
    digest = hashlib.sha256(canonical_request(request, names)).hexdigest()
    to_sign = f"{ALGORITHM}\n{stamp}\n{digest}"
    return hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


def canonical_request(request: Signed, names: list[str]) -> bytes:
    """Bytes, since a header beyond ASCII is signed as the UTF-8 that it is on the wire, which we hold as Latin-1."""
    lines = []
    for name in names:
        value = request.headers.get(name.lower())
        if value is None:
            raise SignatureRefused(f"the signed header {name} is missing")
        lines.append(f"{name.lower()}:{value.strip()}\n")
    head = [request.method.upper(), canonical_path(request.path), canonical_query(request.query), "".join(lines)]
    return "\n".join([*head, ";".join(names), payload_hash(request)]).encode("latin-1")


def canonical_path(path: str) -> str:
    encoded = "/".join(quote(segment, safe="-_.~") for segment in unquote(path).split("/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def canonical_query(query: str) -> str:
    pairs = []
    for part in query.split("&"):
        if part:
            key, _, value = part.partition("=")
            pairs.append((unquote(key), unquote(value)))
    return "&".join(f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}" for key, value in sorted(pairs))


def payload_hash(request: Signed) -> str:
    """Of a body that is no JSON, the vendor's SDK signs the word UNSIGNED-PAYLOAD instead; of an empty one its hash."""
    real = hashlib.sha256(request.body).hexdigest()
    claimed = request.headers.get("x-sdk-content-sha256", "").strip()
    if claimed == UNSIGNED:
        if request.body and "json" in request.headers.get("content-type", "").lower():
            raise SignatureRefused("a JSON body cannot be sent as UNSIGNED-PAYLOAD")
        return UNSIGNED if request.body else real
    if claimed and claimed.lower() != real:
        raise SignatureRefused("X-Sdk-Content-Sha256 does not fit the body")
    return real
