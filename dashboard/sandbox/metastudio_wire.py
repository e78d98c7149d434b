"""How this vendor words answers and refusals, and how what it receives is checked and put in its canonical form."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dashboard.sandbox.http import Request, Response, json_response
from dashboard.vendors.contract.catalogue import Contract, contract
from dashboard.vendors.contract.model import Endpoint, Field
from dashboard.vendors.contract.validation import Violation, check_body, check_field, check_query

logger = logging.getLogger(__name__)

UNAUTHORIZED = ("MSS.00000001", 401)
NOT_FOUND = ("MSS.00000002", 404)
INVALID = ("MSS.00000003", 400)
INTERNAL = ("MSS.00000004", 500)
UNAVAILABLE = ("MSS.00020008", 503)
WRONG_PROJECT = ("MSS.00020006", 403)
ROOM_NOT_FOUND = ("MSS.20010045", 400)
ROOM_NAME_TAKEN = ("MSS.20010031", 400)
ROOM_NOT_AVAILABLE = ("MSS.20010069", 500)
JOBS_IN_PROGRESS = ("MSS.20010036", 500)
JOB_IS_OVER = ("MSS.20010074", 400)
JOB_NOT_RUNNING = ("MSS.20010099", 500)
NO_LIVE_QUOTA = ("MSS.20010065", 403)
NO_LIVE_TIME = ("MSS.00022003", 403)
NO_RESOURCES = ("MSS.20010035", 429)
NO_WORKERS = ("MSS.20010102", 429)
QUEUE_FULL = ("MSS.20010011", 429)
INVALID_COMMAND = ("MSS.20010053", 500)
XML_PARSE_FAIL = ("MSS.20010015", 500)
RULE_PARAMETERS = ("MSS.20010110", 400)
URL_INVALID = ("MSS.20010093", 400)
REPORT_KEY_WRONG = ("MSS.20010039", 401)
REPORT_KEY_EXPIRED = ("MSS.20010054", 401)
REPORT_KEY_TOO_OLD = ("MSS.20010077", 401)
GROUP_NOT_FOUND = ("MSS.20010083", 400)
GROUP_NAME_TAKEN = ("MSS.20010084", 400)
# Their faults are 401, not 400.
AUTHENTICATION = ("X-Auth-Token", "Authorization", "X-Sdk-Date")
# 002:13378 sends gateway errors to another document: "an error code starting with APIGW".
THROTTLED = ("APIGW.0308", 429)

# The four generic codes stand in the examples only (A74), the gateway's nowhere.
MESSAGES = {
    "MSS.00000001": "Unauthorized",
    "MSS.00000002": "Not Found",
    "MSS.00000003": "Invalid parameter",
    "MSS.00000004": "Internal Error",
    "APIGW.0308": "The throttling threshold has been reached",
}


class Refused(Exception):
    """Ends a call with one of the documented codes; `values` fill the {0} of its message."""

    def __init__(self, row: tuple[str, int], *values: str, detail: str = "") -> None:
        super().__init__(row[0])
        self.code, self.status = row
        self.values = values
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was authenticated and checked."""

    endpoint: Endpoint
    values: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    request: Request
    at: float


def book() -> Contract:
    return contract("metastudio")


def refusal(refused: Refused) -> Response:
    row = book().error(refused.code, refused.status)
    message = row.message if row is not None else MESSAGES.get(refused.code, "")
    for number, value in enumerate(refused.values):
        message = message.replace(f"{{{number}}}", value)
    if refused.detail:
        message = f"{message}: {refused.detail}"
    return json_response({"error_code": refused.code, "error_msg": message}, refused.status)


def fault_answer(status: int, params: Mapping[str, Any]) -> Response:
    """A failure of the vendor's own making. 502 and 504 come from a proxy that knows no codes."""
    if "body" in params:
        body = params["body"]
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        return Response(status, {"Content-Type": "application/json"}, text.encode())
    if status in (502, 504) and "code" not in params:
        return Response(status, {"Content-Type": "text/html"}, b"<html><body>Bad gateway</body></html>")
    usual = {401: UNAUTHORIZED, 404: NOT_FOUND, 400: INVALID, 429: THROTTLED, 503: UNAVAILABLE}.get(status, INTERNAL)
    return refusal(Refused((str(params.get("code") or usual[0]), status)))


def empty() -> Response:
    """Stop, delete and a plain report answer 200 without a body (A47)."""
    return Response(200, {"Content-Type": "application/json"})


def read_query(endpoint: Endpoint, request: Request) -> dict[str, str]:
    """The query by its canonical names; a repeated key counts as a comma list. Raises Refused."""
    gathered: dict[str, list[str]] = {}
    for key, value in request.query:
        gathered.setdefault(key, []).append(value)
    faults = check_query(book(), endpoint, gathered)
    if faults:
        raise Refused(INVALID, detail=str(faults[0]))
    names = {name: field.name for field in endpoint.query for name in (field.name, *field.aliases)}
    return {names[key]: ",".join(values) for key, values in gathered.items() if key in names}


def check_headers(endpoint: Endpoint, request: Request) -> None:
    """The documented form of the headers that were sent (002:5872); authentication is not decided here."""
    for field in endpoint.headers:
        value = request.headers.get(field.name.lower())
        if value is not None and field.name not in AUTHENTICATION and (faults := check_field(field, utf8(value))):
            raise Refused(INVALID, detail=str(faults[0]))


def utf8(header: str) -> str:
    """A header as its sender wrote it; on the wire it is bytes, read as Latin-1."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def json_of(request: Request) -> Any:
    """Raises Refused; half of a surrogate pair is no text either."""
    try:
        value = request.json()
        if b"\\ud" in request.body.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refused(INVALID, detail="the body is not JSON") from None
    return value


def read_body(endpoint: Endpoint, request: Request) -> Any:
    """The JSON body with every key in its canonical spelling, {} where none was sent. Raises Refused."""
    if not endpoint.body:
        return {}
    value = None
    if request.body.strip():
        value = json_of(request)
        if not isinstance(value, dict):
            raise Refused(INVALID, detail="the body is not an object")
    faults = check_body(book(), endpoint, value)
    if faults:
        raise faulty(faults)
    return canonical(endpoint.body, value or {})


def faulty(faults: Sequence[Violation]) -> Refused:
    # A75: an unknown command is a 500 of its own.
    if any(fault.pointer == "/command" for fault in faults):
        return Refused(INVALID_COMMAND)
    return Refused(INVALID, detail=str(faults[0]))


def canonical(fields: Sequence[Field], value: Mapping[str, Any]) -> dict[str, Any]:
    """`value` with printed misspellings of keys put right and without what is not documented (A59: ignored)."""
    known = {name: field for field in fields for name in (field.name, *field.aliases)}
    result: dict[str, Any] = {}
    for key, inner in value.items():
        field = known.get(key)
        if inner is None or field is None:
            continue
        if field.name not in result or key == field.name:
            result[field.name] = canonical_value(table_of(field, value), inner)
    return result


def table_of(field: Field, parent: Mapping[str, Any]) -> Sequence[Field]:
    """The rows of what `field` holds; () where nothing is documented (A19), which is kept as it came."""
    name = dict(field.refs).get(str(parent.get(field.ref_from))) if field.ref_from else field.ref
    return book().object(name).fields if name else ()


def canonical_value(table: Sequence[Field], inner: Any) -> Any:
    if table and isinstance(inner, Mapping):
        return canonical(table, inner)
    if table and isinstance(inner, list):
        return [canonical(table, one) if isinstance(one, Mapping) else one for one in inner]
    return inner


# --- small readers ------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=20_000)
def parse_time(text: str) -> datetime:
    """RFC 3339, taken as UTC where no zone is given (A81). Raises Refused."""
    try:
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise Refused(INVALID, detail=f"{text[:40]!r} is not an RFC 3339 time") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """A time between two bounds of the query, both included; None is no bound."""

    since: datetime | None
    until: datetime | None

    @classmethod
    def of(cls, query: Mapping[str, str], since: str, until: str) -> Span:
        """Raises Refused, whether or not there is anything to compare with."""
        first, last = query.get(since), query.get(until)
        return cls(parse_time(first) if first else None, parse_time(last) if last else None)

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def holds(self, text: str) -> bool:
        moment = parse_time(text)
        return (self.since is None or moment >= self.since) and (self.until is None or moment <= self.until)


def print_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def page(query: Mapping[str, str]) -> slice:
    """offset and limit; the reference prints no default and no maximum (A66)."""
    offset, limit = int(query.get("offset") or 0), int(query.get("limit") or DEFAULT_LIMIT)
    if offset < 0 or limit < 0:
        raise Refused(INVALID, detail="offset and limit are not negative")
    return slice(offset, offset + min(limit, LARGEST_LIMIT))


DEFAULT_LIMIT, LARGEST_LIMIT = 20, 1000


def states_of(text: str, known: Sequence[str]) -> set[str]:
    """A comma list of states; SUCCESS is the printed alias of SUCCEED (A1), unknown words are refused (A31)."""
    found = {part.strip() for part in text.split(",") if part.strip()}
    found = {"SUCCEED" if part == "SUCCESS" else part for part in found}
    if not found <= set(known):
        raise Refused(INVALID, detail=f"state is one of {', '.join(known)}")
    return found


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is absent: the vendor leaves such keys out."""
    return {key: value for key, value in values.items() if value not in (None, "", {}, [])}
