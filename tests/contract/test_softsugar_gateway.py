"""What only SoftSugar has: its queue, its cancel and reorder, its status callbacks, and the rest of its 14 calls."""

from __future__ import annotations

import pytest

from dashboard.vendors.port import (
    Accepted,
    CallbackRefused,
    CallbackRequest,
    CallbackTold,
    ItemReport,
    JobReport,
    JobSays,
    Link,
    LinkRefused,
    PlayAt,
    Rejected,
    Report,
    Say,
    Session,
    Step,
    Unrecognised,
    always,
)
from dashboard.vendors.softsugar.callbacks import SoftSugarCallbackReader
from dashboard.vendors.softsugar.client import SoftSugarClient
from tests.contract.conftest import Desk, Posted, Sink, value

LONG = "这是一段比较长的介绍，用来让后面的内容排队等待。" * 4
AUTH_KEY = "auth-key"


async def say(desk: Desk, session: Session, link: Link, say: Say) -> None:
    """Spoken to the vendor, and confirmed to be in its queue."""
    value(await desk.gateway.say(session, say, link, always))
    await desk.until(ItemReport, trace_id=say.trace_id, step=Step.QUEUED)


async def queue(desk: Desk, session: Session) -> tuple[str, ...]:
    listed: tuple[str, ...] = value(await desk.gateway.queue(session)).trace_ids
    return listed


@pytest.fixture
async def waiting(softsugar: Desk) -> tuple[Session, Link]:
    """A session that plays `t0`, with two script items waiting."""
    session = await softsugar.on_air()
    link = await softsugar.listen(session)
    for trace in ("t0", "s1", "s2"):
        await say(softsugar, session, link, Say(trace, LONG, PlayAt.END, is_script=True))
    softsugar.advance(1.0)
    await softsugar.until(ItemReport, trace_id="t0", step=Step.STARTED)
    return session, link


async def test_places_in_the_queue(softsugar: Desk, waiting: tuple[Session, Link]) -> None:
    session, link = waiting
    await say(softsugar, session, link, Say("last", LONG, PlayAt.END))
    await say(softsugar, session, link, Say("second", LONG, PlayAt.END, place=2))
    await say(softsugar, session, link, Say("next", LONG, PlayAt.NEXT))
    assert await queue(softsugar, session) == ("t0", "next", "s1", "second", "s2", "last")


async def test_reorder_and_cancel(softsugar: Desk, waiting: tuple[Session, Link]) -> None:
    session, _ = waiting
    value(await softsugar.gateway.reorder(session, "s2", 1, always))
    assert await queue(softsugar, session) == ("t0", "s2", "s1")
    value(await softsugar.gateway.cancel(session, ["s2"], always))
    await softsugar.until(ItemReport, trace_id="s2", step=Step.FINISHED)
    assert await queue(softsugar, session) == ("t0", "s1")
    partly = await softsugar.gateway.cancel(session, ["s1", "gone"], always)
    assert isinstance(partly, Rejected)
    assert partly.error.code == "not_cancelled"
    assert await queue(softsugar, session) == ("t0",)
    value(await softsugar.gateway.cancel(session, None, always))
    await softsugar.until(ItemReport, trace_id="t0", step=Step.FINISHED)
    assert await queue(softsugar, session) == ()


async def test_reordering_what_is_not_there_is_a_refusal(softsugar: Desk, waiting: tuple[Session, Link]) -> None:
    refused = await softsugar.gateway.reorder(waiting[0], "gone", 1, always)
    assert isinstance(refused, Rejected)


async def test_one_trace_twice_fails_the_second_and_is_heard_once(
    softsugar: Desk, waiting: tuple[Session, Link]
) -> None:
    session, link = waiting
    value(await softsugar.gateway.say(session, Say("t0", LONG, PlayAt.NOW), link, always))
    await softsugar.until(ItemReport, trace_id="t0", step=Step.FAILED)
    softsugar.advance(300.0)
    assert len([row for row in softsugar.heard(session) if row["ref"] == "t0"]) == 1


async def test_a_sentence_that_the_vendor_swallowed_is_in_no_queue(
    softsugar: Desk, waiting: tuple[Session, Link]
) -> None:
    session, link = waiting
    softsugar.fault("swallow_frame", count=1)
    value(await softsugar.gateway.say(session, Say("lost", LONG, PlayAt.NEXT), link, always))
    assert await link.ping()
    assert "lost" not in await queue(softsugar, session)


async def test_a_vendor_without_heartbeats_ends_the_session(softsugar: Desk) -> None:
    kept, left = await softsugar.on_air(), await softsugar.on_air()
    for _ in range(8):
        softsugar.advance(15.0)
        value(await softsugar.gateway.heartbeat(kept))
    report = value(await softsugar.gateway.show_job(left)).report
    assert (report.says, report.error.code) == (JobSays.LOST, "50")
    assert value(await softsugar.gateway.show_job(kept)).report.says is JobSays.LIVE
    assert isinstance(await softsugar.gateway.heartbeat(left), Rejected)


async def test_a_wrong_session_or_token_is_refused_on_the_socket(softsugar: Desk) -> None:
    session = await softsugar.on_air()
    await softsugar.listen(Session(session.vendor_ref, token="wrong"))
    assert (await softsugar.until(LinkRefused)).error.code == "socket_1"
    softsugar.reports.clear()
    await softsugar.listen(Session("gone", token=session.token))
    assert (await softsugar.until(LinkRefused)).error.code == "socket_6"


async def test_a_normal_end_leaves_nothing_unrecognised(softsugar: Desk, waiting: tuple[Session, Link]) -> None:
    session, _ = waiting
    value(await softsugar.gateway.stop_job(session))
    softsugar.advance(5.0)
    await softsugar.listeners[0]
    assert not [report for report in softsugar.reports if isinstance(report, Unrecognised)]


# ----------------------------------------------------------------------------------------------------------- callbacks


def as_request(post: Posted, desk: Desk, sink: Sink) -> CallbackRequest:
    return CallbackRequest(sink.url, (), post.headers, post.body, desk.clock.now())


async def test_signed_callbacks_tell_the_session_and_its_takeovers(softsugar: Desk, sink: Sink) -> None:
    face = softsugar.server.world.face("softsugar")
    face.set_callbacks({"url": sink.url, "auth_key": AUTH_KEY})  # type: ignore[attr-defined]
    session = await softsugar.on_air()
    link = await softsugar.listen(session)
    await say(softsugar, session, link, Say("t1", LONG, PlayAt.NOW))
    softsugar.advance(1.0)
    softsugar.advance(45.0)
    value(await softsugar.gateway.stop_job(session))
    posts = await sink.until(5)
    reader = SoftSugarCallbackReader()
    told: list[Report] = []
    for post in posts:
        read = reader.read(as_request(post, softsugar, sink), AUTH_KEY, check=True)
        assert isinstance(read, CallbackTold)
        assert read.verified
        told += read.reports
        forged = reader.read(as_request(post, softsugar, sink), "another key", check=True)
        assert forged == CallbackRefused("signature")
    states = [(one.says, one.user_data) for one in told if isinstance(one, JobReport)]
    assert states == [(JobSays.READY, "job-1"), (JobSays.ENDED, "job-1")]
    steps = [(one.trace_id, one.step) for one in told if isinstance(one, ItemReport)]
    assert steps == [("t1", Step.QUEUED), ("t1", Step.STARTED), ("t1", Step.FINISHED)]


async def test_callback_and_socket_tell_the_same_step_at_about_the_same_time(softsugar: Desk, sink: Sink) -> None:
    face = softsugar.server.world.face("softsugar")
    face.set_callbacks({"url": sink.url, "auth_key": AUTH_KEY})  # type: ignore[attr-defined]
    session = await softsugar.on_air()
    link = await softsugar.listen(session)
    await say(softsugar, session, link, Say("t1", LONG, PlayAt.NOW))
    heard = await softsugar.until(ItemReport, trace_id="t1", step=Step.QUEUED)
    posts = await sink.until(2)
    read = SoftSugarCallbackReader().read(as_request(posts[1], softsugar, sink), AUTH_KEY, check=True)
    assert isinstance(read, CallbackTold)
    assert abs((read.reports[0].at - heard.at).total_seconds()) <= 2


# -------------------------------------------------------------------------------------------------------------- closing


async def test_a_session_may_be_closed_twice(softsugar: Desk) -> None:
    client = SoftSugarClient(softsugar.credential, limiter=softsugar.limits, clock=softsugar.clock, transport=None)
    session = await softsugar.on_air()
    stat = value(await client.stat(session.vendor_ref)).value
    assert stat.session_token == session.token
    value(await client.end(session.vendor_ref))
    softsugar.advance(1.0)
    assert isinstance(await client.end(session.vendor_ref), Accepted)
    await client.close()
