from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.metastudio.conftest import SCRIPT, Vendor

ROOMS = "smart-live-rooms"


def login(vendor: Vendor, **changes: str) -> dict[str, Any]:
    own = vendor.world.credentials
    user = {
        "name": changes.get("name", own.iam_user),
        "password": changes.get("password", own.iam_password),
        "domain": {"name": changes.get("domain", own.iam_domain)},
    }
    scope = {"project": {"name": changes.get("project", "cn-north-4")}}
    return {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}


async def token_of(vendor: Vendor) -> str:
    answer = await vendor.http.post(vendor.server.url + "/v3/auth/tokens", json=login(vendor))
    assert answer.status_code == 201
    assert answer.json()["token"]["expires_at"].startswith("2026-03-15T")
    return str(answer.headers["x-subject-token"])


async def list_rooms(vendor: Vendor, token: str) -> int:
    url = vendor.server.url + vendor.path(ROOMS)
    answer = await vendor.http.get(url, headers={"X-Auth-Token": token})
    return answer.status_code


async def test_a_token_opens_every_call_for_24_hours(vendor: Vendor) -> None:
    token = await token_of(vendor)
    assert await list_rooms(vendor, token) == 200
    vendor.clock.advance(24 * 3600 - 1)
    assert await list_rooms(vendor, token) == 200
    vendor.clock.advance(1)
    assert await list_rooms(vendor, token) == 401


async def test_wrong_tokens_are_401_even_beside_a_signature(vendor: Vendor) -> None:
    assert await list_rooms(vendor, "MII-nothing") == 401
    assert await list_rooms(vendor, "") == 401
    both = await vendor.call("GET", vendor.path(ROOMS), **{"x-auth-token": "MII-nothing"})
    assert both.status_code == 401


@pytest.mark.parametrize("change", ["name", "password", "domain"])
async def test_wrong_logins_do_not_say_what_was_wrong(vendor: Vendor, change: str) -> None:
    answer = await vendor.http.post(vendor.server.url + "/v3/auth/tokens", json=login(vendor, **{change: "wrong"}))
    assert (answer.status_code, answer.json()["error_code"]) == (401, "MSS.00000001")
    assert change not in answer.json()["error_msg"] or change in ("name", "password")


async def test_logins_for_another_project_or_without_sense(vendor: Vendor) -> None:
    url = vendor.server.url + "/v3/auth/tokens"
    other = await vendor.http.post(url, json=login(vendor, project="elsewhere"))
    assert (other.status_code, other.json()["error_code"]) == (403, "MSS.00020006")
    for body in ({}, [], {"auth": {"identity": None}}, {"auth": {"identity": {"password": {"user": "x"}}}}):
        answer = await vendor.http.post(url, json=body)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.00000003")
    assert (await vendor.http.get(url)).status_code == 405


async def test_expired_tokens_on_request(vendor: Vendor) -> None:
    token = await token_of(vendor)
    vendor.world.faults.add("expire_tokens", vendor="metastudio", count=1)
    assert await list_rooms(vendor, token) == 401
    assert await list_rooms(vendor, await token_of(vendor)) == 200


async def test_the_project_id_can_be_asked(vendor: Vendor) -> None:
    answer = await vendor.call("GET", "/v3/projects/")
    assert answer.json()["projects"][0]["id"] == vendor.project
    assert (await vendor.http.get(vendor.server.url + "/v3/projects")).status_code == 401


@pytest.mark.parametrize(("region", "limit"), [("cn-north-4", 5), ("cn-east-3", 3)])
async def test_limits_per_api_and_region(vendor: Vendor, region: str, limit: int) -> None:
    vendor.face.switches.configure({"region": region})
    path = vendor.path(ROOMS)
    answers = [await vendor.call_now("POST", path, {"room_name": f"R{n}"}) for n in range(limit + 2)]
    assert [answer.status_code for answer in answers] == [200] * limit + [429] * 2
    assert set(answers[-1].json()) == {"error_code", "error_msg"}
    assert len(vendor.face.model.rooms) == limit
    assert (await vendor.call_now("GET", path)).status_code == 200
    vendor.clock.advance(1.0)
    assert (await vendor.call_now("POST", path, {"room_name": "Later"})).status_code == 200


async def test_limits_follow_real_time_whatever_the_worlds_speed(vendor: Vendor) -> None:
    vendor.world.clock.set_speed(64)
    path = vendor.path(ROOMS)
    for number in range(5):
        assert (await vendor.call_now("POST", path, {"room_name": f"R{number}"})).status_code == 200
    vendor.clock.advance(0.5)
    assert (await vendor.call_now("POST", path, {"room_name": "R6"})).status_code == 429


async def test_an_api_without_a_row_has_no_limit(vendor: Vendor) -> None:
    for _ in range(30):
        assert (await vendor.call_now("GET", vendor.path("smart-live-jobs"))).status_code == 200


async def test_faults_of_the_exchange_speak_this_vendors_language(vendor: Vendor) -> None:
    faults, path, vendor.is_checking = vendor.world.faults, vendor.path(ROOMS), False
    faults.add("error", vendor="metastudio", endpoint="list_smart_live_rooms", count=1)
    answer = await vendor.call("GET", path)
    assert (answer.status_code, answer.json()) == (500, {"error_code": "MSS.00000004", "error_msg": "Internal Error"})
    faults.add("outage", vendor="metastudio", count=1)
    answer = await vendor.call("GET", path)
    assert (answer.status_code, answer.json()["error_code"]) == (503, "MSS.00020008")
    faults.add("error", vendor="metastudio", count=1, params={"status": 502})
    answer = await vendor.call("GET", path)
    assert answer.status_code == 502
    assert "error_code" not in answer.text
    faults.add("error", vendor="metastudio", count=1, params={"status": 500, "body": {}})
    assert (await vendor.call("GET", path)).json() == {}


async def test_an_error_after_the_effect_has_its_effect(vendor: Vendor) -> None:
    job = await vendor.on_air([SCRIPT])
    fault = {"vendor": "metastudio", "endpoint": "execute_smart_live_command", "session": job.job_id, "count": 1}
    vendor.world.faults.add("error", **fault, params={"status": 504, "after": True})
    vendor.is_checking = False
    params = {"text_config": {"text": "Said all the same."}, "play_type": "PLAY_NOW"}
    answer = await vendor.command(job, "INSERT_PLAY_SCRIPT", params)
    assert answer.status_code == 504
    assert vendor.heard(job)[-1]["text"] == "Said all the same."
