"""Authentication, rate limits, outcomes and paging of the MetaStudio gateway, without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from websockets.protocol import State

from dashboard.lib.clock import ManualClock
from dashboard.vendors.metastudio import link as channel
from dashboard.vendors.metastudio.gateway import MetaStudioGateway
from dashboard.vendors.port import (
    Accepted,
    AudienceEvent,
    Credential,
    ItemReport,
    JobReport,
    LinkRefused,
    NotSent,
    PlannedItem,
    PlayAt,
    PlayClip,
    Purpose,
    Rejected,
    RoomPlan,
    Say,
    Session,
    StartPlan,
    Unknown,
    Vendor,
    always,
)

BASE = "https://metastudio.example.com"
REPORT = f"{BASE}/v1/p1/x/live-event-report?auth_key=verysecret&expires_time=1773468200000"
SESSION = Session("j1", "r1", report_url=REPORT, rtc={"room_id": "rtc1", "users": []})
SAY = Say("t1", "大家好。", PlayAt.NEXT)
Handler = Callable[[httpx.Request], httpx.Response]
SILENCE = "https://talkback.example.com/silence.mp3"


class Limits:
    def __init__(self, wait: float | None = None) -> None:
        self.asked: list[tuple[str, Purpose]] = []
        self.told: list[tuple[str, float]] = []
        self.to_panic: list[bool] = []
        self.wait = wait

    async def closed(self, api: str) -> float | None:
        return self.wait

    async def refused(self, api: str, for_s: float, *, to_panic: bool = False) -> None:
        self.told.append((api, for_s))
        self.to_panic.append(to_panic)

    async def admit(self, api: str, purpose: Purpose) -> float | None:
        self.asked.append((api, purpose))
        return self.wait


def gateway(handler: Handler, *, limits: Limits | None = None, clock: ManualClock | None = None, **held: Any) -> Any:
    keys = {"access_key": "AK", "secret_key": "verysecret-sk"} if not held.get("iam_user") else {}
    options = {"project_id": "p1", "silent_clip_url": SILENCE, **keys, **held}
    connect = options.pop("connect", None)
    credential = Credential(Vendor.METASTUDIO, BASE, **options)
    more = {"connect": connect} if connect else {}
    return MetaStudioGateway(
        credential,
        limiter=limits or Limits(),
        clock=clock or ManualClock(),
        transport=httpx.MockTransport(handler),
        **more,
    )


def answering(status: int, body: Any = None, **headers: str) -> Handler:
    return lambda request: httpx.Response(status, json=body, headers=headers)


def refusing(status: int, code: str) -> Handler:
    return answering(status, {"error_code": code, "error_msg": "no"}, **{"X-Request-Id": "req-1"})


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"nothing may be sent: {request.url.path}")


@pytest.mark.parametrize(
    ("handler", "kind", "why"),
    [
        (answering(200, {"command_id": "c1"}), Accepted, ""),
        (refusing(400, "MSS.20010074"), Rejected, "MSS.20010074"),
        (refusing(400, "MSS.00000003"), Rejected, "MSS.00000003"),
        (refusing(500, "MSS.20010007"), Rejected, "MSS.20010007"),
        (refusing(400, "MSS.99999999"), Rejected, "MSS.99999999"),
        (answering(404), Rejected, "http_404"),
        (answering(302), Rejected, "http_302"),
        (refusing(429, "APIGW.0308"), NotSent, "rate_limit"),
        (answering(429), NotSent, "rate_limit"),
        (refusing(429, "MSS.20010035"), NotSent, "busy"),
        (refusing(503, "MSS.00020008"), NotSent, "busy"),
        (answering(503), Unknown, "server_error"),
        (answering(408), NotSent, "busy"),
        (refusing(500, "MSS.00000004"), Unknown, "server_error"),
        (answering(500), Unknown, "server_error"),
        (answering(502), Unknown, "server_error"),
        (answering(504), Unknown, "server_error"),
        (lambda request: httpx.Response(200, text="<html>"), Unknown, "unreadable_answer"),
        (refusing(200, "MSS.50000001"), Rejected, "MSS.50000001"),
        (refusing(200, "ODD.1"), Unknown, "unreadable_answer"),
    ],
)
async def test_each_answer_has_its_outcome(handler: Handler, kind: type, why: str) -> None:
    outcome = await gateway(handler).say(SESSION, SAY, None, always)
    assert isinstance(outcome, kind)
    if isinstance(outcome, Rejected):
        assert outcome.error.code == why
        assert outcome.error.heard == "nothing"
    elif isinstance(outcome, NotSent | Unknown):
        assert outcome.why == why


async def test_a_refusal_keeps_the_request_id() -> None:
    outcome = await gateway(refusing(400, "MSS.20010074")).stop_job(SESSION)
    assert outcome.request_id == "req-1"


@pytest.mark.parametrize(
    ("problem", "kind"), [(httpx.ConnectError, NotSent), (httpx.ReadTimeout, Unknown), (httpx.ReadError, Unknown)]
)
async def test_silence_and_breaks(problem: type[httpx.HTTPError], kind: type) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise problem("x")

    assert isinstance(await gateway(handler).say(SESSION, SAY, None, always), kind)


async def test_a_start_without_a_job_id_is_unknown() -> None:
    room = RoomPlan("A1", "x", "zh-CN", (), {}, vendor_ref="r1")
    outcome = await gateway(answering(202, {})).start_job(StartPlan("job-7", room))
    assert isinstance(outcome, Unknown)
    created = await gateway(answering(200, {})).create_room(
        RoomPlan("A1", "x", "zh-CN", (PlannedItem(1, 1, "", "hi"),), {"model_asset_id": "m", "voice_asset_id": "v"})
    )
    assert isinstance(created, Unknown)


async def test_a_refused_signature_names_the_clock_when_it_is_the_clock() -> None:
    clock = ManualClock()
    late = (clock.now() + timedelta(minutes=20)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    handler = answering(401, {"error_code": "MSS.00000001", "error_msg": "Unauthorized"}, Date=late)
    outcome = await gateway(handler, clock=clock).list_running()
    assert isinstance(outcome, Rejected)
    assert "its clock is 20 minutes ahead of this server's" in outcome.error.happened[0]
    assert "快 20 分钟" in outcome.error.happened[1]


# ---------------------------------------------------------------------------------------------- limits, guard, contract


async def test_each_limited_call_asks_for_its_place_first() -> None:
    limits = Limits()
    door = gateway(answering(200, {"command_id": "c1", "count": 0}), limits=limits)
    await door.say(SESSION, SAY, None, always)
    await door.play_clip(SESSION, PlayClip("t2", SILENCE, PlayAt.NOW), always)
    await door.play_clip(SESSION, PlayClip("t3", "https://x.example.com/a.mp3", PlayAt.NOW), always)
    await door.stop_job(SESSION)
    await door.list_running()
    await door.report_events(SESSION, [AudienceEvent(1, 1773468200000, "{}")])
    assert limits.asked == [
        ("execute_smart_live_command", Purpose.TAKEOVER),
        ("execute_smart_live_command", Purpose.PANIC),
        ("execute_smart_live_command", Purpose.TAKEOVER),
        ("stop_smart_live_job", Purpose.PANIC),
        # The tenant's list has no row in the table of limits (A72), so it is not asked for.
        ("report_live_event", Purpose.POLL),
    ]


async def test_no_place_in_the_window_means_later() -> None:
    outcome = await gateway(never, limits=Limits(0.7)).say(SESSION, SAY, None, always)
    assert outcome == NotSent("rate_limit", 0.7)


async def test_a_guard_that_says_no_stops_the_call() -> None:
    assert await gateway(never).say(SESSION, SAY, None, lambda: False) == NotSent("overtaken")
    clip = PlayClip("t", SILENCE, PlayAt.NOW)
    assert await gateway(never).play_clip(SESSION, clip, lambda: False) == NotSent("overtaken")


async def test_what_the_contract_forbids_is_never_sent_and_takes_no_place() -> None:
    limits = Limits()
    outcome = await gateway(never, limits=limits).say(SESSION, Say("t", "", PlayAt.END), None, always)
    assert isinstance(outcome, Rejected)
    assert outcome.error.code == "contract"
    assert limits.asked == []


async def test_what_metastudio_does_not_have_is_refused_without_a_call() -> None:
    door = gateway(never)
    outcomes = [
        await door.cancel(SESSION, None, always),
        await door.reorder(SESSION, "t", 1, always),
        await door.queue(SESSION),
    ]
    assert all(isinstance(one, Rejected) and one.error.code == "capability" for one in outcomes)
    paused = await door.pause_script(SESSION, None, always)
    assert isinstance(paused, Rejected)
    assert paused.error.code == "no_channel"
    assert door.link(SESSION) is None
    assert isinstance(await door.heartbeat(SESSION), Accepted)
    assert isinstance(await door.go_live(SESSION), Accepted)


# ------------------------------------------------------------------------------------------------------- authentication


async def test_calls_are_signed_with_the_hosts_name_and_the_project() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"count": 0})

    await gateway(handler).list_running()
    headers = seen[0].headers
    assert headers["authorization"].startswith(
        "SDK-HMAC-SHA256 Access=AK, SignedHeaders=content-type;host;x-project-id"
    )
    assert headers["x-sdk-date"] == "20260314T060322Z"
    assert headers["x-project-id"] == "p1"
    assert seen[0].url.raw_path == b"/v1/p1/smart-live-jobs?offset=0&limit=100&state=WAITING%2CPROCESSING"


class Iam:
    """Counts logins; `refuse` makes the service refuse tokens."""

    def __init__(self) -> None:
        self.logins = 0
        self.refused: set[str] = set()
        self.login_status = 201

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v3/auth/tokens":
            self.logins += 1
            return httpx.Response(self.login_status, json={}, headers={"X-Subject-Token": f"token-{self.logins}"})
        token = request.headers["x-auth-token"]
        if token in self.refused:
            return httpx.Response(401, json={"error_code": "MSS.00000001", "error_msg": "Unauthorized"})
        return httpx.Response(200, json={"count": 0})


def with_iam(iam: Iam, clock: ManualClock) -> Any:
    login = {"iam_url": "https://iam.example.com", "iam_user": "u", "iam_domain": "d", "iam_password": "verysecret-p"}
    return gateway(iam, clock=clock, region="cn-north-4", **login)


async def test_one_login_serves_all_calls_until_shortly_before_24_hours() -> None:
    iam, clock = Iam(), ManualClock()
    door = with_iam(iam, clock)
    await asyncio.gather(*(door.list_running() for _ in range(8)))
    assert iam.logins == 1
    clock.advance(23 * 3600)
    await door.list_running()
    assert iam.logins == 1
    clock.advance(1900)
    await door.list_running()
    assert iam.logins == 2


async def test_a_refused_token_is_renewed_once() -> None:
    iam, clock = Iam(), ManualClock()
    door = with_iam(iam, clock)
    iam.refused = {"token-1"}
    assert isinstance(await door.list_running(), Accepted)
    iam.refused = {"token-2", "token-3"}
    assert isinstance(await door.list_running(), Rejected)
    assert iam.logins == 3


@pytest.mark.parametrize(("status", "kind"), [(401, Rejected), (400, Rejected), (500, NotSent), (429, NotSent)])
async def test_a_failed_login_sends_nothing(status: int, kind: type) -> None:
    iam = Iam()
    iam.login_status = status
    outcome = await with_iam(iam, ManualClock()).say(SESSION, SAY, None, always)
    assert isinstance(outcome, kind)
    assert "verysecret" not in repr(outcome)


async def test_an_account_without_keys_says_so() -> None:
    outcome = await gateway(never, access_key="", secret_key="").list_running()
    assert isinstance(outcome, Rejected)
    assert outcome.error.code == "credential"


# ------------------------------------------------------------------------------------------------------------- reports


async def test_a_report_url_is_used_as_it_came_and_without_our_keys() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"live_event_report_url": REPORT + "9"})

    door = gateway(handler)
    assert isinstance(await door.report_events(SESSION, [AudienceEvent(2, 1773468200000, "{}")]), Accepted)
    assert str(seen[0].url) == REPORT
    assert "authorization" not in seen[0].headers
    assert json.loads(seen[0].content)["total"] == 1
    fresh = await door.refresh_report_url(SESSION)
    assert isinstance(fresh, Accepted)
    assert fresh.value[0] == REPORT + "9"
    assert str(seen[1].url) == REPORT + "&refresh_url=true"


@pytest.mark.parametrize("url", ["", "http://metastudio.example.com/x", "file:///etc/passwd", "https://", "http://["])
async def test_nothing_is_reported_to_an_odd_address(url: str) -> None:
    outcome = await gateway(never).report_events(Session("j1", "r1", report_url=url), [AudienceEvent(1, 1, "{}")])
    assert isinstance(outcome, Rejected)
    assert outcome.error.code == "no_report_url"


async def test_no_events_are_no_call() -> None:
    assert isinstance(await gateway(never).report_events(SESSION, []), Accepted)


# -------------------------------------------------------------------------------------------------------------- paging


class Jobs:
    """The tenant's list; `between` happens before each page but the first."""

    def __init__(self, count: int, between: Callable[[Jobs], None] | None = None) -> None:
        self.ids = [f"j{number}" for number in range(count)]
        self.between = between
        self.calls = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.calls > 1 and self.between is not None:
            self.between(self)
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        page = [{"job_id": one, "state": "PROCESSING"} for one in self.ids[offset : offset + limit]]
        return httpx.Response(200, json={"count": len(self.ids), "smart_live_jobs": page})


@pytest.mark.parametrize(("count", "calls"), [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
async def test_a_listing_is_whole(count: int, calls: int) -> None:
    jobs = Jobs(count)
    outcome = await gateway(jobs).list_running()
    assert isinstance(outcome, Accepted)
    assert [one.vendor_ref for one in outcome.value.jobs] == jobs.ids
    assert jobs.calls == calls


async def test_a_job_that_ends_between_two_pages_hides_no_other() -> None:
    gone: list[str] = []

    def end_one(jobs: Jobs) -> None:
        if not gone:
            gone.append(jobs.ids.pop(3))

    jobs = Jobs(150, end_one)
    outcome = await gateway(jobs).list_running()
    assert isinstance(outcome, Accepted)
    assert [one.vendor_ref for one in outcome.value.jobs] == jobs.ids


async def test_a_list_that_never_stands_still_is_asked_for_later() -> None:
    outcome = await gateway(Jobs(500, lambda jobs: jobs.ids.pop(0) and None)).list_running()
    assert isinstance(outcome, NotSent)
    assert outcome.why == "busy"


# ---------------------------------------------------------------------------------------------------------- the channel


class FakePeer:
    def __init__(self, frames: list[str], close_code: int | None = None) -> None:
        self.state = State.OPEN
        self.frames = frames
        self.close_code = close_code
        self.sent: list[str] = []

    async def send(self, text: str) -> None:
        self.sent.append(text)

    async def __aiter__(self) -> AsyncIterator[str]:
        for frame in self.frames:
            yield frame


def connector(peer: FakePeer) -> Callable[..., Any]:
    async def connect(url: str, **options: Any) -> Any:
        assert url.startswith("wss://metastudio.example.com/sandbox/rtc/rtc1/command?")
        return peer

    return connect


async def test_a_reply_starts_once_however_many_sentences_it_has() -> None:
    progress = json.dumps({"message_type": "live_progress_notify", "data": {"reply_id": "c1"}})
    peer = FakePeer([progress, progress, progress, '{"message_type":"state_notify","state":"PLAY_PAUSE"}'])
    door = gateway(never, command_channel=True, connect=connector(peer))
    link = door.link(SESSION)
    await link.open()
    reports = [report async for report in link.reports()]
    assert [type(report) for report in reports] == [ItemReport, JobReport]
    assert isinstance(await door.pause_script(SESSION, link, always), Accepted)
    assert isinstance(await door.resume_script(SESSION, link, always), Accepted)
    assert [json.loads(text)["command"] for text in peer.sent] == ["play_pause", "play_resume"]
    assert await door.pause_script(SESSION, link, lambda: False) == NotSent("overtaken")
    assert await door.pause_script(SESSION, None, always) == NotSent("link_down")


async def test_an_expired_permission_is_told() -> None:
    link = gateway(never, command_channel=True, connect=connector(FakePeer([], 4401))).link(SESSION)
    await link.open()
    [refused] = [report async for report in link.reports()]
    assert isinstance(refused, LinkRefused)
    assert refused.error.code == "channel_expired"


def test_the_channels_address_is_made_of_the_rtc_values() -> None:
    users = [
        {"user_type": "PLAYER", "user_id": "p", "signature": "s1", "ctime": 1},
        {"user_type": "CAPTURE", "user_id": "c d", "signature": "s2", "ctime": 1773554600},
    ]
    address = channel.address({"room_id": "rtc/1", "users": users}, "http://127.0.0.1:9000")
    assert address == "ws://127.0.0.1:9000/sandbox/rtc/rtc%2F1/command?user_id=c+d&signature=s2&ctime=1773554600"


async def test_without_rtc_values_there_is_no_link() -> None:
    assert gateway(never, command_channel=True).link(Session("j1", "r1")) is None


# --------------------------------------------------------------------------------------------------- too many requests


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        (answering(429, {"error_code": "APIGW.0308", "error_msg": "no"}, **{"Retry-After": "7"}), 7.0),
        (answering(429), 1.0),
        (refusing(429, "MSS.20010035"), None),  # no resources: a refusal of this one, the API stays open
        (answering(200, {"command_id": "c1"}), None),
        (answering(503), None),
    ],
)
async def test_too_many_requests_are_told_to_all_who_call_this_api(handler: Handler, told: float | None) -> None:
    limits = Limits()
    await gateway(handler, limits=limits).say(SESSION, SAY, None, always)
    assert limits.told == ([("execute_smart_live_command", told)] if told else [])


async def test_a_refused_silence_goes_first_when_it_comes_back() -> None:
    limits = Limits()
    door = gateway(answering(429), limits=limits)
    await door.play_clip(SESSION, PlayClip("t2", SILENCE, PlayAt.NOW), always)
    await door.say(SESSION, SAY, None, always)
    assert limits.to_panic == [True, False]


async def test_our_own_wait_closes_nothing() -> None:
    limits = Limits(wait=2.0)
    assert await gateway(never, limits=limits).say(SESSION, SAY, None, always) == NotSent("rate_limit", 2.0)
    assert limits.told == []


async def test_a_refused_report_closes_reports() -> None:
    limits = Limits()
    await gateway(answering(429, **{"Retry-After": "3"}), limits=limits).report_events(
        SESSION, [AudienceEvent(1, 1, "{}")]
    )
    assert limits.told == [("report_live_event", 3.0)]
