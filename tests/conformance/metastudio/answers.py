"""What every answer of the live calls must be: documented keys with documented values, or a documented code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from dashboard.sandbox.metastudio_wire import MESSAGES
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.model import Endpoint, Field
from dashboard.vendors.contract.validation import check_object, check_response

BOOK = contract("metastudio")
# Errors come from the service (10.2), or from the gateway before it.
PREFIXES = ("MSS.", "APIGW.")
# The answer of the newer calls; the reference has no tables for them.
NEWER = ("insert-commands", "live-warning-info")


def check_answer(answer: httpx.Response) -> None:
    """Fails unless `answer` is one that the contract documents for its request."""
    request = answer.request
    assert answer.headers["x-request-id"], request.url
    assert answer.headers["content-type"].startswith("application/json")
    if answer.status_code >= 400:
        check_error(answer)
        return
    found = BOOK.match(request.method, request.url.raw_path.decode().partition("?")[0].rstrip("/"))
    if found is not None and not request.url.path.endswith(NEWER):
        check_success(found[0], answer)


def check_error(answer: httpx.Response) -> None:
    body = answer.json()
    assert set(body) == {"error_code", "error_msg"}, body
    code, message = body["error_code"], body["error_msg"]
    assert code.startswith(PREFIXES)
    assert message
    if code in MESSAGES:
        return
    row = BOOK.error(code, answer.status_code)
    assert row is not None, code
    assert row.status == answer.status_code, code


def check_success(endpoint: Endpoint, answer: httpx.Response) -> None:
    assert answer.status_code == endpoint.success, (endpoint.id, answer.status_code)
    if not answer.content:
        # A47: stop, delete and a report without refresh_url.
        assert endpoint.id in ("stop_smart_live_job", "report_live_event") or endpoint.method == "DELETE"
        return
    body = answer.json()
    if body.get("command") not in (None, *command_names()):
        return
    assert check_response(BOOK, endpoint, answer.status_code, body) == (), endpoint.id
    check_keys(endpoint, body)
    if endpoint.id == "execute_smart_live_command" and body["command"] == "GET_CURRENT_PLAYING_SCRIPTS":
        assert check_object(BOOK, "LivePlayingScriptList", json.loads(body["result"])) == ()


def check_keys(endpoint: Endpoint, body: Mapping[str, Any]) -> None:
    """No key at any depth that its table does not have."""
    stray = list(strays(endpoint.responses.get(endpoint.success, ()), body, ""))
    assert stray == [], endpoint.id


def strays(fields: Sequence[Field], value: Mapping[str, Any], pointer: str) -> Iterator[str]:
    known = {field.name: field for field in fields}
    for key, inner in value.items():
        field = known.get(key)
        if field is None:
            yield f"{pointer}/{key}"
        elif field.ref:
            for part in inner if isinstance(inner, list) else [inner]:
                yield from strays(BOOK.object(field.ref).fields, part, f"{pointer}/{key}")


def command_names() -> tuple[str, ...]:
    return tuple(term.value for term in BOOK.vocabulary("live_commands"))
