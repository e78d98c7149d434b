"""What every gateway does, whatever the vendor: the life of a job, speaking, outcomes under faults, and the link."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dashboard.vendors.port import (
    ItemReport,
    JobSays,
    LinkRefused,
    NotSent,
    PlayAt,
    Rejected,
    Say,
    Session,
    Step,
    Unknown,
    Vendor,
    always,
)
from tests.contract.conftest import Desk, value

TEXT = "请大家把喜欢打在公屏上，谢谢。"


async def says(desk: Desk, session: Session) -> JobSays:
    report = value(await desk.gateway.show_job(session)).report
    assert report is not None
    word: JobSays = report.says
    return word


async def running(desk: Desk) -> list[str]:
    return [job.vendor_ref for job in value(await desk.gateway.list_running()).jobs]


async def speak(desk: Desk, session: Session, trace: str, text: str = TEXT, at: PlayAt = PlayAt.NOW) -> Any:
    link = desk.links[0] if desk.links else None
    return await desk.gateway.say(session, Say(trace, text, at), link, always)


# ------------------------------------------------------------------------------------------------------------- accounts


async def test_a_good_account_is_told_apart_from_a_wrong_one(desk: Desk) -> None:
    await desk.start()
    check = value(await desk.gateway.check_account())
    assert check.running == 1
    assert abs(check.clock_skew_ms) <= 1000
    stranger = desk.another(token="wrong", secret_key="wrong")
    refused = await stranger.check_account()
    assert isinstance(refused, Rejected)
    assert refused.error.heard == "nothing"
    assert all(refused.error.happened + refused.error.todo)
    await stranger.close()


async def test_a_clock_that_is_off_shows(desk: Desk) -> None:
    desk.fault("skew", params={"seconds": 120})
    assert abs(value(await desk.gateway.check_account()).clock_skew_ms - 120_000) <= 1000


# ----------------------------------------------------------------------------------------------------------------- jobs


async def test_a_jobs_life_from_start_to_end(desk: Desk) -> None:
    plan = await desk.plan()
    opened = value(await desk.gateway.start_job(plan))
    session = opened.session
    assert opened.report is None or opened.report.says is JobSays.PREPARING
    assert await says(desk, session) is JobSays.PREPARING
    assert await running(desk) == [session.vendor_ref]
    desk.advance(4.0)
    value(await desk.gateway.go_live(session))
    assert await says(desk, session) is JobSays.LIVE
    value(await desk.gateway.heartbeat(session))
    found = value(await desk.gateway.find_jobs(plan.room.vendor_ref))
    assert [job.vendor_ref for job in found.jobs] == [session.vendor_ref]
    value(await desk.gateway.stop_job(session))
    desk.advance(10.0)
    assert await says(desk, session) is JobSays.ENDED
    assert await running(desk) == []


async def test_a_listing_is_dated_by_when_the_question_left(desk: Desk) -> None:
    session = await desk.on_air()
    before = desk.clock.now()
    listing = value(await desk.gateway.list_running())
    assert listing.asked_at >= before
    [report] = listing.jobs
    assert (report.vendor_ref, report.says, report.at) == (session.vendor_ref, JobSays.LIVE, listing.asked_at)
    assert report.started_at is not None
    assert abs((report.started_at - desk.clock.now()).total_seconds()) < 60


async def test_a_session_that_the_vendor_ends_is_seen(desk: Desk) -> None:
    session = await desk.on_air()
    desk.fault("session_end", session=session.vendor_ref)
    desk.advance(1.0)
    assert await says(desk, session) in (JobSays.ENDED, JobSays.LOST, JobSays.FAILED)
    assert await running(desk) == []


async def test_what_is_over_cannot_speak_or_be_found(desk: Desk) -> None:
    session = await desk.on_air()
    value(await desk.gateway.stop_job(session))
    desk.advance(10.0)
    outcome = await desk.gateway.say(session, Say("t", TEXT, PlayAt.NOW), None, always)
    assert isinstance(outcome, Rejected | NotSent)
    stranger = Session("no-such-job", session.room_ref)
    assert isinstance(await desk.gateway.show_job(stranger), Rejected)


async def test_no_quota_is_a_refusal_or_a_wait_but_never_unknown(desk: Desk) -> None:
    plan = await desk.plan()
    desk.fault("quota", count=1)
    outcome = await desk.gateway.start_job(plan)
    assert isinstance(outcome, Rejected | NotSent)
    assert await running(desk) == []


# ------------------------------------------------------------------------------------------------------------- speaking


async def test_a_sentence_is_heard_and_every_step_is_told(desk: Desk) -> None:
    session = await desk.on_air()
    await desk.listen(session)
    said = value(await speak(desk, session, "t1"))
    ref = said.vendor_ref or "t1"
    if desk.gateway.capabilities().reports_queued:
        await desk.until(ItemReport, trace_id=ref, step=Step.QUEUED)
        assert value(await desk.gateway.queue(session)).trace_ids == ("t1",)
    desk.advance(1.0)
    await desk.until(ItemReport, trace_id=ref, step=Step.STARTED)
    desk.advance(30.0)
    await desk.until(ItemReport, trace_id=ref, step=Step.FINISHED)
    assert [row["text"] for row in desk.heard(session) if row["ref"] == ref] == [TEXT]
    assert all(report.vendor_ref == session.vendor_ref for report in desk.reports)


async def test_what_the_contract_forbids_is_never_heard(desk: Desk) -> None:
    session = await desk.on_air()
    await desk.listen(session)
    refused = await speak(desk, session, "t1", "")
    assert isinstance(refused, Rejected)
    desk.advance(5.0)
    assert all(row["ref"] != "t1" for row in desk.heard(session))


async def test_an_overtaken_sentence_is_never_heard(desk: Desk) -> None:
    session = await desk.on_air()
    link = await desk.listen(session)
    before = len(desk.heard(session))
    assert await desk.gateway.say(session, Say("t1", TEXT, PlayAt.NOW), link, lambda: False) == NotSent("overtaken")
    assert len(desk.heard(session)) == before


async def test_the_guard_is_asked_again_when_the_connection_is_there(desk: Desk) -> None:
    session = await desk.on_air()
    answers = iter([True, False])
    if desk.vendor is Vendor.SOFTSUGAR:
        outcome = await desk.gateway.cancel(session, ["t1"], lambda: next(answers))
    else:
        outcome = await desk.gateway.say(session, Say("t1", TEXT, PlayAt.NOW), None, lambda: next(answers))
    assert outcome == NotSent("overtaken")
    assert next(answers, None) is None
    assert all(row["text"] != TEXT for row in desk.heard(session))


# --------------------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("kind", "params", "why"),
    [
        ("error", {"status": 500}, "server_error"),
        ("error", {"status": 502}, "server_error"),
        ("error", {"status": 500, "after": True}, "server_error"),
        ("timeout_before", {}, "timeout"),
        ("timeout_after", {}, "timeout"),
        ("refuse", {}, "broken_connection"),
        ("refuse", {"after": True}, "broken_connection"),
        ("outage", {"hang_up": True}, "broken_connection"),
    ],
)
async def test_what_may_have_happened_is_unknown(desk: Desk, kind: str, params: dict[str, Any], why: str) -> None:
    plan = await desk.plan()
    fault = desk.fault(kind, params=params, count=1)
    outcome = await desk.gateway.start_job(plan)
    assert isinstance(outcome, Unknown)
    assert outcome.why == why
    desk.server.world.faults.remove(fault)
    happened = bool(params.get("after")) or kind == "timeout_after"
    assert len(await running(desk)) == int(happened)


async def test_a_closed_port_means_nothing_left(desk: Desk) -> None:
    plan = await desk.plan()
    desk.server.world.faults.add("refuse", for_s=60.0, params={"listen": True})
    await asyncio.sleep(0)
    fresh = desk.another()
    outcome = await fresh.start_job(plan)
    assert isinstance(outcome, NotSent)
    assert outcome.why == "no_connection"
    await fresh.close()


async def test_an_outage_is_never_a_refusal(desk: Desk) -> None:
    plan = await desk.plan()
    desk.fault("outage", count=1)
    outcome = await desk.gateway.start_job(plan)
    assert isinstance(outcome, NotSent | Unknown)
    assert await running(desk) == []


async def test_too_many_requests_go_again_later(desk: Desk) -> None:
    desk.fault("error", params={"status": 429}, count=1)
    outcome = await desk.gateway.list_running()
    assert isinstance(outcome, NotSent)
    assert outcome.why in ("rate_limit", "busy")


# ----------------------------------------------------------------------------------------------------------------- link


async def test_a_link_answers_pings_until_the_vendor_freezes(desk: Desk) -> None:
    session = await desk.on_air()
    link = await desk.listen(session)
    assert await link.ping()
    fault = desk.fault("freeze", for_s=60.0)
    assert not await link.ping()
    desk.server.world.faults.remove(fault)


@pytest.mark.parametrize("abrupt", [True, False])
async def test_a_dropped_link_ends_its_reports_and_carries_nothing_more(desk: Desk, abrupt: bool) -> None:
    session = await desk.on_air()
    link = await desk.listen(session)
    desk.fault("drop_socket", params={"abrupt": abrupt})
    async with asyncio.timeout(3):
        await desk.listeners[0]
    assert not await link.ping()
    act = desk.gateway.say(session, Say("t1", TEXT, PlayAt.NOW), link, always)
    if desk.vendor is Vendor.METASTUDIO:
        act = desk.gateway.pause_script(session, link, always)  # type: ignore[assignment]
    outcome = await act
    assert outcome == NotSent("link_down")


async def test_a_link_with_expired_values_says_so_and_fresh_values_open_one(desk: Desk) -> None:
    session = await desk.on_air()
    desk.fault("expire_tokens", count=1)
    await desk.listen(session)
    refused = await desk.until(LinkRefused)
    assert all(refused.error.happened + refused.error.todo)
    again = value(await desk.gateway.show_job(session)).session
    link = await desk.listen(again)
    assert await link.ping()


async def test_a_link_that_cannot_be_opened_is_not_sent(desk: Desk) -> None:
    session = await desk.on_air()
    fault = desk.fault("outage", for_s=60.0)
    link = desk.gateway.link(session)
    assert link is not None
    outcome = await link.open()
    assert isinstance(outcome, NotSent | Rejected)
    assert [report async for report in link.reports()] == []
    desk.server.world.faults.remove(fault)
    await link.close()
