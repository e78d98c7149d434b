"""Who may call: the token call with each field broken, and both kinds of authentication failing on every call."""

from __future__ import annotations

import copy
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.conformance.metastudio.answers import BOOK
from tests.conformance.metastudio.conftest import BODIES as MADE
from tests.conformance.metastudio.conftest import Desk
from tests.conformance.metastudio.provocations import BODIES, LIVE

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = BOOK.endpoint("create_token")
UNAUTHORIZED, INVALID, WRONG_PROJECT = (401, "MSS.00000001"), (400, "MSS.00000003"), (403, "MSS.00020006")


def login(desk: Desk, **changes: str) -> dict[str, Any]:
    own = desk.world.credentials
    named = {"name": own.iam_user, "password": own.iam_password, "domain": own.iam_domain, "project": "cn-north-4"}
    named |= changes
    user = {"name": named["name"], "password": named["password"], "domain": {"name": named["domain"]}}
    scope = {"project": {"name": named["project"]}}
    return {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}


async def ask_token(desk: Desk, body: Any) -> httpx.Response:
    """The only call that needs no authentication (002:488)."""
    return await desk.http.post(desk.server.url + TOKEN.path, json=body)


def verdict(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["x-request-id"]
    assert set(answer.json()) == {"error_code", "error_msg"}
    return answer.status_code, answer.json()["error_code"]


async def test_a_login_gives_a_token_for_24_hours_in_the_header(desk: Desk) -> None:
    answer = await ask_token(desk, login(desk))
    assert answer.status_code == TOKEN.success == 201
    token = answer.headers["x-subject-token"]
    url = desk.server.url + desk.url_of("list_smart_live_rooms")
    assert (await desk.http.get(url, headers={"X-Auth-Token": token})).status_code == 200
    by_id = login(desk)
    by_id["auth"]["scope"] = {"project": {"id": desk.project}}
    assert (await ask_token(desk, by_id)).status_code == 201


async def test_each_broken_field_of_a_login_is_refused(desk: Desk) -> None:
    before, body = dict(desk.face.gate.iam.tokens), login(desk)
    cases = list(MADE.broken(TOKEN.body, body))
    wrong = [f"{case}: {verdict(one)}" for case in cases if verdict(one := await ask_token(desk, case.body)) != INVALID]
    assert wrong == []
    assert desk.face.gate.iam.tokens == before
    assert Counter(case.rule for case in cases) == {"mandatory": 10, "type": 42, "enum": 1}


async def test_a_login_without_a_project_is_refused(desk: Desk) -> None:
    """002:551: the scope must be a project."""
    for scope in (None, {}, {"project": {}}, {"domain": {"name": "x"}}, {"project": {"id": 7}}):
        body = login(desk)
        body["auth"]["scope"] = scope
        assert verdict(await ask_token(desk, body)) == INVALID
    assert verdict(await ask_token(desk, login(desk, project="elsewhere"))) == WRONG_PROJECT
    for content in (b"", b"{", b"[]", b"null"):
        assert verdict(await desk.http.post(desk.server.url + TOKEN.path, content=content)) == INVALID


@pytest.mark.parametrize("change", ["name", "password", "domain"])
async def test_a_wrong_login_is_401(desk: Desk, change: str) -> None:
    assert verdict(await ask_token(desk, login(desk, **{change: "wrong"}))) == UNAUTHORIZED


async def headers_that_fail(desk: Desk) -> dict[str, dict[str, str]]:
    """Ways in which a caller is a stranger; none of the calls may let one in."""
    expired = (await ask_token(desk, login(desk))).headers["x-subject-token"]
    desk.clock.advance(timedelta(hours=24).total_seconds())
    now = desk.clock.now().strftime("%Y%m%dT%H%M%SZ")
    signed = "SDK-HMAC-SHA256 Access={ak}, SignedHeaders=host;x-sdk-date, Signature=" + "0" * 64
    own = desk.world.credentials
    return {
        "nothing": {},
        "an unknown token": {"X-Auth-Token": "MII" + "0" * 64},
        "an empty token": {"X-Auth-Token": ""},
        "an expired token": {"X-Auth-Token": expired},
        "a password": {"Authorization": "Basic eDp5"},
        "half a signature": {"Authorization": "SDK-HMAC-SHA256 Access=x", "X-Sdk-Date": now},
        "no date": {"Authorization": signed.format(ak=own.ak)},
        "a date that is none": {"Authorization": signed.format(ak=own.ak), "X-Sdk-Date": "today"},
        "a wrong signature": {"Authorization": signed.format(ak=own.ak), "X-Sdk-Date": now},
        "an unknown access key": {"Authorization": signed.format(ak="NOBODY"), "X-Sdk-Date": now},
    }


async def test_strangers_are_401_at_every_call(desk: Desk) -> None:
    let_in = []
    for reason, headers in (await headers_that_fail(desk)).items():
        for endpoint in LIVE:
            url, body = desk.server.url + desk.url_of(endpoint.id), BODIES.get(endpoint.id)
            answer = await desk.http.request(endpoint.method, url, json=body, headers=headers)
            if verdict(answer) != UNAUTHORIZED:
                let_in.append(f"{endpoint.id} with {reason}: {answer.status_code}")
    assert let_in == []


@pytest.mark.parametrize("minutes", [-16, 16])
async def test_a_signature_out_of_time_is_401_at_every_call(desk: Desk, minutes: int) -> None:
    stamp = (desk.clock.now() + timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")
    for endpoint in LIVE:
        answer = await desk.ask(endpoint.id, BODIES.get(endpoint.id), **{"x-sdk-date": stamp})
        assert verdict(answer) == UNAUTHORIZED, endpoint.id


@pytest.mark.parametrize("kind", ["signature", "token"])
async def test_both_kinds_open_every_call_and_no_other_project(desk: Desk, kind: str) -> None:
    token = (await ask_token(desk, login(desk))).headers["x-subject-token"]
    for endpoint in LIVE:
        if endpoint.method == "DELETE" or endpoint.path.endswith("/stop"):
            continue
        body = copy.deepcopy(BODIES.get(endpoint.id))
        if endpoint.id.startswith("create_"):
            body = {name: f"{kind} {value}" for name, value in body.items()}
        for project, wanted in ((desk.project, endpoint.success), ("0" * 32, 403)):
            path = desk.url_of(endpoint.id, project_id=project)
            if kind == "signature":
                answer = await desk.go(endpoint.method, path, body)
            else:
                desk.face.gate.reset()
                headers = {"X-Auth-Token": token}
                answer = await desk.http.request(endpoint.method, desk.server.url + path, json=body, headers=headers)
            if endpoint.id == "start_smart_live_job" and kind == "token" and wanted == 202:
                wanted = 500  # It is on air since the first round.
            assert answer.status_code == wanted, (endpoint.id, answer.text)


async def test_every_call_has_its_limit_in_every_region(desk: Desk) -> None:
    """Table 1-2 (002:181): so many calls in a second, the next one 429, and after the second it is free again."""
    counted = 0
    for region in ("cn-north-4", "cn-east-3", "ap-southeast-3"):
        desk.face.switches.configure({"region": region})
        for endpoint in LIVE:
            limit = (endpoint.rate_limit or {}).get(region)
            if limit is None:
                assert endpoint.id == "list_tenant_smart_live_jobs"
                continue
            desk.clock.advance(1)
            path, counted = desk.url_of(endpoint.id, room_id="x", group_id="x"), counted + 1
            codes = [(await desk.call_now(endpoint.method, path, {})).status_code for _ in range(limit + 1)]
            assert codes[-1] == 429, endpoint.id
            assert 429 not in codes[:-1], endpoint.id
            desk.clock.advance(1)
            assert (await desk.call_now(endpoint.method, path, {})).status_code != 429, endpoint.id
    assert counted == 15 * 3
    desk.face.switches.configure({"region": "cn-north-4"})
