"""SDK-HMAC-SHA256: the vendor's published example, independent vectors, and each way to be refused."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.sandbox.metastudio_signature import SignatureRefused, Signed, canonical_request, verify
from tests.sandbox.metastudio.conftest import Vendor, sign

NOW = datetime(2026, 3, 14, 6, 3, 22, tzinfo=UTC)
SECRETS = {"AK": "secret"}


def request(
    method: str = "POST",
    target: str = "/v1/p/smart-live-rooms",
    body: bytes = b'{"a":1}',
    headers: dict[str, str] | None = None,
) -> Signed:
    given = {"host": "h:1", "x-sdk-date": "20260314T060322Z", "content-type": "application/json", **(headers or {})}
    authorization = sign(method, "http://h:1" + target, dict(given), body, "AK", "secret")
    path, _, query = target.partition("?")
    return Signed(method, path, query, {**given, "authorization": authorization}, body)


def test_published_example_gives_its_published_hash() -> None:
    example = Signed(
        "GET",
        "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
        "limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
        {
            "host": "service.region.example.com",
            "content-type": "application/json",
            "x-sdk-date": "20191115T033655Z",
        },
        b"",
    )
    canonical = canonical_request(example, ["content-type", "host", "x-sdk-date"])
    digest = hashlib.sha256(canonical).hexdigest()
    assert digest == "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a"


@pytest.mark.parametrize(
    "target",
    [
        "/v1/p/smart-live-rooms",
        "/v1/p/smart-live-rooms/",
        "/v1/p/a%20b/%E4%B8%AD%2Fx~",
        "/v1/p/x?b=2&a=1&a=0",
        "/v1/p/x?room_name=%E4%B8%AD%E6%96%87%20%2B&empty",
        "/v1/p/x?a-b=1&a=2",
        "/v1/p/x?state=WAITING%2CPROCESSING",
    ],
)
def test_paths_and_queries_are_signed_in_their_canonical_form(target: str) -> None:
    assert verify(request(target=target), SECRETS, NOW) == "AK"


def test_whatever_headers_are_listed_are_the_signed_ones() -> None:
    few = request(headers={"user-agent": "sdk/3", "x-project-id": "p"})
    assert verify(few, SECRETS, NOW) == "AK"
    changed = Signed(few.method, few.path, few.query, {**few.headers, "user-agent": "other"}, few.body)
    with pytest.raises(SignatureRefused, match="verify aksk signature fail"):
        verify(changed, SECRETS, NOW)
    unsigned = Signed(few.method, few.path, few.query, {**few.headers, "x-more": "other"}, few.body)
    assert verify(unsigned, SECRETS, NOW) == "AK"


def test_unsigned_payload_is_for_bodies_that_are_no_json() -> None:
    headers = {"x-sdk-content-sha256": "UNSIGNED-PAYLOAD", "content-type": "audio/mpeg"}
    assert verify(request(body=b"\x00\x01", headers=headers), SECRETS, NOW) == "AK"
    with pytest.raises(SignatureRefused, match="UNSIGNED"):
        verify(request(headers={"x-sdk-content-sha256": "UNSIGNED-PAYLOAD"}), SECRETS, NOW)


@pytest.mark.parametrize("minutes", [-14.9, 14.9])
def test_date_within_a_quarter_of_an_hour_is_taken(minutes: float) -> None:
    assert verify(request(), SECRETS, NOW + timedelta(minutes=minutes)) == "AK"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"authorization": ""}, "not an SDK-HMAC-SHA256"),
        ({"authorization": "Bearer x"}, "not an SDK-HMAC-SHA256"),
        ({"x-sdk-date": ""}, "X-Sdk-Date"),
        ({"x-sdk-date": "20260314T054822Z"}, "verify aksk signature fail"),
        ({"x-sdk-date": "20260314T054821Z"}, "15 minutes"),
        ({"x-sdk-date": "20260314T061823Z"}, "15 minutes"),
        ({"x-sdk-content-sha256": "0" * 64}, "does not fit"),
    ],
)
def test_refusals_say_why(changes: dict[str, str], reason: str) -> None:
    good = request()
    bad = Signed(good.method, good.path, good.query, {**good.headers, **changes}, good.body)
    with pytest.raises(SignatureRefused, match=reason):
        verify(bad, SECRETS, NOW)


def test_missing_signed_header_unknown_key_and_changed_request_are_refused() -> None:
    good = request()
    without_host = {name: value for name, value in good.headers.items() if name != "host"}
    with pytest.raises(SignatureRefused, match="host is missing"):
        verify(Signed(good.method, good.path, good.query, without_host, good.body), SECRETS, NOW)
    with pytest.raises(SignatureRefused, match="does not exist"):
        verify(good, {"OTHER": "secret"}, NOW)
    for other in (
        Signed("PUT", good.path, good.query, good.headers, good.body),
        Signed(good.method, good.path + "x", good.query, good.headers, good.body),
        Signed(good.method, good.path, "a=1", good.headers, good.body),
        Signed(good.method, good.path, good.query, good.headers, good.body + b" "),
    ):
        with pytest.raises(SignatureRefused, match="verify aksk signature fail"):
            verify(other, SECRETS, NOW)


async def test_calls_without_or_with_a_wrong_signature_are_401(vendor: Vendor) -> None:
    url = vendor.server.url + vendor.path("smart-live-rooms")
    bare = await vendor.http.get(url)
    assert bare.status_code == 401
    assert bare.json()["error_code"] == "MSS.00000001"
    assert bare.headers["x-request-id"]
    vendor.world.credentials.sk, kept = "another", vendor.world.credentials.sk
    signed = await vendor.call("GET", vendor.path("smart-live-rooms"))
    assert signed.status_code == 200
    vendor.world.credentials.sk = kept


async def test_clock_skew_of_the_vendor_refuses_good_signatures(vendor: Vendor) -> None:
    assert (await vendor.call("GET", vendor.path("smart-live-rooms"))).status_code == 200
    vendor.world.faults.add("skew", params={"seconds": 1000})
    refused = await vendor.call("GET", vendor.path("smart-live-rooms"))
    assert refused.status_code == 401
    assert "15 minutes" in refused.json()["error_msg"]


async def test_foreign_project_is_403(vendor: Vendor) -> None:
    answer = await vendor.call("GET", "/v1/" + "0" * 32 + "/smart-live-rooms")
    assert (answer.status_code, answer.json()["error_code"]) == (403, "MSS.00020006")
    answer = await vendor.call("GET", vendor.path("smart-live-rooms"), **{"x-project-id": "other"})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "MSS.00020006")
