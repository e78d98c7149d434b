"""The vendor's own signer against the sandbox's check: what it signs is let in, what was changed afterwards is not.

Whether a call is let in is seen by anything but 401; what becomes of it is the subject of other tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from tests.conformance.metastudio.answers import check_answer
from tests.conformance.metastudio.conftest import Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEGABYTE = 1024 * 1024
JSON = "application/json"
Query = list[tuple[str, Any]]


def signed(
    desk: Desk, method: str = "GET", path: str = "", query: Query | None = None, body: Any = None, **headers: Any
) -> SdkRequest:
    """A request as the SDK's client builds it, signed by the SDK. A header of None is left out."""
    own, given = desk.world.credentials, {"Content-Type": JSON, "User-Agent": "huaweicloud-usdk-python/3.0"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    request = SdkRequest(
        method=method,
        schema="http",
        host=desk.server.url.removeprefix("http://"),
        resource_path=path or desk.path("smart-live-rooms"),
        query_params=query or [],
        header_params={name: value for name, value in given.items() if value is not None},
        body=body,
    )
    return Signer(SimpleNamespace(ak=own.ak, sk=own.sk)).sign(request)


async def send(desk: Desk, request: SdkRequest) -> httpx.Response:
    desk.face.gate.reset()
    # As the SDK hands them to its HTTP client: what is beyond ASCII is UTF-8, read as Latin-1.
    headers = {name: str(value).encode("latin-1") for name, value in request.header_params.items()}
    url = f"{request.schema}://{request.host}{request.uri}"
    content = request.body.encode() if isinstance(request.body, str) else request.body
    answer = await desk.http.request(request.method, url, headers=headers, content=content)
    check_answer(answer)
    return answer


QUERIES: list[Query] = [
    [],
    [("limit", 2), ("offset", 1)],
    [("offset", 1), ("limit", 2)],
    [("room_name", "中文 名+&=%/~'()*!"), ("model_name", "é")],
    [("live_state", ["WAITING", "PROCESSING"])],
    [("live_state", ["PROCESSING", "FAILED", "BLOCKED"]), ("a-b", "1"), ("a", "2"), ("A", "3")],
    [("room_name", "")],
    [("limit", 0), ("x", True)],
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
async def test_queries_in_any_order_and_spelling(desk: Desk, query: Query) -> None:
    assert (await send(desk, signed(desk, query=query))).status_code == 200


async def test_repeated_keys_count_as_one_list(desk: Desk) -> None:
    both = await send(desk, signed(desk, query=[("live_state", ["NULL", "PROCESSING"])]))
    one = await send(desk, signed(desk, query=[("live_state", ["NULL"])]))
    assert both.json()["count"] == one.json()["count"] + 1


@pytest.mark.parametrize("room_id", ["房间", "a%20b", "a%2Fb", "a.b~c_d-e", "x%E4%B8%AD", "%7E", "a+b", "a:b@c"])
async def test_paths_beyond_ascii(desk: Desk, room_id: str) -> None:
    request = signed(desk, path=desk.path("smart-live-rooms", room_id))
    assert (await send(desk, request)).status_code == 404


async def test_a_slash_at_the_end_is_signed_by_all(desk: Desk) -> None:
    assert (await send(desk, signed(desk, path=desk.path("smart-live-rooms") + "/"))).status_code == 200


@pytest.mark.parametrize(
    "body",
    [None, "", b"", json.dumps({"room_name": "Straße 中文 🎤"}, ensure_ascii=False), b'{"room_name": "bytes"}', "{}"],
    ids=["none", "empty text", "empty bytes", "utf-8", "bytes", "object"],
)
async def test_bodies_empty_and_beyond_ascii(desk: Desk, body: Any) -> None:
    answer = await send(desk, signed(desk, "POST", body=body))
    assert answer.status_code == (200 if body and "room_name" in str(body) else 400)


async def test_a_body_of_12_megabytes(desk: Desk) -> None:
    frame = '{"room_name": "Large", "priv_data": "%s"}'
    body = frame % ("x" * (12 * MEGABYTE - len(frame) + 2))
    assert len(body) == 12 * MEGABYTE
    answer = await send(desk, signed(desk, "POST", body=body))
    assert answer.status_code == 200
    await desk.go("DELETE", desk.path("smart-live-rooms", answer.json()["room_id"]))


@pytest.mark.parametrize(
    "kind", ["audio/mpeg", "application/octet-stream", "text/plain; charset=utf-8", "multipart/form-data"]
)
@pytest.mark.parametrize("body", [b"\x00\xff\x01", b""], ids=["bytes", "empty"])
async def test_bodies_that_are_no_json_are_signed_as_unsigned_payload(desk: Desk, kind: str, body: bytes) -> None:
    request = signed(desk, "POST", body=body, Content_Type=kind)
    assert request.header_params["X-Sdk-Content-Sha256"] == "UNSIGNED-PAYLOAD"
    answer = await send(desk, request)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.00000003")


async def test_a_host_with_its_port_is_signed(desk: Desk) -> None:
    request = signed(desk)
    assert request.header_params["Host"].endswith(f":{desk.server.config.port}")
    assert "host;" in request.header_params["Authorization"]
    assert (await send(desk, request)).status_code == 200


async def test_headers_beyond_ascii_and_with_blanks_around(desk: Desk) -> None:
    request = signed(desk, X_App_UserId=" Jürgen ", X_Project_Id=desk.project)
    assert (await send(desk, request)).status_code == 200
    # Without a Content-Type, as the SDK may be told to for GET.
    assert (await send(desk, signed(desk, Content_Type=None))).status_code == 200


@pytest.mark.parametrize("seconds", [-899, 899])
async def test_a_date_within_a_quarter_of_an_hour(desk: Desk, seconds: int) -> None:
    assert (await send(desk, signed(desk, X_Sdk_Date=stamp(desk.clock.now(), seconds)))).status_code == 200


def stamp(now: datetime, seconds: int) -> str:
    return (now + timedelta(seconds=seconds)).strftime("%Y%m%dT%H%M%SZ")


# --- what must be refused ---------------------------------------------------------------------------------------------

Change = Callable[[Desk, SdkRequest], None]


def header(name: str, value: str) -> Change:
    return lambda desk, request: request.header_params.__setitem__(name, value)


def no_header(name: str) -> Change:
    return lambda desk, request: request.header_params.pop(name)


def uri(change: Callable[[str], str]) -> Change:
    return lambda desk, request: setattr(request, "uri", change(request.uri))


def body(value: str) -> Change:
    return lambda desk, request: setattr(request, "body", value)


def authorization(old: str, new: str) -> Change:
    def change(desk: Desk, request: SdkRequest) -> None:
        request.header_params["Authorization"] = request.header_params["Authorization"].replace(old, new)

    return change


CHANGES: dict[str, Change] = {
    "another body": body('{"room_name": "changed"}'),
    "a blank in the body": body('{"room_name":  "signed"}'),
    "no body": body(""),
    "another header": header("X-App-UserId", "mallory"),
    "another type": header("Content-Type", "application/json; charset=utf-8"),
    "another agent": header("User-Agent", "curl"),
    "a header gone": no_header("X-App-UserId"),
    "another second": lambda desk, request: header("X-Sdk-Date", stamp(desk.clock.now(), 1))(desk, request),
    "no date": no_header("X-Sdk-Date"),
    "another query": uri(lambda uri: uri.replace("a=1", "a=2")),
    "more query": uri(lambda uri: uri + "&c=3"),
    "less query": uri(lambda uri: uri.partition("?")[0]),
    "another path": uri(lambda uri: uri.replace("smart-live-rooms", "smart-live-jobs")),
    "another method": lambda desk, request: setattr(request, "method", "PUT"),
    "a signed header less": authorization("content-type;", ""),
    "host not signed": authorization("host;", ""),
    "date not signed": authorization(";x-sdk-date", ""),
    "another algorithm": authorization("SDK-HMAC-SHA256", "SDK-HMAC-SM3"),
    "another access key": authorization("Access=SANDBOX", "Access=SANDBOXX"),
    "a body that claims to need no signature": header("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"),
    "another hash of the body": header("X-Sdk-Content-Sha256", "0" * 64),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
async def test_what_was_changed_after_signing_is_refused(desk: Desk, change: Change) -> None:
    rooms = len(desk.face.model.rooms)
    request = signed(desk, "POST", query=[("a", 1), ("b", "中")], body='{"room_name": "signed"}', X_App_UserId="alice")
    change(desk, request)
    answer = await send(desk, request)
    assert (answer.status_code, answer.json()["error_code"]) == (401, "MSS.00000001")
    assert len(desk.face.model.rooms) == rooms


async def test_a_wrong_key_is_refused(desk: Desk) -> None:
    request = signed(desk)
    own = desk.world.credentials
    for ak, sk in ((own.ak, own.sk + "x"), ("NOBODY", own.sk)):
        del request.header_params["Authorization"]
        again = Signer(SimpleNamespace(ak=ak, sk=sk)).sign(request)
        assert (await send(desk, again)).status_code == 401


@pytest.mark.parametrize("seconds", [-901, 901, -86400])
async def test_a_date_beyond_a_quarter_of_an_hour_is_refused(desk: Desk, seconds: int) -> None:
    assert (await send(desk, signed(desk, X_Sdk_Date=stamp(desk.clock.now(), seconds)))).status_code == 401


@pytest.mark.parametrize("left_out", ["Host", "X-Sdk-Date"])
async def test_a_valid_signature_without_host_or_date_is_refused(desk: Desk, left_out: str) -> None:
    """Signed by the vendor's signer, but over a list that lacks one: it would fit at any host, or at any time."""

    class Careless(Signer):
        @classmethod
        def _process_signed_headers(cls, request: SdkRequest) -> list[str]:
            return [name for name in super()._process_signed_headers(request) if name != left_out.lower()]

    own, request = desk.world.credentials, signed(desk)
    del request.header_params["Authorization"]
    careless = Careless(SimpleNamespace(ak=own.ak, sk=own.sk)).sign(request)
    assert (
        left_out.lower() not in careless.header_params["Authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    )
    answer = await send(desk, careless)
    assert answer.status_code == 401
    assert "must be among the SignedHeaders" in answer.json()["error_msg"]
